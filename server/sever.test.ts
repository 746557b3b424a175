import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Severance } from '@drawbridge/control';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, refusalOf, statusOf } from '../gateway/testing/egress-client.ts';
import { usablePort } from './listening.ts';
import { issueKey, makeConnection } from './proofs/testing/connect.ts';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** A vendor is cut off in a whole deployment while its answers stream and a tunnel to it is open. All data is made up. */
const WITHIN_MS = 1_000;
const reason = 'a test';
let drawbridge: TestDeployment;
let egressPort: number;
const answers = new Set<ServerResponse>();
const vendor = createServer((asked, response) => {
  asked.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  answers.add(response);
  const timer = setInterval(
    () => response.write('data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'),
    5,
  );
  response.on('close', () => {
    clearInterval(timer);
    answers.delete(response);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', () => resolve()));
  egressPort = await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_EGRESS_');
  drawbridge = await testDeployment({
    logLevel: 'error',
    env: { DRAWBRIDGE_GATEWAY_WORKERS: '2', DRAWBRIDGE_EGRESS_PORT: String(egressPort) },
  });
}, 120_000);
afterAll(async () => {
  await drawbridge.remove();
  vendor.closeAllConnections();
  vendor.close();
});

test('running streams and tunnels end within a second, nothing new crosses, gateways prove it, and reopening brings back what was', async () => {
  const { call } = drawbridge;
  const { port } = vendor.address() as AddressInfo;
  const connection = await makeConnection(call, {
    slug: 'ai',
    service: 'openai/api/global',
    url: `http://127.0.0.1:${port}`,
    credential: 'sk-made-up-credential',
    contract: 'as_is',
  });
  const { key } = await issueKey(call, [connection]);
  const [app] = (await call<{ items: { id: string }[] }>('GET', '/apps')).items;
  const rules = await call<{ version: number }>('GET', '/egress');
  await call('PATCH', '/egress', {
    basedOn: rules.version,
    apps: [app?.id],
    ports: { connect: [443, port], http: [80] },
    networks: ['127.0.0.1/32'],
    reason,
  });
  const client = new OpenAI({ apiKey: key, baseURL: `${drawbridge.gatewayUrl}/ai/v1`, maxRetries: 0 });
  const begin = () =>
    client.chat.completions.create({
      model: 'made-up',
      stream: true,
      messages: [{ role: 'user', content: 'Hello?' }],
    });
  const tunnelled = () => open({ port: egressPort, key }, `127.0.0.1:${port}`);
  await expect.poll(async () => statusOf(await tunnelled()), { timeout: 15_000 }).toBe(200);
  // Connections are dealt out to the two workers in turn: four streams reach both.
  const streams = await Promise.all(Array.from({ length: 4 }, begin));
  const tunnels = await Promise.all([tunnelled(), tunnelled(), tunnelled(), tunnelled()]);
  let cutAt = Number.POSITIVE_INFINITY;
  const streamEnds = streams.map(async (stream) => {
    try {
      for await (const _ of stream);
      return { failed: false, after: performance.now() - cutAt };
    } catch {
      return { failed: true, after: performance.now() - cutAt };
    }
  });
  const tunnelEnds = tunnels.map(async ({ closed }) => {
    await closed;
    return performance.now() - cutAt;
  });
  await expect.poll(() => answers.size).toBe(4);

  const asked = performance.now();
  cutAt = asked;
  const made = await call<Severance>(
    'POST',
    '/severances',
    { target: { kind: 'vendor', id: 'openai' }, reason },
    201,
  );
  const answeredAfter = performance.now() - asked;
  for (const { failed, after } of await Promise.all(streamEnds)) {
    expect(failed).toBe(true);
    expect(after - answeredAfter).toBeLessThan(WITHIN_MS);
  }
  for (const after of await Promise.all(tunnelEnds)) expect(after - answeredAfter).toBeLessThan(WITHIN_MS);
  await expect.poll(() => answers.size).toBe(0);
  await expect(begin()).rejects.toMatchObject({ status: 503, code: 'connection_severed' });
  expect(refusalOf(await tunnelled())).toBe('egress_severed');

  const now = () => call<Severance>('GET', `/severances/${made.id}`);
  await expect.poll(async () => (await now()).state, { timeout: 10_000 }).toBe('in_force');
  expect((await now()).inForce).toMatchObject([{ gateway: 'gateway-1', workers: 2, at: expect.any(String) }]);
  // The journal tells of the app that it stops.
  await expect
    .poll(async () => (await now()).consequences.apps.map(({ name }) => name), { timeout: 10_000 })
    .toEqual(['made-up app']);

  // The control plane was away, and the gateway too: it starts with what it had, and stays cut off.
  await drawbridge.restart();
  const again = new OpenAI({ apiKey: key, baseURL: `${drawbridge.gatewayUrl}/ai/v1`, maxRetries: 0 });
  await expect(again.models.list()).rejects.toMatchObject({ status: 503, code: 'connection_severed' });
  await call('POST', `/severances/${made.id}/reopen`, { reason });
  const opened = async () => {
    try {
      (
        await again.chat.completions.create({ model: 'made-up', stream: true, messages: [] })
      ).controller.abort();
      return 'open';
    } catch (error) {
      return error instanceof OpenAI.APIError ? error.code : String(error);
    }
  };
  await expect.poll(opened, { timeout: 10_000 }).toBe('open');
  await expect.poll(async () => statusOf(await tunnelled()), { timeout: 10_000 }).toBe(200);
}, 120_000);
