import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApprovals, setSecondPerson } from '../approvals/index.ts';
import { type Enrolled, enrol } from './testing.ts';
import { type IdentityHouse, identityHouse } from './testing-house.ts';

/** An administrator who would be their own second person: by somebody made up, or in somebody's place. */
let house: IdentityHouse;
let owner: Enrolled;
let security: Enrolled & { id: string };
let administrator: Enrolled & { id: string };
beforeAll(async () => {
  house = await identityHouse();
  owner = await house.first();
  administrator = await house.person('administrator@example.com', ['administrator'], owner);
  security = await house.person('security@example.com', ['security'], owner);
  const { platform } = house;
  const approvals = createApprovals(platform, async () => true);
  await platform.db.transaction().execute((tx) =>
    setSecondPerson(tx, { platform, approvals, people: async () => 3 }, true, {
      actor: { id: 'made-up', name: 'Made up' },
      reason: 'a test',
    }),
  );
});
afterAll(() => house.close());

const ask = async (method: string, path: string, body: object = {}, by: Enrolled = administrator) => {
  const answer = await house.ask(method, path, method === 'GET' ? undefined : body, by.secret);
  return { status: answer.status, body: answer.body as Record<string, unknown> };
};
async function approved(method: string, path: string, body: object = {}) {
  const asked = await ask(method, path, body);
  expect(asked).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  const id = String(asked.body.approval);
  const own = await ask('POST', `/approvals/${id}/approve`);
  expect(own).toMatchObject({ status: 403, body: { code: 'own_approval' } });
  expect((await ask('POST', `/approvals/${id}/approve`, {}, security)).status).toBe(200);
  return { id, done: await ask(method, path, body) };
}

test('who may approve is invited by two; who may not, by one', async () => {
  const developer = { email: 'developer@example.com', roles: ['developer'] };
  expect((await ask('POST', '/people', developer)).status).toBe(201);
  const second = { email: 'Second@example.com', roles: ['security'] };
  const { id, done } = await approved('POST', '/people', second);
  expect(done.status).toBe(201);
  const { body } = await ask('GET', `/approvals/${id}`);
  expect(body).toMatchObject({
    act: 'person.invite',
    what: { person: { email: 'second@example.com' }, roles: ['security'] },
  });
  // The log of changes has no address.
  const { rows } = await house.platform.pool.query(
    "SELECT detail FROM change WHERE act LIKE 'approval.%' ORDER BY seq",
  );
  expect(rows.map(({ detail }) => detail)).toEqual(
    rows.map(() => ({ approval: id, for: 'person.invite', what: { roles: ['security'] } })),
  );
  // What was approved is that address with these roles, once.
  expect((await ask('POST', '/people', { ...second, email: 'third@example.com' })).body.code).toBe(
    'approval_needed',
  );
  const person = (done.body.person as { id: string }).id;
  const again = await approved('POST', `/people/${person}/invitation`);
  expect(again.done.status).toBe(201);
});

test('who may approve comes in anew, and becomes one who may, by two; rights are taken by one', async () => {
  const reset = await approved('POST', `/people/${security.id}/reset-factors`);
  expect(reset.done.status).toBe(201);
  const { token } = (reset.done.body as { link: { token: string } }).link;
  const now = () => house.platform.clock.now();
  security = { ...security, ...(await enrol(house.ask, { token, now })) };
  const invited = await ask('POST', '/people', { email: 'later@example.com', roles: ['auditor'] });
  const { id } = invited.body.person as { id: string };
  const raised = await approved('PATCH', `/people/${id}`, { roles: ['auditor', 'security'] });
  expect(raised.done).toMatchObject({ status: 200, body: { roles: ['auditor', 'security'] } });
  expect((await ask('PATCH', `/people/${id}`, { roles: ['security'] })).status).toBe(200);
  expect((await ask('PATCH', `/people/${id}`, { roles: ['auditor'] })).status).toBe(200);
  // Whose access was over is one more again.
  await house.platform.pool.query(
    "UPDATE person SET roles = '{security}', access_ends = $2, state = 'active' WHERE id = $1",
    [id, new Date(now())],
  );
  expect((await ask('PATCH', `/people/${id}`, { accessEnds: null })).body.code).toBe('approval_needed');
});

test('what somebody approved whose access is over meanwhile is asked for anew', async () => {
  const guest = { email: 'guest@example.com', roles: ['security'] };
  const asked = await ask('POST', '/people', guest);
  await ask('POST', `/approvals/${String(asked.body.approval)}/approve`, {}, security);
  const set = (sql: string) =>
    house.platform.pool.query(`UPDATE person SET ${sql} WHERE id = $1`, [security.id]);
  await set("roles = '{auditor}'");
  const again = await ask('POST', '/people', guest);
  expect(again).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  expect(again.body.approval).not.toBe(asked.body.approval);
  await set("roles = '{security}'");
  await ask('POST', `/approvals/${String(again.body.approval)}/approve`, {}, security);
  await set("access_ends = '2001-01-01'");
  expect((await ask('POST', '/people', guest)).status).toBe(409);
});
