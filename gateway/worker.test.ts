import { Agent, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { stages } from '@drawbridge/protocol';
import { afterEach, expect, test } from 'vitest';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { aiService } from './testing/services.ts';
import { sendRaw, startStandIn } from './testing/standin.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const chat = { model: 'made-up-1', messages: [{ role: 'user', content: 'Hello?' }], user: 'someone-42' };
const answered = { id: 'made-up', usage: { prompt_tokens: 3, completion_tokens: 5 } };

async function gateway(options: TestGatewayOptions = {}): Promise<StartedGateway> {
  const started = await startTestGateway(options);
  closing.push(() => started.close());
  return started;
}

async function standIn(
  answer: Parameters<typeof startStandIn>[0] = (_request, response) => answerJson(response, answered),
) {
  const started = await startStandIn(answer);
  closing.push(() => started.close());
  return started;
}

test('a request goes through: minimised, with the real credential, recorded before and settled after', async () => {
  const vendor = await standIn();
  const { port, key, entries } = await gateway({ ai: vendor.port, contract: 'recommended' });
  const answer = await send(port, '/ai/v1/chat/completions', {
    headers: {
      ...bearer(key),
      'User-Agent': 'made-up/1',
      'X-Forwarded-For': '192.0.2.7',
      Cookie: 'session=made-up',
      'X-Unknown': 'dropped',
    },
    body: JSON.stringify(chat),
  });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual(answered);

  const [sent] = vendor.received;
  expect(vendor.received).toHaveLength(1);
  const headers = headerMap(sent?.headers ?? []);
  expect(headers.get('authorization')).toBe('Bearer made-up-vendor-credential');
  expect(headers.get('host')).toBe(`127.0.0.1:${vendor.port}`);
  expect(headers.get('content-length')).toBe(String(sent?.body.length));
  for (const name of ['x-forwarded-for', 'cookie', 'x-unknown']) expect(headers.has(name)).toBe(false);
  const body = JSON.parse(sent?.body.toString() ?? '');
  expect(body).toEqual({ ...chat, user: expect.not.stringContaining('someone') });

  const [leaf, settlement] = await entries();
  expect(leaf).toMatchObject({
    type: 'crossing',
    id: answer.headers['x-drawbridge-crossing'],
    decision: 'forwarded',
    connection: 'conn-ai',
    app: 'app-test',
    endpoint: 'chat',
    class: 'inference',
    snapshot: 1,
    items: 1,
    bytes: { received: JSON.stringify(chat).length, sent: sent?.body.length },
  });
  expect(settlement).toMatchObject({
    type: 'settlement',
    crossing: answer.headers['x-drawbridge-crossing'],
    outcome: 'answered',
    status: 200,
    remote: `127.0.0.1:${vendor.port}`,
    usage: { input: 3, output: 5 },
    bytes: { response: JSON.stringify(answered).length },
  });
});

function headerMap(raw: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) map.set((raw[i] ?? '').toLowerCase(), raw[i + 1] ?? '');
  return map;
}

test('a vendor’s head that is not valid HTTP for the client is answered as a broken vendor', async () => {
  const vendor = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\nok'),
    );
  });
  vendor.listen(0, '127.0.0.1');
  await new Promise((resolve) => vendor.once('listening', resolve));
  closing.push(() => new Promise((resolve) => vendor.close(resolve)));
  const { port, key } = await gateway({ ai: (vendor.address() as AddressInfo).port });
  const answer = await send(port, '/ai/v1/chat/completions', {
    headers: bearer(key),
    body: JSON.stringify(chat),
  });
  expect(answer.status).toBe(502);
});

