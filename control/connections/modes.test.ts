import { SnapshotSchema } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crossingProjection, projectOnce } from '../crossings/index.ts';
import { madeUpCrossing, madeUpIngest, part } from '../crossings/testing.ts';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { beginning, stateAt, wrongApproval, wrongEnd } from './break-glass-rule.ts';
import { recordExpired } from './index.ts';

const HOUR = 3_600_000;
const ada = { id: 'person:1', name: 'Ada Example' };
const bob = { id: 'person:2', name: 'Bob Example' };
const because = { reason: 'A test' };

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  Object.assign(house.people, { count: 1, actor: ada });
});

const ask: TestHouse['ask'] = (...call) => house.ask(...call);
const inTime = (ms: number) => new Date(house.platform.clock.now() + ms).toISOString();
async function changes() {
  const rows = await house.platform.pool.query(
    "SELECT act, actor, reason, detail FROM change WHERE act LIKE 'break_glass.%' OR act = 'connection.mode' ORDER BY at, ctid",
  );
  return rows.rows;
}
async function inSnapshot() {
  const fleet = house.newFleet();
  await fleet.start();
  const snapshot = SnapshotSchema.parse(await fleet.compileSnapshot((await house.enrol('gateway-1')).id));
  await fleet.stop();
  await house.platform.pool.query('TRUNCATE gateway');
  return snapshot.connections[0];
}

describe('the mode of a connection', () => {
  test('is enforce until it is changed, with a reason that is written down', async () => {
    const made = await house.connect();
    expect(made.mode).toBe('enforce');
    expect(await inSnapshot()).not.toHaveProperty('mode');
    const changed = await ask('PATCH', `/connections/${made.id}`, { mode: 'observe', ...because });
    expect(changed.body).toMatchObject({ mode: 'observe' });
    expect(await inSnapshot()).toMatchObject({ mode: 'observe' });
    expect(await changes()).toEqual([
      {
        act: 'connection.mode',
        actor: 'person:1',
        reason: 'A test',
        detail: {
          changed: ['mode'],
          credentialDropped: false,
          mode: { from: 'enforce', to: 'observe' },
        },
      },
    ]);
  });

  test('is what a new connection is given', async () => {
    expect(await house.connect({ mode: 'minimise' })).toMatchObject({ mode: 'minimise' });
    expect(await inSnapshot()).toMatchObject({ mode: 'minimise' });
  });

  test('is one of three, and is not changed without a reason', async () => {
    const made = await house.connect();
    const wrong = await ask('PATCH', `/connections/${made.id}`, { mode: 'off', ...because });
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'mode']);
    expect((await ask('PATCH', `/connections/${made.id}`, { mode: 'observe' })).status).toBe(400);
    expect((await ask('GET', `/connections/${made.id}`)).body.mode).toBe('enforce');
  });
});

describe('the difference', () => {
  test('rests on the connection’s own latest crossings', async () => {
    const made = await house.connect();
    const path = `/connections/${made.id}/difference?to=minimise`;
    expect((await ask('GET', path)).body).toMatchObject({ from: 'enforce', crossings: 0, since: null });
    const ingest = await madeUpIngest(house.platform);
    const leaves = [1, 2, 3].map((n) =>
      madeUpCrossing(house.platform.clock.now() - n * HOUR, [], {
        connection: n === 3 ? 'another' : made.id,
        decision: 'refused',
        reason: 'field_refused',
        stage: 'minimise',
        fields: [['person.email', 'refuse', 1]],
      }),
    );
    const limited = madeUpCrossing(house.platform.clock.now(), [], {
      connection: made.id,
      decision: 'refused',
      reason: 'rate_limited',
      stage: 'admit',
    });
    const parts = [...leaves, limited].map(({ leaf }) => part(leaf));
    await ingest.ship(ingest.log('gateway-1/worker-1'), 0, parts);
    while ((await projectOnce(house.platform, [crossingProjection], 100)) > 0);
    const { body } = await ask('GET', path);
    expect(body).toMatchObject({
      crossings: 2,
      since: new Date(leaves[1]?.leaf.at ?? 0).toISOString(),
      rows: [
        {
          class: 'person.email',
          now: 'refuse',
          after: 'drop',
          crossings: 2,
          values: 2,
          examples: [leaves[0]?.leaf.id, leaves[1]?.leaf.id],
        },
      ],
      refusedNow: [{ reason: 'field_refused', crossings: 2 }],
      refusedAfter: [],
    });
    expect((await ask('GET', `${path}&last=1`)).body.crossings).toBe(1);
    expect((await ask('GET', `${path}&last=501`)).status).toBe(400);
    expect((await ask('GET', '/connections/nothing/difference?to=observe')).status).toBe(404);
  });
});

