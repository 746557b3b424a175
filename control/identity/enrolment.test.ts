import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launcher } from '../platform/index.ts';
import { firstLink } from './index.ts';
import { expectGoodPassword } from './passwords.ts';
import { appCode, type Enrolled, madeUpPassword, softPasskey } from './testing.ts';
import { host, type IdentityHouse, identityHouse, operator } from './testing-house.ts';

let house: IdentityHouse;
beforeAll(async () => {
  house = await identityHouse();
});
afterAll(() => house.close());

const minutes = (count: number) => count * 60_000;
const link = async () => {
  const made = await firstLink(house.platform, { actor: launcher, reason: 'a test' });
  if (made === null) throw new Error('somebody is here already');
  return made.token;
};
const redeem = (token: string) => house.ask('POST', '/session/invitation', { token });
const session = async (secret?: string) =>
  (await house.ask('GET', '/session', undefined, secret)).body as Record<string, unknown>;

let first: Enrolled;
describe('the first administrator', () => {
  test('comes in by a link that is good once, for 30 minutes, and is replaced by the next one', async () => {
    const token = await link();
    expect(await session()).toMatchObject({ stage: 'signed_out', firstStart: true, warnings: [] });
    expect((await redeem(token)).status).toBe(204);
    expect(await redeem(token)).toMatchObject({ status: 401, body: { code: 'link_used' }, secret: null });

    const replaced = await link();
    const late = await link();
    expect((await redeem(replaced)).status).toBe(401);
    house.platform.advance(minutes(30));
    expect((await redeem(late)).status).toBe(401);
    expect((await redeem('x'.repeat(43))).status).toBe(401);
    const { rows } = await house.platform.pool.query('SELECT count(*) AS people FROM person');
    expect(rows).toEqual([{ people: 1 }]);
  });

  test('three who use one link at once are let in once', async () => {
    const token = await link();
    const statuses = (await Promise.all([token, token, token].map(redeem))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([204, 401, 401]);
  });

  test('reaches nothing but enrolment, and a later link ends what was begun with an earlier one', async () => {
    const begun = (await redeem(await link())).secret ?? '';
    expect(await session(begun)).toMatchObject({
      stage: 'enrolling',
      level: 1,
      needsEnrolment: ['profile', 'factor', 'recovery_codes'],
      actions: [],
      warnings: [],
      actor: null,
    });
    for (const [method, path] of [
      ['GET', '/open'],
      ['GET', '/people'],
      ['GET', '/me/sessions'],
      ['PATCH', '/me'],
    ] as const) {
      const answer = await house.ask(method, path, method === 'GET' ? undefined : {}, begun);
      expect([path, answer.status, answer.body]).toMatchObject([path, 403, { code: 'second_factor_needed' }]);
    }
    await house.ask('PUT', '/me/password', { password: madeUpPassword }, begun);
    const next = (await redeem(await link())).secret ?? '';
    expect(await session(begun)).toMatchObject({ stage: 'signed_out' });
    expect((await house.ask('GET', '/me/factors', undefined, next)).body).toMatchObject({ password: false });
  });

  test('begins anew when another first link is made, whoever they said they were: the earlier one ends with it', async () => {
    const begun = (await redeem(await link())).secret ?? '';
    const profile = { name: 'Made-up Finder', email: 'finder@example.com' };
    expect((await house.ask('PUT', '/session/profile', profile, begun)).status).toBeLessThan(300);
    await house.ask('PUT', '/me/password', { password: madeUpPassword }, begun);
    const token = await link();
    expect(await session(begun)).toMatchObject({ stage: 'signed_out' });
    const next = (await redeem(token)).secret ?? '';
    expect(await session(next)).toMatchObject({ needsEnrolment: ['profile', 'factor', 'recovery_codes'] });
    const { rows } = await house.platform.pool.query('SELECT name, email FROM person');
    expect(rows).toEqual([{ name: '', email: null }]);
    expect((await house.ask('PUT', '/session/profile', profile, next)).status).toBeLessThan(300);
  });

  test('can’t end enrolment before anything that is missing is there', async () => {
    const secret = (await redeem(await link())).secret ?? '';
    const step = async (method: string, path: string, body?: unknown) => {
      const { status, body: answer } = await house.ask(method, path, body, secret);
      expect([path, status < 300, answer]).toMatchObject([path, true, {}]);
      return answer as { secret: string };
    };
    const missing = async () =>
      ((await house.ask('POST', '/session/finish', undefined, secret)).body as { missing: string[] }).missing;
    expect(await missing()).toEqual(['profile', 'factor', 'recovery_codes']);
    await step('PUT', '/session/profile', { name: 'Made Up' });
    expect(await missing()).toContain('profile');
    await step('PUT', '/session/profile', { name: 'Made Up', email: 'First@Example.com' });
    expect(await missing()).toEqual(['factor', 'recovery_codes']);
    await step('PUT', '/me/password', { password: madeUpPassword });
    expect(await missing()).toContain('factor');
    const app = await step('POST', '/me/totp');
    expect(await missing()).toContain('factor');
    const wrong = await house.ask('POST', '/me/totp/confirm', { code: '000000' }, secret);
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_code' } });
    const now = house.platform.clock.now();
    await step('POST', '/me/totp/confirm', { code: appCode(app.secret, now) });
    expect(await missing()).toEqual(['recovery_codes']);
    await step('POST', '/me/recovery-codes');
    // Not with the same cookie: what was known of the session before is of no use.
    const finished = await house.ask('POST', '/session/finish', undefined, secret);
    expect(finished.status).toBe(204);
    expect(await session(secret)).toMatchObject({ stage: 'signed_out' });
    expect(await session(finished.secret ?? '')).toMatchObject({
      stage: 'signed_in',
      level: 2,
      firstStart: false,
      person: { name: 'Made Up', email: 'First@Example.com', roles: ['owner'] },
      warnings: [{ code: 'made_up' }],
    });
    first = {
      secret: finished.secret ?? '',
      cookie: '',
      email: 'first@example.com',
      password: madeUpPassword,
      recoveryCodes: [],
      appSecret: app.secret,
      codeAt: (at) => appCode(app.secret, at),
    };
  });

  test('is the last one that a link of the start makes', async () => {
    expect(await firstLink(house.platform, { actor: launcher, reason: 'a test' })).toBeNull();
  });
});

describe('passwords', () => {
  const owner = { name: 'Ada Example', email: 'ada+key@example.com', organisation: 'Lighthouse Works' };
  test.each(['пароль из четырёх слов', '804926173584', 'correct horse battery', '水面に映る月の影と風の音'])(
    'no kind of characters is asked for: %s will do',
    (password) => expect(() => expectGoodPassword(password, owner)).not.toThrow(),
  );
  test.each([
    ...['qwertyuiop123', 'Iloveyou!2024', '1q2w3e4r5t6y', 'Sunshine12345', 'monkey-dragon', 'P4ssw0rd-2026!'],
    ...['m0nk3ydr4g0n', '2024footballbaseball', 'lighthouse-works-1', 'ada-key-example'],
    ...['Ada-Example-2024', 'password123456', 'Drawbridge!!!!1', 'aaaaaaaaaaaaaa', '123456789012'],
  ])('what is tried first is refused: %s', (password) =>
    expect(() => expectGoodPassword(password, owner)).toThrow(/password/),
  );

  test.each([
    ['short'],
    ['aaaaaaaaaaaaaaa'],
    ['123456789012345'],
    ['first@example.com1'],
    ['Made Up password 1'],
    ['Drawbridge12345!'],
  ])('%s is refused, and the field named', async (password) => {
    const answer = await house.ask('PUT', '/me/password', { password }, first.secret);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'password' }] } });
  });
});

