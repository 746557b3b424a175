import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createSecrets, ledgerPseudonyms, openPayloadKey, startVault, type Vault } from '../vault/index.ts';
import { createAccounts, eraseAccounts } from './index.ts';

/** Accounts as they are taken in and asked for, on a real database with a real vault. All people are made up. */
const DAY = 86_400_000;
let platform: TestPlatform;
let vault: Vault;
let keysDir: string;
let pseudonymOf: (identifier: string) => Promise<string>;
let routes: ReturnType<typeof createRouter>;
let room: ReturnType<typeof createAccounts>;

beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-accounts-'));
  const { db, clock, log, deployment } = platform;
  vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  pseudonymOf = ledgerPseudonyms(vault, createSecrets(platform, vault));
  routes = await started();
});
afterAll(async () => {
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});
beforeEach(async () => {
  await platform.pool.query(
    'TRUNCATE account, account_import, account_sign_in_rule, account_attestation, change CASCADE',
  );
});

/** As after a start. */
async function started() {
  const router = createRouter();
  router.onError(handleErrors(platform.log));
  router.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  const payloadKey = await openPayloadKey(platform, vault);
  room = createAccounts({ platform, payloadKey, pseudonymOf });
  return router.route('/', room.routes);
}

async function ask(method: string, path: string, body?: unknown) {
  const response = await routes.request(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-drawbridge-reason': 'a test' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const today = (days = 0) => new Date(platform.clock.now() - days * DAY).toISOString();
const user = (name: string, role = 'reader') => ({
  object: 'organization.user',
  id: `user-${name}-made-up`,
  name,
  email: `${name}@example.com`,
  role,
  added_at: 1_711_471_533,
});
const openai = (users: readonly object[], asOf = today(), more = false) =>
  ask('POST', '/accounts/imports', {
    vendor: 'openai',
    source: 'openai_users',
    content: JSON.stringify({ object: 'list', data: users, has_more: more }),
    asOf,
  });
const google = (
  people: readonly { name: string; enrolled: boolean; suspended?: boolean }[],
  asOf = today(),
) =>
  ask('POST', '/accounts/imports', {
    vendor: 'google-workspace',
    source: 'google_users',
    content: JSON.stringify({
      users: people.map(({ name, enrolled, suspended = false }) => ({
        id: `g-${name}`,
        primaryEmail: `${name.toUpperCase()}@Example.com`,
        isAdmin: false,
        suspended,
        isEnrolledIn2Sv: enrolled,
        isEnforcedIn2Sv: enrolled,
      })),
    }),
    asOf,
  });
const posture = async (vendor: string) =>
  (await ask('GET', '/accounts')).body.items.find((one: { vendor: string }) => one.vendor === vendor);
const accounts = async (vendor: string) => (await ask('GET', `/accounts/${vendor}`)).body.items;

describe('taking an export in', () => {
  test('twice changes nothing; who is not in a complete one any more is gone', async () => {
    expect((await openai([user('ada', 'owner'), user('bob')])).body).toMatchObject({
      accounts: 2,
      added: 2,
      gone: 0,
    });
    expect((await openai([user('ada', 'owner'), user('bob')])).body).toMatchObject({
      accounts: 2,
      added: 0,
      gone: 0,
    });
    expect((await openai([user('bob')])).body).toMatchObject({ accounts: 1, added: 0, gone: 1 });
    expect((await accounts('openai')).map((one: { email: string }) => one.email)).toEqual([
      'bob@example.com',
    ]);
  });

  test('a part takes nobody away', async () => {
    await openai([user('ada'), user('bob')]);
    expect((await openai([user('eve')], today(), true)).body).toMatchObject({
      added: 1,
      gone: 0,
      complete: false,
    });
    expect(await accounts('openai')).toHaveLength(3);
  });

  test('an older one is not written over a newer one, and none is from the future', async () => {
    await openai([user('ada')]);
    expect((await openai([user('bob')], today(1))).body).toMatchObject({ errors: [{ field: 'asOf' }] });
    expect((await openai([user('bob')], today(-1))).status).toBe(422);
    expect(await accounts('openai')).toHaveLength(1);
  });

  test('a preview says what would come and keeps nothing', async () => {
    const preview = { vendor: 'openai', source: 'openai_users', asOf: today(), preview: true };
    const content = JSON.stringify({ object: 'list', data: [user('ada')] });
    const shown = await ask('POST', '/accounts/imports', { ...preview, content });
    expect(shown.body).toMatchObject({ id: null, accounts: 1, added: 1 });
    expect((await ask('GET', '/accounts')).body.items).toEqual([]);
  });

  test('two at once of one export do it once', async () => {
    const both = await Promise.all([openai([user('ada')]), openai([user('ada')])]);
    expect(both.map(({ body }) => body.added).toSorted()).toEqual([0, 1]);
  });

  test('a wrong one changes nothing and is answered with what is wrong', async () => {
    const refused = await ask('POST', '/accounts/imports', {
      vendor: 'openai',
      source: 'openai_users',
      content: '{"object":"list","data":[{"object":"organization.user","id":7}]}',
      asOf: today(),
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'not_this_export' } });
    expect((await ask('GET', '/accounts')).body.items).toEqual([]);
  });
});

describe('how accounts are guarded', () => {
  test('what no export says is unknown, and unknown is not counted as good', async () => {
    await openai([user('ada', 'owner'), user('bob')]);
    expect(await posture('openai')).toMatchObject({
      accounts: 2,
      admins: 1,
      levels: { unknown: 2, enforced: 0, enrolled: 0 },
      evidence: { unknown: 2 },
      presenceUnknown: 2,
      left: 0,
    });
  });

  test('a rule lets the provider’s factor hold, person by person, and is shown as inferred', async () => {
    await openai([user('ada'), user('bob'), user('eve')]);
    await google([
      { name: 'ada', enrolled: true },
      { name: 'bob', enrolled: false },
    ]);
    const rule = {
      provider: 'google-workspace',
      source: 'Made up: the sign-in settings of the organisation',
    };
    expect((await ask('PUT', '/accounts/openai/sign-in-rule', rule)).status).toBe(204);
    const found = new Map(
      (await accounts('openai')).map((one: { email: string }) => [one.email, one] as const),
    );
    expect(found.get('ada@example.com')).toMatchObject({
      level: 'enforced',
      evidence: 'inferred',
      via: 'google-workspace',
    });
    expect(found.get('bob@example.com')).toMatchObject({ level: 'none', evidence: 'inferred' });
    expect(found.get('eve@example.com')).toMatchObject({ level: 'unknown', presence: 'unknown' });
    expect((await ask('DELETE', '/accounts/openai/sign-in-rule')).status).toBe(204);
    expect(await posture('openai')).toMatchObject({ levels: { unknown: 3 }, rule: null });
    expect((await ask('DELETE', '/accounts/openai/sign-in-rule')).status).toBe(404);
  });

  test('who left at the provider is listed first where an account was kept', async () => {
    await openai([user('ada'), user('bob')]);
    await google([
      { name: 'ada', enrolled: true },
      { name: 'bob', enrolled: true, suspended: true },
    ]);
    expect(await posture('openai')).toMatchObject({ left: 1, presenceUnknown: 0 });
    expect((await accounts('openai'))[0]).toMatchObject({ email: 'bob@example.com', presence: 'left' });
  });

  test('two exports of one vendor about one person count as one account', async () => {
    await openai([user('ada')]);
    await ask('POST', '/accounts/imports', {
      vendor: 'openai',
      source: 'table',
      content: 'Mail,2FA\nADA@example.com,yes\n',
      mapping: { email: 'Mail', secondFactor: { column: '2FA', is: { enrolled: ['yes'] } } },
      asOf: today(),
    });
    expect(await posture('openai')).toMatchObject({ accounts: 1, levels: { enrolled: 1 } });
  });

  test('Entra’s assignments find their people through the registration report', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    await ask('POST', '/accounts/imports', {
      vendor: 'microsoft-entra',
      source: 'entra_registration',
      content: JSON.stringify({
        value: [
          {
            id,
            userPrincipalName: 'ada@example.com',
            isMfaRegistered: true,
            methodsRegistered: ['fido2SecurityKey'],
          },
        ],
      }),
      asOf: today(),
    });
    await ask('POST', '/accounts/imports', {
      vendor: 'mixpanel',
      source: 'entra_assignments',
      content: JSON.stringify({
        value: [{ principalId: id, principalType: 'User', principalDisplayName: 'Ada Example' }],
      }),
      asOf: today(),
    });
    await ask('PUT', '/accounts/mixpanel/sign-in-rule', { provider: 'microsoft-entra', source: 'Made up' });
    expect((await accounts('mixpanel'))[0]).toMatchObject({
      level: 'phishing_resistant',
      evidence: 'inferred',
      presence: 'here',
    });
  });

  test('what an export said 91 days ago is not known any more', async () => {
    await google([{ name: 'ada', enrolled: true }], today(91));
    expect(await accounts('google-workspace')).toMatchObject([{ level: 'unknown', stale: true }]);
  });
});

