import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readKeysForSnapshot } from '../apps/index.ts';
import { type Answer, type TestHouse, testHouse } from '../fleet/testing.ts';
import { certificate, type ForgingIssuer, forgingIssuer } from '../sso/testing/issuers.ts';
import { createWorkloads, exchangeRoutes, workloadRoutes } from './index.ts';

/** Exchanging tokens of an issuer on this machine, over TLS, for keys of apps in a real database. */
const AUDIENCE = 'https://drawbridge.example';
const SUBJECT = 'repo:octo-org/app:ref:refs/heads/main';
let house: TestHouse;
let issuer: ForgingIssuer;
let address = '192.0.2.1';
let published = 0;
/** What happens in the moment after a key was made. */
let onceMade = async (): Promise<unknown> => undefined;
beforeAll(async () => {
  house = await testHouse();
  issuer = await forgingIssuer(() => '');
  const workloads = createWorkloads({
    platform: house.platform,
    apps: {
      ...house.apps,
      createKey: async (...given) => {
        const made = await house.apps.createKey(...given);
        await onceMade();
        return made;
      },
    },
    connections: () => house.connections.all(),
    network: { ca: certificate.cert, resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
    publish: async () => {
      published += 1;
    },
  });
  house.app.route('/api/v1', workloadRoutes(workloads));
  house.app.route(
    '/api/v1',
    exchangeRoutes(workloads, () => address),
  );
});
afterAll(async () => {
  await issuer.close();
  await house.close();
});

let app: string;
let connection: { id: string };
beforeEach(async () => {
  await house.reset();
  await house.platform.pool.query('TRUNCATE workload_trust, workload_throttle CASCADE');
  app = await house.makeApp();
  connection = await house.connect();
  issuer.say({});
  house.platform.advance(60_000);
});

const now = () => house.platform.clock.now();
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer.issuer,
  aud: AUDIENCE,
  sub: SUBJECT,
  iat: now() / 1000,
  exp: now() / 1000 + 300,
  ...more,
});
const add = (given: object = {}): Promise<Answer> =>
  house.ask('POST', `/apps/${app}/workloads`, {
    name: 'Deploys',
    issuer: issuer.issuer,
    audience: AUDIENCE,
    subject: 'repo:octo-org/app:ref:refs/heads/*',
    connections: [connection.id],
    private: true,
    reason: 'A test',
    ...given,
  });
const entry = async (given: object = {}): Promise<string> => {
  const answer = await add(given);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
};
const exchange = (workload: string, token: string) =>
  house.ask('POST', '/workload/exchange', { workload, token });
const keysInForce = () =>
  house.platform.db.transaction().execute(async (tx) => (await readKeysForSnapshot(tx)).map(({ id }) => id));

test('a workload’s token becomes a key of the app, for minutes, on record with its subject', async () => {
  const id = await entry({ minutes: 7 });
  const before = published;
  const { status, body, headers } = await exchange(id, await issuer.sign(claims()));
  expect(status, JSON.stringify(body)).toBe(201);
  expect(body).toMatchObject({
    key: expect.stringMatching(/^dbk_/),
    connections: [connection.id],
    expiresAt: new Date(now() + 7 * 60_000).toISOString(),
  });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(published).toBe(before + 1);
  expect(await keysInForce()).toEqual([body.id]);
  const { rows } = await house.platform.pool.query(
    `SELECT actor, reason FROM change WHERE act = 'key.create' AND subject_id = $1`,
    [body.id],
  );
  expect(rows).toEqual([{ actor: `workload:${id}`, reason: `Exchanged for a token of ${SUBJECT}` }]);
  const listed = (await house.ask('GET', `/apps/${app}/workloads`)).body.items;
  expect(listed).toMatchObject([{ id, exchanges: 1, lastUsedAt: new Date(now()).toISOString() }]);
});

test('a token may be exchanged again while its time lasts, and not after it', async () => {
  const id = await entry();
  const token = await issuer.sign(claims());
  const keys = [await exchange(id, token), await exchange(id, token)].map(({ body }) => body.id);
  expect(new Set(keys).size).toBe(2);
  house.platform.advance(331_000);
  expect(await exchange(id, token)).toMatchObject({ status: 401, body: { why: 'expired' } });
});

