import { afterEach, expect, test } from 'vitest';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** Who is let in, who is not, and what browsers are told. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function standIn(): Promise<StandIn> {
  const started = await startStandIn((_request, response) => answerJson(response, 1));
  closing.push(() => started.close());
  return started;
}

async function gateway(options: TestGatewayOptions = {}): Promise<StartedGateway> {
  const started = await startTestGateway(options);
  closing.push(() => started.close());
  return started;
}

const chat = JSON.stringify({ model: 'made-up-1', messages: [], user: 'someone-42' });
const page = 'https://app.example.com';

function event(token: string): string {
  const data = [{ event: 'opened', properties: { token, distinct_id: 'someone-42', time: 1_790_000_000 } }];
  return `data=${encodeURIComponent(Buffer.from(JSON.stringify(data)).toString('base64'))}`;
}
const form = { 'content-type': 'application/x-www-form-urlencoded' };

test.each([
  ['no key', {}, 'key_missing'],
  ['a vendor’s own key', bearer('sk-made-up-vendor-key'), 'key_unknown'],
  ['a key with a typing error', bearer(`dbk_${'a'.repeat(16)}_${'b'.repeat(59)}`), 'key_unknown'],
])(
  '%s: 401 in the vendor’s own shape, with its no-retry signal, nothing journalled',
  async (_what, headers, code) => {
    const vendor = await standIn();
    const { port, entries } = await gateway({ ai: vendor.port });
    const answer = await send(port, '/ai/v1/chat/completions', { headers, body: chat });
    expect(answer.status).toBe(401);
    expect(answer.headers['x-should-retry']).toBe('false');
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code, type: 'drawbridge_refused' } });
    expect(answer.body).not.toContain('sk-made-up');
    expect(vendor.received).toHaveLength(0);
    expect(await entries()).toEqual([]);
  },
);

test('a key of the right id and a wrong secret is unknown; so is one that was never issued', async () => {
  const vendor = await standIn();
  const { port, key, deployment, worker } = await gateway({ ai: vendor.port });
  const known = deployment.keys[0];
  if (known === undefined) throw new Error('the deployment has a key');
  known.hash = Buffer.alloc(32, 1).toString('base64url');
  await worker.apply(await deployment.snapshot());
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  expect(JSON.parse(answer.body).error.code).toBe('key_unknown');
  expect(vendor.received).toHaveLength(0);
});

test('what a key does not allow is refused and journalled: connection, class, expiry, rate', async () => {
  const vendor = await standIn();
  const { port, deployment, worker, entries } = await gateway({ ai: vendor.port, events: vendor.port });
  const other = deployment.issue({ connections: ['events'] });
  const narrow = deployment.issue({ connections: ['ai'], classes: ['catalogue'] });
  const expired = deployment.issue({ connections: ['ai'], expiresAt: Date.now() - 1 });
  const slow = deployment.issue({ connections: ['ai'], perMinute: 1 });
  await worker.apply(await deployment.snapshot());
  const ask = async (key: string) => {
    const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
    return [
      answer.status,
      answer.status === 200 ? '' : JSON.parse(answer.body).error.code,
      answer.headers['retry-after'],
    ];
  };
  expect(await ask(other)).toEqual([403, 'key_not_allowed', undefined]);
  expect(await ask(narrow)).toEqual([403, 'key_not_allowed', undefined]);
  expect(await ask(expired)).toEqual([401, 'key_expired', undefined]);
  expect(await ask(slow)).toEqual([200, '', undefined]);
  expect(await ask(slow)).toEqual([429, 'rate_limited', expect.stringMatching(/^(59|60)$/)]);
  const refused = (await entries()).filter(
    (entry) => entry.type === 'crossing' && entry.decision === 'refused',
  );
  expect(
    refused.map((entry) => entry.type === 'crossing' && [entry.stage, entry.reason, entry.bytes.sent]),
  ).toEqual([
    ['admit', 'key_not_allowed', 0],
    ['admit', 'key_not_allowed', 0],
    ['admit', 'rate_limited', 0],
  ]);
  expect(vendor.received).toHaveLength(1);
});

