import { createHmac } from 'node:crypto';
import { request as overTls } from 'node:https';
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Enrolled, headersOf, secretIn } from '../identity/testing.ts';
import { type IdentityHouse, identityHouse } from '../identity/testing-house.ts';
import { createSso, issuerRoutes, oidcRoutes } from './index.ts';
import {
  CLIENT,
  certificate,
  type ForgingIssuer,
  forgingIssuer,
  type RealIssuer,
  realIssuer,
} from './testing/issuers.ts';

/** Signing in through a real provider, and through issuers that answer what they like. All people are made up. */
let house: IdentityHouse;
let real: RealIssuer;
let forging: ForgingIssuer;
let owner: Enrolled;
let nonce = '';
beforeAll(async () => {
  real = await realIssuer();
  forging = await forgingIssuer(() => nonce);
  house = await identityHouse(undefined, ({ platform, approvals, reached, throttle }) => {
    const network = { ca: certificate.cert, resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
    const sso = createSso({ platform, approvals, reached, throttle, base: '', network });
    return { outside: oidcRoutes(sso.signIn, reached), routes: issuerRoutes(sso, approvals) };
  });
  owner = await house.first();
});
afterAll(async () => {
  await house.close();
  await real.close();
  await forging.close();
});
beforeEach(async () => {
  await house.platform.pool.query('TRUNCATE oidc_issuer, oidc_identity, oidc_flow, throttle CASCADE');
  real.next = { sub: 'nobody' };
  forging.forge((claims) => forging.sign(claims));
  forging.say({});
});

interface Entry {
  id: string;
  redirectUri: string;
}
async function add(issuer: string, given: object = {}): Promise<Entry> {
  owner = await fresh(owner);
  const { status, body } = await house.ask(
    'POST',
    '/issuers',
    {
      name: 'Corp',
      issuer,
      clientId: CLIENT,
      domains: ['corp.example'],
      private: true,
      reason: 'a test',
      ...given,
    },
    owner.secret,
  );
  expect(status, JSON.stringify(body)).toBe(201);
  const entry = body as Entry;
  if (issuer === real.issuer) real.register(entry.redirectUri);
  return entry;
}

let freshUntil = 0;
/** Signed in anew where it is needed: a factor was used just now. */
async function fresh(who: Enrolled): Promise<Enrolled> {
  if (house.platform.clock.now() < freshUntil) return who;
  house.platform.advance(30_000);
  freshUntil = house.platform.clock.now() + 4 * 60_000;
  const { email, password } = who;
  const first = await house.ask('POST', '/session/password', { email, password });
  const code = who.codeAt(house.platform.clock.now());
  const { secret } = await house.ask('POST', '/session/totp', { code }, first.secret ?? '');
  return { ...who, secret: secret ?? '' };
}
let invited = 0;
/** Somebody with an account here, a password and an authenticator app. */
async function someone(): Promise<Enrolled & { id: string }> {
  invited += 1;
  owner = await fresh(owner);
  return house.person(`someone-${invited}@corp.example`, ['security'], owner);
}

/** Begins in a browser: where it is sent, and what it keeps. */
async function begin(entry: Entry, path?: string): Promise<{ url: URL; kept: string }> {
  const answer = await house.request(`/session/oidc/${entry.id}`, {
    method: 'POST',
    headers: headersOf(undefined, {}),
    body: JSON.stringify(path === undefined ? {} : { path }),
  });
  expect(answer.status, await answer.clone().text()).toBe(200);
  const [cookie = ''] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-drawbridge-oidc=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/i);
  const { url } = (await answer.json()) as { url: string };
  nonce = new URL(url).searchParams.get('nonce') ?? '';
  return { url: new URL(url), kept: cookie.split(';')[0] ?? '' };
}

interface Came {
  /** Where the browser is led. */
  to: string;
  secret: string | null;
}
async function comeBack(entry: Entry, query: URLSearchParams | string, kept: string): Promise<Came> {
  const answer = await house.request(`/session/oidc/${entry.id}/callback?${query}`, {
    headers: { cookie: kept },
  });
  expect(answer.status, await answer.text()).toBe(303);
  return { to: answer.headers.get('location') ?? '', secret: secretIn(answer.headers.getSetCookie()) };
}

