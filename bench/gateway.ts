import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { v8Options } from '@drawbridge/gateway';
import { type Load, load, type Measured, median, startOn } from './gateway/measure.ts';
import { isInstalled, nginx, ownProxy, portkey, type Target } from './gateway/peers.ts';

/**
 * What the gateway costs beside proxies that do nothing, and beside another gateway. Every target passes the same
 * requests to the same mock; the proxy has one core to itself, load generator and mock share the other. Rounds are
 * interleaved, so that a slow minute of the machine hits all targets alike; read the ratios, not the absolutes. Needs
 * wrk and taskset; nginx is measured where it is installed, Portkey where the npm registry gives it.
 * `--quick`: one short round with 64 connections, under two minutes: what to run before and after a change.
 */
const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    /** Requests that each target has answered before it is measured. */
    warm: { type: 'string' },
    /** Part of a case's name: `1 KB`, `16 KB`, `stream`. */
    case: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(args.rounds ?? (args.quick ? 1 : 3));
const seconds = Number(args.seconds ?? (args.quick ? 2 : 5));
const warm = Number(args.warm ?? (args.quick ? 4_000 : 20_000));

const PROXY_CORE = 1;
const LOAD_CORE = 0;
const PATH = '/v1/chat/completions';

interface Case extends Pick<Load, 'connections' | 'bytes' | 'isStreamed'> {
  name: string;
}
const all: Case[] = [
  { name: '1 KB', connections: 64, bytes: 1024, isStreamed: false },
  { name: '16 KB', connections: 64, bytes: 16 * 1024, isStreamed: false },
  { name: 'stream of 51 events', connections: 16, bytes: 1024, isStreamed: true },
  ...(args.quick ? [] : [{ name: '1 KB', connections: 1, bytes: 1024, isStreamed: false }]),
];
const cases = all.filter(({ name }) => name.includes(args.case));

const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'));
const mock = await startOn(LOAD_CORE, fileURLToPath(new URL('./gateway/mock.ts', import.meta.url)), []);
const targets = await startAll(String(mock.port));
const rows: Record<string, unknown>[] = [];
for (const each of cases) {
  const runs = new Map<Target, Measured[]>(targets.map((target) => [target, []]));
  for (const target of targets) await warmUp(target, each);
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) runs.get(target)?.push(await loadOn(target, each, seconds));
  }
  rows.push(...rowsOf(each, runs));
}
for (const target of targets) await target.stop();
await mock.stop();
await rm(folder, { recursive: true });
if (args.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
else console.table(rows);

async function startAll(upstream: string): Promise<Target[]> {
  const makers: [string, () => Promise<Target | null>][] = [
    ['nginx', async () => (isInstalled('nginx') ? nginx(PROXY_CORE, folder, Number(upstream), PATH) : null)],
    ['bare undici', () => ownProxy(PROXY_CORE, 'bare undici', 'bare.ts', [upstream], PATH)],
    [
      'bare undici + restoring',
      () => ownProxy(PROXY_CORE, 'bare undici + restoring', 'bare.ts', [upstream, 'restoring'], PATH),
    ],
    [
      'bare undici + fsync',
      () =>
        ownProxy(PROXY_CORE, 'bare undici + fsync', 'bare.ts', [upstream, join(folder, 'bare.log')], PATH),
    ],
    ['Drawbridge', () => drawbridge('Drawbridge', 'on', upstream)],
    ['Drawbridge, journal off', () => drawbridge('Drawbridge, journal off', 'off', upstream)],
    ['Drawbridge, everything on', () => drawbridge('Drawbridge, everything on', 'on', upstream, 'text')],
    ['Portkey', () => portkey(PROXY_CORE, Number(upstream), PATH)],
  ];
  const started: Target[] = [];
  for (const [name, make] of makers) {
    const target = name.includes(args.only) ? await make() : null;
    if (target !== null) started.push(target);
  }
  return started;
}

function drawbridge(name: string, journal: string, upstream: string, looking = ''): Promise<Target> {
  return ownProxy(
    PROXY_CORE,
    name,
    'drawbridge.ts',
    [upstream, join(folder, journal + looking), journal, looking],
    `/ai${PATH}`,
    v8Options,
  );
}

function loadOn({ url, key, headers, pids }: Target, each: Case, duration: number): Promise<Measured> {
  return load({ core: LOAD_CORE, url, key, headers, pids, seconds: duration, ...each });
}

/** Until the compiler has seen enough of it: a slow machine needs longer for the same number of requests. */
async function warmUp(target: Target, each: Case): Promise<void> {
  const wanted = each.connections === 1 || each.isStreamed ? warm / 20 : warm;
  let passed = 0;
  for (let tries = 0; passed < wanted && tries < 20; tries++) {
    const { requestsPerSecond } = await loadOn(target, each, 2);
    passed += requestsPerSecond * 2;
  }
}

function rowsOf(each: Case, runs: ReadonlyMap<Target, readonly Measured[]>): Record<string, unknown>[] {
  const middle = (name: string, pick: (measured: Measured) => number): number => {
    const found = [...runs].find(([target]) => target.name === name);
    return found === undefined ? Number.NaN : median(found[1].map(pick));
  };
  const perSecond = (measured: Measured): number => measured.requestsPerSecond;
  const share = (name: string, of: string): number | null => {
    const ratio = middle(name, perSecond) / middle(of, perSecond);
    return Number.isFinite(ratio) ? Number(ratio.toFixed(ratio < 0.1 ? 3 : 2)) : null;
  };
  return [...runs.keys()].map(({ name }) => ({
    case: each.name,
    connections: each.connections,
    target: name,
    'requests/s': Math.round(middle(name, perSecond)),
    '÷ bare + fsync': share(name, 'bare undici + fsync'),
    '÷ nginx': share(name, 'nginx'),
    '÷ Portkey': share(name, 'Portkey'),
    'CPU µs': Number(middle(name, (measured) => measured.cpuMicros).toFixed(1)),
    'p50 µs': Math.round(middle(name, (measured) => measured.p50Micros)),
    'p99 µs': Math.round(middle(name, (measured) => measured.p99Micros)),
    'RSS MB': Math.round(middle(name, (measured) => measured.rssMb)),
    errors: middle(name, (measured) => measured.errors),
  }));
}
