import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { namesFrom } from '../names.ts';
import { createFailover, type Failover, failoverRoutes } from './index.ts';

let house: TestHouse;
let failover: Failover;
let said: Awaited<ReturnType<Parameters<typeof createFailover>[0]['gateways']>> = [];
beforeAll(async () => {
  house = await testHouse({ routes: (tx) => failover.forSnapshot(tx) });
  const { platform, connections, catalogue } = house;
  const names = namesFrom(platform);
  failover = createFailover({
    platform,
    connections,
    catalogue,
    appNames: (ids) => names.apps(ids),
    gateways: async () => said,
  });
  house.app.route('/api/v1', failoverRoutes(failover));
});
afterAll(() => house.close());
beforeEach(() => house.reset());

const hold = { do: 'hold', bytes: 1_000_000_000, days: 7, inDoubt: 'repeat' };
const rules = {
  payTwice: true,
  firstByteMs: 5000,
  breaker: { failures: 5, openMs: 10_000 },
  oneWay: hold,
};
const why = { reason: 'A test' };

async function two() {
  const [us, eu] = [await house.connect({ name: 'US' }), await house.connect({ name: 'EU', region: 'eu' })];
  return { us: us.id as string, eu: eu.id as string, app: await house.makeApp() };
}

describe('routes of apps', () => {
  test('are made, read, changed and removed, each as a change with its reason', async () => {
    const { us, eu, app } = await two();
    const members = [{ connection: us }, { connection: eu, models: { '*': 'other' } }];
    const made = await house.ask('POST', `/apps/${app}/routes`, {
      slug: 'events',
      members,
      ...rules,
      ...why,
    });
    expect([made.status, made.body]).toMatchObject([
      201,
      {
        app,
        slug: 'events',
        ...rules,
        revision: 1,
        members: [
          { connection: us, name: 'US', state: 'open', models: null },
          { connection: eu, models: { '*': 'other' } },
        ],
      },
    ]);
    const at = `/apps/${app}/routes/${made.body.id}`;
    const turned = { members: [...members].reverse(), ...rules, firstByteMs: null, basedOn: 1, ...why };
    expect((await house.ask('PUT', at, turned)).body).toMatchObject({
      revision: 2,
      firstByteMs: null,
      members: [{ connection: eu }, { connection: us }],
    });
    expect((await house.ask('PUT', at, turned)).body.code).toBe('changed_meanwhile');
    expect((await house.ask('GET', `/apps/${app}/routes`)).body.items).toHaveLength(1);
    expect((await house.ask('DELETE', at, undefined, { 'x-drawbridge-reason': 'A test' })).status).toBe(204);
    expect((await house.ask('GET', `/apps/${app}/routes`)).body.items).toEqual([]);
    const { rows } = await house.platform.pool.query(
      "SELECT act, reason FROM change WHERE subject_kind = 'route' ORDER BY at, act",
    );
    expect(rows.map(({ act, reason }) => [act, reason]).sort()).toEqual([
      ['route.change', 'A test'],
      ['route.create', 'A test'],
      ['route.remove', 'A test'],
    ]);
  });

  test('are in the snapshot in their order, and published as they change', async () => {
    const { us, eu, app } = await two();
    const gateway = (await house.enrol('gateway-1')).id;
    const fleet = house.newFleet();
    await fleet.refresh();
    expect((await fleet.compileSnapshot(gateway)).routes).toBeUndefined();
    const members = [{ connection: eu }, { connection: us }];
    const made = await house.ask('POST', `/apps/${app}/routes`, {
      slug: 'events',
      members,
      ...rules,
      ...why,
    });
    await fleet.refresh();
    expect((await fleet.compileSnapshot(gateway)).routes).toEqual([
      {
        id: made.body.id,
        slug: 'events',
        app,
        members,
        pay_twice: true,
        first_byte_ms: 5000,
        breaker: { failures: 5, open_ms: 10_000 },
        one_way: { do: 'hold', bytes: 1_000_000_000, days: 7, in_doubt: 'repeat' },
      },
    ]);
    const version = fleet.version();
    await house.ask('PUT', `/apps/${app}/routes/${made.body.id}`, {
      members,
      ...rules,
      payTwice: false,
      basedOn: 1,
      ...why,
    });
    await fleet.refresh();
    expect(fleet.version()).toBeGreaterThan(version ?? 0);
  });

  test.each([
    ['nobody in it', { members: [] }, 400, 'members'],
    ['one twice', 'twice', 422, 'members.1.connection'],
    ['one that is not there', { members: [{ connection: 'nobody' }] }, 422, 'members.0.connection'],
    ['a map without models', 'empty', 422, 'members.0.models'],
    ['a prefix of the planes', { slug: 'metrics' }, 422, 'slug'],
    ['a wait of no time', { firstByteMs: 1 }, 400, 'firstByteMs'],
    ['no room to keep anything in', { oneWay: { ...hold, bytes: 1 } }, 400, 'oneWay'],
    ['what nobody knows', { retries: 9 }, 400, 'retries'],
  ])('%s is refused, and the field is named', async (_, wrong, status, field) => {
    const { us, app } = await two();
    const change =
      wrong === 'twice'
        ? { members: [{ connection: us }, { connection: us }] }
        : wrong === 'empty'
          ? { members: [{ connection: us, models: {} }] }
          : wrong;
    const given = { slug: 'events', members: [{ connection: us }], ...rules, ...why, ...(change as object) };
    const answer = await house.ask('POST', `/apps/${app}/routes`, given);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(field);
    expect((await house.ask('GET', `/apps/${app}/routes`)).body.items).toEqual([]);
  });

  test('say what waits for their connections, and where they rest, at all gateways together', async () => {
    const { us, eu, app } = await two();
    const members = [{ connection: us }, { connection: eu }];
    await house.ask('POST', `/apps/${app}/routes`, { slug: 'events', members, ...rules, ...why });
    const one = { id: us, resting: true, held: { requests: 2, bytes: 500 }, ended: { sent: 7 } };
    said = [
      { id: 'gateway-1', about: { connections: [one] } },
      { id: 'gateway-2', about: { connections: [{ ...one, resting: false, ended: { sent: 1, lost: 1 } }] } },
      { id: 'gateway-3', about: null },
    ];
    const [route] = (await house.ask('GET', `/apps/${app}/routes`)).body.items;
    said = [];
    expect(route.members).toMatchObject([
      { resting: ['gateway-1'], held: { requests: 4, bytes: 1000 }, ended: { sent: 8, lost: 1 } },
      { resting: [], held: { requests: 0, bytes: 0 }, ended: {} },
    ]);
  });

  test('a path prefix is a connection’s or a route’s, whichever came first', async () => {
    const { us, app } = await two();
    const make = (slug: string) =>
      house.ask('POST', `/apps/${app}/routes`, { slug, members: [{ connection: us }], ...rules, ...why });
    const { slug } = (await house.ask('GET', `/connections/${us}`)).body;
    expect((await make(slug)).body.code).toBe('slug_taken');
    expect((await make('events')).status).toBe(201);
    expect((await make('events')).body.code).toBe('slug_taken');
    await expect(house.connect({ name: 'Late', slug: 'events' })).rejects.toThrow('slug_taken');
  });

  test('an app that is not there has none; another app’s route is not found', async () => {
    const { us, app } = await two();
    expect((await house.ask('GET', '/apps/nobody/routes')).status).toBe(404);
    const made = await house.ask('POST', `/apps/${app}/routes`, {
      slug: 'events',
      members: [{ connection: us }],
      ...rules,
      ...why,
    });
    const other = await house.makeApp();
    const gone = await house.ask('DELETE', `/apps/${other}/routes/${made.body.id}`, undefined, {
      'x-drawbridge-reason': 'A test',
    });
    expect(gone.status).toBe(404);
    expect((await house.ask('GET', `/apps/${other}/routes`)).body.items).toEqual([]);
  });
});
