import { rename, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { readGatewayConfig } from './config.ts';
import { certificate, otherCertificate } from './testing/certificate.ts';
import { closeAll, controlPlane, setUp, startProcess } from './testing/process.ts';
import { bearer } from './testing/send.ts';

afterEach(closeAll);

const chat = JSON.stringify({ model: 'made-up-1', messages: [] });

interface Answer {
  status: number;
  subject: string;
}

function ask(
  port: number,
  key: string,
  options: { agent?: Agent; cert?: string; key?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        port,
        host: '127.0.0.1',
        path: '/ai/v1/chat/completions',
        method: 'POST',
        headers: bearer(key),
        rejectUnauthorized: false,
        // A connection of its own: one that is kept would show the certificate of its beginning.
        agent: false,
        ...options,
      },
      (response) => {
        const { socket } = response;
        const subject =
          'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate().subject.CN : '';
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, subject: String(subject) }));
      },
    );
    asked.on('error', reject);
    asked.end(chat);
  });
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function withTls(more: Record<string, string> = {}) {
  const { made, env, dir } = await setUp();
  const cert = join(dir, 'gateway.pem');
  const key = join(dir, 'gateway-key.pem');
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key, { mode: 0o600 });
  await writeFile(join(dir, 'clients.pem'), otherCertificate.cert);
  const virtual = made.issue({ connections: ['ai'] });
  const control = await controlPlane();
  control.publish(await made.snapshot());
  const settings = Object.entries(more).map(([name, value]) => [name, value.replace('DIR', dir)]);
  const gateway = await startProcess({
    ...env,
    DRAWBRIDGE_CONTROL_URL: control.url,
    DRAWBRIDGE_GATEWAY_TLS_CERT: cert,
    DRAWBRIDGE_GATEWAY_TLS_KEY: key,
    ...Object.fromEntries(settings),
  });
  await expect.poll(() => gateway.log(), { timeout: 20_000 }).toContain('"event":"snapshot_applied"');
  return { gateway, control, virtual, cert, key };
}

test('serves HTTPS; a new certificate is taken up without breaking connections, a broken one changes nothing', async () => {
  const { gateway, control, virtual, cert, key } = await withTls();
  const kept = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  expect(await ask(gateway.port, virtual, { agent: kept })).toEqual({
    status: 200,
    subject: 'vendor.example.test',
  });
  await expect
    .poll(() => control.statuses.at(-1)?.tls)
    .toMatchObject({
      subject: 'CN=vendor.example.test',
      issuer: 'CN=vendor.example.test',
      expiresAt: '2126-10-28T21:08:07.000Z',
      clientCertificates: false,
    });

  await replace(cert, otherCertificate.cert);
  gateway.child.kill('SIGHUP');
  await expect.poll(() => gateway.log()).toContain('"event":"tls_refused"');
  expect(gateway.log()).toContain('KEY_VALUES_MISMATCH');
  expect((await ask(gateway.port, virtual)).subject).toBe('vendor.example.test');

  // Seen without being told.
  await replace(key, otherCertificate.key);
  await expect.poll(() => gateway.log()).toContain('"event":"tls_reloaded"');
  expect((await ask(gateway.port, virtual)).subject).toBe('gateway.example.test');
  expect(await ask(gateway.port, virtual, { agent: kept })).toEqual({
    status: 200,
    subject: 'vendor.example.test',
  });
  kept.destroy();
  expect(gateway.log()).not.toContain('PRIVATE KEY');
});

test('with authorities of clients named, only who shows their certificate is served', async () => {
  const { gateway, virtual } = await withTls({ DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA: 'DIR/clients.pem' });
  await expect(ask(gateway.port, virtual)).rejects.toThrow();
  await expect(ask(gateway.port, virtual, certificate)).rejects.toThrow();
  expect((await ask(gateway.port, virtual, otherCertificate)).status).toBe(200);
});

test('several workers serve HTTPS too', async () => {
  const { gateway, virtual } = await withTls({ DRAWBRIDGE_GATEWAY_WORKERS: '2' });
  // The second worker may still be waiting for its snapshot.
  for (let times = 0; times < 4; times++)
    await expect.poll(async () => (await ask(gateway.port, virtual)).status).toBe(200);
});

