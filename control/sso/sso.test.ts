import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { headersOf } from '../identity/testing.ts';
import { CLIENT } from './testing/issuers.ts';
import { type SsoHouse, ssoHouse } from './testing/sso-house.ts';

/** Signing in through a real provider. All people are made up. */
let sso: SsoHouse;
beforeAll(async () => {
  sso = await ssoHouse();
});
afterAll(() => sso.close());
beforeEach(() => sso.reset());

describe('through a real issuer', () => {
  test('who used one factor there is asked for another one here', async () => {
    const person = await sso.someone();
    const entry = await sso.add(sso.real.issuer);
    sso.real.next = { sub: 'a', email: person.email, amr: ['mfa'], acr: 'urn:example:mfa' };
    const came = await sso.through(entry, '/crossings?vendor=x');
    expect(came.to).toBe('/crossings?vendor=x');
    expect(await sso.session(came.secret)).toMatchObject({ stage: 'second_factor', level: 1 });
    expect((await sso.house.ask('GET', '/open', undefined, came.secret ?? '')).status).toBe(403);
    sso.house.platform.advance(30_000);
    const code = person.codeAt(sso.house.platform.clock.now());
    const raised = await sso.house.ask('POST', '/session/totp', { code }, came.secret ?? '');
    expect(raised.status).toBe(204);
    expect(await sso.session(raised.secret)).toMatchObject({ stage: 'signed_in', person: { id: person.id } });
  });

  test.each([
    ['acr', { acr: 'urn:example:mfa' }, { acr: ['urn:example:mfa'], amr: [] }],
    ['amr', { amr: ['pwd', 'mfa'] }, { acr: [], amr: ['mfa'] }],
  ])(
    'two factors that %s proves are enough where they are believed, but for what is sensitive',
    async (_, said, mfa) => {
      const person = await sso.someone();
      const entry = await sso.add(sso.real.issuer, { mfa });
      sso.real.next = { sub: 'a', email: person.email, ...said };
      const came = await sso.through(entry);
      expect(await sso.session(came.secret)).toMatchObject({
        stage: 'signed_in',
        level: 2,
        person: { id: person.id },
        steppedUpAt: null,
      });
      expect((await sso.house.ask('GET', '/open', undefined, came.secret ?? '')).status).toBe(200);
      expect(await sso.house.ask('GET', '/sensitive', undefined, came.secret ?? '')).toMatchObject({
        status: 403,
      });
    },
  );

  test('what proves two factors at one issuer proves nothing where it says less', async () => {
    const person = await sso.someone();
    const entry = await sso.add(sso.real.issuer, { mfa: { acr: ['urn:example:mfa'], amr: ['mfa'] } });
    sso.real.next = { sub: 'a', email: person.email, acr: 'urn:example:password', amr: ['pwd'] };
    const came = await sso.through(entry);
    expect(await sso.session(came.secret)).toMatchObject({ stage: 'second_factor' });
  });

  test('the first time it goes by the address, then by the subject alone', async () => {
    const [person, other] = [await sso.someone(), await sso.someone()];
    const entry = await sso.add(sso.real.issuer, { mfa: { acr: [], amr: ['mfa'] } });
    sso.real.next = { sub: 'a', email: person.email, amr: ['mfa'] };
    await sso.through(entry);
    // Another address now, which is somebody else's here.
    sso.real.next = { sub: 'a', email: other.email, amr: ['mfa'] };
    expect(await sso.session((await sso.through(entry)).secret)).toMatchObject({ person: { id: person.id } });
    // Another subject with the address: it was given to somebody else there.
    sso.real.next = { sub: 'b', email: person.email, amr: ['mfa'] };
    expect(await sso.through(entry)).toEqual({ to: '/sign-in?problem=oidc_other_identity', secret: null });
    await sso.fresh();
    const query = `issuer=${encodeURIComponent(sso.real.issuer)}`;
    const gone = await sso.house.ask(
      'DELETE',
      `/people/${person.id}/identities?${query}`,
      undefined,
      sso.owner().secret,
    );
    expect(gone.status).toBe(204);
    expect(await sso.session((await sso.through(entry)).secret)).toMatchObject({ person: { id: person.id } });
  });

  test.each([
    ['that is not verified', { email: 'known@corp.example', verified: false }],
    ['of another domain', { email: 'known@other.example' }],
    ['of nobody here', { email: 'nobody@corp.example' }],
    ['that it does not tell', {}],
  ])('an address %s lets nobody in', async (_, said) => {
    for (const email of ['known@corp.example', 'known@other.example']) {
      const { rows } = await sso.house.platform.pool.query('SELECT 1 FROM person WHERE email_normal = $1', [
        email,
      ]);
      if (rows.length > 0) continue;
      await sso.fresh();
      await sso.house.person(email, ['security'], sso.owner());
    }
    const entry = await sso.add(sso.real.issuer, { mfa: { acr: [], amr: ['mfa'] } });
    sso.real.next = { sub: 'c', amr: ['mfa'], ...said };
    expect(await sso.through(entry)).toEqual({ to: '/sign-in?problem=oidc_unknown_person', secret: null });
  });

  test('who is not known is let in to enrol where the issuer may say so, with those roles', async () => {
    const entry = await sso.add(sso.real.issuer, { newRoles: ['developer'], mfa: { acr: [], amr: ['mfa'] } });
    sso.real.next = { sub: 'new', email: 'new@corp.example', name: 'Made-up Newcomer', amr: ['mfa'] };
    const came = await sso.through(entry);
    expect(await sso.session(came.secret)).toMatchObject({ stage: 'enrolling', level: 1 });
    const { rows } = await sso.house.platform.pool.query(
      `SELECT name, roles, state FROM person WHERE email = 'new@corp.example'`,
    );
    expect(rows).toEqual([{ name: 'Made-up Newcomer', roles: ['developer'], state: 'invited' }]);
  });

  test('of two who come for the first time at once both are let in, as one person', async () => {
    const known = await sso.someone();
    const entry = await sso.add(sso.real.issuer, { newRoles: ['developer'], mfa: { acr: [], amr: ['mfa'] } });
    const firsts = [
      { sub: 'at-once', email: known.email, amr: ['mfa'] },
      { sub: 'new-at-once', email: 'new-at-once@corp.example', amr: ['mfa'] },
    ];
    for (const next of firsts) {
      sso.real.next = next;
      const ways = await Promise.all([1, 2, 3].map(() => sso.there(entry)));
      const came = await Promise.all(ways.map(({ query, kept }) => sso.comeBack(entry, query, kept)));
      expect(came.map(({ to, secret }) => [to, secret === null])).toEqual(came.map(() => ['/', false]));
    }
    const { rows } = await sso.house.platform.pool.query(
      `SELECT subject, email FROM oidc_identity JOIN person ON person.id = person ORDER BY subject`,
    );
    expect(rows).toEqual(firsts.map(({ sub, email }) => ({ subject: sub, email })));
  });

  test('whom it means by an owner is forgotten by owners only', async () => {
    await sso.fresh();
    const administrator = await sso.house.person('unlinking@corp.example', ['administrator'], sso.owner());
    const entry = await sso.add(sso.real.issuer, {
      domains: ['example.com'],
      mfa: { acr: [], amr: ['mfa'] },
    });
    sso.real.next = { sub: 'the-owner', email: sso.owner().email, amr: ['mfa'] };
    const { person } = await sso.session((await sso.through(entry)).secret);
    const forget = (secret: string) =>
      sso.house.ask(
        'DELETE',
        `/people/${person?.id}/identities?issuer=${encodeURIComponent(sso.real.issuer)}`,
        undefined,
        secret,
      );
    expect(await forget(administrator.secret)).toMatchObject({
      status: 403,
      body: { code: 'owner_needed' },
    });
    await sso.fresh();
    expect((await forget(sso.owner().secret)).status).toBe(204);
  });

  test('who left is not let in, however much the issuer vouches', async () => {
    const person = await sso.someone();
    const entry = await sso.add(sso.real.issuer, { mfa: { acr: [], amr: ['mfa'] }, newRoles: ['auditor'] });
    sso.real.next = { sub: 'd', email: person.email, amr: ['mfa'] };
    expect((await sso.through(entry)).secret).not.toBeNull();
    await sso.fresh();
    await sso.house.ask('POST', `/people/${person.id}/offboard`, { reason: 'a test' }, sso.owner().secret);
    expect(await sso.through(entry)).toEqual({ to: '/sign-in?problem=oidc_not_let_in', secret: null });
    sso.real.next = { sub: 'e', email: person.email, amr: ['mfa'] };
    expect(await sso.through(entry)).toEqual({ to: '/sign-in?problem=oidc_not_let_in', secret: null });
  });

  test('an active person without a factor of ours does not make one out of one factor elsewhere', async () => {
    const person = await sso.someone();
    const entry = await sso.add(sso.real.issuer, { mfa: { acr: [], amr: ['mfa'] } });
    await sso.fresh();
    await sso.house.ask(
      'POST',
      `/people/${person.id}/reset-factors`,
      { reason: 'a test' },
      sso.owner().secret,
    );
    sso.real.next = { sub: 'f', email: person.email, amr: ['pwd'] };
    expect(await sso.through(entry)).toEqual({ to: '/sign-in?problem=oidc_no_second_factor', secret: null });
    sso.real.next = { sub: 'f', email: person.email, amr: ['mfa'] };
    expect(await sso.session((await sso.through(entry)).secret)).toMatchObject({ stage: 'signed_in' });
  });

  test('an issuer that was removed lets nobody in, nor one in a private network that was not said', async () => {
    const entry = await sso.add(sso.real.issuer);
    const { url, kept } = await sso.begin(entry);
    await sso.fresh();
    await sso.house.ask('DELETE', `/issuers/${entry.id}`, undefined, sso.owner().secret);
    const query = new URLSearchParams({ code: 'x', state: url.searchParams.get('state') ?? '' });
    expect(await sso.comeBack(entry, query, kept)).toMatchObject({ secret: null });
    const again = await sso.add(sso.real.issuer, { private: false });
    expect(await sso.house.ask('POST', `/session/oidc/${again.id}`, {})).toMatchObject({
      status: 503,
      body: { code: 'issuer_away' },
    });
  });
});

