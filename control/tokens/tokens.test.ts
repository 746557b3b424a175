import { formApiToken } from '@drawbridge/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Enrolled, headersOf } from '../identity/testing.ts';
import { type IdentityHouse, identityHouse } from '../identity/testing-house.ts';
import { recordChange } from '../platform/index.ts';
import { createTokens, tokenRoutes } from './index.ts';

/** Tokens behind the real gate, with people who signed in. */
let house: IdentityHouse;
let owner: Enrolled & { id: string };
beforeAll(async () => {
  house = await identityHouse(undefined, ({ platform, reached }) => {
    const tokens = createTokens(platform);
    return {
      resolvers: [(token, c) => tokens.caller(token, reached.addressOf(c))],
      routes: tokenRoutes(tokens),
    };
  });
  const first = await house.first();
  const { body } = await house.ask('GET', '/session', undefined, first.secret);
  owner = { ...first, id: (body as { person: { id: string } }).person.id };
});
afterAll(() => house.close());

interface Made {
  id: string;
  token: string;
  expiresAt: string;
}
async function make(secret: string, given: object): Promise<Made> {
  const { status, body } = await house.ask(
    'POST',
    '/tokens',
    { name: 'a test', reason: 'a test', ...given },
    secret,
  );
  expect(status, JSON.stringify(body)).toBe(201);
  return body as Made;
}
const by = (token: string) => ({ authorization: `Bearer ${token}` });
const status = async (path: string, token: string, method = 'GET') =>
  (await house.request(path, { method, headers: by(token) })).status;
let invited = 0;
async function someone(...roles: string[]) {
  invited += 1;
  owner = await fresh(owner);
  const made = await house.person(`someone-${invited}@example.com`, roles, owner);
  return made;
}
/** Signed in anew: a factor was used just now. */
async function fresh<Who extends Enrolled>(who: Who): Promise<Who> {
  // The app's next code: one that was used is refused.
  house.platform.advance(30_000);
  const { email, password } = who;
  const first = await house.ask('POST', '/session/password', { email, password });
  const code = who.codeAt(house.platform.clock.now());
  const { secret } = await house.ask('POST', '/session/totp', { code }, first.secret ?? '');
  return { ...who, secret: secret ?? '' };
}

test('a token speaks for its person, says when and from where it was used, and is kept as a hash', async () => {
  owner = await fresh(owner);
  const { token, id, expiresAt } = await make(owner.secret, { actions: ['overview.read'] });
  expect(token).toMatch(/^dbt_[a-z2-7]{16}_[a-z2-7]{59}$/);
  const days = (Date.parse(expiresAt) - house.platform.clock.now()) / (24 * 3600_000);
  expect(days).toBe(30);
  house.from('198.51.100.7');
  expect(await (await house.request('/open', { headers: by(token) })).text()).toBe(owner.id);
  house.from('127.0.0.1');
  const { body } = await house.ask('GET', '/tokens', undefined, owner.secret);
  expect((body as { items: object[] }).items).toMatchObject([
    {
      id,
      state: 'works',
      lastUsedAddress: '198.51.100.7',
      lastUsedAt: new Date(house.platform.clock.now()).toISOString(),
    },
  ]);
  const rows = await house.platform.pool.query('SELECT row_to_json(t)::text AS text FROM api_token t');
  const secret = token.slice(-59);
  const stored = JSON.stringify([rows.rows, body]) + house.platform.logged();
  expect(stored).not.toContain(secret);
  expect(stored).not.toContain(token);
});

test('a token does what it was made for, as far as its person may do it now', async () => {
  const person = await someone('security');
  const { token } = await make(person.secret, { actions: ['overview.read', 'crossing.read'] });
  expect(await status('/open', token)).toBe(200);
  expect(await status('/people', token)).toBe(403);
  await house.platform.pool.query(`UPDATE person SET roles = '{responder}' WHERE id = $1`, [person.id]);
  expect(await status('/open', token)).toBe(200);
  await house.platform.pool.query(`UPDATE person SET roles = '{}' WHERE id = $1`, [person.id]);
  expect(await status('/open', token)).toBe(403);
});

