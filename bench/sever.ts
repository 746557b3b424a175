import { Agent, createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { usablePort } from '../server/listening.ts';
import { makeConnection } from '../server/proofs/testing/connect.ts';
import { testDeployment } from '../server/testing/deployment.ts';

/**
 * How long a severed vendor is still reached: `node bench/sever.ts [--severances 30] [--workers 2] [--load 16] [--json]`. A whole
 * deployment with several workers and the egress proxy. Each time the vendor is severed over the API while requests go over
 * connections of every worker, answers stream and tunnels are open; measured from the API's answer until the last worker
 * refuses, the last stream and tunnel has ended, and a new tunnel is refused. First without other load, then with so many
 * clients that ask without a pause, over the same connection and over another vendor's; `ratio` is loaded to unloaded, at the
 * median.
 */
const { values: options } = parseArgs({
  options: {
    severances: { type: 'string', default: '30' },
    workers: { type: 'string', default: '2' },
    load: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
  },
});
const workers = Number(options.workers);
/** Connections are dealt out to workers in turn: so many reach each of them twice. */
const LANES = workers * 2;
const reason = 'a benchmark';

const streams = new Set<ServerResponse>();
const vendor = createServer((asked, response) => {
  asked.resume();
  if (asked.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  streams.add(response);
  const timer = setInterval(() => response.write('data: {"choices":[]}\n\n'), 10);
  response.on('close', () => {
    clearInterval(timer);
    streams.delete(response);
  });
});
await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', () => resolve()));
const { port } = vendor.address() as AddressInfo;
const egressPort = await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_EGRESS_');
const drawbridge = await testDeployment({
  logLevel: 'error',
  env: { DRAWBRIDGE_GATEWAY_WORKERS: String(workers), DRAWBRIDGE_EGRESS_PORT: String(egressPort) },
});
const { call, gatewayUrl } = drawbridge;
const made = (slug: string, service: 'openai/api/global' | 'mixpanel/analytics/eu', host: string) =>
  makeConnection(call, {
    slug,
    service,
    url: `http://${host}:${port}`,
    credential: 'sk-made-up-credential',
    contract: 'as_is',
  });
// Under different hosts: the proxy refuses the host of a severed connection too.
const connections = [
  await made('ai', 'openai/api/global', '127.0.0.1'),
  await made('events', 'mixpanel/analytics/eu', 'localhost'),
];
const app = await call<{ id: string }>('POST', '/apps', {
  name: 'made-up app',
  owner: 'made-up team',
  reason,
});
const { key } = await call<{ key: string }>('POST', `/apps/${app.id}/keys`, {
  kind: 'secret',
  connections,
  reason,
});
const rules = await call<{ version: number }>('GET', '/egress');
await call('PATCH', '/egress', {
  basedOn: rules.version,
  apps: [app.id],
  ports: { connect: [443, port], http: [80] },
  networks: ['127.0.0.1/32'],
  reason,
});

/** One connection, kept open, and with it one worker. */
function lane(path: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    ask: () =>
      new Promise<number>((resolve, reject) => {
        const asked = request(`${gatewayUrl}${path}`, { agent, headers }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
        });
        asked.on('error', reject).end();
      }),
    close: () => agent.destroy(),
  };
}

/** A streamed answer; settles when it has ended, however. */
function stream(): { begun: Promise<void>; ended: Promise<number> } {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<number>();
  const end = (): void => ended.resolve(performance.now());
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const asked = request(
    `${gatewayUrl}/ai/v1/chat/completions`,
    { method: 'POST', agent: false, headers },
    (answer) => {
      answer.once('data', () => begun.resolve());
      answer.on('error', end).on('close', end);
    },
  );
  asked.on('error', end);
  asked.end('{"model":"made-up","messages":[],"stream":true}');
  return { begun: begun.promise, ended: ended.promise };
}