test('what is refused makes no key, says why, and is shown at the entry', async () => {
  const id = await entry();
  for (const [payload, why] of [
    [{ aud: 'https://elsewhere.example' }, 'wrong_audience'],
    [{ sub: 'repo:octo-org/other:ref:refs/heads/main' }, 'wrong_subject'],
    [{ iss: 'https://issuer.example' }, 'wrong_issuer'],
    [{ exp: now() / 1000 - 60 }, 'expired'],
  ] as const) {
    expect(await exchange(id, await issuer.sign(claims(payload)))).toMatchObject({
      status: 401,
      body: { code: 'wrong_workload_token', why },
    });
  }
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`;
  expect(await exchange(id, unsigned)).toMatchObject({ status: 401, body: { why: 'wrong_algorithm' } });
  expect(await exchange('made-up', await issuer.sign(claims()))).toMatchObject({ status: 401 });
  expect(await keysInForce()).toEqual([]);
  const [listed] = (await house.ask('GET', `/apps/${app}/workloads`)).body.items;
  expect(listed).toMatchObject({ exchanges: 0, lastRefusedWhy: expect.stringContaining('RSA') });
});

test('an entry of one app is no use to a token that another app’s entry means', async () => {
  const mine = await entry({ subject: 'repo:octo-org/app:environment:prod' });
  await entry({ subject: SUBJECT });
  expect(await exchange(mine, await issuer.sign(claims()))).toMatchObject({
    status: 401,
    body: { why: 'wrong_subject' },
  });
});

test('keys of an issuer are kept, and read again for a new one, but not at every stranger’s word', async () => {
  house.platform.advance(11 * 60_000);
  const id = await entry();
  const readings = () => issuer.asked.filter((path) => path === '/jwks').length;
  await exchange(id, await issuer.sign(claims()));
  const before = readings();
  await exchange(id, await issuer.sign(claims()));
  expect(readings()).toBe(before);
  await issuer.rotate();
  house.platform.advance(29_000);
  expect(await exchange(id, await issuer.sign(claims()))).toMatchObject({ body: { why: 'unknown_key' } });
  expect(readings()).toBe(before);
  house.platform.advance(1_000);
  expect((await exchange(id, await issuer.sign(claims()))).status).toBe(201);
  expect(readings()).toBe(before + 1);
});

test.each([
  ['says that it is another', { issuer: 'https://issuer.example' }],
  ['has its keys in clear', { jwks_uri: 'http://127.0.0.1:1/jwks' }],
  ['has its keys nowhere', { jwks_uri: 'https://127.0.0.1:1/jwks' }],
  ['does not say where its keys are', { jwks_uri: undefined }],
])('of an issuer that %s no token is taken', async (_, said) => {
  // Later than what is kept of it.
  house.platform.advance(11 * 60_000);
  issuer.say(said);
  const id = await entry();
  expect(await exchange(id, await issuer.sign(claims()))).toMatchObject({
    status: 503,
    body: { code: 'issuer_away' },
  });
  house.platform.advance(11 * 60_000);
});

test('an issuer in a private network is asked only where that was said', async () => {
  const id = await entry({ private: false });
  const before = issuer.asked.length;
  expect(await exchange(id, await issuer.sign(claims()))).toMatchObject({
    status: 503,
    body: { detail: expect.stringContaining('private network') },
  });
  expect(issuer.asked.length).toBe(before);
});

test('with keys that were entered nobody is asked', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const name = 'kubernetes/serviceaccount';
  const subject = 'system:serviceaccount:pay:*';
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'c' }] };
  const id = await entry({ issuer: name, subject, jwks });
  const before = issuer.asked.length;
  const token = await new SignJWT(claims({ iss: name, sub: 'system:serviceaccount:pay:worker' }))
    .setProtectedHeader({ alg: 'ES256', kid: 'c' })
    .sign(privateKey);
  expect((await exchange(id, token)).status).toBe(201);
  expect(issuer.asked.length).toBe(before);
});

test.each([
  [{ subject: 'repo:*/app:ref' }, 'subject'],
  [{ issuer: 'http://issuer.example' }, 'issuer'],
  [{ issuer: 'https://issuer.example?x=1' }, 'issuer'],
  [{ jwks: { keys: [] } }, 'jwks'],
  [{ jwks: { keys: [{ kty: 'oct', k: 'bWFkZSB1cA' }] } }, 'jwks'],
  [{ connections: ['made-up'] }, 'connections.0'],
])('%j is no entry: %s', async (given, field) => {
  expect(await add(given)).toMatchObject({ status: 422, body: { errors: [{ field }] } });
});

test.each([{ minutes: 61 }, { minutes: 0 }, { connections: [] }, { audience: '' }])(
  '%j is no entry',
  async (given) => {
    expect((await add(given)).status).toBe(400);
  },
);

test('taking an entry away revokes the keys that were made of it', async () => {
  const id = await entry();
  const token = await issuer.sign(claims());
  const { body: key } = await exchange(id, token);
  const reason = { 'x-drawbridge-reason': 'A test' };
  const remove = () => house.ask('DELETE', `/apps/${app}/workloads/${id}`, undefined, reason);
  expect(await keysInForce()).toEqual([key.id]);
  expect((await remove()).status).toBe(204);
  expect(await keysInForce()).toEqual([]);
  expect((await exchange(id, token)).status).toBe(401);
  expect((await remove()).status).toBe(404);
});

test('keys of workloads are forgotten a day after they expired, others are not', async () => {
  const id = await entry({ minutes: 1 });
  const made = await house.ask('POST', `/apps/${app}/keys`, {
    kind: 'secret',
    connections: [connection.id],
    expiresAt: new Date(now() + 60_000).toISOString(),
    reason: 'A test',
  });
  const { body: first } = await exchange(id, await issuer.sign(claims()));
  house.platform.advance(24 * 3600_000);
  await exchange(id, await issuer.sign(claims()));
  expect(await keysInForce()).toContain(first.id);
  house.platform.advance(11 * 60_000);
  const { body: last } = await exchange(id, await issuer.sign(claims()));
  expect(await keysInForce()).toEqual(expect.arrayContaining([made.body.id, last.id]));
  expect(await keysInForce()).not.toContain(first.id);
});

test('attempts of an address are heard 60 times a minute, whatever they name', async () => {
  const id = await entry();
  address = '192.0.2.66';
  const tried = await Promise.all(
    Array.from({ length: 61 }, (_, index) => exchange(`made-up-${index}`, 'made up')),
  );
  expect(tried.filter(({ status }) => status === 429)).toHaveLength(1);
  const refused = await exchange(id, await issuer.sign(claims()));
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_exchanges' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  address = '192.0.2.1';
  expect((await exchange(id, await issuer.sign(claims()))).status).toBe(201);
  address = '192.0.2.66';
  house.platform.advance(60_000);
  expect((await exchange(id, await issuer.sign(claims()))).status).toBe(201);
  address = '192.0.2.1';
});

test('attempts from all addresses of a network of IPv6 are counted as one', async () => {
  const tried: Answer[] = [];
  for (let host = 1; host <= 61; host += 1) {
    address = `2001:db8::${host.toString(16)}`;
    tried.push(await exchange('made-up', 'made up'));
  }
  expect(tried.filter(({ status }) => status === 429)).toHaveLength(1);
  address = '192.0.2.1';
});

test('a key that is made while its entry is ended does not outlive it', async () => {
  const id = await entry();
  onceMade = () =>
    house.ask('DELETE', `/apps/${app}/workloads/${id}`, undefined, { 'x-drawbridge-reason': 'Gone' });
  const late = await exchange(id, await issuer.sign(claims()));
  onceMade = async () => undefined;
  expect(late).toMatchObject({ status: 401, body: { code: 'wrong_workload_token' } });
  expect(await keysInForce()).toEqual([]);
});

test('who may do it for their own apps only can not have a private network asked', async () => {
  house.people.as = {
    actions: new Set(['app.read'] as const),
    ownActions: new Set(['workload.change'] as const),
  };
  expect(await add()).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
  expect((await add({ private: false })).status).toBe(201);
  house.people.as = {};
});
