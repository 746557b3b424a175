import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetWhatIsOver, SESSION_COOKIE } from './index.ts';
import { createPasswords } from './passwords.ts';
import type { Enrolled } from './testing.ts';
import { host, type IdentityHouse, identityHouse, operator } from './testing-house.ts';

let house: IdentityHouse;
let first: Enrolled;
beforeAll(async () => {
  house = await identityHouse();
  first = await house.first();
});
afterAll(() => house.close());

const hour = 3600_000;
const open = async (secret: string) => (await house.ask('GET', '/open', undefined, secret)).status;
async function signIn(): Promise<string> {
  await house.platform.pool.query('TRUNCATE throttle');
  house.platform.advance(30_000);
  const { email, password } = first;
  const half = (await house.ask('POST', '/session/password', { email, password })).secret ?? '';
  const code = first.codeAt(house.platform.clock.now());
  return (await house.ask('POST', '/session/totp', { code }, half)).secret ?? '';
}
const listed = async (secret: string) =>
  (
    (await house.ask('GET', '/me/sessions', undefined, secret)).body as {
      items: { id: string; current: boolean; browser: string }[];
    }
  ).items;

test('the cookie is bound to this host, out of reach of scripts and other sites', async () => {
  const { email, password } = first;
  const answer = await house.request('/session/password', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const set = answer.headers.get('set-cookie') ?? '';
  expect(set).toMatch(new RegExp(`^${SESSION_COOKIE}=[\\w-]{43};`));
  expect(set.split('; ').slice(1).toSorted()).toEqual([
    'HttpOnly',
    'Max-Age=86400',
    'Path=/',
    'SameSite=Strict',
    'Secure',
  ]);
});

test('a cookie that was stolen is of no use once its person signed out, or ended that session elsewhere', async () => {
  const [stolen, other] = [await signIn(), await signIn()];
  expect(await open(stolen)).toBe(200);
  await house.ask('DELETE', '/session', undefined, stolen);
  expect(await open(stolen)).toBe(401);

  const another = await signIn();
  const { id = '' } = (await listed(another)).find(({ current }) => current) ?? {};
  expect((await house.ask('DELETE', `/me/sessions/${id}`, undefined, other)).status).toBe(204);
  expect([await open(another), await open(other)]).toEqual([401, 200]);
  expect((await house.ask('DELETE', `/me/sessions/${id}`, undefined, other)).status).toBe(404);
});

test('nobody ends or sees a session of another person here', async () => {
  const mine = await signIn();
  const auditor = await house.person('watcher@example.com', ['auditor'], { ...first, secret: mine });
  const [current] = await listed(mine);
  const foreign = await house.ask('DELETE', `/me/sessions/${current?.id}`, undefined, auditor.secret);
  expect([foreign.status, await open(mine)]).toEqual([404, 200]);
  expect(await listed(auditor.secret)).toHaveLength(1);
  const ended = await house.ask('DELETE', `/people/${auditor.id}/sessions`, undefined, mine);
  expect([ended.body, await open(auditor.secret)]).toEqual([{ ended: 1 }, 401]);
});

test('a session ends after an idle hour, and after a day in any case', async () => {
  const idle = await signIn();
  house.platform.advance(hour - 1);
  expect(await open(idle)).toBe(200);
  house.platform.advance(hour);
  expect(await open(idle)).toBe(401);

  const used = await signIn();
  for (let half = 0; half < 48; half += 1) {
    expect(await open(used)).toBe(200);
    house.platform.advance(hour / 2);
  }
  expect(await open(used)).toBe(401);
});

test('an answer that goes on for long ends with the session, and does not keep it from ending', async () => {
  const still = async (headers: Record<string, string>) =>
    (await house.request('/still', { headers })).json();
  expect(await still({})).toBe(false);
  expect(await still({ cookie: `${SESSION_COOKIE}=made-up` })).toBe(false);
  expect(await still(operator)).toBe(true);
  const mine = { cookie: `${SESSION_COOKIE}=${await signIn()}` };
  for (let part = 0; part < 4; part += 1) {
    expect(await still(mine)).toBe(true);
    house.platform.advance(hour / 4);
  }
  expect(await still(mine)).toBe(false);
});

test('an answer that goes on for long ends with the right to it, though its person stays signed in', async () => {
  const mine = { cookie: `${SESSION_COOKIE}=${await signIn()}` };
  const still = async () => (await house.request('/still', { headers: mine })).json();
  const take = (roles: string) => house.platform.pool.query('UPDATE person SET roles = $1', [roles]);
  expect(await still()).toBe(true);
  await take('{}');
  expect(await still()).toBe(false);
  await take('{owner}');
});

test('another password ends what was opened with the earlier one elsewhere', async () => {
  const [here, there] = [await signIn(), await signIn()];
  const set = await house.ask('PUT', '/me/password', { password: 'made-up gravel orchid' }, here);
  expect([set.status, await open(here), await open(there)]).toEqual([204, 200, 401]);
  first.password = 'made-up gravel orchid';
});

test('sessions that are over are ended by the house, and it is written down once', async () => {
  await house.platform.pool.query("DELETE FROM change WHERE act LIKE 'session.%'");
  await house.platform.pool.query('DELETE FROM session');
  const left = await signIn();
  await house.ask('DELETE', '/session', undefined, left);
  await signIn();
  house.platform.advance(hour);
  await Promise.all([forgetWhatIsOver(house.platform), forgetWhatIsOver(house.platform)]);
  const { rows } = await house.platform.pool.query<{ act: string; actor: string; person: string }>(
    "SELECT act, actor, detail->>'person' AS person FROM change WHERE act LIKE 'session.%' ORDER BY seq",
  );
  const person = rows[0]?.person ?? '';
  expect(rows).toEqual([
    { act: 'session.open', actor: person, person },
    { act: 'session.end', actor: person, person },
    { act: 'session.open', actor: person, person },
    { act: 'session.end', actor: 'system:launcher', person },
  ]);
});

test('writes need the header that a foreign form can’t send', async () => {
  const cookie = `${SESSION_COOKIE}=${await signIn()}`;
  const write = async (headers: Record<string, string>) =>
    (await house.request('/open', { method: 'POST', headers: { cookie, ...headers } })).status;
  expect([await write({}), await write({ 'x-drawbridge-csrf': '1' })]).toEqual([403, 200]);
});

test.each([
  [{ host: 'drawbridge.example.com:4400' }, 'wrong_host'],
  [{ host: 'localhost:9999' }, 'wrong_host'],
  [{ host, origin: 'http://evil.example.com' }, 'wrong_origin'],
  [{ host, origin: 'http://127.0.0.1:4400' }, 'wrong_origin'],
  [{ host, origin: 'null' }, 'wrong_origin'],
])('%o is turned away as %s', async (headers, code) => {
  const response = await house.request('/session', { headers: headers as Record<string, string> });
  expect([response.status, await response.json()]).toMatchObject([403, { code }]);
});

test('neither links, secrets of sessions, passwords, codes nor the app’s secret are stored or logged in clear', async () => {
  const mine = await signIn();
  const invited = await house.ask('POST', '/people', { email: 'seen@example.com', roles: ['auditor'] }, mine);
  const { link } = invited.body as { link: { token: string } };
  const enrolling = await house.ask('POST', '/session/invitation', { token: link.token });
  const app = (await house.ask('POST', '/me/totp', undefined, enrolling.secret ?? '')).body as {
    secret: string;
  };
  const tables = [
    'person',
    'session',
    'invitation',
    'password',
    'totp',
    'passkey',
    'recovery_code',
    'throttle',
    'change',
  ];
  const stored = await Promise.all(
    tables.map((table) => house.platform.pool.query(`SELECT row_to_json(t)::text AS text FROM "${table}" t`)),
  );
  const text = JSON.stringify(stored.map(({ rows }) => rows)) + house.platform.logged();
  expect(text).toContain('seen@example.com');
  const raw = (secret: string) => Buffer.from(secret, 'base64url').toString('hex');
  for (const clear of [
    link.token,
    raw(link.token),
    mine,
    raw(mine),
    app.secret,
    Buffer.from(app.secret).toString('hex'),
    ...first.recoveryCodes,
  ]) {
    expect(text).not.toContain(clear);
  }
});

test('a program of this machine is let in by its token alone; a cookie beside a wrong one is of no use', async () => {
  const status = async (headers: Record<string, string>) =>
    (await house.request('/open', { headers })).status;
  const cookie = `${SESSION_COOKIE}=${await signIn()}`;
  expect(await status(operator)).toBe(200);
  expect(await status({ authorization: 'Bearer made-up-operator-tokem' })).toBe(401);
  expect(await status({ authorization: 'Bearer made-up-operator-tokem', cookie })).toBe(401);
  expect(await status({ cookie })).toBe(200);
});

test('passwords are kept as argon2id, few are looked at at once, and more than fit are told so', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('made-up heron lantern');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.verify(hash, 'made-up heron lantern')).toBe(true);
  expect(await passwords.verify(hash, 'made-up heron lanterm')).toBe(false);
  expect(await passwords.verify(null, 'the password of nobody')).toBe(false);

  let running = 0;
  let most = 0;
  const slow = createPasswords({
    hash: async () => 'x',
    async verify() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return true;
    },
  });
  const all = await Promise.allSettled(Array.from({ length: 40 }, () => slow.verify('x', 'y')));
  expect(most).toBe(2);
  const refused = all.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(6);
  expect(refused[0]).toMatchObject({ reason: { code: 'busy', status: 503 } });
});