test('a key that is refused again and again fills the journal only so far', async () => {
  const { port, deployment, worker, entries } = await gateway({ monotonic: () => 0 });
  const key = deployment.issue({ connections: ['events'] });
  await worker.apply(await deployment.snapshot());
  for (let n = 0; n < 125; n++) await send(port, '/ai/v1/models/m', { method: 'GET', headers: bearer(key) });
  expect((await entries()).filter((entry) => entry.type === 'crossing')).toHaveLength(120);
  const metrics = await send(port, '/metrics', { method: 'GET' });
  expect(metrics.body).toMatch(/drawbridge_refusals_total\{code="key_not_allowed"\} 125/);
  expect(metrics.body).toMatch(/drawbridge_refusals_unrecorded_total 5/);
});

test('a connection without a credential, or severed, keeps requests for later', async () => {
  const vendor = await standIn();
  const { port, key, deployment, worker } = await gateway({ ai: vendor.port });
  const [connection] = deployment.connections;
  if (connection === undefined) throw new Error('the deployment has a connection');
  connection.credential = null;
  await worker.apply(await deployment.snapshot());
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body).error).toMatchObject({
    code: 'credential_missing',
    type: 'drawbridge_later',
  });
  expect(answer.headers['x-should-retry']).toBeUndefined();
  expect(vendor.received).toHaveLength(0);
});

test('a connection that may not be used is refused with what is missing, and nothing goes out', async () => {
  const vendor = await standIn();
  const { port, key, deployment, worker, entries } = await gateway({ ai: vendor.port });
  const [connection] = deployment.connections;
  if (connection === undefined) throw new Error('the deployment has a connection');
  connection.credential = null;
  connection.withheld = ['No DPA is in force with the vendor.'];
  await worker.apply(await deployment.snapshot());
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body).error).toMatchObject({
    code: 'connection_withheld',
    message: expect.stringContaining('No DPA is in force with the vendor.'),
  });
  expect((await entries())[0]).toMatchObject({ decision: 'refused', reason: 'connection_withheld' });
  expect(vendor.received).toHaveLength(0);
});

test('a connection whose time is over is refused though no newer configuration came', async () => {
  const vendor = await standIn();
  let now = Date.now();
  const { port, key, deployment, worker, entries } = await gateway({ ai: vendor.port, clock: () => now });
  const [connection] = deployment.connections;
  if (connection === undefined) throw new Error('the deployment has a connection');
  connection.closes_at = now + 1_000;
  await worker.apply(await deployment.snapshot());
  const asked = () => send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  expect((await asked()).status).toBe(200);
  now += 1_000;
  expect(JSON.parse((await asked()).body).error).toMatchObject({ code: 'connection_withheld' });
  expect((await entries()).filter(({ type }) => type === 'crossing').at(-1)).toMatchObject({
    decision: 'refused',
    reason: 'connection_withheld',
  });
  expect(vendor.received).toHaveLength(1);
});

test('a key in the body is found there, and the real credential goes back into its place', async () => {
  const vendor = await standIn();
  const { port, key, entries } = await gateway({ events: vendor.port });
  const answer = await send(port, '/events/track', { headers: form, body: event(key) });
  expect([answer.status, answer.body]).toEqual([200, '1']);
  const sent = new URLSearchParams(vendor.received[0]?.body.toString()).get('data') ?? '';
  const [record] = JSON.parse(Buffer.from(sent, 'base64').toString());
  expect(record.properties.token).toBe('made-up-vendor-credential');
  expect(JSON.stringify(vendor.received)).not.toContain(key);
  expect((await entries())[0]).toMatchObject({ decision: 'forwarded', endpoint: 'track' });
});

test('a batch with two keys is refused whole', async () => {
  const vendor = await standIn();
  const { port, key, deployment, worker } = await gateway({ events: vendor.port });
  const second = deployment.issue({ connections: ['events'] });
  await worker.apply(await deployment.snapshot());
  const batch = [key, second].map((token) => ({
    event: 'opened',
    properties: { token, distinct_id: 'someone' },
  }));
  const body = `data=${encodeURIComponent(Buffer.from(JSON.stringify(batch)).toString('base64'))}`;
  const answer = await send(port, '/events/track', { headers: form, body });
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'key_mixed']);
  expect(vendor.received).toHaveLength(0);
});