test('issuers are entered by who may, with a factor, once each, and never make administrators', async () => {
  const person = await sso.someone();
  const given = {
    name: 'x',
    issuer: 'https://i.example',
    clientId: 'c',
    domains: ['corp.example'],
    reason: 'a test',
  };
  expect((await sso.house.ask('POST', '/issuers', given, person.secret)).status).toBe(403);
  await sso.fresh();
  for (const wrong of [
    { newRoles: ['owner'] },
    { newRoles: ['administrator'] },
    { issuer: 'http://i.example' },
    { domains: [] },
    { domains: ['*'] },
    { clientSecret: 'made up' },
  ]) {
    expect((await sso.house.ask('POST', '/issuers', { ...given, ...wrong }, sso.owner().secret)).status).toBe(
      400,
    );
  }
  expect((await sso.house.ask('POST', '/issuers', given, sso.owner().secret)).status).toBe(201);
  expect((await sso.house.ask('POST', '/issuers', given, sso.owner().secret)).status).toBe(409);
  sso.house.platform.advance(5 * 60_000 + 1);
  expect(
    await sso.house.ask('POST', '/issuers', { ...given, issuer: 'https://j.example' }, sso.owner().secret),
  ).toMatchObject({
    status: 403,
    body: { code: 'step_up_needed' },
  });
});

