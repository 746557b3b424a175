import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { afterEach, expect, test, vi } from 'vitest';
import { certificate, otherCertificate } from './testing/certificate.ts';
import { type GatewayTls, openTls } from './tls.ts';

/** What certificate files hold when they are read: whole, half written, out of date. */

const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0).reverse()) await close();
});

async function files(authorities: string | null) {
  const directory = await mkdtemp(join(tmpdir(), 'drawbridge-tls-'));
  closing.push(() => rm(directory, { recursive: true, maxRetries: 5 }));
  const [cert, key, clientCa] = ['cert.pem', 'key.pem', 'ca.pem'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  if (authorities !== null) await writeFile(clientCa, authorities);
  const events: string[] = [];
  const say = (detail: unknown): void => void events.push(JSON.stringify(detail));
  const log = { debug: say, info: say, warn: say, error: say };
  const paths = { cert, key, clientCa: authorities === null ? null : clientCa };
  return { ...paths, events, open: () => openTls(paths, log) };
}

/** Follows the files for a server that counts what it is given. */
function followed(tls: GatewayTls): { given: number } {
  const server = {
    given: 0,
    setSecureContext: () => {
      server.given += 1;
    },
  };
  tls.follow(server);
  closing.push(() => tls.close());
  return server;
}

test.each([
  ['nothing', ''],
  ['no certificate', 'half of nothing'],
  ['a certificate that is cut short', `${otherCertificate.cert}${certificate.cert.slice(0, 300)}`],
])('authorities of clients: %s in the file is refused, by its setting', async (_what, text) => {
  const { open } = await files(text);
  await expect(open()).rejects.toThrow(/^DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA: /);
});

test('a file that is half written while the gateway serves changes nothing', async () => {
  const { open, clientCa, key, events } = await files(otherCertificate.cert);
  const tls = await open();
  const server = followed(tls);
  await writeFile(clientCa ?? '', otherCertificate.cert.slice(0, 200));
  await tls.reload();
  await writeFile(clientCa ?? '', otherCertificate.cert);
  await writeFile(key, certificate.key.slice(0, 80));
  await tls.reload();
  expect(server.given).toBe(0);
  expect(events.filter((event) => event.includes('tls_refused'))).toHaveLength(2);
  await writeFile(key, certificate.key);
  await tls.reload();
  expect(server.given).toBe(1);
});

test('a certificate that has expired does not replace the one in use', async () => {
  const { open, events } = await files(null);
  const tls = await open();
  const server = followed(tls);
  vi.useFakeTimers({ now: Date.parse(tls.state().expiresAt) + 1, toFake: ['Date'] });
  await tls.reload();
  expect(server.given).toBe(0);
  expect(events.at(-1)).toContain('has expired (2126-');
});

test('only suites with forward secrecy and authenticated encryption are spoken, after a change too', async () => {
  const { open } = await files(null);
  const tls = await open();
  const server = createServer(tls.options);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const spoken = (ciphers: string, version: SecureVersion = 'TLSv1.2'): Promise<string> =>
    new Promise((resolve) => {
      const rules = { ciphers, minVersion: version, maxVersion: version, rejectUnauthorized: false };
      const socket = connect({ port, host: '127.0.0.1', ...rules }, () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.on('error', () => resolve('none'));
    });
  const old = ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384'];
  const seen = async () => [
    await Promise.all(old.map((each) => spoken(each))),
    await spoken('ECDHE-ECDSA-AES128-GCM-SHA256'),
    await spoken('TLS_AES_128_GCM_SHA256', 'TLSv1.3'),
    await spoken('ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0', 'TLSv1.1'),
  ];
  const wanted = [
    ['none', 'none', 'none'],
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'TLS_AES_128_GCM_SHA256',
    'none',
  ];
  expect(await seen()).toEqual(wanted);
  tls.follow(server);
  closing.push(() => tls.close());
  await tls.reload();
  expect(await seen()).toEqual(wanted);
});
