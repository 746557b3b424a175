import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { createErrands, type ErrandCall, startVault, type Vault } from './index.ts';

const ADMIN = 'made-up-admin-credential-0123456789';
const FRESH = 'made-up-fresh-key-9876543210';
const CONTEXT = Buffer.from('a made-up admin context');
const TAKEN = Buffer.from('what a made-up key is bound to');
let platform: TestPlatform;
let keysDir: string;
let vault: Vault;
let vendor: Server;
let port = 0;
const heard: string[] = [];
const bodies: string[] = [];
beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  const { db, clock, log } = platform;
  vault = await startVault({ db, clock, log, keysDir, deploymentId: 'test-deployment' });
  vendor = createServer((request, response) => {
    request.on('data', (part: Buffer) => bodies.push(part.toString()));
    heard.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/moved') return response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    response.end(JSON.stringify({ id: 'key_1', secret: FRESH, echo: ADMIN, nested: { of: [1] } }));
  });
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  const address = vendor.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  vendor.close();
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});

const errands = () => createErrands(vault, { resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
const callOf = (given: Partial<ErrandCall>, path = '/'): ErrandCall => ({
  method: 'POST',
  url: `http://vendor.test:${port}${path}`,
  body: '{}',
  place: { in: 'header', name: 'authorization', prefix: 'Bearer ' },
  read: {},
  list: null,
  take: null,
  ...given,
});
const wrapped = async () => ({ wrapped: await vault.seal(ADMIN, CONTEXT), context: CONTEXT });

test('a call goes out with the credential, and the key that it brings is seen by nobody but the vault', async () => {
  const answer = await errands()({
    call: callOf({
      read: { id: '$.id', list: '$.nested.of' },
      take: { parts: { secret: '$.secret' }, template: '{secret}', base64: false },
    }),
    credential: await wrapped(),
    isPrivate: true,
    takeContext: TAKEN,
  });
  expect(heard.at(-1)).toBe(`POST / Bearer ${ADMIN}`);
  expect(answer).toMatchObject({ status: 200, values: { id: 'key_1', list: null } });
  const { taken } = answer;
  if (taken === null) throw new Error('nothing was taken');
  expect(JSON.stringify(answer)).not.toContain(FRESH);
  expect(taken.includes(FRESH)).toBe(false);
  const pair = await generateKeyPair();
  const sealed = await vault.reseal(taken, TAKEN, pair.publicKey, TAKEN);
  expect((await openSealed(pair.privateKey, sealed, TAKEN)).toString()).toBe(FRESH);
  await expect(vault.reseal(taken, CONTEXT, pair.publicKey, CONTEXT)).rejects.toMatchObject({
    code: 'unreadable',
  });
});

test('an answer that says a secret where none belongs is not passed on', async () => {
  const call = callOf({ read: { id: '$.echo' } });
  await expect(errands()({ call, credential: await wrapped(), isPrivate: true })).rejects.toMatchObject({
    code: 'echoed',
  });
});

test('a redirect is an answer like any other, and private addresses are for those who ask for them', async () => {
  const moved = await errands()({ call: callOf({}, '/moved'), credential: await wrapped(), isPrivate: true });
  expect(moved.status).toBe(302);
  const before = heard.length;
  await expect(
    errands()({ call: callOf({}), credential: await wrapped(), isPrivate: false }),
  ).rejects.toMatchObject({ code: 'private_address' });
  expect(heard).toHaveLength(before);
});

test('a credential stands in a body as it is, whatever characters it has', async () => {
  const odd = `made-up-$&-$\`-$$-"0123`;
  await errands()({
    call: callOf({ place: { in: 'body' }, body: '{"key":"{key}"}' }),
    credential: { wrapped: await vault.seal(odd, CONTEXT), context: CONTEXT },
    isPrivate: true,
  });
  expect(JSON.parse(bodies.at(-1) ?? '')).toEqual({ key: odd });
});
