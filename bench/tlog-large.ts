import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fsNow from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  DirectoryFiles,
  fetchIn,
  formatVerifierKey,
  fsck,
  generateKey,
  type Log,
  logSigner,
  logVerifier,
  openLog,
  openReader,
} from '@drawbridge/tlog';
import { openDirectory } from '../gateway/journal/storage.ts';

/**
 * A large log, made by its writer in a directory: how long it takes and how much memory, what lies on the disk, and how
 * long it then takes to open it, to check all of it (here and by verify.mjs), and to prove an entry. Each step is a
 * process of its own, so that its memory is its own. 5 GB and some minutes for 10 million entries of 500 bytes.
 */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: tmpdir() },
    entries: { type: 'string', default: '10000000' },
    step: { type: 'string' },
  },
});
const size = Number(values.entries);
const ORIGIN = 'bench.example.test/large';
const key = generateKey(ORIGIN, Buffer.alloc(32, 1));
const trust = { origin: ORIGIN, log: logVerifier(formatVerifierKey(key)) };
const clock = {
  now: Date.now,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

async function open(base: string): Promise<Log> {
  await fs.mkdir(join(base, 'log'), { recursive: true });
  return openLog({
    storage: await openDirectory(join(base, 'private')),
    files: new DirectoryFiles(fs, join(base, 'log')),
    origin: ORIGIN,
    signer: logSigner(key),
    clock,
    report: (event) => {
      if (event.kind === 'checkpoint_failed') throw event.cause;
      if (event.kind === 'unavailable') throw event.error;
    },
  });
}

const AT_ONCE = 256;
const filler = randomBytes(512).toString('hex');

/** No two entries are the same. */
const entryAt = (index: number): Buffer =>
  Buffer.from(`{"made_up":${index},"x":"${filler}`.slice(0, 498).concat('"}'));

async function append(base: string): Promise<object> {
  const log = await open(base);
  const from = performance.now();
  let next = log.size;
  const work = async () => {
    while (next < size) await log.append(entryAt(next++));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - from) / 1000;
  await log.close();
  return { seconds: round(seconds), perSecond: Math.round(size / seconds) };
}

async function reopen(base: string): Promise<object> {
  const from = performance.now();
  const log = await open(base);
  const ms = performance.now() - from;
  if (log.size !== size) throw new Error(`the log has ${log.size} entries`);
  await log.close();
  return { ms: round(ms) };
}

async function check(base: string): Promise<object> {
  const path = join(base, 'log');
  const files = new DirectoryFiles(fs, path);
  const [cpu, from] = [process.cpuUsage(), performance.now()];
  const report = await fsck({ ...trust, fetch: fetchIn(fsNow, path), list: () => files.list(), clock });
  if (!report.ok) throw new Error(JSON.stringify(report.problems));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - from) / 1000;
  return { seconds: round(seconds), perCpuSecond: Math.round(size / ((user + system) / 1e6)) };
}

async function prove(base: string): Promise<object> {
  const fetch = fetchIn(fsNow, join(base, 'log'));
  const times: Record<'opening' | 'anywhere' | 'close', number[]> = { opening: [], anywhere: [], close: [] };
  for (let round = 0; round < 200; round++) {
    const index = Math.floor(((size - 4) * ((round * 89) % 200)) / 200);
    const start = performance.now();
    const reader = await openReader({ ...trust, fetch });
    const opened = performance.now();
    await reader.prove(index);
    const proven = performance.now();
    await reader.prove(index + 3);
    times.opening.push(opened - start);
    times.anywhere.push(proven - opened);
    times.close.push(performance.now() - proven);
  }
  const median = (all: number[]) => round(all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0);
  return {
    openingMs: median(times.opening),
    anywhereMs: median(times.anywhere),
    closeMs: median(times.close),
  };
}

const round = (number: number): number => Math.round(number * 100) / 100;
const steps: Record<string, (base: string) => Promise<object>> = { append, reopen, check, prove };

/** Runs a step as a process of its own; with its peak of memory. */
async function run(args: readonly string[]): Promise<object> {
  const from = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let peak = 0;
  const timer = setInterval(() => {
    const status = fs.readFile(`/proc/${child.pid}/status`, 'utf8');
    // Over by then, or not Linux: what was seen counts.
    status.then(
      (text) => {
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0));
      },
      () => undefined,
    );
  }, 100);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
  const found: object = said.startsWith('{') ? JSON.parse(said) : {};
  const wholeSeconds = round((performance.now() - from) / 1000);
  return { ...found, wholeSeconds, peakMegabytes: Math.round(peak / 1024) };
}

async function onDisk(path: string): Promise<{ files: number; megabytes: number }> {
  let [files, blocks] = [0, 0];
  for (const entry of await fs.readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    blocks += (await fs.stat(join(entry.parentPath, entry.name))).blocks;
  }
  return { files, megabytes: Math.round((blocks * 512) / 1e6) };
}

const step = values.step === undefined ? undefined : steps[values.step];
if (step !== undefined) {
  process.stdout.write(JSON.stringify(await step(values.directory)));
} else {
  const base = await fs.mkdtemp(join(values.directory, 'drawbridge-large-'));
  const own = fileURLToPath(import.meta.url);
  const verifier = fileURLToPath(new URL('../libs/tlog/verify.mjs', import.meta.url));
  const log = join(base, 'log');
  try {
    for (const name of Object.keys(steps)) {
      console.log(name, await run([own, '--step', name, '--directory', base, '--entries', String(size)]));
      if (name === 'append')
        console.log('disk', await onDisk(log), 'beside it', await onDisk(join(base, 'private')));
    }
    console.log('verify.mjs', await run([verifier, log, '--vkey', formatVerifierKey(key)]));
  } finally {
    await fs.rm(base, { recursive: true });
  }
}
