import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { seeded } from '@drawbridge/journal/testing';
import { leafHash, logVerifier, openReader, parseVerifierKey } from '@drawbridge/tlog';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { buildGoCheck, type GoCheck, noGo, title } from '../../libs/tlog/interop/programs.ts';
import { verify } from '../../libs/tlog/interop/run-verify.ts';
import { proveEntryCommand } from '../commands/prove-entry.ts';
import { verifyLogCommand } from '../commands/verify-log.ts';
import { entryAt, growTo, logVkey, openLogIn } from '../testing/log-writer.ts';
import { openLogDirectory } from './directory.ts';

/** Logs by the real writer on a real disk, killed and grown, before three verifiers: ours, verify.mjs, and Go's packages. */
const isSoak = process.env.DRAWBRIDGE_SOAK === '1';
const WRITER = fileURLToPath(new URL('../testing/log-writer.ts', import.meta.url));

let folder = '';
let check: GoCheck | null = null;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'drawbridge-real-logs-'));
  if (noGo === null) check = buildGoCheck(folder);
});
afterAll(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }));

let said: string[] = [];
vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
afterEach(() => {
  process.exitCode = undefined;
});

/** `drawbridge log verify`: what it said, and its exit code. */
async function command(path: string, earlier: readonly string[] = []) {
  said = [];
  await verifyLogCommand(path, { vkey: logVkey, earlier });
  return { status: process.exitCode, said: said.join('') };
}

async function expectVerified(path: string, size: number, earlier: readonly string[] = []): Promise<void> {
  const flags = earlier.flatMap((file) => ['--earlier', file]);
  const outcome = verify([path, '--vkey', logVkey, ...flags]);
  expect(outcome.status, outcome.said).toBe(0);
  expect(outcome.said).toContain(`checkpoint: ${size} entries`);
  if (check !== null) expect(check('log', path, logVkey)).toEqual({ status: 0, said: `${size} entries\n` });
  const ours = await command(path, earlier);
  expect(ours.status, ours.said).toBe(0);
  expect(ours.said).toContain(`Checked     ${size} entries`);
}