describe('people who are invited', () => {
  const invite = (body: object, secret = first.secret) => house.ask('POST', '/people', body, secret);

  test('come in by a link, with the roles they were given, and stay out of what these do not permit', async () => {
    const auditor = await house.person('auditor@example.com', ['auditor'], first);
    expect(await session(auditor.secret)).toMatchObject({
      stage: 'signed_in',
      person: { roles: ['auditor'] },
    });
    const asked = async (method: string, path: string) =>
      (await house.ask(method, path, undefined, auditor.secret)).status;
    expect(await asked('GET', '/open')).toBe(200);
    expect(await asked('GET', '/people')).toBe(200);
    expect(await asked('POST', '/people')).toBe(403);
    expect(await asked('GET', '/sensitive')).toBe(403);
    const { actions } = (await session(auditor.secret)) as { actions: string[] };
    expect(actions.filter((action) => !action.endsWith('.read'))).toEqual(['message.report']);
  });

  test('may do with their own what their role permits there, and nothing with others’', async () => {
    const developer = await house.person('developer@example.com', ['developer'], first);
    const write = async (id: string) =>
      (await house.ask('PUT', `/owned/${id}`, undefined, developer.secret)).status;
    expect(await write(`of-${developer.id}`)).toBe(200);
    expect(await write('of-another')).toBe(403);
    expect(await write('nothing')).toBe(403);
  });

  test('are one person, however their address is written; their link is replaced by another', async () => {
    const invited = await invite({ email: 'twice@example.com', roles: ['auditor'] });
    const { person, link: old } = invited.body as { person: { id: string }; link: { token: string } };
    expect(await invite({ email: ' TWICE@example.com', roles: ['auditor'] })).toMatchObject({
      status: 409,
      body: { code: 'person_exists' },
    });
    const again = await house.ask('POST', `/people/${person.id}/invitation`, {}, first.secret);
    expect((await redeem(old.token)).status).toBe(401);
    const { token } = (again.body as { link: { token: string } }).link;
    expect((await redeem(token)).status).toBe(204);
  });

  test('are not who used an earlier link: another one ends what was begun with it', async () => {
    await stepUp();
    const { body } = await invite({ email: 'mistaken@example.com', roles: ['auditor'] });
    const { person, link: taken } = body as { person: { id: string }; link: { token: string } };
    const thief = (await redeem(taken.token)).secret ?? '';
    expect(await session(thief)).toMatchObject({ stage: 'enrolling' });
    await house.ask('PUT', '/me/password', { password: madeUpPassword }, thief);
    const again = await house.ask('POST', `/people/${person.id}/invitation`, {}, first.secret);
    expect(again.status).toBe(201);
    expect(await session(thief)).toMatchObject({ stage: 'signed_out' });
    const finished = await house.ask('POST', '/session/finish', undefined, thief);
    expect(finished).toMatchObject({ status: 401, body: { code: 'signed_out' } });
  });

  test('are made owners by owners only, and given nothing that who invites may not do', async () => {
    const administrator = await house.person('administrator@example.com', ['administrator'], first);
    const to = (roles: string[]) =>
      invite({ email: `${roles.join('-')}@example.com`, roles }, administrator.secret);
    expect(await to(['owner'])).toMatchObject({ status: 403, body: { code: 'owner_needed' } });
    expect((await to(['security', 'responder'])).status).toBe(201);
    const people = (await house.ask('GET', '/people', undefined, administrator.secret)).body as {
      items: { id: string; email: string }[];
    };
    const owner = people.items.find(({ email }) => email === 'First@Example.com')?.id ?? '';
    for (const [path, body] of [
      [`/people/${owner}/reset-factors`, {}],
      [`/people/${owner}/offboard`, {}],
    ] as const) {
      expect(await house.ask('POST', path, body, administrator.secret)).toMatchObject({
        status: 403,
        body: { code: 'owner_needed' },
      });
    }
    expect(await house.ask('PATCH', `/people/${owner}`, { roles: ['auditor'] }, first.secret)).toMatchObject({
      status: 409,
      body: { code: 'last_owner' },
    });
  });

  test('whose access ends by a date are out from then on', async () => {
    const { clock } = house.platform;
    const outsider = await house.person('outsider@example.com', ['auditor'], first);
    const accessEnds = new Date(clock.now() + minutes(20)).toISOString();
    const changed = await house.ask('PATCH', `/people/${outsider.id}`, { accessEnds }, first.secret);
    expect(changed).toMatchObject({ status: 200, body: { accessEnds } });
    expect((await house.ask('GET', '/open', undefined, outsider.secret)).status).toBe(200);
    house.platform.advance(minutes(20));
    expect((await house.ask('GET', '/open', undefined, outsider.secret)).status).toBe(401);
    const signIn = await house.ask('POST', '/session/password', {
      email: outsider.email,
      password: outsider.password,
    });
    expect(signIn).toMatchObject({ status: 401, body: { code: 'wrong_sign_in' } });
  });

  test('that are offboarded are out at once: sessions, links and factors, and who listens hears it', async () => {
    const heard: string[] = [];
    house.identity.onPersonChange(async (_tx, person) => void heard.push(person));
    await stepUp();
    const leaver = await house.person('leaver@example.com', ['auditor'], first);
    const away = await house.ask('POST', `/people/${leaver.id}/offboard`, {}, first.secret);
    expect(away.status).toBe(204);
    expect((await house.ask('GET', '/open', undefined, leaver.secret)).status).toBe(401);
    expect(heard).toEqual([leaver.id]);
    expect((await house.ask('GET', `/people/${leaver.id}`, undefined, first.secret)).body).toMatchObject({
      state: 'offboarded',
      sessions: 0,
      factors: { passkeys: 0, totp: false, recoveryCodesLeft: 0 },
    });
    expect(await house.ask('POST', `/people/${leaver.id}/reset-factors`, {}, first.secret)).toMatchObject({
      body: { code: 'offboarded' },
    });
  });

  test('whose factors are reset come in with a new link only', async () => {
    await stepUp();
    const lost = await house.person('lost@example.com', ['auditor'], first);
    const reset = await house.ask('POST', `/people/${lost.id}/reset-factors`, {}, first.secret);
    expect((await house.ask('GET', '/open', undefined, lost.secret)).status).toBe(401);
    const { token } = (reset.body as { link: { token: string } }).link;
    const secret = (await redeem(token)).secret ?? '';
    expect(await session(secret)).toMatchObject({
      stage: 'enrolling',
      needsEnrolment: ['factor', 'recovery_codes'],
    });
  });
});

