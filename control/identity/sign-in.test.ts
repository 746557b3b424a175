import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordRefused } from './index.ts';
import type { Answered, Enrolled } from './testing.ts';
import { softPasskey } from './testing.ts';
import { countedHashing, host, type IdentityHouse, identityHouse } from './testing-house.ts';

const hashing = countedHashing();
let house: IdentityHouse;
let first: Enrolled;
beforeAll(async () => {
  house = await identityHouse(hashing);
  first = await house.first();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.platform.pool.query('TRUNCATE throttle');
  // The next code of the app: each is taken once.
  house.platform.advance(30_000);
});

const byPassword = (email = first.email, password = first.password) =>
  house.ask('POST', '/session/password', { email, password });
const code = () => first.codeAt(house.platform.clock.now());
const totp = (secret: string, given = code()) => house.ask('POST', '/session/totp', { code: given }, secret);
const opens = async (secret: string) => (await house.ask('GET', '/open', undefined, secret)).status;
const stage = async (secret: string) =>
  ((await house.ask('GET', '/session', undefined, secret)).body as { stage: string }).stage;
const secretOf = ({ secret, status, body }: Answered): string => {
  if (secret === null) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
  return secret;
};
const signedIn = async () => secretOf(await totp(secretOf(await byPassword())));
const fails = (status: number, wrong: string) => ({ status, secret: null, body: { code: wrong } });

describe('password and code', () => {
  test('sign in together, and a password alone opens nothing, least of all a new factor', async () => {
    const half = secretOf(await byPassword());
    expect(await stage(half)).toBe('second_factor');
    expect(await opens(half)).toBe(403);
    for (const path of ['/me/totp', '/me/passkeys/options', '/me/recovery-codes', '/session/finish']) {
      expect([path, (await house.ask('POST', path, undefined, half)).body]).toMatchObject([
        path,
        { code: 'second_factor_needed' },
      ]);
    }
    const { body } = await house.ask('GET', '/session', undefined, half);
    expect(body).toMatchObject({ person: null, actor: null, actions: [], factors: ['totp', 'recovery'] });
    expect(await opens(secretOf(await totp(half)))).toBe(200);
  });

  test('give another session each time: one that was known before is of no use (fixation)', async () => {
    const planted = 'made-up-secret-that-an-attacker-knows-0123456';
    const half = secretOf(
      await house.ask('POST', '/session/password', { email: first.email, password: first.password }, planted),
    );
    expect(half).not.toBe(planted);
    const whole = secretOf(await totp(half));
    expect(whole).not.toBe(half);
    expect([await stage(planted), await stage(half), await stage(whole)]).toEqual([
      'signed_out',
      'signed_out',
      'signed_in',
    ]);
    house.platform.advance(30_000);
    const stepped = secretOf(await house.ask('POST', '/session/step-up', { totp: code() }, whole));
    expect([await stage(whole), await stage(stepped)]).toEqual(['signed_out', 'signed_in']);
  });

  test('a code signs in once, also when two come with it at the same moment', async () => {
    const halves = [secretOf(await byPassword()), secretOf(await byPassword())] as const;
    const answers = await Promise.all(halves.map((half) => totp(half)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 401]);
    const replayed = secretOf(await byPassword());
    expect(await totp(replayed)).toMatchObject(fails(401, 'wrong_code'));
    // Nor one of the step before, once a later one was used.
    const earlier = first.codeAt(house.platform.clock.now() - 30_000);
    expect(await totp(replayed, earlier)).toMatchObject(fails(401, 'wrong_code'));
  });

  test('the second factor comes within ten minutes, or not at all', async () => {
    const half = secretOf(await byPassword());
    house.platform.advance(10 * 60_000);
    expect(await totp(half)).toMatchObject(fails(401, 'signed_out'));
  });

  test('what is wrong is not told, and costs one hash whatever it is (enumeration)', async () => {
    const invited = await house.ask(
      'POST',
      '/people',
      { email: 'invited@example.com', roles: ['auditor'] },
      await signedIn(),
    );
    expect(invited.status).toBe(201);
    const answers: unknown[] = [];
    for (const email of [first.email, 'nobody@example.com', 'invited@example.com']) {
      const before = hashing.verified;
      const { status, body, secret } = await byPassword(email, 'a wrong password');
      answers.push({ status, body, secret, hashes: hashing.verified - before });
    }
    expect(answers[0]).toMatchObject({
      status: 401,
      body: { code: 'wrong_sign_in' },
      secret: null,
      hashes: 1,
    });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('after five attempts an account waits, whoever has it, and longer each time; a passkey still signs in', async () => {
    const session = await signedIn();
    const passkey = await addPasskey(session);
    for (const email of [first.email, 'nobody@example.com']) {
      const statuses: number[] = [];
      for (let guess = 0; guess < 6; guess += 1) statuses.push((await byPassword(email, 'a guess')).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    }
    const waits: number[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      // From ever other addresses: it is the account that waits.
      house.from(`192.0.2.${guess}`);
      const refused = await house.request('/session/password', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: first.email, password: first.password }),
      });
      expect(refused.status).toBe(429);
      const wait = Number(refused.headers.get('retry-after'));
      waits.push(wait);
      house.platform.advance(wait * 1000);
      expect((await byPassword(first.email, 'a guess')).status).toBe(401);
    }
    house.from('127.0.0.1');
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    expect((await byPasskey(passkey)).status).toBe(204);
    house.platform.advance(900_000);
    expect((await byPassword()).status).toBe(204);
    expect((await byPassword(first.email, 'a guess')).status).toBe(401);
  });

  test('many at once are no way around: no more are looked at than one after another', async () => {
    const before = hashing.verified;
    const guesses = Array.from({ length: 40 }, (_, at) =>
      byPassword('many@example.com', `guess number ${at}`),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(35);
    expect(hashing.verified - before).toBe(5);
  });

  test('right ones that come at once are not in each other’s way', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => byPassword()));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(204));
  });

  test('codes are guessed no faster than passwords', async () => {
    const half = secretOf(await byPassword());
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1) statuses.push((await totp(half, '000000')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    // A right one is heard no sooner.
    expect((await totp(half)).status).toBe(429);
  });

  test('one address that tries many accounts waits as well', async () => {
    house.from('2001:db8::1:2:3:4');
    const at = (guess: number) => byPassword(`account-${guess}@example.com`, 'a guess');
    const statuses: number[] = [];
    for (let guess = 0; guess < 31; guess += 1) statuses.push((await at(guess)).status);
    expect(statuses.slice(29)).toEqual([401, 429]);
    // Another one of the same network is no other one; another network is.
    house.from('2001:db8::ffff:0:0:1');
    expect((await at(31)).status).toBe(429);
    house.from('2001:db8:0:1::1');
    expect((await at(32)).status).toBe(401);
    house.from('127.0.0.1');
  });
});