describe('a break-glass', () => {
  test('of one who is alone is in force at once, said to be by one person, and ended with a reason', async () => {
    const made = await house.connect();
    const path = `/connections/${made.id}/break-glass`;
    const begun = await ask('POST', path, { reason: 'Checkout is down' });
    expect(begun.status).toBe(201);
    expect(begun.body).toMatchObject({
      state: 'in_force',
      byOnePerson: true,
      approvedBy: null,
      askedBy: 'Ada Example',
      until: inTime(HOUR),
      connection: { id: made.id, name: 'Acme' },
    });
    const { id } = begun.body;
    expect(await inSnapshot()).toMatchObject({ break_glass: { id, until: Date.parse(inTime(HOUR)) } });
    const second = await ask('POST', path, because);
    expect([second.status, second.body.code]).toEqual([409, 'break_glass_there']);
    expect((await ask('POST', `/break-glass/${id}/end`, {})).status).toBe(400);
    const ended = await ask('POST', `/break-glass/${id}/end`, { reason: 'Checkout is up' });
    expect(ended.body).toMatchObject({ state: 'ended', endedBy: 'Ada Example', endReason: 'Checkout is up' });
    expect(await inSnapshot()).not.toHaveProperty('break_glass');
    expect((await ask('POST', `/break-glass/${id}/end`, because)).status).toBe(409);
    expect((await changes()).map(({ act, reason }) => [act, reason])).toEqual([
      ['break_glass.begin', 'Checkout is down'],
      ['break_glass.end', 'Checkout is up'],
    ]);
    expect((await changes())[0].detail).toMatchObject({ byOnePerson: true, breakGlass: id });
  });

  test('where there are others waits for one of them, and not for the one who asked', async () => {
    house.people.count = 2;
    const made = await house.connect();
    const asked = (await ask('POST', `/connections/${made.id}/break-glass`, because)).body;
    expect(asked).toMatchObject({ state: 'asked', byOnePerson: false, inForceAt: null });
    expect(await inSnapshot()).not.toHaveProperty('break_glass');
    const own = await ask('POST', `/break-glass/${asked.id}/approve`, because);
    expect([own.status, own.body.code]).toEqual([403, 'own_approval']);
    house.people.actor = bob;
    const approved = await ask('POST', `/break-glass/${asked.id}/approve`, because);
    expect(approved.body).toMatchObject({
      state: 'in_force',
      approvedBy: 'Bob Example',
      byOnePerson: false,
    });
    expect(await inSnapshot()).toMatchObject({ break_glass: { id: asked.id } });
    expect((await ask('POST', `/break-glass/${asked.id}/approve`, because)).status).toBe(409);
    expect((await changes()).map(({ act, actor }) => [act, actor])).toEqual([
      ['break_glass.ask', 'person:1'],
      ['break_glass.approve', 'person:2'],
    ]);
  });

  test('expires by the clock, frees the place for another, and is written down once as expired', async () => {
    const made = await house.connect();
    const path = `/connections/${made.id}/break-glass`;
    await ask('POST', path, { minutes: 1, ...because });
    house.platform.advance(60_000);
    expect((await ask('GET', '/break-glass')).body.items).toMatchObject([{ state: 'expired' }]);
    expect(await inSnapshot()).not.toHaveProperty('break_glass');
    expect(await recordExpired(house.platform)).toBe(1);
    expect(await recordExpired(house.platform)).toBe(0);
    expect((await changes()).at(-1)).toMatchObject({
      act: 'break_glass.expire',
      actor: 'system:launcher',
      detail: { was: 'in_force' },
    });
    expect((await ask('POST', path, because)).status).toBe(201);
    const { items } = (await ask('GET', `/break-glass?connection=${made.id}`)).body;
    expect(items.map((item: { state: string }) => item.state)).toEqual(['in_force', 'expired']);
  });

  test('is not begun for too long, in the past, without a reason, or for what is severed', async () => {
    const made = await house.connect();
    const path = `/connections/${made.id}/break-glass`;
    const given = [{ until: inTime(24 * HOUR + 1) }, { until: inTime(0) }, { until: inTime(-1) }];
    for (const each of given) {
      const answer = await ask('POST', path, { ...each, ...because });
      expect([answer.status, answer.body.errors[0].field]).toEqual([422, 'until']);
    }
    const both = await ask('POST', path, { until: inTime(HOUR), minutes: 5, ...because });
    expect([both.status, both.body.errors[0].field]).toEqual([422, 'minutes']);
    const wrong = [
      { until: 'tomorrow', ...because },
      { until: inTime(HOUR) },
      { reason: 'x'.repeat(501) },
      { ...because, hours: 1 },
      { ...because, minutes: 1441 },
    ];
    for (const each of wrong) expect((await ask('POST', path, each)).status).toBe(400);
    expect((await ask('POST', '/connections/nothing/break-glass', because)).status).toBe(404);
    expect((await ask('POST', '/break-glass/nothing/end', because)).status).toBe(404);
    await ask('PATCH', `/connections/${made.id}`, { state: 'severed', ...because });
    const severed = await ask('POST', path, because);
    expect([severed.status, severed.body.code]).toEqual([409, 'connection_severed']);
    expect((await ask('GET', '/break-glass')).body.items).toEqual([]);
  });

  test('twenty at once: one is begun', async () => {
    const made = await house.connect();
    // Connections to the database are there already: else the first one is done before the others begin.
    await Promise.all(Array.from({ length: 10 }, () => house.platform.pool.query('SELECT pg_sleep(0.1)')));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask('POST', `/connections/${made.id}/break-glass`, because)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...new Array(19).fill(409)]);
  });
});