describe('attestations', () => {
  const word = (over: object = {}) => ({
    level: 'enforced',
    statement: 'Made up: the members page shows that two steps are required for all',
    evidence: 'ab'.repeat(32),
    seenAt: today(1),
    expiresAt: today(-30),
    ...over,
  });
  test('hold until they expire or are withdrawn, and are in the log of changes', async () => {
    await openai([user('ada')]);
    const made = await ask('POST', '/accounts/openai/attestations', word());
    expect(made.status).toBe(201);
    expect(await posture('openai')).toMatchObject({ levels: { enforced: 1 }, evidence: { declared: 1 } });
    const { rows } = await platform.pool.query('SELECT act, subject_id, detail FROM change ORDER BY at, id');
    expect(rows.at(-1)).toMatchObject({
      act: 'attestation.state',
      subject_id: 'openai',
      detail: { attestation: made.body.id, evidence: 'ab'.repeat(32) },
    });
    expect((await ask('POST', `/attestations/${made.body.id}/withdraw`)).status).toBe(204);
    expect(await posture('openai')).toMatchObject({ levels: { unknown: 1 }, attestation: null });
    expect((await ask('POST', `/attestations/${made.body.id}/withdraw`)).status).toBe(409);
  });

  test.each<[string, () => object, string]>([
    ['seen ahead', () => ({ seenAt: today(-1) }), 'seenAt'],
    ['over before it begins', () => ({ expiresAt: today(1) }), 'expiresAt'],
    ['longer than a year', () => ({ expiresAt: today(-400) }), 'expiresAt'],
    ['evidence that is no hash', () => ({ evidence: 'a screenshot' }), 'evidence'],
    ['unknown is no statement', () => ({ level: 'unknown' }), 'level'],
  ])('%s is refused', async (_, over, field) => {
    const refused = await ask('POST', '/accounts/openai/attestations', word(over()));
    expect(refused.body.errors[0].field).toBe(field);
  });
});