describe('recovery codes', () => {
  test('stand in for the app, each once, however it is typed', async () => {
    const [one = '', two = ''] = first.recoveryCodes;
    const use = async (given: string) =>
      house.ask('POST', '/session/recovery', { code: given }, secretOf(await byPassword()));
    expect(await opens(secretOf(await use(one)))).toBe(200);
    expect(await use(one)).toMatchObject(fails(401, 'wrong_code'));
    expect((await use(` ${two.toUpperCase().replaceAll('-', ' ')} `)).status).toBe(204);
    expect((await use('0000-0000-0000-0000')).status).toBe(401);
  });

  test('of several that come with one at the same moment, exactly one gets in', async () => {
    const given = first.recoveryCodes[2] ?? '';
    const halves = await Promise.all([1, 2, 3, 4].map(async () => secretOf(await byPassword())));
    const answers = await Promise.all(
      halves.map((half) => house.ask('POST', '/session/recovery', { code: given }, half)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 401, 401, 401]);
  });

  test('are of no use without the password to who has one', async () => {
    const body = { email: first.email, code: first.recoveryCodes[3] };
    expect(await house.ask('POST', '/session/recovery', body)).toMatchObject(fails(401, 'wrong_code'));
    expect((await house.ask('POST', '/session/recovery', { ...body, email: 'no@example.com' })).body).toEqual(
      (await house.ask('POST', '/session/recovery', body)).body,
    );
  });

  test('cost the same whether somebody is there or not (enumeration)', async () => {
    const { pool } = house.platform;
    const alone = await house.person('passkeys-alone@example.com', ['auditor'], {
      ...first,
      secret: await signedIn(),
    });
    await pool.query('DELETE FROM password WHERE person = $1', [alone.id]);
    const costs: unknown[] = [];
    for (const email of [first.email, 'nobody@example.com', alone.email]) {
      let questions = 0;
      const count = () => {
        questions += 1;
      };
      pool.on('acquire', count);
      const { status, body } = await house.ask('POST', '/session/recovery', {
        email,
        code: '0000-0000-0000-0000',
      });
      pool.off('acquire', count);
      costs.push({ status, body, questions });
    }
    expect(costs[0]).toMatchObject({ status: 401, body: { code: 'wrong_code' } });
    expect(new Set(costs.map((cost) => JSON.stringify(cost))).size).toBe(1);
  });

  test('that are made anew end the earlier ones', async () => {
    const session = await signedIn();
    const made = await house.ask('POST', '/me/recovery-codes', undefined, session);
    const { codes } = made.body as { codes: string[] };
    expect(new Set(codes).size).toBe(10);
    const old = first.recoveryCodes[4] ?? '';
    const half = secretOf(await byPassword());
    expect((await house.ask('POST', '/session/recovery', { code: old }, half)).status).toBe(401);
    first = { ...first, recoveryCodes: codes };
  });
});

