import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { v8Options } from '@drawbridge/gateway';
import { type CpuProfile, flamePicture } from './gateway/flame.ts';
import { load, startOn } from './gateway/measure.ts';

/**
 * A flame picture of the gateway's hot path: a worker under the load of `bench/gateway.ts` (1 KB, 64 connections) with
 * V8's profiler, drawn as SVG. `--out FILE --title TEXT`; `--worker FILE` profiles another one's `drawbridge.ts`.
 */
const { values: args } = parseArgs({
  options: {
    out: { type: 'string', default: 'flame.svg' },
    title: { type: 'string', default: 'A crossing of 1 KB, 64 connections' },
    seconds: { type: 'string', default: '20' },
    worker: { type: 'string' },
  },
});
const here = (name: string): string => fileURLToPath(new URL(`./gateway/${name}`, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'drawbridge-flame-'));
const mock = await startOn(0, here('mock.ts'), []);
const worker = await startOn(
  1,
  args.worker ?? here('drawbridge.ts'),
  [String(mock.port), join(folder, 'journal'), 'on'],
  { NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=400 --cpu-prof-dir=${folder}` },
  v8Options,
);
const measured = await load({
  core: 0,
  url: `http://127.0.0.1:${worker.port}/ai/v1/chat/completions`,
  key: worker.key,
  headers: '',
  pids: [worker.pid],
  seconds: Number(args.seconds),
  connections: 64,
  bytes: 1024,
  isStreamed: false,
});
await worker.end();
await mock.stop();
const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'));
if (file === undefined) throw new Error('the worker wrote no profile');
const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
await writeFile(args.out, flamePicture(profile, args.title));
await rm(folder, { recursive: true });
process.stdout.write(
  `${args.out}: ${Math.round(measured.requestsPerSecond)} requests/s while it was profiled, ${measured.errors} errors\n`,
);
