import { Agent, createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeConnection } from '../server/proofs/testing/connect.ts';
import { testDeployment } from '../server/testing/deployment.ts';

/**
 * How long a revoked key still works: `node bench/revocation.ts [--revocations 60] [--workers 2] [--json]`. A whole
 * deployment with several workers. Each key is revoked over the API while requests with it go over connections of every
 * worker, and two answers stream; measured from the API's answer until the last worker refuses, and until the last stream
 * has ended.
 */
const { values: options } = parseArgs({
  options: {
    revocations: { type: 'string', default: '60' },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const workers = Number(options.workers);
/** Connections are dealt out to workers in turn: so many reach each of them twice. */
const LANES = workers * 2;

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

const drawbridge = await testDeployment({
  logLevel: 'error',
  env: { DRAWBRIDGE_GATEWAY_WORKERS: String(workers) },
});
const { call, gatewayUrl } = drawbridge;
const connection = await makeConnection(call, {
  slug: 'ai',
  service: 'openai/api/global',
  url: `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`,
  credential: 'sk-made-up-credential',
  contract: 'as_is',
});
const app = await call<{ id: string }>('POST', '/apps', {
  name: 'made-up app',
  owner: 'made-up team',
  reason: 'a benchmark',
});

/** One connection, kept open, and with it one worker. */
function lane(key: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    ask: () =>
      new Promise<number>((resolve, reject) => {
        const asked = request(`${gatewayUrl}/ai/v1/models`, { agent, headers }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
        });
        asked.on('error', reject).end();
      }),
    close: () => agent.destroy(),
  };
}

/** A streamed answer; settles when it has ended, however. */
function stream(key: string): { begun: Promise<void>; ended: Promise<number> } {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<number>();
  const end = (): void => ended.resolve(performance.now());
  const asked = request(
    `${gatewayUrl}/ai/v1/chat/completions`,
    {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    },
    (answer) => {
      answer.once('data', () => begun.resolve());
      answer.on('error', end).on('close', end);
    },
  );
  asked.on('error', end);
  asked.end('{"model":"made-up","messages":[],"stream":true}');
  return { begun: begun.promise, ended: ended.promise };
}

const refusedAfter: number[] = [];
const endedAfter: number[] = [];
for (let each = 0; each < Number(options.revocations); each++) {
  const { id, key } = await call<{ id: string; key: string }>('POST', `/apps/${app.id}/keys`, {
    kind: 'secret',
    connections: [connection],
    reason: 'a benchmark',
  });
  const lanes = Array.from({ length: LANES }, () => lane(key));
  for (const { ask } of lanes) while ((await ask()) !== 200) await wait(5);
  const running = [stream(key), stream(key)];
  await Promise.all(running.map(({ begun }) => begun));
  const answer = await drawbridge.api('DELETE', `/keys/${id}`);
  const since = performance.now();
  if (answer.status !== 204) throw new Error(`DELETE: ${answer.status} ${JSON.stringify(answer.body)}`);
  const refused = lanes.map(async ({ ask }) => {
    while ((await ask()) !== 401) await wait(1);
    return performance.now() - since;
  });
  refusedAfter.push(Math.max(...(await Promise.all(refused))));
  endedAfter.push(Math.max(...(await Promise.all(running.map(({ ended }) => ended)))) - since);
  for (const { close } of lanes) close();
}
await drawbridge.remove();
vendor.closeAllConnections();
vendor.close();

function quantiles(values: readonly number[]): { p50: number; p99: number; worst: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? 0 };
}

const result = {
  revocations: refusedAfter.length,
  workers,
  refusedMs: quantiles(refusedAfter),
  streamEndedMs: quantiles(endedAfter),
};
const said = ({ p50, p99, worst }: typeof result.refusedMs): string =>
  `${p50.toFixed(0)} ms (p50), ${p99.toFixed(0)} ms (p99), ${worst.toFixed(0)} ms (worst)`;
process.stdout.write(
  options.json
    ? `${JSON.stringify(result)}\n`
    : `${result.revocations} revocations, ${workers} workers: refused everywhere after ${said(result.refusedMs)}; streams ended after ${said(result.streamEndedMs)}\n`,
);