describe('passkeys', () => {
  test('sign in alone, with the person verified, and only for this site', async () => {
    const passkey = await addPasskey(await signedIn());
    expect(await opens(secretOf(await byPasskey(passkey)))).toBe(200);
    expect(await byPasskey(passkey, { verified: false })).toMatchObject(fails(401, 'wrong_passkey'));
    expect(await byPasskey(passkey, { origin: 'https://evil.example.com' })).toMatchObject(
      fails(401, 'wrong_passkey'),
    );
    const stranger = softPasskey('localhost');
    stranger.create({ challenge: '' });
    expect(await byPasskey(stranger)).toMatchObject(fails(401, 'wrong_passkey'));
  });

  test('answer a challenge once, within five minutes, and one of ours', async () => {
    const passkey = await addPasskey(await signedIn());
    const options = await signInOptions();
    passkey.counter += 1;
    const response = passkey.get(options);
    const send = () => house.ask('POST', '/session/passkey', { response });
    expect((await send()).status).toBe(204);
    expect((await send()).status).toBe(401);
    const late = await signInOptions();
    house.platform.advance(5 * 60_000);
    passkey.counter += 1;
    expect((await house.ask('POST', '/session/passkey', { response: passkey.get(late) })).status).toBe(401);
    const forged = passkey.get({ challenge: Buffer.alloc(64, 7).toString('base64url') });
    expect((await house.ask('POST', '/session/passkey', { response: forged })).status).toBe(401);
  });

  test('one whose counter goes back is refused, and that there is a copy is written down', async () => {
    const passkey = await addPasskey(await signedIn());
    passkey.counter = 10;
    expect((await byPasskey(passkey)).status).toBe(204);
    passkey.counter = 3;
    expect(await byPasskey(passkey)).toMatchObject(fails(401, 'wrong_passkey'));
    const { rows } = await house.platform.pool.query(
      "SELECT detail->>'counter' AS counter, detail->>'known' AS known FROM change WHERE act = 'passkey.copied'",
    );
    expect(rows).toEqual([{ counter: '4', known: '11' }]);
  });

  test('that was enrolled for one use does not answer another; a new one needs verification too', async () => {
    const session = await signedIn();
    const options = await enrolOptions(session);
    const unverified = softPasskey('localhost').create(options, { verified: false });
    const add = (response: object, secret = session) =>
      house.ask('POST', '/me/passkeys', { name: 'Made up', response }, secret);
    expect(await add(unverified)).toMatchObject({ status: 422, body: { errors: [{ field: 'response' }] } });
    expect((await add(softPasskey('localhost').create(await signInOptions()))).status).toBe(422);
    // Nor one that was asked for in another session.
    house.platform.advance(30_000);
    expect((await add(softPasskey('localhost').create(options), await signedIn())).status).toBe(422);
    expect((await add(softPasskey('localhost').create(options))).status).toBe(201);
  });

  test('are named, several, and removed; the last factor stays', async () => {
    const link = await house.ask(
      'POST',
      '/people',
      { email: 'keys@example.com', roles: ['auditor'] },
      await signedIn(),
    );
    const { token } = (link.body as { link: { token: string } }).link;
    const secret = secretOf(await house.ask('POST', '/session/invitation', { token }));
    await house.ask('PUT', '/session/profile', { name: 'Only Passkeys' }, secret);
    const [laptop, phone] = [await addPasskey(secret), await addPasskey(secret)];
    const made = await house.ask('POST', '/me/recovery-codes', undefined, secret);
    const session = secretOf(await house.ask('POST', '/session/finish', undefined, secret));
    const factors = async () =>
      (await house.ask('GET', '/me/factors', undefined, session)).body as {
        passkeys: { id: string; name: string }[];
      };
    const [one, two] = (await factors()).passkeys;
    await house.ask('PATCH', `/me/passkeys/${one?.id}`, { name: 'Laptop' }, session);
    expect((await factors()).passkeys.map(({ name }) => name)).toEqual(['Laptop', 'Made up']);
    const remove = (id = '') => house.ask('DELETE', `/me/passkeys/${id}`, undefined, session);
    expect((await remove(one?.id)).status).toBe(204);
    expect(await remove(two?.id)).toMatchObject({ status: 409, body: { code: 'last_factor' } });
    expect([(await byPasskey(laptop)).status, (await byPasskey(phone)).status]).toEqual([401, 204]);

    // Lost: a recovery code lets them in to enrol another one, and to nothing else.
    const [given = ''] = (made.body as { codes: string[] }).codes;
    const recovered = await house.ask('POST', '/session/recovery', {
      email: 'keys@example.com',
      code: given,
    });
    expect(await opens(secretOf(recovered))).toBe(403);
    expect(await stage(secretOf(recovered))).toBe('enrolling');
    expect((await byPasskey(phone)).status).toBe(401);
    expect(await opens(session)).toBe(401);
  });

  test('need a name: an address of numbers is told so', async () => {
    const at = (path: string) =>
      house.request(path, {
        method: path === '/session' ? 'GET' : 'POST',
        headers: { host: '127.0.0.1:4400' },
      });
    expect(await (await at('/session/passkey/options')).json()).toMatchObject({ code: 'passkeys_need_name' });
    expect(await (await at('/session')).json()).toMatchObject({ methods: { passkeys: false } });
    expect((await house.ask('GET', '/session')).body).toMatchObject({ methods: { passkeys: true } });
  });
});