test('a publishable key sends events from listed pages, and nothing else from nowhere else', async () => {
  const vendor = await standIn();
  const { port, deployment, worker } = await gateway({
    ai: vendor.port,
    events: vendor.port,
    origins: [page, 'https://other.example.com'],
  });
  const publishable = deployment.issue({
    kind: 'publishable',
    connections: ['events', 'ai'],
    origins: [page],
    perMinute: 100,
  });
  await worker.apply(await deployment.snapshot());
  const from = async (origin: string | null) => {
    const headers = origin === null ? form : { ...form, origin };
    const answer = await send(port, '/events/track', { headers, body: event(publishable) });
    return answer.status === 200 ? 200 : JSON.parse(answer.body).code;
  };
  expect(await from(page)).toBe(200);
  expect(await from('https://other.example.com')).toBe('origin_not_allowed');
  expect(await from('https://thief.example.com')).toBe('origin_not_allowed');
  expect(await from('https://app.example.com.thief.example')).toBe('origin_not_allowed');
  expect(await from('HTTPS://APP.EXAMPLE.COM')).toBe('origin_not_allowed');
  expect(await from('null')).toBe('origin_not_allowed');
  expect(await from(null)).toBe('origin_not_allowed');
  const inference = await send(port, '/ai/v1/chat/completions', {
    headers: { ...bearer(publishable), origin: page },
    body: chat,
  });
  expect(JSON.parse(inference.body).error.code).toBe('key_not_allowed');
  expect(vendor.received).toHaveLength(1);
});

test('a secret key that comes out of a browser is refused', async () => {
  const vendor = await standIn();
  const { port, key } = await gateway({ ai: vendor.port, origins: [page] });
  const answer = await send(port, '/ai/v1/chat/completions', {
    headers: { ...bearer(key), origin: page },
    body: chat,
  });
  expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([403, 'origin_not_allowed']);
  expect(answer.headers['access-control-allow-origin']).toBe(page);
  expect(vendor.received).toHaveLength(0);
});

test('preflights are answered for listed origins, exactly, with credentials and the headers that are known', async () => {
  const { port } = await gateway({ origins: [page] });
  const ask = (origin: string) =>
    send(port, '/ai/v1/chat/completions', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'Authorization, content-type,x-stainless-os, x-evil, \tbad name',
      },
    });
  const listed = await ask(page);
  expect(listed.status).toBe(204);
  expect(listed.headers).toMatchObject({
    'access-control-allow-origin': page,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, GET',
    'access-control-allow-headers': 'authorization, content-type, x-stainless-os',
    vary: 'Origin',
  });
  for (const origin of ['https://thief.example.com', 'null', `${page}:443`, `${page}/`]) {
    const other = await ask(origin);
    expect(other.status).toBe(403);
    expect(Object.keys(other.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
  const plain = await send(port, '/ai/v1/chat/completions', { method: 'OPTIONS' });
  expect(plain.status).toBe(405);
});

test('an answer to a listed page can be read there, and the vendor’s own word on that does not count', async () => {
  const vendor = await startStandIn((_request, response) =>
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-length': 1 }).end('1'),
  );
  closing.push(() => vendor.close());
  const { port, deployment, worker } = await gateway({ events: vendor.port, origins: [page] });
  const publishable = deployment.issue({
    kind: 'publishable',
    connections: ['events'],
    origins: [page],
    perMinute: 9,
  });
  await worker.apply(await deployment.snapshot());
  const answer = await send(port, '/events/track', {
    headers: { ...form, origin: page },
    body: event(publishable),
  });
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': page,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  });
});

test('a wrong path is explained in the vendor’s shape; a wrong connection in plain problem+json', async () => {
  const { port, key } = await gateway();
  const path = await send(port, '/ai/v1/no/such/path', { headers: bearer(key), body: chat });
  expect([path.status, JSON.parse(path.body).error.code]).toEqual([404, 'unknown_endpoint']);
  const method = await send(port, '/ai/v1/chat/completions', { method: 'GET', headers: bearer(key) });
  expect([method.status, JSON.parse(method.body).error.code]).toEqual([405, 'method_not_allowed']);
  const connection = await send(port, '/nowhere/v1/x', { headers: bearer(key), body: chat });
  expect(connection.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(connection.body)).toMatchObject({ status: 404, code: 'unknown_connection' });
});

test('health, readiness and metrics: also under /-/, and never a connection’s business', async () => {
  const { port } = await gateway();
  const get = async (path: string) => (await send(port, path, { method: 'GET' })).status;
  for (const prefix of ['', '/-']) {
    expect(await get(`${prefix}/healthz`)).toBe(200);
    expect(await get(`${prefix}/readyz`)).toBe(200);
    expect(await get(`${prefix}/metrics`)).toBe(200);
  }
  expect(await get('/healthz/deeper')).toBe(404);
});
