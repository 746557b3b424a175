import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { planConnectionRestores } from '../connections/index.ts';
import { credentialAt, type EnrolledGateway, type TestHouse, testHouse } from '../fleet/testing.ts';
import { recordExpiredApprovals } from './index.ts';
import { APPROVAL_MS, approvalStateAt, wrongDecision } from './rule.ts';

/** An administrator who means to receive a credential, and the second person who is asked. All is made up. */
const CREDENTIAL = 'made-up-credential-0123456789';
const THEIRS = { scheme: 'https', host: 'collect.attacker.example', port: 443, private: false };
const ada = { id: 'person:1', name: 'Ada Example' };
const ben = { id: 'person:2', name: 'Ben Example' };

let house: TestHouse;
let gateway: EnrolledGateway;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.platform.pool.query('TRUNCATE setting, approval');
  house.people.actor = ada;
  house.people.as = {};
  house.people.gone.clear();
  house.people.count = 2;
  gateway = await house.enrol('gateway-1');
});

const as = async (who: typeof ada, work: () => Promise<Answer>): Promise<Answer> => {
  const before = house.people.actor;
  house.people.actor = who;
  const answer = await work();
  house.people.actor = before;
  return answer;
};
type Answer = Awaited<ReturnType<TestHouse['ask']>>;
const decide = (id: string, decision: 'approve' | 'refuse', who = ben) =>
  as(who, () => house.ask('POST', `/approvals/${id}/${decision}`, { reason: 'Looked at' }));
const turn = (secondPerson: boolean) => house.ask('PATCH', '/settings', { secondPerson, reason: 'A test' });
const move = (id: string, upstream: object = THEIRS) =>
  house.ask('PATCH', `/connections/${id}`, { upstream, reason: 'They moved' });
const enter = (id: string) =>
  house.ask('PUT', `/connections/${id}/credential`, { value: CREDENTIAL, reason: 'A test' });
const upstreamNow = async (id: string) => (await house.ask('GET', `/connections/${id}`)).body.upstream;
const snapshotNow = async () => {
  const fleet = house.newFleet();
  await fleet.start();
  try {
    return await fleet.compileSnapshot(gateway.id);
  } finally {
    await fleet.stop();
  }
};
const inSnapshot = async (id: string) => credentialAt(await snapshotNow(), id, gateway.privateKey);
const acts = async () =>
  (
    await house.platform.pool.query(`SELECT act, actor FROM change WHERE act LIKE 'approval.%' ORDER BY seq`)
  ).rows.map(({ act, actor }) => `${act} by ${actor}`);