describe('people’s data', () => {
  test('lies sealed in the database, and is read again after a start', async () => {
    await openai([user('ada', 'owner')]);
    const { rows } = await platform.pool.query('SELECT * FROM account');
    const all = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    expect(all).not.toMatch(/ada|example\.com|user-/i);
    routes = await started();
    expect(await accounts('openai')).toMatchObject([{ email: 'ada@example.com', name: 'ada', admin: true }]);
  });

  test('goes with its subject', async () => {
    await openai([user('ada'), user('bob')]);
    const client = await platform.pool.connect();
    expect(await eraseAccounts(client, [await pseudonymOf('ada@example.com')])).toBe(1);
    client.release();
    expect(await accounts('openai')).toMatchObject([{ email: 'bob@example.com' }]);
  });

  test('is in no log line', async () => {
    await openai([user('ada')]);
    expect(platform.logged()).not.toMatch(/example\.com/);
  });
});

test('people with accounts at a vendor are had with their addresses, in parts, and those who left are not', async () => {
  await openai([user('ada'), user('bob'), user('cyn')]);
  await openai([user('ada'), user('bob')]);
  const first = await room.addresses(['openai', 'mixpanel'], null, 1);
  const rest = await room.addresses(['openai'], first[0]?.account ?? '', 10);
  const all = [...first, ...rest];
  expect(all.map(({ email }) => email).toSorted()).toEqual(['ada@example.com', 'bob@example.com']);
  for (const { email, subject } of all) expect(subject).toBe(await pseudonymOf(email ?? ''));
  expect(await room.addresses(['mixpanel'], null, 10)).toEqual([]);
  expect(await room.addresses([], null, 10)).toEqual([]);
});

test('when a recipient was last active is what the lists say of these addresses, and null where none is listed', async () => {
  await ask('POST', '/accounts/imports', {
    vendor: 'acme',
    source: 'table',
    asOf: today(),
    mapping: { email: 'mail', lastActive: 'active' },
    content: `mail,active\nada@example.com,${today(2)}\nbob@example.com,\n`,
  });
  const activeOf = (...addresses: string[]) => room.lastActive('acme', addresses);
  expect(await activeOf('ada@example.com', 'bob@example.com')).toEqual({
    activeAt: new Date(today(2)),
    asOf: new Date(today()),
  });
  expect(await activeOf('bob@example.com')).toMatchObject({ activeAt: null });
  expect(await activeOf('cyn@example.com')).toBeNull();
  expect(await activeOf()).toBeNull();
});
