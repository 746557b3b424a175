import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { basic, type StartedEgress, startTestEgress, type TestEgressOptions } from '../testing/egress.ts';
import { sendRaw, startStandIn } from '../testing/standin.ts';

/** What a client, or a host, may do that no honest one does. Each is answered or ended, and the proxy serves on. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const HOST = 'host.example.test';

async function setUp(options: TestEgressOptions = {}) {
  const stand = await startStandIn((_request, response, body) => response.end(`got ${body.length}`));
  const egress = await startTestEgress({
    names: { [HOST]: ['127.0.0.1'] },
    rules: {
      allow: { vendors: [], hosts: [HOST], countries: [] },
      ports: { connect: [stand.port], http: [stand.port] },
    },
    ...options,
  });
  closing.push(
    () => stand.close(),
    () => egress.close(),
  );
  const target = `${HOST}:${stand.port}`;
  return { egress, stand, target, auth: `Proxy-Authorization: ${basic(egress.key)}` };
}

async function servesOn(egress: StartedEgress, target: string, auth: string): Promise<void> {
  const text = await sendRaw(
    egress.port,
    `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nConnection: close\r\n\r\n`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
}

test.each<[string, (target: string, auth: string) => string, RegExp]>([
  [
    'a CONNECT with a length',
    (target, auth) =>
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nContent-Length: 5\r\n\r\nhello`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a CONNECT in chunks',
    (target, auth) =>
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a CONNECT without a port',
    (_, auth) => `CONNECT ${HOST} HTTP/1.1\r\nHost: ${HOST}\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a CONNECT to a URL',
    (target, auth) => `CONNECT http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a CONNECT with a user',
    (target, auth) => `CONNECT a@${target} HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a CONNECT whose Host is another',
    (target, auth) => `CONNECT ${target} HTTP/1.1\r\nHost: evil.example:443\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a length and chunks',
    (target, auth) =>
      `POST http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET http://${target}/smuggled HTTP/1.1\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'two lengths',
    (target, auth) =>
      `POST http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhello`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'chunks under another name',
    (target, auth) =>
      `POST http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nTransfer-Encoding: xchunked\r\n\r\nhello`,
    /^HTTP\/1\.1 (400|501) /,
  ],
  [
    'a space before the colon',
    (target, auth) =>
      `POST http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nContent-Length : 4\r\n\r\nhell`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a folded header',
    (target, auth) =>
      `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nX-A: b\r\n Content-Length: 4\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'two Hosts',
    (target, auth) =>
      `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\nHost: evil.example\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  ['no Host', (target, auth) => `GET http://${target}/ HTTP/1.1\r\n${auth}\r\n\r\n`, /^HTTP\/1\.1 400 /],
  [
    'a bare line feed',
    (target, auth) => `GET http://${target}/ HTTP/1.1\nHost: ${target}\n${auth}\n\n`,
    /^HTTP\/1\.1 400 /,
  ],
  ['HTTP/0.9', (target) => `GET http://${target}/\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^HTTP\/1\.1 (400|405) /],
  ['TLS on the clear port', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
  [
    'a head that is too long',
    (target, auth) =>
      `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
    /^HTTP\/1\.1 431 /,
  ],
  [
    'a target that is too long',
    (_, auth) => `CONNECT ${'a'.repeat(8_000)}:443 HTTP/1.1\r\nHost: x\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a null byte in the host',
    (target, auth) => `CONNECT a\0.${target} HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
])('%s is refused, and nothing is sent', async (_, request, answer) => {
  const { egress, stand, target, auth } = await setUp();
  const text = await sendRaw(egress.port, request(target, auth), /\r\n\r\n/);
  expect(text).toMatch(answer);
  expect(stand.received).toEqual([]);
  await servesOn(egress, target, auth);
});

test('two requests in one go are served one after the other, each with a record of its own', async () => {
  const { egress, stand, target, auth } = await setUp();
  const one = (path: string, end = '') =>
    `POST http://${target}${path} HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\n${end}Content-Length: 2\r\n\r\nab`;
  const text = await sendRaw(egress.port, one('/1') + one('/2', 'Connection: close\r\n'));
  expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
  expect(stand.received.map(({ url }) => url)).toEqual(['/1', '/2']);
  expect((await egress.entries()).filter(({ type }) => type === 'crossing')).toHaveLength(2);
});

test('a request behind a refused CONNECT is not read as one', async () => {
  const { egress, stand, target, auth } = await setUp();
  const text = await sendRaw(
    egress.port,
    `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n${auth}\r\n\r\nGET http://${target}/behind HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\n\r\n`,
  );
  expect(text.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  expect(stand.received).toEqual([]);
});

test('a client that sends its head byte by byte is not waited for', async () => {
  const { egress, target, auth } = await setUp({ limits: { headersMs: 300 } });
  const socket = connect(egress.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const drip = setInterval(() => socket.write('a'), 50);
  socket.write('CONNECT ');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(drip);
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  await servesOn(egress, target, auth);
});

test('a body that stops in the middle is ended, and settled', async () => {
  const { egress, target, auth } = await setUp({ limits: { idleMs: 1_000 } });
  const text = await sendRaw(
    egress.port,
    `POST http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\nContent-Length: 100\r\n\r\nhalf`,
    /\r\n\r\n/,
  );
  expect(text).toMatch(/^HTTP\/1\.1 504 /);
  await expect
    .poll(async () => (await egress.entries()).find(({ type }) => type === 'settlement'))
    .toMatchObject({ outcome: 'timed_out', egress: { ended: 'idle' } });
});

test('a host that takes the connection and says nothing is not waited for', async () => {
  const silent = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
  silent.listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  closing.push(() => new Promise((resolve) => silent.close(resolve)));
  const address = silent.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const { egress, auth } = await setUp({ limits: { idleMs: 1_000 } });
  await egress.apply({ ports: { connect: [], http: [port] } });
  const text = await sendRaw(
    egress.port,
    `GET http://${HOST}:${port}/ HTTP/1.1\r\nHost: ${HOST}:${port}\r\n${auth}\r\nConnection: close\r\n\r\n`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 504 /);
});

test('clients that come and go in the middle of everything leave nothing behind', async () => {
  const { egress, target, auth } = await setUp();
  const head = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${auth}\r\n\r\n`;
  for (let at = 0; at < 120; at++) {
    const socket = connect(egress.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(head.slice(0, 1 + ((at * 37) % head.length)));
    if (at % 3 === 0) socket.resetAndDestroy();
    else setTimeout(() => socket.destroy(), at % 20);
  }
  for (let at = 0; at < 40; at++) {
    const socket = connect(egress.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${head}\x16\x03\x01`);
    setTimeout(() => (at % 2 === 0 ? socket.resetAndDestroy() : socket.destroy()), at % 15);
  }
  const isWhole = async () => {
    const entries = await egress.entries();
    const forwarded = entries.filter(
      (entry) => entry.type === 'crossing' && entry.decision === 'forwarded',
    ).length;
    const ends = entries.filter(({ type }) => type === 'settlement').length;
    return forwarded > 0 && forwarded === ends;
  };
  await expect.poll(isWhole, { timeout: 8_000 }).toBe(true);
  await servesOn(egress, target, auth);
});

/** A host that speaks as it likes. */
async function listening(serve: (socket: Socket) => void): Promise<{ port: number }> {
  const origin = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  origin.listen(0, '127.0.0.1');
  await new Promise((resolve) => origin.once('listening', resolve));
  closing.push(() => new Promise((resolve) => origin.close(resolve)));
  const address = origin.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

/** Headers of which the parser would keep a part only, and what comes after them. */
const many = (count: number) => 'a:\r\n'.repeat(count);

test.each(['Content-Length: 56', 'Transfer-Encoding: chunked'])(
  '%s behind a thousand headers frames the body for the host too: it hides no second request',
  async (framing) => {
    let seen = '';
    const { port } = await listening((socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen += chunk.toString('latin1');
        if (seen.includes('\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const { egress, auth } = await setUp();
    await egress.apply({ ports: { connect: [], http: [port] } });
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: evil.example\r\nX: 12345\r\n\r\n';
    const body = framing.includes('chunked')
      ? `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
      : hidden;
    await sendRaw(
      egress.port,
      `GET http://${HOST}:${port}/ HTTP/1.1\r\nHost: ${HOST}:${port}\r\n${auth}\r\nConnection: close\r\n${many(1_100)}${framing}\r\n\r\n${body}`,
    );
    expect(seen.slice(0, seen.indexOf('\r\n\r\n'))).toContain(framing);
  },
);

test('a key behind a thousand headers counts, and a second one is seen', async () => {
  const { egress, stand, target, auth } = await setUp();
  const head = `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\nConnection: close\r\n`;
  const text = await sendRaw(
    egress.port,
    `${head}${auth}\r\n${many(1_100)}Host: evil.example\r\n\r\n`,
    /\r\n\r\n/,
  );
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(stand.received).toEqual([]);
});

test.each([
  ['a status below 100', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
  ['a status of zero', 'HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n'],
  ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello'],
  ['nothing at all', ''],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['a control character', 'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\n\r\nab'],
  ['an early hint without an end', 'HTTP/1.1 103 Hint\r\nLink: a\r\n\r\n'],
])('a host that answers %s is an error of that exchange alone', async (_, answer) => {
  const { port } = await listening((socket) => {
    socket.once('data', () => socket.end(answer, 'latin1'));
  });
  const { egress, stand, target, auth } = await setUp();
  await egress.apply({ ports: { connect: [], http: [port, stand.port] } });
  const text = await sendRaw(
    egress.port,
    `GET http://${HOST}:${port}/ HTTP/1.1\r\nHost: ${HOST}:${port}\r\n${auth}\r\nConnection: close\r\n\r\n`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 502 /);
  await servesOn(egress, target, auth);
});