describe('who repoints a connection', () => {
  test('gets no credential, though the setting is off: it is erased, and a factor is asked for', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    house.people.as = { steppedUpAt: house.platform.clock.now() - 6 * 60_000 };
    expect((await move(made.id)).body.code).toBe('step_up_needed');
    expect(
      (await house.ask('PATCH', `/connections/${made.id}`, { name: 'Renamed', reason: 'A test' })).status,
    ).toBe(200);
    house.people.as = {};
    expect((await move(made.id)).body).toMatchObject({ credential: null, upstream: THEIRS });
    const { rows } = await house.platform.pool.query('SELECT wrapped FROM credential');
    expect(rows).toEqual([{ wrapped: null }]);
    // Neither does going back bring it back.
    expect((await move(made.id, made.upstream)).body.credential).toBeNull();
  });

  test('waits for a second person where that is set: nothing is changed until then, and then just that, once', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    expect((await turn(true)).body).toMatchObject({ secondPerson: true });
    const asked = await move(made.id);
    expect(asked).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
    expect((await move(made.id)).body.approval).toBe(asked.body.approval);
    expect(await upstreamNow(made.id)).toEqual(made.upstream);
    expect((await house.ask('GET', `/approvals/${asked.body.approval}`)).body).toMatchObject({
      state: 'asked',
      act: 'connection.change',
      subject: { kind: 'connection', id: made.id },
      what: { from: made.upstream, to: THEIRS },
      askedBy: ada,
      reason: 'They moved',
    });
    expect((await decide(asked.body.approval, 'approve', ada)).body.code).toBe('own_approval');
    house.people.as = { kind: 'command' };
    expect((await decide(asked.body.approval, 'approve')).body.code).toBe('person_needed');
    house.people.as = {};
    expect((await decide(asked.body.approval, 'approve')).body.state).toBe('approved');
    // Another host, another port, another person who sends it: none of them is what was approved.
    const others = [
      { ...THEIRS, host: 'other.attacker.example' },
      { ...THEIRS, port: 8443 },
      { ...THEIRS, private: true },
    ];
    for (const other of others) expect((await move(made.id, other)).body.code).toBe('approval_needed');
    expect((await as(ben, () => move(made.id))).body.code).toBe('approval_needed');
    expect(await upstreamNow(made.id)).toEqual(made.upstream);
    expect((await move(made.id)).body).toMatchObject({ credential: null, upstream: THEIRS });
    expect((await house.ask('GET', `/approvals/${asked.body.approval}`)).body.state).toBe('used');
    expect((await decide(asked.body.approval, 'refuse')).body.code).toBe('not_asked');
    const back = await move(made.id, made.upstream);
    expect(back.body.code).toBe('approval_needed');
    expect(await acts()).toEqual([
      'approval.ask by person:1',
      'approval.approve by person:2',
      'approval.ask by person:1',
      'approval.ask by person:1',
      'approval.ask by person:1',
      'approval.ask by person:2',
      'approval.use by person:1',
      'approval.ask by person:1',
    ]);
  });

  test('counts no approval of somebody who may not give one any more: it is asked for anew', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    await turn(true);
    const first = (await move(made.id)).body.approval;
    await decide(first, 'approve');
    house.people.gone.add(ben.id);
    const again = await move(made.id);
    expect(again.body.code).toBe('approval_needed');
    expect(again.body.approval).not.toBe(first);
    expect(await upstreamNow(made.id)).toEqual(made.upstream);
    expect((await house.ask('GET', `/approvals/${first}`)).body.state).toBe('withdrawn');
    const cleo = { id: 'person:3', name: 'Cleo Example' };
    await decide(again.body.approval, 'approve', cleo);
    expect((await move(made.id)).body).toMatchObject({ upstream: THEIRS });
  });

  test('waits also where it may go into a private network from then on, by whatever way', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    const inside = { ...made.upstream, private: true };
    await turn(true);
    expect((await move(made.id, inside)).body.code).toBe('approval_needed');
    expect(await upstreamNow(made.id)).toEqual(made.upstream);
    const former = { ...made, upstream: inside, contract: { version: 1 }, credential: null };
    const [held] = await house.platform.db
      .transaction()
      .execute((tx) => planConnectionRestores(tx, house.platform, [former], true));
    expect(held?.columns).toEqual({});
  });

  test('does nothing with what was refused, withdrawn, or is a day old', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    await turn(true);
    const one = (await move(made.id)).body.approval;
    await decide(one, 'refuse');
    const two = (await move(made.id)).body.approval;
    expect(two).not.toBe(one);
    expect(
      (await as(ben, () => house.ask('POST', `/approvals/${two}/withdraw`, { reason: 'A test' }))).body.code,
    ).toBe('not_yours');
    await house.ask('POST', `/approvals/${two}/withdraw`, { reason: 'A test' });
    const three = (await move(made.id)).body.approval;
    expect((await decide(three, 'approve')).status).toBe(200);
    house.platform.advance(APPROVAL_MS);
    expect((await move(made.id)).body.code).toBe('approval_needed');
    expect(await upstreamNow(made.id)).toEqual(made.upstream);
    expect(await recordExpiredApprovals(house.platform)).toBe(1);
    expect(await recordExpiredApprovals(house.platform)).toBe(0);
    const { items } = (await house.ask('GET', '/approvals')).body;
    expect(items[0].state).toBe('asked');
    expect(items.map(({ state }: { state: string }) => state).toSorted()).toEqual([
      'asked',
      'expired',
      'refused',
      'withdrawn',
    ]);
  });

  test('can not turn the rule off alone, nor on where nobody else could approve, nor go round it by an earlier configuration', async () => {
    const made = await house.connect();
    house.people.count = 1;
    expect((await turn(true)).body.code).toBe('nobody_to_approve');
    house.people.count = 2;
    await turn(true);
    const asked = await turn(false);
    expect(asked.body.code).toBe('approval_needed');
    expect((await house.ask('GET', '/settings')).body.secondPerson).toBe(true);
    const former = { ...made, upstream: THEIRS, contract: { version: 1 }, credential: null };
    const plan = () =>
      house.platform.db
        .transaction()
        .execute((tx) => planConnectionRestores(tx, house.platform, [former], true));
    const [held] = await plan();
    expect(held).toMatchObject({
      columns: {},
      stays: [expect.stringContaining('a rollback sends nothing to another host')],
    });
    await decide(asked.body.approval, 'approve');
    expect((await turn(false)).body.secondPerson).toBe(false);
    // An earlier host is not taken up without the rule either.
    expect((await plan())[0]?.columns).toEqual({});
    await enter(made.id);
    const [bound] = await plan();
    expect(bound?.columns).toEqual({});
    expect(await inSnapshot(made.id)).toBe(CREDENTIAL);
  });

  test('is asked as a person: a token can not even ask', async () => {
    const made = await house.connect();
    await turn(true);
    house.people.as = { kind: 'token' };
    expect((await move(made.id)).body.code).toBe('person_needed');
    expect((await house.ask('GET', '/approvals')).body.items).toEqual([]);
  });
});