test('a redirect is handed to the client and not followed', async () => {
  const elsewhere = await standIn();
  const vendor = await standIn((_request, response) =>
    response
      .writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/v1/x`, 'set-cookie': 'a=b' })
      .end(),
  );
  const { port, key } = await gateway({ ai: vendor.port });
  const answer = await send(port, '/ai/v1/chat/completions', {
    headers: bearer(key),
    body: JSON.stringify(chat),
  });
  expect(answer.status).toBe(307);
  expect(answer.headers.location).toContain('/v1/x');
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(elsewhere.received).toHaveLength(0);
});

test('a private address is not dialled unless the connection says so', async () => {
  const vendor = await standIn();
  const { port, key, entries } = await gateway({ ai: vendor.port, private: false });
  const answer = await send(port, '/ai/v1/chat/completions', {
    headers: bearer(key),
    body: JSON.stringify(chat),
  });
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.body).error.code).toBe('upstream_forbidden');
  expect(vendor.received).toHaveLength(0);
  expect((await entries())[1]).toMatchObject({ outcome: 'not_sent', remote: null });
});

test('a refused crossing is recorded and settled, with how long it took, and nothing is sent', async () => {
  const vendor = await standIn();
  const { port, key, entries } = await gateway({ ai: vendor.port });
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: '{"model":' });
  expect(answer.status).toBe(400);
  expect(vendor.received).toHaveLength(0);
  await expect.poll(async () => (await entries()).length).toBe(2);
  const [leaf, settlement] = await entries();
  expect(leaf).toMatchObject({ decision: 'refused', reason: 'body_unreadable', stage: 'inspect' });
  expect(settlement).toMatchObject({ type: 'settlement', outcome: 'not_sent', status: null });
  const timings = settlement?.type === 'settlement' ? settlement.timings : [];
  expect(timings[stages.indexOf('accept')]).toBeGreaterThan(0);
  expect(timings[stages.indexOf('forward')]).toBe(0);
});

test('what the contract refuses is recorded by its class, and the answer says where to read on', async () => {
  const vendor = await standIn();
  const contract = { ...aiService.contracts.as_is, classes: { 'person.id': { do: 'refuse' as const } } };
  const { port, key, entries } = await gateway({ ai: vendor.port, contract });
  const answer = await send(port, '/ai/v1/chat/completions', {
    headers: bearer(key),
    body: JSON.stringify(chat),
  });
  expect(answer.status).toBe(403);
  const { message } = JSON.parse(answer.body).error;
  expect(message).toContain('person.id');
  expect(message).not.toContain('someone-42');
  const crossing = answer.headers['x-drawbridge-crossing'];
  expect(message.endsWith(`http://console.example.test/crossings/${crossing}`)).toBe(true);
  expect(vendor.received).toHaveLength(0);
  await expect.poll(async () => (await entries()).length).toBe(2);
  expect((await entries())[0]).toMatchObject({
    id: crossing,
    reason: 'field_refused',
    fields: [['person.id', 'refuse', 1]],
    items: 0,
  });
});

test('a stranger’s refusal leads to no page: there is none', async () => {
  const { port } = await gateway();
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer('dbk_made-up'), body: '{}' });
  expect(JSON.parse(answer.body).error.code).toBe('key_unknown');
  expect(answer.body).not.toContain('console.example.test');
});

test('a page can read that it should come later when too much is under way', async () => {
  const origin = 'https://app.example.com';
  const { port, key } = await gateway({ origins: [origin], limits: { crossings: 0 } });
  const answer = await send(port, '/events/track', { headers: { ...bearer(key), origin }, body: '[]' });
  expect(answer.status).toBe(503);
  expect(answer.headers['access-control-allow-origin']).toBe(origin);
  expect(answer.headers['access-control-allow-credentials']).toBe('true');
});

test('two requests with two keys of other apps do not mix on one kept connection', async () => {
  const vendor = await standIn((_request, response, body) =>
    answerJson(response, JSON.parse(body.toString())),
  );
  const { port, key } = await gateway({ ai: vendor.port });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      send(port, '/ai/v1/chat/completions', {
        headers: bearer(key),
        body: JSON.stringify({ ...chat, model: `made-up-${n}` }),
      }),
    ),
  );
  for (const [n, answer] of answers.entries()) expect(JSON.parse(answer.body).model).toBe(`made-up-${n}`);
});

