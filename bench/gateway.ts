import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, type Measured, median, type Started, startOn } from './gateway/measure.ts';

/**
 * What the gateway costs beside proxies that do nothing. Every target passes the same 1 KB of JSON to the same mock;
 * the proxy has one core to itself, load generator and mock share the other. Rounds are interleaved, so that a slow
 * minute of the machine hits all targets alike; read the ratios, not the absolutes. Needs wrk and taskset; nginx is
 * measured where it is installed.
 */
const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    warm: { type: 'string', default: '20000' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const PROXY_CORE = 1;
const LOAD_CORE = 0;
const here = (name: string): string => fileURLToPath(new URL(`./gateway/${name}`, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'));

interface Target {
  name: string;
  url: string;
  key: string;
  pids: number[];
  stop(): Promise<void>;
}

async function proxy(name: string, file: string, parameters: string[], path: string): Promise<Target> {
  const started: Started = await startOn(PROXY_CORE, here(file), parameters);
  return {
    name,
    url: `http://127.0.0.1:${started.port}${path}`,
    key: started.key,
    pids: [started.pid],
    stop: started.stop,
  };
}

const PATH = '/v1/chat/completions';
const mock = await startOn(LOAD_CORE, here('mock.ts'), []);
const targets: Target[] = [];
if (has('nginx')) targets.push(await nginx(mock.port));
targets.push(
  await proxy('bare undici', 'bare.ts', [String(mock.port)], PATH),
  await proxy('bare undici + fsync', 'bare.ts', [String(mock.port), join(folder, 'bare.log')], PATH),
  await proxy('Drawbridge', 'drawbridge.ts', [String(mock.port), join(folder, 'on'), 'on'], `/ai${PATH}`),
  await proxy(
    'Drawbridge, journal off',
    'drawbridge.ts',
    [String(mock.port), join(folder, 'off'), 'off'],
    `/ai${PATH}`,
  ),
);
const chosen = targets.filter((target) => args.only === undefined || target.name.includes(args.only));

const rows: Record<string, unknown>[] = [];
for (const connections of [64, 1]) {
  const runs = new Map<string, Measured[]>(chosen.map((target) => [target.name, []]));
  for (const target of chosen) await warmUp(target, connections);
  for (let round = 0; round < Number(args.rounds); round++) {
    for (const target of chosen) {
      const measured = await load(
        LOAD_CORE,
        target.url,
        target.key,
        connections,
        Number(args.seconds),
        here('load.lua'),
        target.pids,
      );
      runs.get(target.name)?.push(measured);
    }
  }
  const middle = (name: string, pick: (measured: Measured) => number): number =>
    median((runs.get(name) ?? []).map(pick));
  for (const { name } of chosen) {
    const perSecond = middle(name, (each) => each.requestsPerSecond);
    const yardstick = middle('bare undici + fsync', (each) => each.requestsPerSecond);
    rows.push({
      connections,
      target: name,
      'requests/s': Math.round(perSecond),
      '÷ bare + fsync': yardstick > 0 ? Number((perSecond / yardstick).toFixed(2)) : null,
      'CPU µs': Number(middle(name, (each) => each.cpuMicros).toFixed(1)),
      'p50 µs': Math.round(middle(name, (each) => each.p50Micros)),
      'p99 µs': Math.round(middle(name, (each) => each.p99Micros)),
      'RSS MB': Math.round(middle(name, (each) => each.rssMb)),
      errors: middle(name, (each) => each.errors),
    });
  }
}
for (const target of targets) await target.stop();
await mock.stop();
await rm(folder, { recursive: true });
if (args.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
else console.table(rows);

/** Until the compiler has seen enough of it: a slow machine needs longer for the same number of requests. */
async function warmUp({ url, key, pids }: Target, connections: number): Promise<void> {
  const wanted = connections === 1 ? Number(args.warm) / 20 : Number(args.warm);
  let passed = 0;
  for (let tries = 0; passed < wanted && tries < 20; tries++) {
    const { requestsPerSecond } = await load(LOAD_CORE, url, key, connections, 2, here('load.lua'), pids);
    passed += requestsPerSecond * 2;
  }
}

function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}

async function nginx(upstream: number): Promise<Target> {
  const root = join(folder, 'nginx');
  await mkdir(root, { recursive: true });
  const port = 47_000 + (process.pid % 1000);
  const config = `
worker_processes 1; daemon off; pid ${root}/pid; error_log ${root}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${root}/${each};`).join(' ')}
  upstream vendor { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000000;
    location / { proxy_pass http://vendor; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`;
  await writeFile(join(root, 'nginx.conf'), config);
  const started = await startOn(PROXY_CORE, here('nginx.ts'), [join(root, 'nginx.conf'), String(port)]);
  const workers = execFileSync('sh', ['-c', `pgrep -P $(cat ${root}/pid)`])
    .toString()
    .trim()
    .split('\n')
    .map(Number);
  return {
    name: 'nginx',
    url: `http://127.0.0.1:${port}${PATH}`,
    key: 'none',
    pids: workers,
    stop: started.stop,
  };
}
