import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request as inClear } from 'node:http';
import { request } from 'node:https';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAddresses } from '@drawbridge/gateway/settings';
import { Hono } from 'hono';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { certificate, otherCertificate } from '../gateway/testing/certificate.ts';
import { type ListeningOptions, prepareListening, usablePort } from './listening.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const ORIGIN = 'https://drawbridge.example';
const named = (text: string): BlockList => {
  const read = readAddresses(text);
  if (read instanceof BlockList) return read;
  throw new Error(read.wrong);
};

async function open(given: Partial<ListeningOptions>) {
  const listening = await prepareListening({
    network: { host: '127.0.0.1', beyond: null, localPort: 0 },
    port: await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_'),
    localPort: await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_LOCAL_'),
    hasAdministrator: true,
    log: pino({ level: 'silent' }),
    ...given,
  });
  closing.push(() => listening.close());
  const app = new Hono();
  app.all('*', (c) => c.text(`${c.req.path} for ${listening.reached.addressOf(c)}`));
  return { ...listening, ...(await listening.open(app)) };
}

interface Answer {
  status: number;
  hsts: string | undefined;
  subject: string;
  text: string;
}

/** Asks from an address of one's own: all of 127.0.0.0/8 is this machine. */
function ask(
  url: string,
  { headers = {}, from = '127.0.0.1' }: { headers?: Record<string, string>; from?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { headers, localAddress: from, agent: false as const, rejectUnauthorized: false };
    const asked = (url.startsWith('https:') ? request : inClear)(url, options, (response) => {
      const { socket } = response;
      const subject =
        'getPeerCertificate' in socket ? String(Object(socket).getPeerCertificate().subject.CN) : '';
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      const hsts = response.headers['strict-transport-security'];
      response.on('end', () => resolve({ status: response.statusCode ?? 0, hsts, subject, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function tlsFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-console-tls-'));
  closing.push(() => rm(folder, { recursive: true, maxRetries: 5 }));
  const [cert, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')];
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  return { cert, key };
}

test('on this machine alone there is one port, for browsers and programs, in clear', async () => {
  const { apiUrl, consoleUrl, reached, note } = await open({});
  expect(new URL(apiUrl).port).toBe(new URL(consoleUrl).port);
  expect(reached.origins).toEqual([consoleUrl, apiUrl, apiUrl.replace('127.0.0.1', '[::1]')]);
  expect([reached.secure, note]).toEqual([false, null]);
  const spoofed = { 'x-forwarded-for': '198.51.100.7' };
  expect(await ask(`${apiUrl}/metrics`, { headers: spoofed })).toMatchObject({
    text: '/metrics for 127.0.0.1',
    hsts: undefined,
  });
});

test('over its own TLS: people by one name, programs by another port, and a new certificate without a restart', async () => {
  const files = await tlsFiles();
  const port = await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_');
  const beyond = { origin: ORIGIN, tls: files, proxies: null };
  const { apiUrl, consoleUrl, reached } = await open({
    port,
    network: { host: '127.0.0.1', beyond, localPort: 0 },
  });
  const people = `https://127.0.0.1:${port}`;
  expect([consoleUrl, reached.origins[0], reached.secure]).toEqual([ORIGIN, ORIGIN, true]);
  const spoofed = { 'x-forwarded-for': '198.51.100.7' };
  expect(await ask(`${people}/sign-in`, { headers: spoofed, from: '127.0.0.9' })).toMatchObject({
    status: 200,
    text: '/sign-in for 127.0.0.9',
    hsts: 'max-age=31536000',
    subject: 'vendor.example.test',
  });
  for (const path of ['/metrics', '/fleet/v1/snapshot', '/%66leet/v1/snapshot', '/%6detrics'])
    expect(await ask(people + path)).toMatchObject({ status: 404 });
  // A page that reaches the programs' port brings no token, and gets nothing.
  expect(await ask(`${apiUrl}/sign-in`)).toMatchObject({ status: 403 });
  const token = { authorization: 'Bearer dbo_made-up' };
  expect(await ask(`${apiUrl}/api/v1/overview`, { headers: token })).toMatchObject({ status: 200 });
  // The token of the command on this machine is of no use elsewhere; that of a person is.
  expect(await ask(`${people}/api/v1/overview`, { headers: token })).toMatchObject({ status: 404 });
  const own = { authorization: 'Bearer dbt_made-up' };
  expect(await ask(`${people}/api/v1/overview`, { headers: own })).toMatchObject({ status: 200 });
  expect(await ask(`${apiUrl}/fleet/v1/snapshot`)).toMatchObject({ status: 200, hsts: undefined });

  // Key first: a certificate without its key is no good, and changes nothing.
  for (const [path, text] of [
    [files.key, otherCertificate.key],
    [files.cert, otherCertificate.cert],
  ] as const) {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  }
  await vi.waitFor(async () => expect((await ask(people)).subject).not.toBe('vendor.example.test'), {
    timeout: 10_000,
    interval: 250,
  });
});

test('behind a proxy: nobody else comes in, nobody in clear, and it is believed whom it speaks for', async () => {
  const port = await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_');
  const beyond = { origin: ORIGIN, tls: null, proxies: named('127.0.0.7') };
  await open({ port, network: { host: '127.0.0.1', beyond, localPort: 0 } });
  const url = `http://127.0.0.1:${port}/sign-in`;
  const through = { 'x-forwarded-for': '203.0.113.5, 198.51.100.7', 'x-forwarded-proto': 'https' };
  expect(await ask(url, { headers: through, from: '127.0.0.7' })).toMatchObject({
    status: 200,
    text: '/sign-in for 198.51.100.7',
    hsts: 'max-age=31536000',
  });
  expect(await ask(url, { headers: through })).toMatchObject({
    status: 403,
    text: expect.stringContaining('not_through_proxy'),
  });
  for (const scheme of ['http', 'https, http', '', 'httpss']) {
    const headers = { ...through, 'x-forwarded-proto': scheme };
    expect(await ask(url, { headers, from: '127.0.0.7' })).toMatchObject({
      status: 403,
      text: expect.stringContaining('not_over_tls'),
    });
  }
});

test('while nobody can sign in, it stays on this machine in clear, and says so', async () => {
  const beyond = { origin: ORIGIN, tls: await tlsFiles(), proxies: null };
  const { apiUrl, consoleUrl, reached, note } = await open({
    hasAdministrator: false,
    network: { host: '0.0.0.0', beyond, localPort: 0 },
  });
  expect(consoleUrl).toMatch(/^http:\/\/localhost:/);
  expect(reached.secure).toBe(false);
  expect(reached.origins).not.toContain(ORIGIN);
  expect(note?.text).toContain(ORIGIN);
  expect(await ask(consoleUrl.replace('localhost', '127.0.0.1'))).toMatchObject({ status: 200 });
  expect(await ask(`${apiUrl}/metrics`)).toMatchObject({ status: 200 });
  // Nothing listens at this machine's other addresses: 127.0.0.2 stands for them.
  await expect(ask(consoleUrl.replace('localhost', '127.0.0.2'))).rejects.toThrow(/ECONNREFUSED/);
});

test('a certificate that is no good is said before anything listens', async () => {
  const { cert } = await tlsFiles();
  const beyond = { origin: ORIGIN, tls: { cert, key: '/nowhere.pem' }, proxies: null };
  await expect(open({ network: { host: '127.0.0.1', beyond, localPort: 0 } })).rejects.toMatchObject({
    code: 'config',
    variable: 'DRAWBRIDGE_TLS_KEY',
  });
});