test('with own, a token does it with what its person owns, and never more', async () => {
  const person = await someone('developer');
  const { token } = await make(person.secret, { actions: ['app.write'] });
  expect(await status(`/owned/of-${person.id}`, token, 'PUT')).toBe(200);
  expect(await status(`/owned/of-${owner.id}`, token, 'PUT')).toBe(403);
  // More rights for the person are more for the token, within what it was made for.
  await house.platform.pool.query(`UPDATE person SET roles = '{security}' WHERE id = $1`, [person.id]);
  expect(await status(`/owned/of-${owner.id}`, token, 'PUT')).toBe(200);
  expect(await status('/open', token)).toBe(403);
});

test('nobody makes a token for more than they may, nor for what asks for a factor', async () => {
  const person = await someone('developer');
  const ask = (actions: string[]) =>
    house.ask('POST', '/tokens', { name: 'x', actions, reason: 'a test' }, person.secret);
  expect(await ask(['overview.read', 'crossing.read'])).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'actions.1' }] },
  });
  owner = await fresh(owner);
  expect(
    await house.ask(
      'POST',
      '/tokens',
      { name: 'x', actions: ['erasure.run'], reason: 'a test' },
      owner.secret,
    ),
  ).toMatchObject({ status: 422, body: { errors: [{ field: 'actions.0' }] } });
  expect((await ask(['made.up'])).status).toBe(400);
  expect((await ask([])).status).toBe(400);
});

test('making one asks for a factor used within five minutes', async () => {
  const person = await someone('security');
  house.platform.advance(5 * 60_000 + 1);
  const asked = { name: 'x', actions: ['overview.read'], reason: 'a test' };
  expect(await house.ask('POST', '/tokens', asked, person.secret)).toMatchObject({
    status: 403,
    body: { code: 'step_up_needed' },
  });
});

test('a token is no person: nothing sensitive, nothing of oneself, no other token', async () => {
  const person = await someone('security', 'privacy_officer');
  const { token, id } = await make(person.secret, { actions: ['overview.read'] });
  // As if it had been made for it: it still has no factor.
  await house.platform.pool.query(`UPDATE api_token SET actions = '{erasure.run}' WHERE id = $1`, [id]);
  const sensitive = await house.request('/sensitive', { headers: by(token) });
  expect(await sensitive.json()).toMatchObject({ code: 'step_up_needed' });
  for (const path of ['/tokens', '/me/factors', '/me/sessions']) expect(await status(path, token)).toBe(403);
  expect(await status('/tokens', token, 'POST')).toBe(403);
  expect(await status(`/tokens/${id}`, token, 'DELETE')).toBe(403);
});

test('a token ends by its time, by its revocation, and with its person', async () => {
  const person = await someone('security');
  const [old, revoked, left] = [
    await make(person.secret, { actions: ['overview.read'], days: 1 }),
    await make(person.secret, { actions: ['overview.read'] }),
    await make(person.secret, { actions: ['overview.read'], days: 365 }),
  ];
  const revoke = (id: string, secret: string) =>
    house.request(`/tokens/${id}`, { method: 'DELETE', headers: headersOf(secret, undefined) });
  owner = await fresh(owner);
  expect((await revoke(revoked.id, owner.secret)).status).toBe(404);
  expect((await revoke(revoked.id, person.secret)).status).toBe(204);
  expect(await status('/open', revoked.token)).toBe(401);
  expect(await status('/open', old.token)).toBe(200);
  house.platform.advance(24 * 3600_000);
  expect([await status('/open', old.token), await status('/open', left.token)]).toEqual([401, 200]);
  await house.platform.pool.query(`UPDATE person SET access_ends = $2 WHERE id = $1`, [
    person.id,
    new Date(house.platform.clock.now()),
  ]);
  expect(await status('/open', left.token)).toBe(401);
  await house.platform.pool.query(
    `UPDATE person SET access_ends = null, state = 'offboarded' WHERE id = $1`,
    [person.id],
  );
  expect(await status('/open', left.token)).toBe(401);
});

