import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { v8Options } from '@drawbridge/gateway';
import { startOn } from './gateway/measure.ts';

/**
 * Whether a worker's memory stays where it is: driven at about 70 % of what it does at most, for `--minutes`, its resident memory and
 * heap are written down every ten seconds. What counts is the slope of the second half, when pools and compiler have settled.
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
const worker = await startOn(
  WORKER_CORE,
  here('drawbridge.ts'),
  [String(mock.port), join(folder, 'journal'), 'on'],
  {},
  v8Options,
);
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

interface Sample {
  at: number;
  rss: number;
  heap: number;
}

/** As the worker's own metrics say it, MB. */
async function sample(): Promise<Sample> {
  const text = await (await fetch(`http://127.0.0.1:${worker.port}/metrics`)).text();
  const mb = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0) / 1024 ** 2;
  return {
    at: performance.now() - begun,
    rss: mb('process_resident_memory_bytes'),
    heap: mb('nodejs_heap_size_used_bytes'),
  };
}

/** Least squares: MB per hour. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (pick: (sample: Sample) => number): number =>
    samples.reduce((sum, each) => sum + pick(each), 0) / samples.length;
  const at = mean((each) => each.at);
  const mb = mean(of);
  const over = samples.reduce((sum, each) => sum + (each.at - at) * (of(each) - mb), 0);
  const under = samples.reduce((sum, each) => sum + (each.at - at) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 3_600_000;
}

await drive(null, 5_000);
const most = await drive(null, 5_000);
const rate = most * Number(args.share);
process.stdout.write(`at most ${Math.round(most)} requests/s; driven at ${Math.round(rate)}\n`);
const samples: Sample[] = [];
const begun = performance.now();
const timer = setInterval(async () => {
  const now = await sample();
  samples.push(now);
  const sizes = `rss ${now.rss.toFixed(1)} MB  heap ${now.heap.toFixed(1)} MB`;
  process.stdout.write(
    `${(now.at / 60_000).toFixed(1)} min  ${sizes}  ${done} crossings, ${failed} failed\n`,
  );
}, SAMPLE_MS);
const did = await drive(rate, Number(args.minutes) * 60_000);
clearInterval(timer);
const half = samples.slice(Math.floor(samples.length / 2));
const peak = Math.max(...samples.map(({ rss }) => rss));
const slopes = `rss ${slope(half, ({ rss }) => rss).toFixed(1)} MB/h, heap ${slope(half, ({ heap }) => heap).toFixed(1)} MB/h`;
process.stdout.write(
  `${Math.round(did)} requests/s, ${failed} failed; peak ${peak.toFixed(1)} MB; slope of the second half: ${slopes}\n`,
);
agent.destroy();
await worker.stop();
await mock.stop();
await rm(folder, { recursive: true });
