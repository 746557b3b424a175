import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startOn } from './gateway/measure.ts';

/**
 * Whether a worker's memory stays where it is: driven at about 70 % of what it does at most, for `--minutes`, its resident memory is
 * written down every ten seconds. What counts is the slope of the second half, when pools and compiler have settled.
 */
const { values: args } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    share: { type: 'string', default: '0.7' },
    clients: { type: 'string', default: '32' },
  },
});
const WORKER_CORE = 1;
const LOAD_CORE = 0;
const SAMPLE_MS = 10_000;
const PATH = '/ai/v1/chat/completions';
const BODY = JSON.stringify({
  model: 'made-up-1',
  user: 'made-up-user',
  messages: [{ role: 'user', content: 'x'.repeat(900) }],
});

const here = (name: string): string => fileURLToPath(new URL(`./gateway/${name}`, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'drawbridge-memory-'));
const mock = await startOn(LOAD_CORE, here('mock.ts'), []);
const worker = await startOn(WORKER_CORE, here('drawbridge.ts'), [
  String(mock.port),
  join(folder, 'journal'),
  'on',
]);
const agent = new Agent({ keepAlive: true, maxSockets: Number(args.clients) });
let done = 0;
let failed = 0;

function once(): Promise<void> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${worker.key}`, 'content-type': 'application/json' };
    const asked = httpRequest(
      { port: worker.port, host: '127.0.0.1', path: PATH, method: 'POST', agent, headers },
      (response) => {
        if (response.statusCode === 200) done += 1;
        else failed += 1;
        response.resume();
        response.on('close', resolve);
      },
    );
    asked.on('error', () => {
      failed += 1;
      resolve();
    });
    asked.end(BODY);
  });
}

/** Drives the worker with at most `perSecond` requests for `ms`; null: with all that goes. Returns what it did per second. */
async function drive(perSecond: number | null, ms: number): Promise<number> {
  const begun = performance.now();
  const before = done;
  let sent = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - begun < ms) {
      const due = perSecond === null ? 0 : begun + (sent++ * 1000) / perSecond - performance.now();
      if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
      await once();
    }
  };
  await Promise.all(Array.from({ length: Number(args.clients) }, client));
  return ((done - before) * 1000) / (performance.now() - begun);
}

function residentMb(): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1];
  return Number(line ?? 0) / 1024;
}

/** Least squares: MB per hour. */
function slope(samples: readonly { at: number; mb: number }[]): number {
  const mean = (of: (sample: { at: number; mb: number }) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const at = mean((sample) => sample.at);
  const mb = mean((sample) => sample.mb);
  const over = samples.reduce((sum, sample) => sum + (sample.at - at) * (sample.mb - mb), 0);
  const under = samples.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 3_600_000;
}

await drive(null, 5_000);
const most = await drive(null, 5_000);
const rate = most * Number(args.share);
process.stdout.write(`at most ${Math.round(most)} requests/s; driven at ${Math.round(rate)}\n`);
const samples: { at: number; mb: number }[] = [];
const begun = performance.now();
const timer = setInterval(() => {
  const sample = { at: performance.now() - begun, mb: residentMb() };
  samples.push(sample);
  process.stdout.write(
    `${(sample.at / 60_000).toFixed(1)} min  ${sample.mb.toFixed(1)} MB  ${done} crossings, ${failed} failed\n`,
  );
}, SAMPLE_MS);
const did = await drive(rate, Number(args.minutes) * 60_000);
clearInterval(timer);
const half = samples.slice(Math.floor(samples.length / 2));
const peak = Math.max(...samples.map(({ mb }) => mb));
process.stdout.write(
  `${Math.round(did)} requests/s, ${failed} failed; peak ${peak.toFixed(1)} MB; slope of the second half ${slope(half).toFixed(1)} MB/h\n`,
);
agent.destroy();
await worker.stop();
await mock.stop();
await rm(folder, { recursive: true });