function write(directory: string, size: number, everyMs = 1000): ChildProcess {
  return spawn(process.execPath, [WRITER, directory, String(size), String(everyMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills the writer once it has acknowledged so many, or after so long; the highest index that was acknowledged. */
async function killedAfter(child: ChildProcess, lines: number, ms: number): Promise<number> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(kill, ms);
  let [count, highest] = [0, -1];
  for await (const line of createInterface({ input: child.stdout ?? expect.fail() })) {
    if (line === 'done' || ++count === lines) kill();
    if (line !== 'done') highest = Math.max(highest, Number(line));
  }
  clearTimeout(timer);
  await ended;
  return highest;
}

const trust = { origin: parseVerifierKey(logVkey).name, log: logVerifier(logVkey) };

async function expectEntries(path: string, size: number): Promise<void> {
  const reader = await openReader({ ...trust, ...(await openLogDirectory(path)) });
  let index = 0;
  for await (const entry of reader.entries(0))
    if (!entry.equals(entryAt(index++))) expect.fail(`entry ${index - 1}`);
  expect(index).toBe(size);
}

/** One log that grows through all sizes, and the checkpoints that were kept on the way. */
const path = (): string => join(folder, 'grown', 'log');
const kept: string[] = [];
let last = 0;

test.each([1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000])(
  title('a log that has grown to %i entries verifies', noGo && `${noGo}: only our two verifiers were asked`),
  { timeout: 60_000 },
  async (size) => {
    const directory = join(folder, 'grown');
    const isKilled = size === 3 || size === 513;
    // What it acknowledged is in its write-ahead alone.
    if (isKilled) await killedAfter(write(directory, size, 3_600_000), size + 1, 30_000);
    const log = await openLogIn(directory);
    expect([log.size, log.published?.size ?? 0]).toEqual([isKilled ? size : last, last]);
    await growTo(log, size);
    await log.close();
    await expectVerified(path(), size, size === 70_000 ? kept : kept.slice(-1));
    last = size;
    kept.push(join(folder, `checkpoint-${size}`));
    await fs.copyFile(join(path(), 'checkpoint'), join(folder, `checkpoint-${size}`));
  },
);

test.each([0, 1, 255, 65_535, 65_536, 69_999])(
  'the proof of its entry %i is accepted, of no other',
  async (at) => {
    const [proof, entry] = [join(folder, 'one.tlog-proof'), join(folder, 'entry')];
    await proveEntryCommand(path(), String(at), { vkey: logVkey, out: proof, entry });
    expect(await fs.readFile(entry)).toEqual(entryAt(at));
    const judges = [
      () => verify(['--vkey', logVkey, '--proof', proof, '--entry', entry]).status,
      ...(check === null ? [] : [() => check?.('proof', proof, entry, logVkey).status]),
    ];
    expect(judges.map((judge) => judge())).toEqual(judges.map(() => 0));
    await fs.writeFile(entry, 'another');
    expect(judges.map((judge) => judge())).toEqual(judges.map(() => 1));
  },
);

test('an entry that was changed together with its hash, and a log under the same key with another past, are refused', async () => {
  const copy = join(folder, 'small');
  const log = await openLogIn(copy);
  await growTo(log, 300);
  await log.close();
  const small = join(copy, 'log');
  const bundle = join(small, 'tile/entries/000');
  const bytes = await fs.readFile(bundle);
  // Number 3, behind the empty one and the longest.
  const from = 2 + entryAt(0).length + 2 + 2 + 65_535 + 2;
  bytes.write('X', from);
  await fs.writeFile(bundle, bytes);
  const tile = join(small, 'tile/0/000');
  const hashes = await fs.readFile(tile);
  leafHash(bytes.subarray(from, from + entryAt(3).length)).copy(hashes, 3 * 32);
  await fs.writeFile(tile, hashes);
  const forged = [verify([small, '--vkey', logVkey]).status, (await command(small)).status];
  if (check !== null) forged.push(check('log', small, logVkey).status);
  expect(forged).toEqual(forged.map(() => 1));

  await fs.rm(copy, { recursive: true, maxRetries: 5 });
  const other = await openLogIn(copy);
  await other.append(Buffer.from('a rewritten entry'));
  await growTo(other, 600);
  await other.close();
  const earlier = join(folder, 'checkpoint-513');
  const rewritten = await command(small, [earlier]);
  expect(rewritten.status).toBe(1);
  expect(rewritten.said).toContain('The first 513 entries have another root than was signed then');
  expect(verify([small, '--vkey', logVkey, '--earlier', earlier]).status).toBe(1);
  const shorter = await command(small, [join(folder, 'checkpoint-70000')]);
  expect(shorter.said).toContain('signed for 70000 entries, and here are only 600');
  expect(shorter.status).toBe(1);
});

const ROUNDS = isSoak ? 100 : 2;
test(`killed ${ROUNDS} times at any moment, it keeps what it acknowledged and never signs another past`, {
  timeout: 60_000 + ROUNDS * 5_000,
}, async () => {
  const directory = join(folder, 'killed');
  const random = seeded(Number(process.env.DRAWBRIDGE_SEED ?? 1));
  const signed: string[] = [];
  let acknowledged = -1;
  for (let round = 0; round < ROUNDS; round++) {
    // Some are killed while they open, replay and remove segments; signing is nearly all the time.
    const [lines, ms] = round % 2 === 1 ? [1e9, 100 + random() * 400] : [1 + random() * 6_000, 20_000];
    const child = write(directory, 1e9, 1 + Math.floor(random() * 30));
    acknowledged = Math.max(acknowledged, await killedAfter(child, Math.floor(lines), ms));
    const note = await fs.readFile(join(directory, 'log', 'checkpoint')).catch(() => null);
    if (note === null) continue;
    signed.push(join(folder, `signed-${round}`));
    await fs.writeFile(join(folder, `signed-${round}`), note);
  }
  const log = await openLogIn(directory);
  const { size } = log;
  expect(size).toBeGreaterThan(acknowledged);
  await log.close();
  await expectVerified(join(directory, 'log'), size, signed);
  await expectEntries(join(directory, 'log'), size);
});