const base = {
  DRAWBRIDGE_CONTROL_URL: 'http://127.0.0.1:4400',
  DRAWBRIDGE_GATEWAY_DIR: '/data',
  DRAWBRIDGE_GATEWAY_KEYS: '/keys',
};

test.each(['0.0.0.0', '::', '10.0.0.4', 'gateway.corp.example'])('%s is not listened on in clear', (host) => {
  const open = { ...base, DRAWBRIDGE_GATEWAY_HOST: host };
  expect(() => readGatewayConfig(open)).toThrow(/DRAWBRIDGE_GATEWAY_TLS_CERT/);
  expect(
    readGatewayConfig({ ...open, DRAWBRIDGE_GATEWAY_TLS_CERT: '/c', DRAWBRIDGE_GATEWAY_TLS_KEY: '/k' }).host,
  ).toBe(host);
  expect(readGatewayConfig({ ...open, DRAWBRIDGE_GATEWAY_TRUSTED_PROXY: '10.0.3.7, fd00::/8' }).host).toBe(
    host,
  );
});

test.each([
  [{ DRAWBRIDGE_GATEWAY_TLS_CERT: '/c' }, 'DRAWBRIDGE_GATEWAY_TLS_KEY'],
  [{ DRAWBRIDGE_GATEWAY_TLS_KEY: '/k' }, 'DRAWBRIDGE_GATEWAY_TLS_CERT'],
  [{ DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA: '/ca' }, 'DRAWBRIDGE_GATEWAY_TLS_CERT'],
  [{ DRAWBRIDGE_GATEWAY_TRUSTED_PROXY: 'proxy.corp.example' }, 'DRAWBRIDGE_GATEWAY_TRUSTED_PROXY'],
  [{ DRAWBRIDGE_GATEWAY_TRUSTED_PROXY: '10.0.0.0/33' }, 'DRAWBRIDGE_GATEWAY_TRUSTED_PROXY'],
  [{ DRAWBRIDGE_GATEWAY_TRUSTED_PROXY: '0.0.0.0/0' }, 'DRAWBRIDGE_GATEWAY_TRUSTED_PROXY'],
  [{ DRAWBRIDGE_GATEWAY_WORKERS: 'many' }, 'DRAWBRIDGE_GATEWAY_WORKERS'],
  [{ DRAWBRIDGE_GATEWAY_WORKERS: '0' }, 'DRAWBRIDGE_GATEWAY_WORKERS'],
  [{ DRAWBRIDGE_GATEWAY_DURABILITY: 'none' }, 'DRAWBRIDGE_GATEWAY_DURABILITY'],
  [{ DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY: 'socks5://p:1' }, 'DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY'],
  [
    { DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY: 'http://u:made-up-secret@p:1/x' },
    'DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY',
  ],
])('%o is refused, naming %s', (wrong, variable) => {
  const message = (() => {
    try {
      readGatewayConfig({ ...base, ...wrong });
      return 'nothing wrong';
    } catch (cause) {
      return cause instanceof Error ? cause.message : '';
    }
  })();
  expect(message.startsWith(`${variable}: `)).toBe(true);
  expect(message).toContain(`For example: ${variable}=`);
  expect(message).not.toContain('made-up-secret');
});

test('beyond this machine, in clear, only the proxies that are named are served', async () => {
  const { env } = await setUp();
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each !== undefined && !each.internal && each.family === 'IPv4')?.address;
  const { port } = await startProcess({
    ...env,
    DRAWBRIDGE_GATEWAY_HOST: '0.0.0.0',
    DRAWBRIDGE_GATEWAY_TRUSTED_PROXY: '192.0.2.1',
  });
  const reach = (host: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = createConnection({ host, port });
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''));
      socket.end('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    });
  expect(await reach('127.0.0.1')).toBe('HTTP/1.1 200 OK');
  if (outside !== undefined) expect(await reach(outside)).toBe('');
});
