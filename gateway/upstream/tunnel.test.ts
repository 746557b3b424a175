import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type OutboundProxy, readOutboundProxy } from '../config-network.ts';
import { certificate, otherCertificate } from '../testing/certificate.ts';
import { createUpstream, readRoots, type UpstreamTarget } from './index.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  );
  return (server.address() as AddressInfo).port;
}

interface ProxyStandIn {
  port: number;
  /** What was asked of it: target and credentials. */
  asked: [string, string | undefined][];
}

/** A real CONNECT proxy that leads every name to one port on loopback. */
async function proxyTo(port: number, status = 200, isTls = false): Promise<ProxyStandIn> {
  const asked: ProxyStandIn['asked'] = [];
  const server = isTls ? createTlsServer(otherCertificate) : createServer();
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    asked.push([request.url ?? '', request.headers['proxy-authorization']]);
    socket.on('error', () => undefined);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const there = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    there.on('error', () => socket.destroy());
  });
  return { port: await listening(server), asked };
}

async function vendor(): Promise<number> {
  return listening(createTlsServer(certificate, (_request, response) => response.end('from the vendor')));
}

interface Result {
  body: string;
  remote: string;
  failure: string;
}

function ask(
  target: Partial<UpstreamTarget>,
  proxy: OutboundProxy | null,
  ca: string[] | undefined,
  names: readonly string[] = [],
): Promise<Result & { notices: unknown[] }> {
  const notices: unknown[] = [];
  const upstream = createUpstream({
    now: () => performance.now(),
    notice: (event, detail) => notices.push({ event, ...detail }),
    proxy,
    ...(ca === undefined ? {} : { ca }),
    lookup: async () => {
      if (names.length === 0) throw new Error('this name leads nowhere here');
      return names;
    },
  });
  closing.push(() => upstream.close());
  const got: Result = { body: '', remote: '', failure: '' };
  return new Promise((resolve) => {
    upstream.dispatch(
      { scheme: 'https', host: 'vendor.example.test', port: 443, private: false, ...target },
      { method: 'GET', path: '/', headers: [], body: null },
      {
        started: (_control, remote) => {
          got.remote = remote;
        },
        head: () => undefined,
        data: (chunk) => {
          got.body += chunk.toString();
        },
        end: () => resolve({ ...got, notices }),
        failed: (failure) => resolve({ ...got, failure: failure.kind, notices }),
      },
    );
  });
}

const proxyAt = (port: number, user = ''): OutboundProxy => {
  const url = `http://${user}127.0.0.1:${port}`;
  const proxy = readOutboundProxy({ DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY: url });
  if (proxy === null) throw new Error('no proxy was read');
  return proxy;
};

test('a vendor is reached through the proxy, its certificate checked against the corporate authority', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-roots-'));
  closing.push(() => rm(folder, { recursive: true, maxRetries: 5 }));
  await writeFile(join(folder, 'roots.pem'), `# corporate\n${certificate.cert}`);
  const roots = (await readRoots(join(folder, 'roots.pem'))) ?? [];
  expect(roots.length).toBeGreaterThan(100);
  const proxy = await proxyTo(await vendor());
  const got = await ask({}, proxyAt(proxy.port, 'ada:made-up-p%40ss@'), roots);
  expect(got).toMatchObject({ body: 'from the vendor', remote: `127.0.0.1:${proxy.port}` });
  const basic = `Basic ${Buffer.from('ada:made-up-p@ss').toString('base64')}`;
  expect(proxy.asked).toEqual([['vendor.example.test:443', basic]]);
  expect(JSON.stringify(got.notices)).not.toMatch(/made-up|Basic/);
});

test('without the authority, or for another name, nothing is sent', async () => {
  const proxy = await proxyTo(await vendor());
  expect(await ask({}, proxyAt(proxy.port), undefined)).toMatchObject({ failure: 'connect', body: '' });
  expect(await ask({ host: 'other.example.test' }, proxyAt(proxy.port), [certificate.cert])).toMatchObject({
    failure: 'connect',
    remote: '',
  });
});

test('a proxy over TLS is verified too', async () => {
  const proxy = await proxyTo(await vendor(), 200, true);
  const secure = { ...proxyAt(proxy.port), isTls: true };
  expect(await ask({}, secure, [certificate.cert])).toMatchObject({ failure: 'connect' });
  expect(await ask({}, secure, [certificate.cert, otherCertificate.cert])).toMatchObject({
    body: 'from the vendor',
  });
});

test.each([407, 403, 502])(
  'a proxy that answers %s ends the request before anything is sent',
  async (status) => {
    const proxy = await proxyTo(1, status);
    expect(await ask({}, proxyAt(proxy.port), undefined)).toMatchObject({ failure: 'connect', remote: '' });
  },
);

test.each([
  ['10.0.0.8', []],
  ['169.254.169.254', []],
  ['[::1]', []],
  ['metadata.example.test', ['169.254.169.254']],
  ['mixed.example.test', ['93.184.216.34', '10.0.0.1']],
])('%s (here: %j) is refused with a proxy as without', async (host, names) => {
  const proxy = await proxyTo(1);
  expect(await ask({ host }, proxyAt(proxy.port), undefined, names)).toMatchObject({ failure: 'forbidden' });
  expect(proxy.asked).toEqual([]);
});

test('a name that leads to a forbidden address later on is refused from then on, as the proxy would follow it', async () => {
  const proxy = await proxyTo(await vendor());
  let addresses = ['93.184.216.34'];
  const upstream = createUpstream({
    now: () => performance.now(),
    notice: () => undefined,
    proxy: proxyAt(proxy.port),
    ca: certificate.cert,
    lookup: async () => addresses,
    limits: { resolveMs: -1 },
  });
  closing.push(() => upstream.close());
  const target = { scheme: 'https' as const, host: 'vendor.example.test', port: 443, private: false };
  const once = (): Promise<string> =>
    new Promise((resolve) => {
      upstream.dispatch(
        target,
        { method: 'GET', path: '/', headers: [], body: null },
        {
          started: () => undefined,
          head: () => undefined,
          data: () => undefined,
          end: () => resolve('answered'),
          failed: ({ kind }) => resolve(kind),
        },
      );
    });
  expect([await once(), await once()]).toEqual(['answered', 'answered']);
  addresses = ['169.254.169.254'];
  await expect.poll(once).toBe('forbidden');
  expect([await once(), await once()]).toEqual(['forbidden', 'forbidden']);
  addresses = ['93.184.216.34'];
  expect([await once(), await once()]).toEqual(['answered', 'answered']);
});

test('a private connection goes past the proxy', async () => {
  const proxy = await proxyTo(1);
  const port = await vendor();
  const got = await ask({ private: true, port }, proxyAt(proxy.port), [certificate.cert], ['127.0.0.1']);
  expect(got).toMatchObject({ body: 'from the vendor', remote: `127.0.0.1:${port}` });
  expect(proxy.asked).toEqual([]);
});

test.each([
  ['no certificate', 'nothing here'],
  ['a broken one', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
])('a file of authorities with %s is refused with its name', async (_what, text) => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-roots-'));
  closing.push(() => rm(folder, { recursive: true, maxRetries: 5 }));
  const path = join(folder, 'roots.pem');
  await writeFile(path, text);
  await expect(readRoots(path)).rejects.toThrow(`DRAWBRIDGE_GATEWAY_EXTRA_CA: `);
});