/** A tunnel; `status` is what the proxy said. */
async function tunnel(): Promise<{ status: number; ended: Promise<number>; socket: Socket }> {
  const socket = connect(egressPort, '127.0.0.1');
  const ended = Promise.withResolvers<number>();
  socket.on('error', () => undefined).on('close', () => ended.resolve(performance.now()));
  const basic = Buffer.from(`made-up:${key}`).toString('base64');
  socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`);
  const head = await new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString('latin1')));
    socket.once('close', () => resolve(''));
  });
  return { status: Number(head.split(' ')[1]), ended: ended.promise, socket };
}

interface Times {
  refused: number[];
  streams: number[];
  tunnels: number[];
  proxy: number[];
}

async function once(times: Times): Promise<void> {
  const lanes = Array.from({ length: LANES }, () => lane('/ai/v1/models'));
  for (const { ask } of lanes) while ((await ask()) !== 200) await wait(5);
  for (let opened = 0; opened !== 200; ) {
    const { status, socket } = await tunnel();
    opened = status;
    socket.destroy();
  }
  const running = Array.from({ length: workers }, stream);
  await Promise.all(running.map(({ begun }) => begun));
  const tunnels = await Promise.all(Array.from({ length: LANES }, tunnel));
  const { id } = await call<{ id: string }>('POST', '/severances', {
    target: { kind: 'vendor', id: 'openai' },
    reason,
  });
  const since = performance.now();
  const refused = lanes.map(async ({ ask }) => {
    while ((await ask()) !== 503) await wait(1);
    return performance.now() - since;
  });
  const proxy = Array.from({ length: LANES }, async () => {
    for (;;) {
      const { status, socket } = await tunnel();
      socket.destroy();
      if (status === 503) return performance.now() - since;
      await wait(1);
    }
  });
  const worst = (all: readonly number[]): number => Math.max(...all);
  times.refused.push(worst(await Promise.all(refused)));
  times.streams.push(Math.max(0, worst(await Promise.all(running.map(({ ended }) => ended))) - since));
  times.tunnels.push(Math.max(0, worst(await Promise.all(tunnels.map(({ ended }) => ended))) - since));
  times.proxy.push(worst(await Promise.all(proxy)));
  for (const { close } of lanes) close();
  await call('POST', `/severances/${id}/reopen`, { reason });
}

async function measured(): Promise<Times> {
  const times: Times = { refused: [], streams: [], tunnels: [], proxy: [] };
  for (let each = 0; each < Number(options.severances); each++) await once(times);
  return times;
}

/** Clients that ask without a pause until they are stopped. Gives how many answers came in a second. */
function underLoad(): () => Promise<number> {
  let stopped = false;
  let answers = 0;
  const begun = performance.now();
  const clients = Array.from({ length: Number(options.load) }, async (_, index) => {
    const { ask, close } = lane(index % 2 === 0 ? '/ai/v1/models' : '/events/decide');
    while (!stopped) {
      await ask();
      answers += 1;
    }
    close();
  });
  return async () => {
    stopped = true;
    await Promise.all(clients);
    return (answers * 1000) / (performance.now() - begun);
  };
}

const unloaded = await measured();
const stop = underLoad();
const loaded = await measured();
const perSecond = await stop();
await drawbridge.remove();
vendor.closeAllConnections();
vendor.close();

function quantiles(values: readonly number[]): { p50: number; p99: number; worst: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? 0 };
}
const names = ['refused', 'streams', 'tunnels', 'proxy'] as const;
const result = Object.fromEntries(
  names.map((name) => {
    const [without, under] = [quantiles(unloaded[name]), quantiles(loaded[name])];
    return [name, { unloadedMs: without, loadedMs: under, ratio: under.p50 / Math.max(1, without.p50) }];
  }),
);
const rounded = (value: number): string => value.toFixed(0);
process.stdout.write(
  options.json
    ? `${JSON.stringify({ severances: unloaded.refused.length, workers, perSecond, ...result })}\n`
    : `${unloaded.refused.length} severances each, ${workers} workers, ${rounded(perSecond)} answers/s of load\n${Object.entries(
        result,
      )
        .map(
          ([name, { unloadedMs, loadedMs, ratio }]) =>
            `${name}: ${rounded(unloadedMs.p50)} ms p50, ${rounded(unloadedMs.worst)} worst; under load ${rounded(loadedMs.p50)} p50, ${rounded(loadedMs.worst)} worst; ratio ${ratio.toFixed(2)}`,
        )
        .join('\n')}\n`,
);
