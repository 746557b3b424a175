import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { certificate } from '../testing/certificate.ts';
import {
  ClientGone,
  createUpstream,
  type Upstream,
  type UpstreamFailure,
  type UpstreamHandler,
  type UpstreamLimits,
  type UpstreamTarget,
} from './index.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  server.listen(port, host);
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return (server.address() as AddressInfo).port;
}

function upstreamWith(
  lookup: (host: string) => Promise<readonly string[]>,
  limits: Partial<UpstreamLimits> = {},
  ca?: string,
): { upstream: Upstream; notices: string[]; clock: { now: number } } {
  const notices: string[] = [];
  const clock = { now: 0 };
  const upstream = createUpstream({
    now: () => clock.now,
    notice: (event, detail) => notices.push(`${event} ${JSON.stringify(detail)}`),
    limits,
    lookup,
    ...(ca === undefined ? {} : { ca }),
  });
  closing.push(() => upstream.close());
  return { upstream, notices, clock };
}

interface Answer {
  status: number;
  body: string;
  remote: string;
}

function ask(upstream: Upstream, target: UpstreamTarget, path = '/'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: 0, body: '', remote: '' };
    const handler: UpstreamHandler = {
      started(_control, remote) {
        answer.remote = remote;
      },
      head(status) {
        answer.status = status;
      },
      data(chunk) {
        answer.body += chunk.toString();
      },
      end: () => resolve(answer),
      failed: (failure: UpstreamFailure) => reject(failure),
    };
    upstream.dispatch(target, { method: 'GET', path, headers: [], body: null }, handler);
  });
}

function target(port: number, isPrivate = true): UpstreamTarget {
  return { scheme: 'http', host: 'vendor.example.test', port, private: isPrivate };
}

test('says the configured host, dials the pinned address, and tells which one it was', async () => {
  const port = await listen(createServer((request, response) => response.end(request.headers.host)));
  const { upstream } = upstreamWith(async () => ['127.0.0.1']);
  expect(await ask(upstream, target(port))).toEqual({
    status: 200,
    body: `vendor.example.test:${port}`,
    remote: `127.0.0.1:${port}`,
  });
});

test('a private address is refused before anything is dialled', async () => {
  let reached = 0;
  const server = createServer((_request, response) => response.end());
  server.on('connection', () => {
    reached += 1;
  });
  const port = await listen(server);
  const { upstream } = upstreamWith(async () => ['127.0.0.1']);
  await expect(ask(upstream, target(port, false))).rejects.toMatchObject({ kind: 'forbidden' });
  expect(reached).toBe(0);
});

test('a name is looked up once, and a later answer that turned private moves nothing', async () => {
  const port = await listen(createServer((_request, response) => response.end('ok')));
  let lookups = 0;
  const { upstream, notices, clock } = upstreamWith(
    async () => {
      lookups += 1;
      if (lookups > 1) throw new Error('SERVFAIL');
      return ['127.0.0.1'];
    },
    { resolveMs: 1_000 },
  );
  await Promise.all(Array.from({ length: 5 }, () => ask(upstream, target(port))));
  expect(lookups).toBe(1);
  clock.now = 2_000;
  expect((await ask(upstream, target(port))).remote).toBe(`127.0.0.1:${port}`);
  await expect.poll(() => notices.some((each) => each.startsWith('upstream_lookup_failed'))).toBe(true);
  expect((await ask(upstream, target(port))).body).toBe('ok');
});

test('when the pinned address does not answer, the next one takes the same request', async () => {
  const port = await listen(
    createServer((_request, response) => response.end('second')),
    '127.0.0.2',
  );
  const { upstream } = upstreamWith(async () => ['127.0.0.1', '127.0.0.2']);
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(upstream, target(port))));
  expect(answers.every((answer) => answer.remote === `127.0.0.2:${port}`)).toBe(true);
});

test('when the addresses change, new requests go to the new one and running ones finish', async () => {
  const release = Promise.withResolvers<void>();
  const old = createServer(async (request, response) => {
    if (request.url === '/slow') await release.promise;
    response.end('old');
  });
  const port = await listen(old, '127.0.0.1');
  await listen(
    createServer((_request, response) => response.end('new')),
    '127.0.0.2',
    port,
  );
  let address = '127.0.0.1';
  const { upstream, clock } = upstreamWith(async () => [address], { resolveMs: 10 });
  const running = ask(upstream, target(port), '/slow');
  await ask(upstream, target(port));
  address = '127.0.0.2';
  clock.now = 100;
  await expect.poll(async () => (await ask(upstream, target(port))).body).toBe('new');
  release.resolve();
  expect((await running).body).toBe('old');
});

test('a vendor that accepts and says nothing, or stops in the middle, times out', async () => {
  const silent = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      if (head.includes('/half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    closing.push(async () => socket.destroy());
  });
  silent.listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  closing.push(() => new Promise((resolve) => silent.close(resolve)));
  const { port } = silent.address() as AddressInfo;
  const { upstream } = upstreamWith(async () => ['127.0.0.1'], { firstByteMs: 200, idleMs: 200 });
  await expect(ask(upstream, target(port))).rejects.toMatchObject({ kind: 'timeout' });
  await expect(ask(upstream, target(port), '/half')).rejects.toMatchObject({ kind: 'timeout' });
});

