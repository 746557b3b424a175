import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordRefused } from './index.ts';
import type { Answered, Enrolled } from './testing.ts';
import { type IdentityHouse, identityHouse } from './testing-house.ts';

/** What was refused: told to whom it was tried against, and written down for who audits. All people are made up. */
let house: IdentityHouse;
let first: Enrolled;
beforeAll(async () => {
  house = await identityHouse();
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
const secretOf = ({ secret, status, body }: Answered): string => {
  if (secret === null) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
  return secret;
};
async function signedIn(): Promise<string> {
  const code = first.codeAt(house.platform.clock.now());
  return secretOf(await house.ask('POST', '/session/totp', { code }, secretOf(await byPassword())));
}

test('who signs in is told how many were refused at their account since they last did, each once', async () => {
  await house.platform.pool.query('TRUNCATE refused_sign_in');
  const told = async (secret: string) =>
    ((await house.ask('GET', '/session', undefined, secret)).body as { refusedBefore?: number })
      .refusedBefore;
  const next = async () => {
    house.platform.advance(60_000);
    await house.platform.pool.query('TRUNCATE throttle');
    await recordRefused(house.platform);
    return signedIn();
  };
  await next();
  await byPassword(first.email, 'wrong 1');
  await byPassword('nobody@example.com', 'wrong 2');
  await house.platform.pool.query('TRUNCATE throttle');
  house.platform.advance(30_000);
  // Before they are written down, and not once more after it.
  const session = await signedIn();
  expect(await told(session)).toBe(1);
  await byPassword(first.email, 'wrong 3');
  await byPassword(first.email, 'wrong 4');
  expect(await told(await next())).toBe(2);
  expect(await told(await next())).toBe(0);
  expect(await told(session)).toBe(1);
  expect(await told(secretOf(await byPassword()))).toBeUndefined();
});

test('acts that are refused to who is signed in are counted, and written down with who, what and why', async () => {
  await house.platform.pool.query('TRUNCATE refused_act');
  house.platform.advance(60_000);
  const owner = { ...first, secret: await signedIn() };
  const auditor = await house.person('auditor@example.com', ['auditor'], owner);
  const invite = { email: 'x@example.com', roles: ['auditor'] };
  const flood = Array.from({ length: 20 }, () => house.ask('POST', '/people', invite, auditor.secret));
  expect((await Promise.all(flood)).map(({ status }) => status)).toEqual(Array(20).fill(403));
  // By a handler, behind the gate.
  const administrator = await house.person('admin@example.com', ['administrator'], owner);
  const { body } = await house.ask('GET', '/session', undefined, owner.secret);
  const { id } = (body as { person: { id: string } }).person;
  await house.ask('POST', `/people/${id}/offboard`, {}, administrator.secret);
  // Neither what a factor is asked for, nor who is not signed in.
  house.platform.advance(6 * 60_000);
  expect((await house.ask('POST', '/people', invite, administrator.secret)).body).toMatchObject({
    code: 'step_up_needed',
  });
  await house.ask('POST', '/people', invite, secretOf(await byPassword()));
  const { rows } = await house.platform.pool.query('SELECT count(*)::int AS rows FROM refused_act');
  expect(rows).toEqual([{ rows: 2 }]);
  house.platform.advance(60_000);
  await Promise.all([recordRefused(house.platform), recordRefused(house.platform)]);
  const written = await house.platform.pool.query(
    `SELECT actor, reason, detail - 'since' AS detail FROM change WHERE act = 'act.refuse' ORDER BY seq`,
  );
  expect(written.rows.toSorted((one, other) => other.detail.count - one.detail.count)).toEqual([
    {
      actor: auditor.id,
      reason: '20 acts were refused',
      detail: { action: 'person.invite', why: 'not_permitted', count: 20 },
    },
    {
      actor: administrator.id,
      reason: 'An act was refused',
      detail: { action: 'person.change', why: 'owner_needed', count: 1 },
    },
  ]);
});
