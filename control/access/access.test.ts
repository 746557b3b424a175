import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRouter, handleErrors, needs, readNeeds } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import {
  accessRoutes,
  createSignInToken,
  forgetOldSessions,
  gate,
  linkRoutes,
  operatorCheck,
  recordRefused,
  SESSION_COOKIE,
  sameOrigin,
  stillSignedIn,
} from './index.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const host = '127.0.0.1:4400';
const by = { actor: { id: 'system:launcher', name: 'The launcher' }, reason: 'a test' };
const undocumented = {
  'GET /still': needs.anyone,
  'GET /secret': needs('app.write', { own: 'app' }),
  'POST /secret': needs.self,
};
const ownerOf = async () => null;
function app() {
  const router = createRouter();
  router.onError(handleErrors(platform.log));
  router.use('*', sameOrigin({ origins: ['http://localhost:4400', 'http://127.0.0.1:4400'] }));
  const isOperator = operatorCheck('made-up-operator-token');
  router.use('*', gate({ platform, isOperator, needs: () => readNeeds(router, '', undocumented), ownerOf }));
  router.route(
    '/',
    accessRoutes(platform, {
      warnings: () => [{ code: 'made_up', text: 'A made-up warning.' }],
      name: async () => 'Made up',
    }),
  );
  router.get('/still', async (c) => c.json(await stillSignedIn(platform, isOperator)(c)));
  router.route('/', linkRoutes(platform));
  router.get('/secret', (c) => c.text(c.get('actor').id));
  router.post('/secret', (c) => c.text('written'));
  return router;
}
function signIn(token: string) {
  return app().request('/session', {
    method: 'POST',
    headers: { host, 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
}
async function cookie(): Promise<string> {
  const response = await signIn(await createSignInToken(platform, by));
  expect(response.status).toBe(204);
  return response.headers.get('set-cookie') ?? '';
}

test('a link signs in once, and only within 30 minutes', async () => {
  const token = await createSignInToken(platform, by);
  expect((await signIn(token)).status).toBe(204);
  expect((await signIn(token)).status).toBe(401);
  const late = await createSignInToken(platform, by);
  platform.advance(30 * 60_000);
  expect((await signIn(late)).status).toBe(401);
  expect((await signIn('x'.repeat(43))).status).toBe(401);
});

test('a link used twice at the same moment opens one session', async () => {
  const token = await createSignInToken(platform, by);
  const statuses = (await Promise.all([signIn(token), signIn(token), signIn(token)])).map(
    (response) => response.status,
  );
  expect(statuses.toSorted()).toEqual([204, 401, 401]);
});

test('the cookie is out of reach of scripts and other sites, and opens what is behind the gate', async () => {
  const set = await cookie();
  expect(set).toContain('HttpOnly');
  expect(set).toContain('SameSite=Strict');
  const headers = { host, cookie: set.split(';')[0] ?? '' };
  expect(await (await app().request('/secret', { headers })).text()).toBe('local-administrator');
  expect((await app().request('/secret', { headers: { host } })).status).toBe(401);
  expect(
    (await app().request('/secret', { headers: { host, cookie: `${SESSION_COOKIE}=made-up` } })).status,
  ).toBe(401);
});

test('writes need the header that a foreign form cannot send', async () => {
  const headers = { host, cookie: (await cookie()).split(';')[0] ?? '' };
  expect((await app().request('/secret', { method: 'POST', headers })).status).toBe(403);
  expect(
    (await app().request('/secret', { method: 'POST', headers: { ...headers, 'x-drawbridge-csrf': '1' } }))
      .status,
  ).toBe(200);
});

test.each([
  [{ host: 'drawbridge.example.com:4400' }, 'wrong_host'],
  [{ host: '127.0.0.1:9999' }, 'wrong_host'],
  [{ host, origin: 'http://evil.example.com' }, 'wrong_origin'],
  [{ host, origin: 'null' }, 'wrong_origin'],
])('%o is turned away as %s', async (headers, code) => {
  const response = await app().request('/session', { headers: headers as Record<string, string> });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code });
});

test('a session ends by signing out, by 8 idle hours, and after 7 days in any case', async () => {
  const working = async (headers: Record<string, string>) =>
    (await app().request('/secret', { headers })).status;
  const one = { host, cookie: (await cookie()).split(';')[0] ?? '' };
  await app().request('/session', { method: 'DELETE', headers: one });
  expect(await working(one)).toBe(401);

  const two = { host, cookie: (await cookie()).split(';')[0] ?? '' };
  platform.advance(8 * 3600_000 + 1);
  expect(await working(two)).toBe(401);

  const three = { host, cookie: (await cookie()).split(';')[0] ?? '' };
  for (let hour = 0; hour < 7 * 24; hour += 6) {
    expect(await working(three)).toBe(200);
    platform.advance(6 * 3600_000);
  }
  expect(await working(three)).toBe(401);
});

test('an answer that goes on for long ends with the session, and does not keep it from ending', async () => {
  const still = async (headers: Record<string, string>) =>
    (await app().request('/still', { headers: { host, ...headers } })).json();
  expect(await still({})).toBe(false);
  expect(await still({ cookie: `${SESSION_COOKIE}=made-up` })).toBe(false);
  expect(await still({ authorization: 'Bearer made-up-operator-token' })).toBe(true);
  const mine = { cookie: (await cookie()).split(';')[0] ?? '' };
  for (let hour = 0; hour < 8; hour++) {
    expect(await still(mine)).toBe(true);
    platform.advance(3600_000);
  }
  expect(await still(mine)).toBe(false);
});

test('sign-ins and ends of sessions are written down once, whoever ended them', async () => {
  await platform.pool.query("DELETE FROM change WHERE act LIKE 'session.%'");
  await platform.pool.query('DELETE FROM session');
  const [left, forgotten] = [await cookie(), await cookie()];
  const signOut = () => app().request('/session', { method: 'DELETE', headers: { host, cookie: left } });
  expect([(await signOut()).status, (await signOut()).status]).toEqual([204, 204]);
  platform.advance(8 * 3600_000);
  await Promise.all([forgetOldSessions(platform), forgetOldSessions(platform)]);
  const changes = await platform.pool.query(
    `SELECT act, actor, detail->>'person' AS person, subject_id AS session FROM change
     WHERE act IN ('session.open', 'session.end') ORDER BY seq`,
  );
  const [first, second] = changes.rows.map((row) => row.session);
  expect(changes.rows.map(({ act, actor, session, person }) => [act, actor, person, session])).toEqual([
    ['session.open', 'local-administrator', 'local-administrator', first],
    ['session.open', 'local-administrator', 'local-administrator', second],
    ['session.end', 'local-administrator', 'local-administrator', first],
    ['session.end', 'system:launcher', 'local-administrator', second],
  ]);
  expect(forgotten).not.toContain(second);
});

test('signing in and out are changes; a link that does not work is none by itself', async () => {
  await platform.pool.query('TRUNCATE change');
  const headers = { host, cookie: (await cookie()).split(';')[0] ?? '' };
  expect((await signIn('x'.repeat(43))).status).toBe(401);
  for (let times = 0; times < 2; times += 1) {
    await app().request('/session', { method: 'DELETE', headers });
  }
  const changes = await platform.pool.query('SELECT act, actor, detail FROM change ORDER BY seq');
  expect(changes.rows).toEqual([
    { act: 'session.make_link', actor: 'system:launcher', detail: {} },
    { act: 'session.open', actor: 'local-administrator', detail: { person: 'local-administrator' } },
    { act: 'session.end', actor: 'local-administrator', detail: { person: 'local-administrator' } },
  ]);
});

test('neither links nor session secrets are stored or logged in clear', async () => {
  const token = await createSignInToken(platform, by);
  const secret = /=([^;]+)/.exec((await signIn(token)).headers.get('set-cookie') ?? '')?.[1] ?? '';
  const rows = await platform.pool.query(
    "SELECT encode(hash, 'escape') || encode(hash, 'hex') || encode(hash, 'base64') AS text FROM sign_in_link UNION ALL SELECT row_to_json(session)::text FROM session",
  );
  const stored = JSON.stringify(rows.rows) + platform.logged();
  expect(secret.length).toBeGreaterThan(40);
  for (const clear of [
    token,
    secret,
    Buffer.from(token, 'base64url').toString('hex'),
    Buffer.from(secret, 'base64url').toString('hex'),
  ]) {
    expect(stored).not.toContain(clear);
  }
});

test('warnings are for signed-in people only', async () => {
  const headers = { host, cookie: (await cookie()).split(';')[0] ?? '' };
  expect(await (await app().request('/session', { headers })).json()).toMatchObject({
    signedIn: true,
    warnings: [{ code: 'made_up' }],
  });
  expect(await (await app().request('/session', { headers: { host } })).json()).toMatchObject({
    signedIn: false,
    actor: null,
    warnings: [],
  });
});

test("the operator's command gets in by its token alone, and can make a link for a browser", async () => {
  const bearer = (token: string) => ({ host, authorization: `Bearer ${token}` });
  expect(
    (await app().request('/secret', { method: 'POST', headers: bearer('made-up-operator-token') })).status,
  ).toBe(200);
  expect((await app().request('/secret', { headers: bearer('made-up-operator-tokem') })).status).toBe(401);
  expect((await app().request('/sign-in-links', { method: 'POST', headers: { host } })).status).toBe(401);
  const ask = (headers: Record<string, string>, body?: string) =>
    app().request('/sign-in-links', {
      method: 'POST',
      headers: { ...bearer('made-up-operator-token'), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  expect(await (await ask({})).json()).toMatchObject({ code: 'reason_missing' });
  const made = await ask({ 'x-drawbridge-reason': 'another browser' });
  const { token } = (await made.json()) as { token: string };
  expect((await signIn(token)).status).toBe(204);
  const again = await ask({ 'content-type': 'application/json' }, '{"reason":"a second screen"}');
  expect(again.status).toBe(201);
  const changes = await platform.pool.query(
    "SELECT actor, reason, detail FROM change WHERE act = 'session.make_link' AND actor <> 'system:launcher' ORDER BY reason",
  );
  expect(changes.rows).toMatchObject([
    { actor: 'local-administrator', reason: 'a second screen', detail: {} },
    { actor: 'local-administrator', reason: 'another browser', detail: {} },
  ]);
});

test('refused sign-ins are counted by minute and reason, and written down once, when the minute is over', async () => {
  await platform.pool.query('TRUNCATE change, refused_sign_in');
  const token = await createSignInToken(platform, by);
  await signIn(token);
  const late = await createSignInToken(platform, by);
  platform.advance(30 * 60_000);
  const bearer = { headers: { host, authorization: 'Bearer made-up' } };
  const tried = [
    ...[token, token, token, late, 'x'.repeat(43)].map(signIn),
    ...[1, 2].map(() => app().request('/secret', bearer)),
  ];
  const statuses = (await Promise.all(tried)).map(({ status }) => status);
  expect(statuses).toEqual(Array(7).fill(401));
  // Neither a wrong name of the host nor a session that is over is a sign-in.
  await app().request('/session', { method: 'POST', headers: { host: 'elsewhere.example' } });
  await app().request('/secret', { headers: { host, cookie: `${SESSION_COOKIE}=made-up` } });

  const refusals = async () => {
    await Promise.all([recordRefused(platform), recordRefused(platform)]);
    const { rows } = await platform.pool.query<{ reason: string; detail: { why: string; count: number } }>(
      `SELECT reason, detail - 'since' AS detail FROM change WHERE act = 'session.refuse' ORDER BY detail->>'why'`,
    );
    return rows;
  };
  expect(await refusals()).toEqual([]);
  platform.advance(60_000);
  const written = await refusals();
  expect(written.map(({ detail }) => detail)).toEqual([
    { why: 'command_token', count: 2 },
    { why: 'link_expired', count: 1 },
    { why: 'link_unknown', count: 1 },
    { why: 'link_used', count: 3 },
  ]);
  expect(written[3]?.reason).toBe('3 sign-ins were refused with a link that had been used');
  expect(JSON.stringify(written)).not.toMatch(/x{20}|127\.0\.0\.1/);
});