describe('the command on this machine', () => {
  const ask = async (body: object) => {
    const answer = await house.request('/sign-in-links', {
      method: 'POST',
      headers: { ...operator, 'content-type': 'application/json', 'x-drawbridge-reason': 'a test' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as { code?: string; token?: string } };
  };

  test('makes a link for a named person, ends what they had, and it is written down as what it is', async () => {
    expect(await ask({})).toMatchObject({ status: 409, body: { code: 'person_needed' } });
    const { token = '' } = (await ask({ email: 'first@example.com' })).body;
    expect(await session(first.secret)).toMatchObject({ stage: 'signed_out' });
    expect(await session((await redeem(token)).secret ?? '')).toMatchObject({
      stage: 'enrolling',
      person: { roles: ['owner'] },
      needsEnrolment: ['factor', 'recovery_codes'],
    });
    const { rows } = await house.platform.pool.query(
      "SELECT actor, detail FROM change WHERE act = 'person.recover'",
    );
    expect(rows).toEqual([{ actor: 'local-administrator', detail: { by: 'access to this machine' } }]);
  });

  test('is the only one that may', async () => {
    const someone = await house.person('someone@example.com', ['administrator'], await owner());
    const answer = await house.ask('POST', '/sign-in-links', { email: 'x@example.com' }, someone.secret);
    expect(answer).toMatchObject({ status: 403, body: { code: 'command_only' } });
  });

  async function owner(): Promise<Enrolled> {
    const { token = '' } = (await ask({ email: 'first@example.com' })).body;
    const secret = (await redeem(token)).secret ?? '';
    const passkey = softPasskey('localhost');
    const options = await house.ask('POST', '/me/passkeys/options', {}, secret);
    const response = passkey.create((options.body as { options: { challenge: string } }).options);
    await house.ask('POST', '/me/passkeys', { name: 'Made up', response }, secret);
    await house.ask('POST', '/me/recovery-codes', undefined, secret);
    const done = await house.ask('POST', '/session/finish', undefined, secret);
    return { ...first, secret: done.secret ?? '' };
  }
});

/** The first administrator signs in anew where their session is over, and uses a factor just now. */
async function stepUp(): Promise<void> {
  house.platform.advance(30_000);
  const code = first.codeAt(house.platform.clock.now());
  const { status, secret } = await house.ask('POST', '/session/step-up', { totp: code }, first.secret);
  expect([status, host]).toEqual([204, host]);
  first.secret = secret ?? '';
}