test('a token that is changed anywhere is nobody’s', async () => {
  const person = await someone('security');
  const { token } = await make(person.secret, { actions: ['overview.read'] });
  const other = await make(person.secret, { actions: ['overview.read'] });
  // Its id with another secret, and the checksum that belongs to both.
  const bits = [...token.slice(4, 20)].map((letter) =>
    'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const id = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const { key: guessed } = formApiToken(Buffer.concat([id, Buffer.alloc(32, 7)]));
  expect(guessed.slice(0, 21)).toBe(token.slice(0, 21));
  const forged = [
    guessed,
    token.slice(0, -1),
    `${token}a`,
    token.toUpperCase(),
    token.replace('dbt_', 'dbk_'),
    token.slice(0, 21) + other.token.slice(21),
    `${token.slice(0, 30)}${token[30] === 'a' ? 'b' : 'a'}${token.slice(31)}`,
  ];
  for (const text of forged) expect(await status('/open', text)).toBe(401);
});

test('an administrator sees and revokes a person’s tokens', async () => {
  const person = await someone('security');
  const { id, token } = await make(person.secret, { actions: ['overview.read'] });
  owner = await fresh(owner);
  const { body } = await house.ask('GET', `/people/${person.id}/tokens`, undefined, owner.secret);
  expect((body as { items: { id: string }[] }).items.map((item) => item.id)).toEqual([id]);
  const answer = await house.request(`/people/${person.id}/tokens/${id}`, {
    method: 'DELETE',
    headers: headersOf(owner.secret, undefined),
  });
  expect([answer.status, await status('/open', token)]).toEqual([204, 401]);
  const { rows } = await house.platform.pool.query(
    `SELECT act, actor FROM change WHERE subject_id = $1 ORDER BY seq`,
    [id],
  );
  expect(rows).toEqual([
    { act: 'token.create', actor: person.id },
    { act: 'token.revoke', actor: owner.id },
  ]);
});

test('an owner’s tokens are revoked by owners, and by themself; an administrator revokes others’', async () => {
  owner = await fresh(owner);
  const { id, token } = await make(owner.secret, { actions: ['overview.read'] });
  const person = await someone('security');
  const theirs = await make(person.secret, { actions: ['overview.read'] });
  const administrator = await someone('administrator');
  const revoke = (of: string, which: string) =>
    house.ask('DELETE', `/people/${of}/tokens/${which}`, undefined, administrator.secret);
  expect(await revoke(owner.id, id)).toMatchObject({ status: 403, body: { code: 'owner_needed' } });
  expect([await status('/open', token), (await revoke(person.id, theirs.id)).status]).toEqual([200, 204]);
});

test('what a token changes is its person’s, and says that it was the token', async () => {
  const person = await someone('security');
  const { id, token } = await make(person.secret, { actions: ['overview.read'] });
  const { platform } = house;
  const actor = await createTokens(platform).caller(token, '127.0.0.1');
  if (actor === null) throw new Error('the token is known');
  await platform.db.transaction().execute((tx) =>
    recordChange(tx, platform, {
      actor,
      reason: 'a test',
      act: 'made.up',
      subject: { kind: 'app', id: 'x' },
      detail: { name: 'x' },
    }),
  );
  const { rows } = await platform.pool.query(`SELECT actor, detail FROM change WHERE act = 'made.up'`);
  expect(rows).toEqual([{ actor: person.id, detail: { name: 'x', via: { kind: 'token', id } } }]);
});