test('Expect: 100-continue is answered before the body, and a body too large is refused before it is sent', async () => {
  const vendor = await standIn();
  const { port, key } = await gateway({ ai: vendor.port, limits: { bodyBytes: 10_000 } });
  const head = (length: number): string =>
    `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: gateway.example.org\r\nAuthorization: Bearer ${key}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  const body = JSON.stringify(chat);
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    socket.on('error', reject);
    socket.on('close', () => resolve(got));
    socket.on('data', (chunk) => {
      if (got === '') socket.write(body);
      got += chunk.toString();
    });
    socket.write(head(body.length));
  });
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  const refused = await sendRaw(port, head(10_001).replace('Connection: close\r\n', ''), /\r\n\r\n/);
  expect(refused).toMatch(/^HTTP\/1\.1 413 /);
  expect(vendor.received).toHaveLength(1);
});

test('a changed snapshot is in force at once: a severed connection, a revoked key, a new host', async () => {
  const [first, second] = [await standIn(), await standIn()];
  const started = await gateway({ ai: first.port });
  const { port, key, deployment, worker } = started;
  const ask = () =>
    send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: JSON.stringify(chat) });
  expect((await ask()).status).toBe(200);
  const [connection] = deployment.connections;
  if (connection === undefined) throw new Error('the deployment has a connection');

  connection.state = 'severed';
  await worker.apply(await deployment.snapshot());
  const severed = await ask();
  expect(severed.status).toBe(503);
  expect(JSON.parse(severed.body).error.code).toBe('connection_severed');

  connection.state = 'open';
  connection.upstream.port = second.port;
  await worker.apply(await deployment.snapshot());
  expect(JSON.parse((await ask()).body).error.code).toBe('credential_unusable');

  deployment.keys.length = 0;
  await worker.apply(await deployment.snapshot());
  expect((await ask()).status).toBe(401);
  expect(first.received).toHaveLength(1);
  expect(second.received).toHaveLength(0);
});

test('stops: running crossings finish, new ones are not taken, those that hang are broken off', async () => {
  const release = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  let hanging = 0;
  const vendor = await standIn(async (request, response) => {
    if (request.url?.includes('hang')) {
      hanging += 1;
      return;
    }
    arrived.resolve();
    await release.promise;
    answerJson(response, answered);
  });
  const { port, key, worker } = await gateway({ ai: vendor.port });
  const running = send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: JSON.stringify(chat) });
  const stuck = send(port, '/ai/v1/models/hang', { method: 'GET', headers: bearer(key) });
  const broken = expect(stuck).rejects.toThrow();
  await arrived.promise;
  await expect.poll(() => hanging).toBe(1);
  const closed = worker.close(1_000);
  release.resolve();
  expect((await running).status).toBe(200);
  await expect(send(port, '/healthz', { method: 'GET' })).rejects.toThrow();
  await closed;
  await broken;
});

test('stops as soon as the last running crossing is finished, though clients keep their connections', async () => {
  const releases: (() => void)[] = [];
  const vendor = await standIn((_request, response) => {
    releases.push(() => answerJson(response, answered));
  });
  const { port, key, worker } = await gateway({ ai: vendor.port });
  const agent = new Agent({ keepAlive: true });
  const ask = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/ai/v1/models/m', headers: bearer(key), agent };
      httpRequest(options, (response) => response.resume().on('end', () => resolve(response.statusCode)))
        .on('error', reject)
        .end();
    });
  const running = [ask(), ask()];
  await expect.poll(() => releases.length).toBe(2);
  const closed = worker.close(600_000);
  releases[0]?.();
  expect(await Promise.race(running)).toBe(200);
  releases[1]?.();
  expect(await Promise.all(running)).toEqual([200, 200]);
  await closed;
});
