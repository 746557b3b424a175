import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askOver, enrol } from '../control/identity/testing.ts';
import { certificate } from '../gateway/testing/certificate.ts';
import { usablePort } from './listening.ts';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** A whole deployment that other machines may reach: before somebody can sign in, and after. */
const NAME = 'drawbridge.example';
let folder: string;
let drawbridge: TestDeployment;
let port: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-beyond-'));
  const [cert, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')];
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  port = await usablePort('127.0.0.1', 0, 'DRAWBRIDGE_');
  drawbridge = await testDeployment({
    port,
    env: { DRAWBRIDGE_PUBLIC_URL: `https://${NAME}`, DRAWBRIDGE_TLS_CERT: cert, DRAWBRIDGE_TLS_KEY: key },
  });
}, 120_000);
afterAll(async () => {
  await drawbridge.remove();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

/** Over TLS, under a name. */
function overTls(host: string, path: string): Promise<{ status: number; hsts: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = { headers: { host }, rejectUnauthorized: false, agent: false as const };
    const asked = request(`https://127.0.0.1:${port}${path}`, options, (answer) => {
      answer.resume();
      const hsts = answer.headers['strict-transport-security'];
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, hsts }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('the first administrator enrols on this machine; then people come over TLS by one name, commands and gateway as before', async () => {
  expect(drawbridge.consoleUrl).toBe(`http://localhost:${port}`);
  expect(drawbridge.warnings.map(({ code }) => code)).toContain('console_not_yet_beyond');
  await expect(overTls(NAME, '/api/v1/session')).rejects.toThrow();
  const link = await drawbridge.firstUrl();
  const token = new URLSearchParams(new URL(link ?? '').hash.slice(1)).get('token') ?? '';
  await enrol(askOver(`http://localhost:${port}`), { token, email: 'first@example.com' });

  await drawbridge.restart();
  expect(drawbridge.consoleUrl).toBe(`https://${NAME}`);
  expect(drawbridge.warnings.map(({ code }) => code)).not.toContain('console_not_yet_beyond');
  expect(await overTls(NAME, '/api/v1/session')).toEqual({ status: 200, hsts: 'max-age=31536000' });
  // Another name for this address, which a page of somebody else's could have given it.
  expect(await overTls(`localhost:${port}`, '/api/v1/session')).toMatchObject({ status: 403 });
  expect(await overTls(NAME, '/fleet/v1/snapshot')).toMatchObject({ status: 404 });

  const gateways = await drawbridge.call<{ gateways: { id: string }[] }>('GET', '/overview');
  expect(gateways.gateways).toMatchObject([{ id: 'gateway-1' }]);
  const session = await fetch(`${drawbridge.apiUrl}/api/v1/session`);
  expect([session.status, await session.json()]).toMatchObject([403, { code: 'console_elsewhere' }]);
}, 120_000);