/** One step of a browser at the real issuer. */
function visit(url: URL, cookies: Map<string, string>): Promise<URL | null> {
  return new Promise((resolve, reject) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const asked = overTls(url, { ca: certificate.cert, headers: { cookie } }, (answer) => {
      for (const set of answer.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      answer.resume();
      const { location } = answer.headers;
      answer.on('end', () => resolve(location === undefined ? null : new URL(location, url)));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Through the real issuer, and not back yet. */
async function there(entry: Entry, path?: string): Promise<{ query: URLSearchParams; kept: string }> {
  const { url, kept } = await begin(entry, path);
  const cookies = new Map<string, string>();
  let at: URL | null = url;
  for (let steps = 0; at !== null && !at.href.startsWith(entry.redirectUri); steps += 1) {
    if (steps > 8) throw new Error('the issuer leads in circles');
    at = await visit(at, cookies);
  }
  if (at === null) throw new Error('the issuer leads nowhere');
  return { query: at.searchParams, kept };
}

/** The whole way through the real issuer. */
async function through(entry: Entry, path?: string): Promise<Came> {
  const { query, kept } = await there(entry, path);
  return comeBack(entry, query, kept);
}

/** Straight back from an issuer that forges. */
async function forged(entry: Entry, more: Record<string, string> = {}): Promise<Came> {
  const { url, kept } = await begin(entry);
  const state = url.searchParams.get('state') ?? '';
  return comeBack(entry, new URLSearchParams({ code: 'made-up', state, ...more }), kept);
}

async function session(secret: string | null) {
  const { body } = await house.ask('GET', '/session', undefined, secret ?? '');
  return body as {
    stage: string;
    level: number | null;
    person: { id: string } | null;
    steppedUpAt: string | null;
  };
}

describe('through a real issuer', () => {
  test('who used one factor there is asked for another one here', async () => {
    const person = await someone();
    const entry = await add(real.issuer);
    real.next = { sub: 'a', email: person.email, amr: ['mfa'], acr: 'urn:example:mfa' };
    const came = await through(entry, '/crossings?vendor=x');
    expect(came.to).toBe('/crossings?vendor=x');
    expect(await session(came.secret)).toMatchObject({ stage: 'second_factor', level: 1 });
    expect((await house.ask('GET', '/open', undefined, came.secret ?? '')).status).toBe(403);
    house.platform.advance(30_000);
    const code = person.codeAt(house.platform.clock.now());
    const raised = await house.ask('POST', '/session/totp', { code }, came.secret ?? '');
    expect(raised.status).toBe(204);
    expect(await session(raised.secret)).toMatchObject({ stage: 'signed_in', person: { id: person.id } });
  });

  test.each([
    ['acr', { acr: 'urn:example:mfa' }, { acr: ['urn:example:mfa'], amr: [] }],
    ['amr', { amr: ['pwd', 'mfa'] }, { acr: [], amr: ['mfa'] }],
  ])(
    'two factors that %s proves are enough where they are believed, but for what is sensitive',
    async (_, said, mfa) => {
      const person = await someone();
      const entry = await add(real.issuer, { mfa });
      real.next = { sub: 'a', email: person.email, ...said };
      const came = await through(entry);
      expect(await session(came.secret)).toMatchObject({
        stage: 'signed_in',
        level: 2,
        person: { id: person.id },
        steppedUpAt: null,
      });
      expect((await house.ask('GET', '/open', undefined, came.secret ?? '')).status).toBe(200);
      expect(await house.ask('GET', '/sensitive', undefined, came.secret ?? '')).toMatchObject({
        status: 403,
      });
    },
  );

  test('what proves two factors at one issuer proves nothing where it says less', async () => {
    const person = await someone();
    const entry = await add(real.issuer, { mfa: { acr: ['urn:example:mfa'], amr: ['mfa'] } });
    real.next = { sub: 'a', email: person.email, acr: 'urn:example:password', amr: ['pwd'] };
    const came = await through(entry);
    expect(await session(came.secret)).toMatchObject({ stage: 'second_factor' });
  });

  test('the first time it goes by the address, then by the subject alone', async () => {
    const [person, other] = [await someone(), await someone()];
    const entry = await add(real.issuer, { mfa: { acr: [], amr: ['mfa'] } });
    real.next = { sub: 'a', email: person.email, amr: ['mfa'] };
    await through(entry);
    // Another address now, which is somebody else's here.
    real.next = { sub: 'a', email: other.email, amr: ['mfa'] };
    expect(await session((await through(entry)).secret)).toMatchObject({ person: { id: person.id } });
    // Another subject with the address: it was given to somebody else there.
    real.next = { sub: 'b', email: person.email, amr: ['mfa'] };
    expect(await through(entry)).toEqual({ to: '/sign-in?problem=oidc_other_identity', secret: null });
    owner = await fresh(owner);
    const query = `issuer=${encodeURIComponent(real.issuer)}`;
    const gone = await house.ask(
      'DELETE',
      `/people/${person.id}/identities?${query}`,
      undefined,
      owner.secret,
    );
    expect(gone.status).toBe(204);
    expect(await session((await through(entry)).secret)).toMatchObject({ person: { id: person.id } });
  });

  test.each([
    ['that is not verified', { email: 'known@corp.example', verified: false }],
    ['of another domain', { email: 'known@other.example' }],
    ['of nobody here', { email: 'nobody@corp.example' }],
    ['that it does not tell', {}],
  ])('an address %s lets nobody in', async (_, said) => {
    for (const email of ['known@corp.example', 'known@other.example']) {
      const { rows } = await house.platform.pool.query('SELECT 1 FROM person WHERE email_normal = $1', [
        email,
      ]);
      if (rows.length > 0) continue;
      owner = await fresh(owner);
      await house.person(email, ['security'], owner);
    }
    const entry = await add(real.issuer, { mfa: { acr: [], amr: ['mfa'] } });
    real.next = { sub: 'c', amr: ['mfa'], ...said };
    expect(await through(entry)).toEqual({ to: '/sign-in?problem=oidc_unknown_person', secret: null });
  });

  test('who is not known is let in to enrol where the issuer may say so, with those roles', async () => {
    const entry = await add(real.issuer, { newRoles: ['developer'], mfa: { acr: [], amr: ['mfa'] } });
    real.next = { sub: 'new', email: 'new@corp.example', name: 'Made-up Newcomer', amr: ['mfa'] };
    const came = await through(entry);
    expect(await session(came.secret)).toMatchObject({ stage: 'enrolling', level: 1 });
    const { rows } = await house.platform.pool.query(
      `SELECT name, roles, state FROM person WHERE email = 'new@corp.example'`,
    );
    expect(rows).toEqual([{ name: 'Made-up Newcomer', roles: ['developer'], state: 'invited' }]);
  });

  test('of two who come for the first time at once both are let in, as one person', async () => {
    const known = await someone();
    const entry = await add(real.issuer, { newRoles: ['developer'], mfa: { acr: [], amr: ['mfa'] } });
    const firsts = [
      { sub: 'at-once', email: known.email, amr: ['mfa'] },
      { sub: 'new-at-once', email: 'new-at-once@corp.example', amr: ['mfa'] },
    ];
    for (const next of firsts) {
      real.next = next;
      const ways = await Promise.all([1, 2, 3].map(() => there(entry)));
      const came = await Promise.all(ways.map(({ query, kept }) => comeBack(entry, query, kept)));
      expect(came.map(({ to, secret }) => [to, secret === null])).toEqual(came.map(() => ['/', false]));
    }
    const { rows } = await house.platform.pool.query(
      `SELECT subject, email FROM oidc_identity JOIN person ON person.id = person ORDER BY subject`,
    );
    expect(rows).toEqual(firsts.map(({ sub, email }) => ({ subject: sub, email })));
  });

  test('whom it means by an owner is forgotten by owners only', async () => {
    owner = await fresh(owner);
    const administrator = await house.person('unlinking@corp.example', ['administrator'], owner);
    const entry = await add(real.issuer, { domains: ['example.com'], mfa: { acr: [], amr: ['mfa'] } });
    real.next = { sub: 'the-owner', email: owner.email, amr: ['mfa'] };
    const { person } = await session((await through(entry)).secret);
    const forget = (secret: string) =>
      house.ask(
        'DELETE',
        `/people/${person?.id}/identities?issuer=${encodeURIComponent(real.issuer)}`,
        undefined,
        secret,
      );
    expect(await forget(administrator.secret)).toMatchObject({
      status: 403,
      body: { code: 'owner_needed' },
    });
    owner = await fresh(owner);
    expect((await forget(owner.secret)).status).toBe(204);
  });

  test('who left is not let in, however much the issuer vouches', async () => {
    const person = await someone();
    const entry = await add(real.issuer, { mfa: { acr: [], amr: ['mfa'] }, newRoles: ['auditor'] });
    real.next = { sub: 'd', email: person.email, amr: ['mfa'] };
    expect((await through(entry)).secret).not.toBeNull();
    owner = await fresh(owner);
    await house.ask('POST', `/people/${person.id}/offboard`, { reason: 'a test' }, owner.secret);
    expect(await through(entry)).toEqual({ to: '/sign-in?problem=oidc_not_let_in', secret: null });
    real.next = { sub: 'e', email: person.email, amr: ['mfa'] };
    expect(await through(entry)).toEqual({ to: '/sign-in?problem=oidc_not_let_in', secret: null });
  });

  test('an active person without a factor of ours does not make one out of one factor elsewhere', async () => {
    const person = await someone();
    const entry = await add(real.issuer, { mfa: { acr: [], amr: ['mfa'] } });
    owner = await fresh(owner);
    await house.ask('POST', `/people/${person.id}/reset-factors`, { reason: 'a test' }, owner.secret);
    real.next = { sub: 'f', email: person.email, amr: ['pwd'] };
    expect(await through(entry)).toEqual({ to: '/sign-in?problem=oidc_no_second_factor', secret: null });
    real.next = { sub: 'f', email: person.email, amr: ['mfa'] };
    expect(await session((await through(entry)).secret)).toMatchObject({ stage: 'signed_in' });
  });

  test('an issuer that was removed lets nobody in, nor one in a private network that was not said', async () => {
    const entry = await add(real.issuer);
    const { url, kept } = await begin(entry);
    owner = await fresh(owner);
    await house.ask('DELETE', `/issuers/${entry.id}`, undefined, owner.secret);
    const query = new URLSearchParams({ code: 'x', state: url.searchParams.get('state') ?? '' });
    expect(await comeBack(entry, query, kept)).toMatchObject({ secret: null });
    const again = await add(real.issuer, { private: false });
    expect(await house.ask('POST', `/session/oidc/${again.id}`, {})).toMatchObject({
      status: 503,
      body: { code: 'issuer_away' },
    });
  });
});

describe('who looks whether an issuer can be reached', () => {
  const check = async (given: object = {}, issuer = real.issuer) => {
    const { id } = await add(issuer, given);
    return house.ask('POST', `/issuers/${id}/check`, {}, owner.secret);
  };

  test('hears that it can', async () => {
    expect(await check()).toMatchObject({ status: 200, body: { reached: true, code: null, text: null } });
    expect(await house.ask('POST', '/issuers/nobody/check', {}, owner.secret)).toMatchObject({ status: 404 });
  });

  test.each<[string, string, () => string, object?]>([
    ['private_address', 'is in a private network', () => real.issuer, { private: false }],
    ['refused', 'Nothing listens at 127.0.0.1:1', () => 'https://127.0.0.1:1'],
    ['wrong_issuer', 'calls itself by another name', () => `${real.issuer}/`],
    ['no_issuer', 'describes no OpenID Connect issuer', () => `${real.issuer}/nowhere`],
  ])('hears %s, and what to do', async (code, text, issuer, given) => {
    const { status, body } = await check(given, issuer());
    expect([status, body]).toMatchObject([200, { reached: false, code, acr: [] }]);
    expect((body as { text: string }).text).toContain(text);
  });
});

describe('from an issuer that forges', () => {
  const mfa = { acr: [], amr: ['mfa'] };
  const other = { issuer: 'https://other.example' };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  let entry: Entry;
  let person: Enrolled;
  beforeEach(async () => {
    person = await someone();
    entry = await add(forging.issuer, { mfa });
    real.next = { sub: 'nobody' };
  });
  const good = (claims: JWTPayload) => ({ ...claims, sub: person.email, email: person.email, amr: ['mfa'] });

  test('an answer as it should be lets in: what follows fails for its own reason', async () => {
    forging.forge((claims) => forging.sign(good(claims)));
    const came = await forged(entry);
    expect(await session(came.secret)).toMatchObject({ stage: 'signed_in' });
    const sent = forging.exchanged.at(-1);
    expect(sent?.get('code_verifier')?.length).toBeGreaterThan(42);
    expect(sent?.get('client_secret')).toBeNull();
  });

  test.each<[string, (claims: JWTPayload) => Promise<string> | string]>([
    ['of another issuer', (claims) => forging.sign({ ...good(claims), iss: other.issuer })],
    ['for another client', (claims) => forging.sign({ ...good(claims), aud: 'another' })],
    [
      'for several, one of them ours',
      (claims) => forging.sign({ ...good(claims), aud: [CLIENT, 'another'] }),
    ],
    ['with another nonce', (claims) => forging.sign({ ...good(claims), nonce: 'made up' })],
    ['without a nonce', (claims) => forging.sign({ ...good(claims), nonce: undefined } as JWTPayload)],
    ['whose time is over', (claims) => forging.sign({ ...good(claims), exp: Number(claims.iat) - 60 })],
    ['without a signature', (claims) => `${encode({ alg: 'none' })}.${encode(good(claims))}.`],
    [
      'signed with the client’s name as a shared secret',
      (claims) => {
        const signed = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(good(claims))}`;
        return `${signed}.${createHmac('sha256', CLIENT).update(signed).digest('base64url')}`;
      },
    ],
    [
      'signed by somebody else',
      async (claims) => {
        const { privateKey } = await generateKeyPair('RS256');
        return new SignJWT(good(claims)).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(privateKey);
      },
    ],
    ['that is none', () => 'made up'],
  ])('an ID token %s lets nobody in', async (_, make) => {
    forging.forge(make);
    expect(await forged(entry)).toEqual({ to: '/sign-in?problem=oidc_not_verified', secret: null });
  });

  test('an answer is taken once, from the browser that began, within ten minutes', async () => {
    forging.forge((claims) => forging.sign(good(claims)));
    const { url, kept } = await begin(entry);
    const query = new URLSearchParams({ code: 'made-up', state: url.searchParams.get('state') ?? '' });
    const elsewhere = { to: '/sign-in?problem=oidc_began_elsewhere', secret: null };
    expect((await comeBack(entry, query, kept)).secret).not.toBeNull();
    expect(await comeBack(entry, query, kept)).toEqual(elsewhere);

    const second = await begin(entry);
    const victim = await begin(entry);
    const stolen = new URLSearchParams({
      code: 'made-up',
      state: second.url.searchParams.get('state') ?? '',
    });
    expect(await comeBack(entry, stolen, victim.kept)).toEqual(elsewhere);
    expect(await comeBack(entry, stolen, second.kept)).toEqual(elsewhere);
    expect(await comeBack(entry, 'code=made-up', second.kept)).toEqual(elsewhere);
    expect(await comeBack(entry, 'code=made-up&state=made-up', '')).toEqual(elsewhere);

    const late = await begin(entry);
    house.platform.advance(10 * 60_000);
    const tooLate = new URLSearchParams({ code: 'made-up', state: late.url.searchParams.get('state') ?? '' });
    expect(await comeBack(entry, tooLate, late.kept)).toEqual(elsewhere);
  });

  test('an answer of one issuer is not taken for another’s', async () => {
    const honest = await add(real.issuer, { name: 'Honest', mfa });
    const { url, kept } = await begin(honest);
    const query = new URLSearchParams({ code: 'made-up', state: url.searchParams.get('state') ?? '' });
    // The browser began at the honest one, and comes back to the other's address, which would get the code.
    const before = forging.exchanged.length;
    expect(await comeBack(entry, query, kept)).toMatchObject({ secret: null });
    expect(forging.exchanged.length).toBe(before);
    // And an answer that names another issuer (RFC 9207).
    expect(await forged(entry, { iss: real.issuer })).toMatchObject({ secret: null });
    expect(forging.exchanged.length).toBe(before);
  });

  test('what the issuer refuses leads back to the page, and its text is not repeated', async () => {
    const { url, kept } = await begin(entry);
    const state = url.searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', error_description: '<b>made up</b>', state });
    expect(await comeBack(entry, query, kept)).toEqual({ to: '/sign-in?problem=oidc_refused', secret: null });
    expect(house.platform.logged()).not.toContain('<b>');
  });

  test.each([
    ['that it is another', { issuer: 'https://other.example' }],
    ['that it takes codes in clear', { token_endpoint: 'http://127.0.0.1:1/token' }],
  ])('one that says %s is not used', async (_, said) => {
    house.platform.advance(11 * 60_000);
    forging.say(said);
    const begun = await house.ask('POST', `/session/oidc/${entry.id}`, {});
    if (begun.status === 200) {
      expect(await forged(entry)).toMatchObject({ secret: null });
      house.platform.advance(11 * 60_000);
      return;
    }
    expect(begun.status).toBe(503);
  });

  test('no answer leads anywhere but into the console', async () => {
    forging.forge((claims) => forging.sign(good(claims)));
    for (const path of ['//evil.example', 'https://evil.example', '/\\evil.example', '/api/v1/session']) {
      const { url, kept } = await begin(entry, path);
      const query = new URLSearchParams({ code: 'x', state: url.searchParams.get('state') ?? '' });
      expect((await comeBack(entry, query, kept)).to).toBe('/');
    }
  });
});

test('issuers are entered by who may, with a factor, once each, and never make administrators', async () => {
  const person = await someone();
  const given = {
    name: 'x',
    issuer: 'https://i.example',
    clientId: 'c',
    domains: ['corp.example'],
    reason: 'a test',
  };
  expect((await house.ask('POST', '/issuers', given, person.secret)).status).toBe(403);
  owner = await fresh(owner);
  for (const wrong of [
    { newRoles: ['owner'] },
    { newRoles: ['administrator'] },
    { issuer: 'http://i.example' },
    { domains: [] },
    { domains: ['*'] },
    { clientSecret: 'made up' },
  ]) {
    expect((await house.ask('POST', '/issuers', { ...given, ...wrong }, owner.secret)).status).toBe(400);
  }
  expect((await house.ask('POST', '/issuers', given, owner.secret)).status).toBe(201);
  expect((await house.ask('POST', '/issuers', given, owner.secret)).status).toBe(409);
  house.platform.advance(5 * 60_000 + 1);
  expect(
    await house.ask('POST', '/issuers', { ...given, issuer: 'https://j.example' }, owner.secret),
  ).toMatchObject({
    status: 403,
    body: { code: 'step_up_needed' },
  });
});

test('only owners let issuers in: whoever names one could come in as any of them', async () => {
  owner = await fresh(owner);
  const administrator = await house.person('administrator@corp.example', ['administrator'], owner);
  const given = {
    ...{ name: 'Mine', issuer: forging.issuer, clientId: CLIENT, domains: ['example.com'], private: true },
    reason: 'a test',
  };
  expect(await house.ask('POST', '/issuers', given, administrator.secret)).toMatchObject({
    status: 403,
    body: { code: 'not_permitted' },
  });
  const entry = await add(forging.issuer);
  expect(
    await house.ask('PATCH', `/issuers/${entry.id}`, { domains: ['example.com'] }, administrator.secret),
  ).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
});

test('one address can not begin so many that nobody else comes in; what came to its end counts no more', async () => {
  const entry = await add(forging.issuer);
  const begun = async () =>
    (
      await house.request(`/session/oidc/${entry.id}`, {
        method: 'POST',
        headers: headersOf(undefined, {}),
        body: '{}',
      })
    ).status;
  house.from('2001:db8:66::1');
  const many = await Promise.all(Array.from({ length: 70 }, begun));
  expect(many.filter((status) => status === 429)).toHaveLength(10);
  house.from('2001:db8:66::2');
  expect(await begun()).toBe(429);
  house.from('2001:db8:67::1');
  const { id, email } = await someone();
  forging.forge((claims) => forging.sign({ ...claims, sub: id, email, email_verified: true }));
  const attempts = async () =>
    (await house.platform.pool.query('SELECT sum(attempts)::int AS attempts FROM throttle')).rows[0].attempts;
  const before = await attempts();
  const { url, kept } = await begin(entry);
  expect(await attempts()).toBe(before + 1);
  const came = await comeBack(
    entry,
    new URLSearchParams({ code: 'made-up', state: url.searchParams.get('state') ?? '' }),
    kept,
  );
  expect(came.secret).not.toBeNull();
  expect(await attempts()).toBe(before);
  house.from('127.0.0.1');
});
