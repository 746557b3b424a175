import { connect } from 'node:net';
import fc from 'fast-check';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterEach, expect, test } from 'vitest';
import { pathShape } from './sighting.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** What is asked for with a known key and not served: answered clearly, journalled, never sent. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(): Promise<{ vendor: StandIn; gateway: StartedGateway }> {
  const vendor = await startStandIn((_request, response) => answerJson(response, 1));
  closing.push(() => vendor.close());
  const gateway = await startTestGateway({ ai: vendor.port });
  closing.push(() => gateway.close());
  return { vendor, gateway };
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'bWFkZS11cC1tYWRlLXVwIQ==',
};

test('an unknown path: 404, and the journal says who asked for what shape of path, not its names or query', async () => {
  const { vendor, gateway } = await start();
  const answer = await send(gateway.port, '/ai/v1/videos/anna.berger@example.com/images?for=anna', {
    headers: bearer(gateway.key),
    body: '{"prompt":"Anna"}',
  });
  expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([404, 'unknown_endpoint']);
  await expect.poll(async () => (await gateway.entries()).length).toBe(2);
  const [leaf, settlement] = await gateway.entries();
  expect(leaf).toMatchObject({
    decision: 'refused',
    reason: 'unknown_endpoint',
    endpoint: '/v1/videos/:x/images',
    class: 'unknown',
    method: 'POST',
    bytes: { received: 0, sent: 0 },
  });
  expect(settlement).toMatchObject({ outcome: 'not_sent' });
  expect(JSON.stringify(await gateway.entries())).not.toMatch(/anna/i);
  expect(vendor.received).toHaveLength(0);
});

test.each([
  ['a bearer', (key: string) => bearer(key)],
  [
    'a subprotocol',
    (key: string) => ({ 'sec-websocket-protocol': `realtime, openai-insecure-api-key.${key}` }),
  ],
])('a WebSocket with the key in %s: refused in the vendor’s shape, and journalled', async (_where, keyed) => {
  const { vendor, gateway } = await start();
  const headers = { ...upgrade, ...keyed(gateway.key) };
  const answer = await send(gateway.port, '/ai/v1/realtime?model=gpt-realtime', { method: 'GET', headers });
  expect([answer.status, answer.headers['x-should-retry']]).toEqual([400, 'false']);
  expect(JSON.parse(answer.body).error).toMatchObject({
    code: 'upgrade_not_supported',
    message: expect.stringContaining('WebSocket'),
  });
  const [leaf] = await gateway.entries();
  expect(leaf).toMatchObject({ reason: 'upgrade_not_supported', endpoint: '/v1/realtime', method: 'GET' });
  expect(vendor.received).toHaveLength(0);
});

test('a stranger’s are counted, and not journalled', async () => {
  const { gateway } = await start();
  const strange = bearer('sk-made-up-vendor-key');
  expect((await send(gateway.port, '/ai/v1/images/edits', { headers: strange, body: '{}' })).status).toBe(
    404,
  );
  const headers = { ...upgrade, ...strange };
  expect((await send(gateway.port, '/ai/v1/realtime', { method: 'GET', headers })).status).toBe(400);
  expect((await send(gateway.port, '/none/v1/realtime', { method: 'GET', headers: upgrade })).status).toBe(
    400,
  );
  expect(await gateway.entries()).toEqual([]);
});

test('OpenAI’s realtime client is told at once, once', async () => {
  const { gateway } = await start();
  let requests = 0;
  gateway.worker.server.on('request', () => {
    requests += 1;
  });
  const baseURL = `http://127.0.0.1:${gateway.port}/ai/v1`;
  const client = new OpenAI({ apiKey: gateway.key, baseURL });
  // It speaks TLS only, as it would with a gateway behind a proxy that ends it.
  const options = { createConnection: () => connect(gateway.port, '127.0.0.1') };
  const realtime = new OpenAIRealtimeWS({ model: 'gpt-realtime', options }, client);
  const told = await new Promise<Error>((resolve) => realtime.on('error', resolve));
  expect(told.message).toMatch(/Unexpected server response: 400/);
  expect(requests).toBe(1);
  expect((await gateway.entries())[0]).toMatchObject({
    reason: 'upgrade_not_supported',
    endpoint: '/v1/realtime',
  });
});

test('a shape holds no word of a path that is none of an API’s, fits in a leaf, and is the same for other ids', () => {
  const segment = fc.oneof(
    fc.constantFrom('v1', 'images', 'Generations', 'files', 'models', 'gpt:generate', 'v1beta'),
    fc.stringMatching(/^[A-Za-z0-9._~%@-]{1,30}$/),
  );
  fc.assert(
    fc.property(
      fc.array(segment, { maxLength: 12 }),
      fc.stringMatching(/^[0-9a-f]{8,30}$/),
      (segments, id) => {
        const shape = pathShape(`/${segments.join('/')}`, []);
        expect(shape).toMatch(/^(?:\/(?:[a-z][a-z0-9_-]*|:x)(?::[a-z]+)?)+$|^\/$/i);
        expect(shape.length).toBeLessThanOrEqual(60);
        expect(pathShape(`/v1/files/${id}`, [])).toBe('/v1/files/:x');
      },
    ),
  );
  expect(pathShape('/', [])).toBe('/');
  expect(pathShape('/v1/users/anna/berger', [])).toBe('/v1/users/:x/:x');
});
