import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { acmePack } from './testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.ownPacks.load();
});

/** As short as a pack may be. */
const bolt = `format: drawbridge.pack/1
vendor: bolt
name: Bolt
as_of: 2025-11-09
services:
  - id: events
    regions: [{ id: us, host: api.bolt.test }]
    auth: [{ in: header, name: x-bolt-key }]
    endpoints:
      - id: track
        methods: [POST]
        path: /v2/events
        fields:
          fields: { user.id: person.id, user.email: person.email }
`;
const reason = 'A test';
const add = (pack: unknown = bolt) => house.ask('POST', '/packs', { pack, reason });
const replace = (pack: unknown, basedOn = 1) => house.ask('PUT', '/packs/bolt', { pack, basedOn, reason });
const remove = () => house.ask('DELETE', '/packs/bolt', undefined, { 'x-drawbridge-reason': reason });
const connectBolt = () => house.connect({ name: 'Bolt', vendor: 'bolt', service: 'events' });
const listed = async () =>
  (await house.ask('GET', '/packs')).body.items.map(
    ({ vendor, origin }: { vendor: string; origin: string }) => [vendor, origin],
  );

describe('a pack of one’s own', () => {
  test('can be connected at once; what it leaves out is filled in, and holds people back', async () => {
    const made = await add();
    expect([made.status, made.body.version, made.headers.get('etag')]).toEqual([201, 1, '"1"']);
    expect(await listed()).toEqual([
      ['acme', 'shipped'],
      ['bolt', 'entered'],
    ]);
    const connection = await connectBolt();
    expect(connection.upstream.host).toBe('api.bolt.test');
    const { rules } = (await house.ask('GET', `/connections/${connection.id}/contract`)).body.current;
    expect([rules.classes['person.id'], rules.otherwise, rules.unmapped]).toEqual([
      { do: 'pseudonymise' },
      { do: 'drop' },
      { do: 'drop' },
    ]);
  });

  test('may be JSON as well, and is there after a restart', async () => {
    const { body } = await house.ask('GET', '/packs/acme/models');
    const given = {
      format: 'drawbridge.pack/1',
      vendor: 'bolt',
      name: 'Bolt',
      as_of: '2025-11-09',
      services: [body],
    };
    expect((await add(given)).status).toBe(201);
    house.catalogue.setEntered([]);
    expect(house.catalogue.pack('bolt')).toBeUndefined();
    expect(await house.ownPacks.load()).toEqual([]);
    expect(house.catalogue.service('bolt', 'models')?.name).toBe('Acme Models');
  });

  test('that is wrong is refused as a whole, and each wrong field is named', async () => {
    const answer = await add(bolt.replace('person.email', 'person.mail').replace('/v2/', 'v2/'));
    expect([answer.status, answer.body.code]).toEqual([422, 'pack_invalid']);
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'pack.services[0].endpoints[0].path',
      'pack.services[0].endpoints[0].fields.fields[1].class',
    ]);
    expect((await add('services: [')).body.errors[0].field).toBe('pack.(yaml)');
    const large = { vendor: 'bolt', filling: Array.from({ length: 200_000 }, () => 1) };
    expect((await add(large)).body).toMatchObject({ status: 422, code: 'pack_invalid' });
    expect(await listed()).toHaveLength(1);
  });

  test('can not stand in for one that is shipped, nor for another', async () => {
    expect((await add(acmePack)).body).toMatchObject({ status: 409, code: 'vendor_taken' });
    await add();
    expect((await add()).body).toMatchObject({ status: 409, code: 'vendor_taken' });
  });

  test('has versions; one that a connection could not go on with is refused', async () => {
    await add();
    await connectBolt();
    expect((await replace(bolt.replace('name: Bolt', 'name: Bolt Inc.'))).body.version).toBe(2);
    expect(house.catalogue.pack('bolt')?.name).toBe('Bolt Inc.');
    expect((await replace(bolt)).body).toMatchObject({ status: 412 });
    expect((await replace(bolt.replace('id: us', 'id: eu'), 2)).body).toMatchObject({ code: 'pack_in_use' });
    expect((await replace(bolt.replace('vendor: bolt', 'vendor: nut'), 2)).status).toBe(422);
    const { body } = await house.ask('GET', '/packs/bolt');
    expect(body.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    expect(body.text).toContain('Bolt Inc.');
  });

  test('is removed only when no connection uses it', async () => {
    await add();
    await connectBolt();
    expect((await remove()).body).toMatchObject({ status: 409, code: 'pack_in_use' });
    await house.platform.pool.query('TRUNCATE connection CASCADE');
    expect((await remove()).status).toBe(204);
    expect(await listed()).toEqual([['acme', 'shipped']]);
    expect((await remove()).status).toBe(404);
    // Its history goes on.
    expect((await add()).body.version).toBe(2);
    const acts = await house.platform.pool.query(
      "SELECT act FROM change WHERE act LIKE 'pack.%' ORDER BY at, ctid",
    );
    expect(acts.rows.map(({ act }) => act)).toEqual(['pack.create', 'pack.remove', 'pack.create']);
  });

  test('may not be written by the map of another that was entered: which is read first must not matter', async () => {
    await add();
    const like = bolt
      .replace('vendor: bolt', 'vendor: nut')
      .replace('{ user.id: person.id, user.email: person.email }', '{}')
      .replace('fields: {}', 'like: bolt/events/track');
    const answer = await add(like);
    expect([answer.status, answer.body.errors?.[0].field]).toEqual([
      422,
      'pack.services[0].endpoints[0].fields.like',
    ]);
    expect((await add(like.replace('bolt/events/track', 'acme/analytics/track'))).status).toBe(201);
    expect(await listed()).toContainEqual(['nut', 'entered']);
    expect(
      (
        await replace(
          bolt.replace('fields: { user.id: person.id, user.email: person.email }', 'like: nut/events/track'),
        )
      ).status,
    ).toBe(422);
    expect(house.catalogue.service('bolt', 'events')).toBeDefined();
  });

  test('of which another version was entered, here or elsewhere, is not connected by what was read before', async () => {
    await add();
    const { catalogue } = house;
    const [read] = catalogue.packs.filter(({ vendor }) => vendor === 'bolt');
    if (read === undefined) throw new Error('the made-up pack is not there');
    expect((await replace(bolt.replace('id: us', 'id: eu'))).status).toBe(200);
    // As a control process has it that has not heard of it yet.
    catalogue.setEntered([{ pack: read, version: 1 }]);
    await expect(connectBolt()).rejects.toThrow('pack_changed');
    await house.ownPacks.load();
    expect((await remove()).status).toBe(204);
    catalogue.setEntered([{ pack: read, version: 2 }]);
    await expect(connectBolt()).rejects.toThrow('pack_changed');
    expect((await house.platform.pool.query('SELECT FROM connection')).rowCount).toBe(0);
  });

  test('that can not be used any more is told for as long as it is so', async () => {
    await add();
    expect(house.ownPacks.problems()).toEqual([]);
    await house.platform.pool.query(
      "UPDATE own_pack_version SET text = replace(text, 'person.email', 'gone')",
    );
    await house.ownPacks.load();
    expect(house.ownPacks.problems()).toEqual([expect.stringMatching(/^bolt:\d+:\d+ /)]);
    expect((await replace(bolt)).status).toBe(200);
    expect(house.ownPacks.problems()).toEqual([]);
  });

  test('is not removed under a connection that is being made', async () => {
    await add();
    const [made, gone] = await Promise.allSettled([connectBolt(), remove()]);
    const isServed = house.catalogue.pack('bolt') !== undefined;
    expect(made.status === 'fulfilled').toBe(isServed);
    expect(gone.status === 'fulfilled' && gone.value.status).toBe(isServed ? 409 : 204);
  });

  test('of a shipped vendor, or none, can not be read, changed or removed here', async () => {
    for (const vendor of ['acme', 'nobody']) {
      expect((await house.ask('GET', `/packs/${vendor}`)).status).toBe(404);
      const path = `/packs/${vendor}`;
      expect((await house.ask('DELETE', path, undefined, { 'x-drawbridge-reason': reason })).status).toBe(
        404,
      );
    }
  });
});

test('a change of a pack leads to a version, also at a control process that has not heard of it', async () => {
  await add();
  await connectBolt();
  const gateway = await house.enrol('gateway-1');
  const fleet = house.newFleet();
  await fleet.refresh();
  const before = fleet.version() ?? 0;
  expect((await replace(bolt.replace('/v2/events', '/v3/events'))).status).toBe(200);
  house.catalogue.setEntered([]);
  await fleet.refresh();
  expect(fleet.version()).toBe(before + 1);
  const { services } = await fleet.compileSnapshot(gateway.id);
  expect(services.map(({ service }) => service.endpoints[0]?.path)).toEqual(['/v3/events']);
  const { rows } = await house.platform.pool.query<{ act: string; leads: boolean }>(
    "SELECT act, revision > (SELECT after_revision FROM snapshot_version WHERE version = $1) AS leads FROM change WHERE act LIKE 'pack.%' ORDER BY leads",
    [before + 1],
  );
  expect(rows).toEqual([
    { act: 'pack.create', leads: false },
    { act: 'pack.change', leads: true },
  ]);
});