describe('a fresh factor', () => {
  test('is asked for what is sensitive once five minutes are over, and given by code or passkey', async () => {
    let session = await signedIn();
    const passkey = await addPasskey(session);
    const asked = async () => (await house.ask('GET', '/sensitive', undefined, session)).body;
    expect(await asked()).toBe('done');
    house.platform.advance(5 * 60_000 + 1);
    expect(await asked()).toMatchObject({ code: 'step_up_needed' });
    for (const path of ['/me/recovery-codes', '/me/totp'])
      expect((await house.ask('POST', path, undefined, session)).body).toMatchObject({
        code: 'step_up_needed',
      });
    const wrong = await house.ask('POST', '/session/step-up', { totp: '000000' }, session);
    expect(wrong).toMatchObject(fails(401, 'wrong_code'));
    session = secretOf(await house.ask('POST', '/session/step-up', { totp: code() }, session));
    expect(await asked()).toBe('done');

    house.platform.advance(5 * 60_000 + 1);
    const stepUp = async (with_: { challenge: string }) => {
      passkey.counter += 1;
      return house.ask('POST', '/session/step-up', { passkey: passkey.get(with_) }, session);
    };
    // What was asked for a sign-in is no answer here.
    expect((await stepUp(await signInOptions())).status).toBe(401);
    const { options } = (await house.ask('POST', '/session/step-up/options', {}, session)).body as {
      options: { challenge: string };
    };
    session = secretOf(await stepUp(options));
    expect(await asked()).toBe('done');
  });
});

test('refused sign-ins are counted by minute, reason and account, and written down once', async () => {
  await house.platform.pool.query('TRUNCATE refused_sign_in');
  house.platform.advance(60_000);
  await Promise.all([byPassword(first.email, 'wrong 1'), byPassword(first.email, 'wrong 2')]);
  await byPassword('nobody@example.com', 'wrong 3');
  await totp(secretOf(await byPassword()), '000000');
  await house.request('/open', { headers: { host, authorization: 'Bearer made-up' } });
  await house.ask('POST', '/session/invitation', { token: 'x'.repeat(43) });
  const written = async () => {
    await Promise.all([recordRefused(house.platform), recordRefused(house.platform)]);
    const { rows } = await house.platform.pool.query<{ detail: Record<string, unknown> }>(
      `SELECT detail - 'since' AS detail FROM change WHERE act = 'session.refuse'
       ORDER BY detail->>'why', detail->>'count'`,
    );
    return rows.map(({ detail }) => detail);
  };
  expect(await written()).toEqual([]);
  house.platform.advance(60_000);
  const person = expect.any(String);
  expect(await written()).toEqual([
    { why: 'command_token', count: 1 },
    { why: 'link_unknown', count: 1 },
    { why: 'password', count: 1 },
    { why: 'password', count: 2, person },
    { why: 'totp', count: 1, person },
  ]);
});

async function signInOptions(): Promise<{ challenge: string }> {
  const { body } = await house.ask('POST', '/session/passkey/options');
  return (body as { options: { challenge: string } }).options;
}

async function enrolOptions(session: string): Promise<{ challenge: string; user: { id: string } }> {
  const { body } = await house.ask('POST', '/me/passkeys/options', undefined, session);
  return (body as { options: { challenge: string; user: { id: string } } }).options;
}

async function addPasskey(session: string) {
  const passkey = softPasskey('localhost');
  const response = passkey.create(await enrolOptions(session));
  const added = await house.ask('POST', '/me/passkeys', { name: 'Made up', response }, session);
  expect(added.status).toBe(201);
  return passkey;
}

async function byPasskey(
  passkey: ReturnType<typeof softPasskey>,
  options: { verified?: boolean; origin?: string } = {},
): Promise<Answered> {
  passkey.counter += 1;
  const response = passkey.get(await signInOptions(), options);
  return house.ask('POST', '/session/passkey', { response });
}