test('where a second person is needed, an issuer waits for one: whoever rules it can come in as anybody', async () => {
  const { platform } = sso.house;
  const set = (value: string) =>
    platform.pool.query(
      `INSERT INTO setting (key, value, changed_at, changed_by, reason) VALUES ('connections.second_person', $1, now(), 'x', 'x')
       ON CONFLICT (key) DO UPDATE SET value = $1`,
      [value],
    );
  const entry = await sso.add(sso.forging.issuer);
  await set('true');
  await sso.fresh();
  const change = (body: object) =>
    sso.house.ask('PATCH', `/issuers/${entry.id}`, { reason: 'a test', ...body }, sso.owner().secret);
  expect(await change({ newRoles: ['security'] })).toMatchObject({
    status: 409,
    body: { code: 'approval_needed' },
  });
  const given = { name: 'Mine', issuer: 'https://mine.example', clientId: 'c', domains: ['corp.example'] };
  expect(
    await sso.house.ask('POST', '/issuers', { ...given, reason: 'a test' }, sso.owner().secret),
  ).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  await set('false');
  expect((await change({ newRoles: ['security'] })).status).toBe(200);
});

test('only owners let issuers in: whoever names one could come in as any of them', async () => {
  await sso.fresh();
  const administrator = await sso.house.person('administrator@corp.example', ['administrator'], sso.owner());
  const given = {
    ...{
      name: 'Mine',
      issuer: sso.forging.issuer,
      clientId: CLIENT,
      domains: ['example.com'],
      private: true,
    },
    reason: 'a test',
  };
  expect(await sso.house.ask('POST', '/issuers', given, administrator.secret)).toMatchObject({
    status: 403,
    body: { code: 'not_permitted' },
  });
  const entry = await sso.add(sso.forging.issuer);
  expect(
    await sso.house.ask('PATCH', `/issuers/${entry.id}`, { domains: ['example.com'] }, administrator.secret),
  ).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
});

test('one address can not begin so many that nobody else comes in; what came to its end counts no more', async () => {
  const entry = await sso.add(sso.forging.issuer);
  const begun = async () =>
    (
      await sso.house.request(`/session/oidc/${entry.id}`, {
        method: 'POST',
        headers: headersOf(undefined, {}),
        body: '{}',
      })
    ).status;
  sso.house.from('2001:db8:66::1');
  const many = await Promise.all(Array.from({ length: 70 }, begun));
  expect(many.filter((status) => status === 429)).toHaveLength(10);
  sso.house.from('2001:db8:66::2');
  expect(await begun()).toBe(429);
  sso.house.from('2001:db8:67::1');
  const { id, email } = await sso.someone();
  sso.forging.forge((claims) => sso.forging.sign({ ...claims, sub: id, email, email_verified: true }));
  const attempts = async () =>
    (await sso.house.platform.pool.query('SELECT sum(attempts)::int AS attempts FROM throttle')).rows[0]
      .attempts;
  const before = await attempts();
  const { url, kept } = await sso.begin(entry);
  expect(await attempts()).toBe(before + 1);
  const came = await sso.comeBack(
    entry,
    new URLSearchParams({ code: 'made-up', state: url.searchParams.get('state') ?? '' }),
    kept,
  );
  expect(came.secret).not.toBeNull();
  expect(await attempts()).toBe(before);
  sso.house.from('127.0.0.1');
});
