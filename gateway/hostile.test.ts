import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { afterEach, expect, test, vi } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { Slices } from './scan/index.ts';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { type StandIn, sendRaw, startStandIn } from './testing/standin.ts';

/** Input that means harm, and a disk that fails: a clear answer, nothing forwarded, and the next request goes through. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: TestGatewayOptions = {}): Promise<StartedGateway & { vendor: StandIn }> {
  const vendor = await startStandIn((_request, response) => answerJson(response, 1));
  closing.push(() => vendor.close());
  const started = await startTestGateway({ ai: vendor.port, events: vendor.port, ...options });
  closing.push(() => started.close());
  return { ...started, vendor };
}

const chat = JSON.stringify({ model: 'made-up-1', messages: [], user: 'someone-42' });

async function expectStillServes({ port, key, vendor }: StartedGateway & { vendor: StandIn }): Promise<void> {
  expect(vendor.received).toHaveLength(0);
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  expect(answer.status).toBe(200);
}

test.each([
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
  ['two equal lengths', 'Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc', 400],
  ['a list of lengths', 'Content-Length: 3, 3\r\n\r\nabc', 400],
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n', 400],
  ['an odd transfer encoding', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n', 400],
  ['a negative length', 'Content-Length: -1\r\n\r\n', 400],
  ['a length in hex', 'Content-Length: 0x3\r\n\r\nabc', 400],
  ['a chunk size that overflows', 'Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n', 400],
  ['a folded header', 'X-A: 1\r\n X-B: 2\r\n\r\n', 400],
  ['a space before the colon', 'X-A : 1\r\n\r\n', 400],
  ['a NUL in a header', 'X-A: a\u0000b\r\n\r\n', 400],
  ['a bare line feed', 'X-A: 1\nX-B: 2\r\n\r\n', 400],
  ['headers without end', `X-A: ${'a'.repeat(70_000)}\r\n\r\n`, 431],
  ['an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 400],
  ['a body that announces too much', `Content-Length: 99999999999\r\n\r\n`, 413],
  ['an expectation that nobody knows', 'Expect: 200-fine\r\nContent-Length: 1\r\n\r\na', 417],
])('%s is refused', async (_what, rest, status) => {
  const started = await start();
  const head = `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g.example.org\r\nAuthorization: Bearer ${started.key}\r\n`;
  const answer = await sendRaw(started.port, head + rest, /\r\n\r\n/);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).not.toContain(started.key);
  await expectStillServes(started);
});

test.each([
  ['GET http://vendor.example.com/ai/v1/models/x HTTP/1.1', 400],
  ['CONNECT vendor.example.com:443 HTTP/1.1', 405],
  ['GET /ai/../other/v1/models/x HTTP/1.1', 400],
  ['GET /ai/v1/models/%2e%2e%2fadmin HTTP/1.1', 400],
  ['GET /ai/v1/models/..;/admin HTTP/1.1', 400],
  ['GET /ai//v1/models/x HTTP/1.1', 400],
  ['GET /ai/v1/models\\x HTTP/1.1', 400],
  ['GET /ai/v1/models/a%00b HTTP/1.1', 400],
  ['TRACE /ai/v1/models/x HTTP/1.1', 405],
  ['BREW /ai/v1/models/x HTTP/1.1', 400],
  ['GET /ai/v1/models/x HTTP/3.0', 400],
  ['GET /ai/v1/models/x', 400],
])('%s is refused', async (line, status) => {
  const started = await start();
  const text = `${line}\r\nHost: g.example.org\r\nAuthorization: Bearer ${started.key}\r\n\r\n`;
  const answer = await sendRaw(started.port, text, /\r\n\r\n/);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  await expectStillServes(started);
});

test('a request smuggled behind a refused one is not served', async () => {
  const started = await start();
  const smuggled = `GET /ai/v1/models/smuggled HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ${started.key}\r\n\r\n`;
  const text =
    `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ${started.key}\r\n` +
    `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`;
  await sendRaw(started.port, text);
  await expectStillServes(started);
});

test('a body over the limit is refused while it comes, and its sender gets to see why', async () => {
  const started = await start({ limits: { bodyBytes: 100_000 } });
  const { port, key } = started;
  const announced = await send(port, '/ai/v1/chat/completions', {
    headers: bearer(key),
    body: Buffer.alloc(5_000_000, 'x'),
  });
  expect([announced.status, JSON.parse(announced.body).error.code]).toEqual([413, 'body_too_large']);
  const chunked = await send(port, '/ai/v1/chat/completions', {
    headers: { ...bearer(key), 'transfer-encoding': 'chunked' },
    body: Buffer.alloc(5_000_000, 'x'),
  });
  expect(chunked.status).toBe(413);
  await expectStillServes(started);
});

test('when all bodies together fill the memory there is, more are asked to come later', async () => {
  const started = await start({ limits: { heldBytes: 100_000 } });
  const { port, key } = started;
  const half = connect(port, '127.0.0.1');
  closing.push(async () => half.destroy());
  half.write(
    `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ${key}\r\nContent-Length: 90000\r\n\r\n`,
  );
  half.write(Buffer.alloc(80_000, 'x'));
  const body = JSON.stringify({ pad: 'x'.repeat(30_000) });
  const ask = (more: Record<string, string> = {}) =>
    send(port, '/ai/v1/chat/completions', { headers: { ...bearer(key), ...more }, body });
  await expect.poll(async () => (await ask()).status, { interval: 20 }).toBe(503);
  for (const answer of [await ask(), await ask({ 'transfer-encoding': 'chunked' })]) {
    expect(JSON.parse(answer.body).error.code).toBe('overloaded');
  }
  half.destroy();
  await expect.poll(async () => (await ask()).status, { interval: 20 }).toBe(200);
});

test('without a key nothing of a body is kept', async () => {
  const started = await start({ limits: { heldBytes: 1 } });
  const answer = await send(started.port, '/ai/v1/chat/completions', { body: Buffer.alloc(50_000, 'x') });
  expect(JSON.parse(answer.body).error.code).toBe('key_missing');
});

test('of a stranger’s long body no more is taken than may hold the key', async () => {
  const started = await start();
  const record = { event: 'x', properties: { token: `dbk_${'a'.repeat(16)}_${'b'.repeat(59)}` } };
  const head = (length: number): string =>
    `POST /events/track HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const start64 = `[${JSON.stringify(record)},"${'x'.repeat(70_000)}`;
  const answer = await sendRaw(started.port, head(5_000_000) + start64, /\r\n\r\n[\s\S]*}/);
  expect(answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*key_unknown/);
  await expectStillServes(started);
});

test('a stranger’s body that is over the limit at once is counted once', async () => {
  const started = await start({ limits: { bodyBytes: 66_000 } });
  const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
  for (let n = 0; n < 3; n++) {
    const answer = await send(started.port, '/events/track', { headers, body: Buffer.alloc(400_000, ' ') });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  }
  const metrics = await send(started.port, '/metrics', { method: 'GET' });
  expect(metrics.body).toContain('drawbridge_body_bytes 0\n');
  await expectStillServes(started);
});

test('a long batch with the key in it goes through', async () => {
  const { port, key, vendor } = await start();
  const batch = Array.from({ length: 2_000 }, (_, n) => ({
    event: 'opened',
    properties: { token: key, distinct_id: `someone-${n}` },
  }));
  const body = JSON.stringify(batch);
  expect(body.length).toBeGreaterThan(200_000);
  const answer = await send(port, '/events/track', { headers: { 'content-type': 'application/json' }, body });
  expect([answer.status, answer.body]).toEqual([200, '1']);
  expect(vendor.received[0]?.body.includes(key)).toBe(false);
});

test('a client that sends slowly, headers or body, is cut off with a reason', async () => {
  const started = await start({ limits: { headersMs: 200, requestMs: 400 } });
  const { port, key } = started;
  const headers = await sendRaw(port, 'POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g\r\nX-Slow: ');
  expect(headers).toMatch(/^HTTP\/1\.1 408 /);
  const body = await sendRaw(
    port,
    `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ${key}\r\nContent-Length: 100\r\n\r\nabc`,
  );
  expect(body).toMatch(/^HTTP\/1\.1 408 /);
  await expectStillServes(started);
});

test.each([
  ['not JSON', Buffer.from('{"model":')],
  ['JSON too deep', Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ['a member too deep', Buffer.from(`{"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`)],
  ['a gzip bomb', gzipSync(Buffer.alloc(200 * 1024 * 1024, '['))],
  ['a gzip cut short', gzipSync(chat).subarray(0, 30)],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['two values', Buffer.from('{}{}')],
])(
  'a body that must be read and can’t be, %s, is refused and journalled, never passed',
  async (_what, body) => {
    const started = await start();
    const before = process.memoryUsage().rss;
    const answer = await send(started.port, '/ai/v1/chat/completions', {
      headers: bearer(started.key),
      body,
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(JSON.parse(answer.body).error.code).toMatch(/^(body_unreadable|body_too_deep|body_too_large)$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    await expect
      .poll(() => started.entries())
      .toMatchObject([
        { decision: 'refused', bytes: { sent: 0 } },
        { type: 'settlement', outcome: 'not_sent' },
      ]);
    await expectStillServes(started);
  },
);

test('nonsense behind a request whose answer is under way ends the connection, and puts nothing into the answer', async () => {
  const vendor = await startStandIn((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
  });
  closing.push(() => vendor.close());
  const { port, key } = await start({ ai: vendor.port });
  const text = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
    socket.on('data', (chunk) => {
      got += chunk.toString();
      if (got.includes('first')) socket.write('\u0000 made-up nonsense\r\n\r\n');
    });
    const head = `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ${key}\r\n`;
    socket.write(`${head}Content-Length: ${chat.length}\r\n\r\n${chat}`);
  });
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(text).not.toContain('400');
});

test('an error of our own refuses the crossing, and the log says where it arose, not what it said', async () => {
  const marked = 'marked-someone@example.com';
  const upstream = {
    dispatch() {
      throw new Error(`could not handle ${marked}\n    at ${marked}`);
    },
    close: async () => undefined,
  };
  const { port, key, logged, entries } = await start({ upstream });
  const answer = await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([500, 'internal']);
  const said = logged.find((each) => 'event' in each && each.event === 'crossing_error');
  expect(said).toMatchObject({
    error: 'Error',
    stage: 'forward',
    at: expect.arrayContaining([expect.stringMatching(/^hostile\.test\.ts:\d+:\d+$/)]),
  });
  expect(JSON.stringify([logged, answer])).not.toContain(marked);
  expect(await entries()).toMatchObject([
    { type: 'crossing', decision: 'forwarded' },
    { type: 'settlement', outcome: 'upstream_failed', status: null },
  ]);
});

test('while the disk takes nothing nothing crosses; when it does again, all goes on by itself', async () => {
  let full = true;
  const storage = new ForgetfulStorage({
    random: Math.random,
    fault: (operation) => (full && operation.kind === 'append' ? 'enospc' : null),
  });
  const started = await start({ storage });
  const { port, key, vendor } = started;
  const ask = () => send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat });
  const refused = await ask();
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body).error).toMatchObject({
    code: 'journal_unavailable',
    type: 'drawbridge_later',
  });
  expect((await send(port, '/readyz', { method: 'GET' })).status).toBe(503);
  expect(vendor.received).toHaveLength(0);
  full = false;
  await expect.poll(async () => (await ask()).status).toBe(200);
  expect((await send(port, '/readyz', { method: 'GET' })).status).toBe(200);
});

test('what the journal says was durable before the vendor was spoken to: a power cut keeps every crossing that went out', async () => {
  const storage = new ForgetfulStorage({ random: () => 0 });
  const started = await start({ storage });
  const { port, key, vendor } = started;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat }),
    ),
  );
  expect(vendor.received).toHaveLength(20);
  const found = storage.afterPowerCut({ random: () => 0 });
  const { journal } = await startTestGateway({ storage: found }).then((each) => {
    closing.push(() => each.close());
    return each;
  });
  expect(journal.status().next).toBeGreaterThanOrEqual(20);
});

test('logs and answers hold no key, no credential, no body and no query', async () => {
  const started = await start();
  const { port, key, logged } = started;
  const marked = 'marked-someone@example.com';
  const body = JSON.stringify({ model: marked, messages: [{ role: 'user', content: marked }] });
  const answers = [
    await send(port, `/ai/v1/chat/completions?q=${marked}`, { headers: bearer(key), body }),
    await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: `{${marked}` }),
    await send(port, '/ai/v1/chat/completions', { headers: bearer(`${key}x`), body }),
    await send(port, `/ai/v1/${marked}`, { headers: bearer(key), body }),
    await send(port, `/${marked}/v1`, { headers: bearer(key), body }),
    await send(port, '/metrics', { method: 'GET' }),
  ];
  const text = JSON.stringify([logged, answers]);
  for (const secret of [key, marked, 'made-up-vendor-credential']) expect(text).not.toContain(secret);
});

test('nobody looks on through a long body whose client has gone', async () => {
  const service = serviceOf('openai');
  const started = await start({ service, contract: 'recommended' });
  const content = 'nothing of note in these words, which go on and on, '.repeat(100_000);
  const body = JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content }] });
  const client = connect(started.port, '127.0.0.1');
  client.write(
    `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: g.example.org\r\nAuthorization: Bearer ${started.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  const run = Slices.prototype.run;
  const seen = vi.spyOn(Slices.prototype, 'run').mockImplementation(function (this: Slices, steps, cut) {
    client.destroy();
    return run.call(this, steps, cut);
  });
  client.write(body);
  await expect.poll(async () => (await started.entries()).at(-1)).toMatchObject({ outcome: 'not_sent' });
  seen.mockRestore();
  expect((await started.entries()).find(({ type }) => type === 'crossing')).toMatchObject({
    decision: 'refused',
    reason: 'bad_request',
    stage: 'minimise',
  });
  await expectStillServes(started);
});