test('a lookup that hangs, a port that is closed, an answer that is not HTTP: each says what it was', async () => {
  const hanging = upstreamWith(() => new Promise(() => undefined), { connectMs: 100 });
  await expect(ask(hanging.upstream, target(1))).rejects.toMatchObject({ kind: 'unresolved' });
  const { upstream } = upstreamWith(async () => ['127.0.0.1']);
  await expect(ask(upstream, target(1))).rejects.toMatchObject({ kind: 'connect' });
  const broken = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end('SSH-2.0-made-up\r\n'));
  });
  broken.listen(0, '127.0.0.1');
  await new Promise((resolve) => broken.once('listening', resolve));
  closing.push(() => new Promise((resolve) => broken.close(resolve)));
  const { port } = broken.address() as AddressInfo;
  await expect(ask(upstream, target(port))).rejects.toMatchObject({ kind: 'broken' });
});

test('a redirect is an answer like any other', async () => {
  const seen: string[] = [];
  const port = await listen(
    createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(307, { location: '/elsewhere' }).end();
    }),
  );
  const { upstream } = upstreamWith(async () => ['127.0.0.1']);
  expect((await ask(upstream, target(port), '/here')).status).toBe(307);
  expect(seen).toEqual(['/here']);
});

test('a vendor must prove its configured name, whatever address it is pinned to', async () => {
  const names: unknown[] = [];
  const server = createTlsServer(certificate, (_request, response) => response.end('ok'));
  server.on('secureConnection', (socket) => names.push(socket.servername));
  const port = await listen(server);
  const { upstream } = upstreamWith(async () => ['127.0.0.1'], {}, certificate.cert);
  const https = (host: string): UpstreamTarget => ({ scheme: 'https', host, port, private: true });
  expect(await ask(upstream, https('vendor.example.test'))).toMatchObject({
    body: 'ok',
    remote: `127.0.0.1:${port}`,
  });
  expect(names).toEqual(['vendor.example.test']);
  await expect(ask(upstream, https('other.example.test'))).rejects.toMatchObject({ kind: 'connect' });
  await expect(ask(upstream, https('127.0.0.1'))).rejects.toMatchObject({ kind: 'connect' });
});

test('a certificate of an unknown authority is refused, and the operator is told why', async () => {
  const port = await listen(createTlsServer(certificate, (_request, response) => response.end('ok')));
  const { upstream, notices } = upstreamWith(async () => ['127.0.0.1']);
  const target: UpstreamTarget = { scheme: 'https', host: 'vendor.example.test', port, private: true };
  await expect(ask(upstream, target)).rejects.toMatchObject({ kind: 'connect' });
  await expect(ask(upstream, target)).rejects.toMatchObject({ kind: 'connect' });
  expect(notices.filter((each) => each.startsWith('upstream_connect_failed'))).toEqual([
    expect.stringContaining('SELF_SIGNED'),
  ]);
});

test('a request that waits for a connection can be given up, and nothing of it is sent', async () => {
  const seen: string[] = [];
  const port = await listen(createServer((request) => void seen.push(request.url ?? '')));
  const { upstream } = upstreamWith(async () => ['127.0.0.1'], { sockets: 1 });
  const hanging = ask(upstream, target(port), '/first').catch((failure: UpstreamFailure) => failure.kind);
  await expect.poll(() => seen).toEqual(['/first']);
  const failed = Promise.withResolvers<string>();
  const handler: UpstreamHandler = {
    started: () => failed.reject(new Error('it was started')),
    head: () => undefined,
    data: () => undefined,
    end: () => undefined,
    failed: (failure) => failed.resolve(failure.kind),
  };
  const request = { method: 'GET', path: '/second', headers: [], body: null };
  upstream.dispatch(target(port), request, handler).abort(new ClientGone());
  expect(await failed.promise).toBe('aborted');
  await upstream.close();
  expect(await hanging).toBe('broken');
  expect(seen).toEqual(['/first']);
});

test('once it is closed nothing more is sent, neither what waited nor what comes', async () => {
  const seen: string[] = [];
  const server = createServer((request) => void seen.push(`${request.socket.localAddress} ${request.url}`));
  const port = await listen(server);
  await listen(
    createServer((request) => void seen.push(`second ${request.url}`)),
    '127.0.0.2',
    port,
  );
  const { upstream } = upstreamWith(async () => ['127.0.0.1', '127.0.0.2'], { sockets: 1 });
  const kindOf = (path: string) => ask(upstream, target(port), path).catch((failure) => failure.kind);
  const running = kindOf('/running');
  await expect.poll(() => seen).toEqual(['127.0.0.1 /running']);
  const waiting = kindOf('/waiting');
  await upstream.close();
  expect([await running, await waiting, await kindOf('/late')]).toEqual(['broken', 'connect', 'connect']);
  expect(seen).toEqual(['127.0.0.1 /running']);
});

test('a host that is found only after the closing gets nothing', async () => {
  const seen: string[] = [];
  const port = await listen(createServer((request) => void seen.push(request.url ?? '')));
  const found = Promise.withResolvers<readonly string[]>();
  const { upstream } = upstreamWith(() => found.promise);
  const waiting = ask(upstream, target(port)).catch((failure: UpstreamFailure) => failure.kind);
  await upstream.close();
  found.resolve(['127.0.0.1']);
  expect(await waiting).toBe('connect');
  expect(seen).toEqual([]);
});