describe('a credential for a host that none was entered for', () => {
  test('waits for a second person, in a connection that is there and in one that is made with it', async () => {
    await turn(true);
    const made = await house.connect();
    const asked = await enter(made.id);
    expect(asked.body.code).toBe('approval_needed');
    const { what } = (await house.ask('GET', `/approvals/${asked.body.approval}`)).body;
    expect(what).toEqual({ name: made.name, host: `https://${made.upstream.host}:443`, private: false });
    expect(JSON.stringify(what)).not.toContain(CREDENTIAL);
    await expect(house.connect({ name: 'Mine', upstream: THEIRS, credential: CREDENTIAL })).rejects.toThrow(
      'second_person_needed',
    );
    await decide(asked.body.approval, 'approve');
    expect((await enter(made.id)).status).toBe(200);
    expect(await inSnapshot(made.id)).toBe(CREDENTIAL);
    // The host is known now: what is entered for it next is one person's matter again.
    expect((await enter(made.id)).status).toBe(200);
  });
});

test('an own pack that is changed gets it nowhere else: not at another host, not in another place', async () => {
  const pack = (host: string, auth: string) => `format: drawbridge.pack/1
vendor: bolt
name: Bolt
as_of: 2025-11-09
services:
  - id: events
    regions: [{ id: us, host: ${host} }]
    auth: [${auth}]
    endpoints:
      - id: track
        methods: [POST]
        path: /v2/events
        fields:
          fields: { user.id: person.id }
`;
  const key = '{ in: header, name: x-bolt-key }';
  const reason = 'A test';
  await house.ask('POST', '/packs', { pack: pack('api.bolt.test', key), reason });
  const made = await house.connect({ vendor: 'bolt', service: 'events', credential: CREDENTIAL });
  const mine = pack('collect.attacker.example', `${key}, { in: query, name: leak }`);
  expect((await house.ask('PUT', '/packs/bolt', { pack: mine, basedOn: 1, reason })).status).toBe(200);
  const connection = (await snapshotNow()).connections.find(({ id }) => id === made.id);
  expect(connection?.upstream.host).toBe('api.bolt.test');
  expect(connection?.credential?.placements).toEqual([{ in: 'header', name: 'x-bolt-key' }]);
  // What was changed behind the back of the vault does not open there.
  await house.platform.pool.query(`UPDATE connection SET host = 'collect.attacker.example'`);
  expect(await inSnapshot(made.id)).toBeNull();
  await house.platform.pool.query(`UPDATE connection SET host = 'api.bolt.test'`);
  expect(await inSnapshot(made.id)).toBe(CREDENTIAL);
  await house.platform.pool.query(
    `UPDATE credential SET placements = placements || '[{"in":"query","name":"leak"}]'`,
  );
  expect(await inSnapshot(made.id)).toBeNull();
});

describe('the rule', () => {
  const decisions = fc.constantFrom(null, 'approved' as const, 'refused' as const, 'withdrawn' as const);
  test('never lets a used, refused, withdrawn or late one be used or decided', () => {
    fc.assert(
      fc.property(
        decisions,
        fc.option(fc.nat(), { nil: null }),
        fc.nat(),
        fc.nat(),
        (decision, usedAt, expiresAt, now) => {
          const state = approvalStateAt({ decision, usedAt, expiresAt }, now);
          if (usedAt !== null || now >= expiresAt || decision === 'refused' || decision === 'withdrawn')
            expect(['asked', 'approved']).not.toContain(state);
          if (state === 'approved') expect(decision).toBe('approved');
        },
      ),
    );
  });

  test('lets nobody decide about what they asked for, and no program', () => {
    expect(wrongDecision('asked', 'person:1', { id: 'person:1', kind: 'person' })).toBe('own');
    expect(wrongDecision('asked', 'person:1', { id: 'command:1', kind: 'command' })).toBe('no_person');
    expect(wrongDecision('asked', 'person:1', { id: 'token:1', kind: 'token' })).toBe('no_person');
    expect(wrongDecision('approved', 'person:1', { id: 'person:2', kind: 'person' })).toBe('not_asked');
    expect(wrongDecision('asked', 'person:1', { id: 'person:2', kind: 'person' })).toBeNull();
  });
});
