import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { memoryPlace } from './audit/testing.ts';
import { type Control, createControl } from './control.ts';
import { loopbackReached } from './identity/index.ts';
import { shippedClockLaw } from './laws/testing.ts';
import { type TestPlatform, testPlatform } from './platform/testing.ts';
import { shippedTransfers } from './residency/testing.ts';
import { startVault, type Vault } from './vault/index.ts';
import { acmeCatalogue } from './vendors/testing.ts';

/** The control plane as it is composed: what holds for every answer, whichever capability gives it. */
const host = '127.0.0.1:4400';
const operator = { host, authorization: 'Bearer made-up-operator-token' };

let platform: TestPlatform;
let vault: Vault;
let keysDir: string;
let control: Control;
beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  const { db, clock, log, deployment } = platform;
  vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  control = await createControl({
    platform,
    vault,
    packs: acmeCatalogue().packs,
    readFacts: async () => [],
    detectors: [],
    starters: async () => [],
    transfers: await shippedTransfers(),
    playbooks: [],
    readClockLaw: shippedClockLaw,
    noticeTemplates: [],
    exercises: [],
    readMailLists: async () => ({
      sealers: { from: 'x', domains: [] },
      trackers: { from: 'x', domains: [] },
      shorteners: { from: 'x', domains: [] },
    }),
    messageReplies: [],
    messageResolver: async () => [],
    gatewayUrl: 'http://127.0.0.1:4410',
    operatorToken: 'made-up-operator-token',
    reached: loopbackReached(() => 4400),
    warnings: [],
    readReplay: async () => null,
    bench: {
      tryRequest: async () => ({ problem: 'busy', message: 'Made up.' }),
      makeUp: async () => ({ problem: 'busy', message: 'Made up.' }),
    },
    exportNetwork: { secret: async () => null, resolve: async () => [] },
    changeLog: async () => memoryPlace(),
    rootLog: async () => memoryPlace(),
    issuerNetwork: { resolve: async () => [] },
    mailNetwork: { resolve: async () => [] },
    intakeCertificate: async () => null,
    witnessNetwork: { resolve: async () => [] },
    erasuresFile: join(keysDir, 'made-up.erasures'),
  });
});
afterAll(async () => {
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});

const ask = (path: string, init: RequestInit = {}) =>
  control.app.request(path, { headers: operator, ...init });

describe('every answer', () => {
  test.each<[string, string, RequestInit, number]>([
    ['a list', '/api/v1/apps', {}, 200],
    ['what is not there', '/api/v1/apps/made-up', {}, 404],
    ['what crossed of no connection', '/api/v1/connections/made-up/shapes', {}, 404],
    ['no route', '/api/v1/made-up', {}, 404],
    [
      'a wrong body',
      '/api/v1/apps',
      { method: 'POST', headers: { ...operator, 'content-type': 'application/json' }, body: '{' },
      400,
    ],
    ['who is not signed in', '/api/v1/apps', { headers: { host } }, 401],
    ['another host', '/api/v1/apps', { headers: { host: 'attacker.example' } }, 403],
    ['the document', '/api/openapi.json', { headers: { host } }, 200],
    ['a gateway without a token', '/fleet/v1/snapshot', { headers: { host } }, 401],
    ['health', '/healthz', {}, 200],
  ])(
    'tells browsers what they may do with it, and keeps it out of caches: %s',
    async (_, path, init, status) => {
      const answer = await ask(path, init);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      await answer.body?.cancel();
    },
  );
});

describe('the OpenAPI document', () => {
  test.each(['/api/openapi.json', '/api/v1/openapi.json'])(
    'is at %s, for who asks this machine',
    async (path) => {
      const answer = await ask(path, { headers: { host } });
      expect(answer.status).toBe(200);
      const document = z.looseObject({ paths: z.record(z.string(), z.unknown()) }).parse(await answer.json());
      expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api/v1' }] });
      // Whole, though it is asked for by someone who may use none of it.
      expect(Object.keys(document.paths)).toEqual(
        expect.arrayContaining(['/session', '/overview', '/vendors/{vendor}/exposures', '/settings']),
      );
      expect((await ask(path, { headers: { host: 'attacker.example' } })).status).toBe(403);
    },
  );
});

test('it is ready while its vault works, and names the vault when it does not', async () => {
  expect((await ask('/readyz')).status).toBe(200);
  await vault.stop();
  const answer = await ask('/readyz');
  expect([answer.status, await answer.json()]).toEqual([503, { status: 'not ready', missing: ['vault'] }]);
});