describe('its rules', () => {
  test('one person begins, several ask', () => {
    expect([1, 2, 9].map(beginning)).toEqual(['in_force', 'asked', 'asked']);
  });

  test('it ends within 24 hours, and not before it begins', () => {
    expect([1, 24 * HOUR].map((until) => wrongEnd(until, 0))).toEqual([null, null]);
    expect(wrongEnd(24 * HOUR + 1, 0)).toContain('24 hours');
    expect(wrongEnd(5, 5)).toContain('past');
  });

  test('an end by somebody comes before the clock’s', () => {
    const times = { until: 10, inForceAt: null, endedAt: null };
    expect(stateAt(times, 9)).toBe('asked');
    expect(stateAt({ ...times, inForceAt: 1 }, 9)).toBe('in_force');
    expect(stateAt({ ...times, inForceAt: 1 }, 10)).toBe('expired');
    expect(stateAt({ ...times, inForceAt: 1, endedAt: 5 }, 20)).toBe('ended');
  });

  test('nobody approves what they asked for, or what does not wait', () => {
    expect(wrongApproval('asked', 'a', 'b')).toBeNull();
    expect(wrongApproval('asked', 'a', 'a')).toBe('own');
    expect(wrongApproval('expired', 'a', 'b')).toBe('not_asked');
  });
});
