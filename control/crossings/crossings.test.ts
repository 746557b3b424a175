import type { Leaf } from '@drawbridge/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { handleErrors } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { dayAgo, forwardedLeaves, vendorTraffic } from './counts.ts';
import { crossingProjection } from './crossing-projection.ts';
import { latestCrossing } from './detail.ts';
import type { Names } from './names.ts';
import { projectOnce } from './projection.ts';
import { crossingRoutes } from './routes.ts';
import { CrossingDetailSchema, CrossingSchema } from './schemas.ts';
import {
  type MadeUpCrossing,
  type MadeUpLog,
  madeUpCrossing,
  madeUpIngest,
  madeUpItem,
  madeUpSettlement,
  part,
  type ShippedPart,
} from './testing.ts';
import { keyUse } from './use.ts';

const names: Names = {
  connections: async (ids) =>
    new Map(ids.filter((id) => id === 'connection-1').map((id) => [id, 'Web analytics'])),
  apps: async () => new Map([['app-1', 'Shop']]),
};
const ada = 'AAAAAAAAAAAAAAAAAAAAAA';
const bob = 'BBBBBBBBBBBBBBBBBBBBBB';
const email = (subject: string) =>
  madeUpItem({
    s: subject,
    k: 'user',
    l: ['CCCCCCCCCCCCCCCCCCCCCC'],
    f: [['$email', 'person.email', 'drop', 'email', 1]],
    r: [{ h: 'HHHHHHHHHHHHHHHHHHHHHH', k: 'property', s: 'string', n: 'secret plan' }],
  });
const browser = () => madeUpItem({ f: [['$browser', 'device.browser', 'pass', 'string', 1]] });

let platform: TestPlatform;
let app: ReturnType<typeof crossingRoutes>;
let log: MadeUpLog;
let now: number;
const made: Record<string, MadeUpCrossing> = {};
let shipped = 0;
let ship: (parts: readonly ShippedPart[]) => Promise<void>;

beforeAll(async () => {
  platform = await testPlatform();
  now = platform.clock.now();
  app = crossingRoutes(platform, names);
  app.onError(handleErrors(platform.log));
  const ingest = await madeUpIngest(platform);
  log = ingest.log('gateway-1.example.com/log-1');
  ship = async (parts) => {
    shipped = await ingest.ship(log, shipped, parts);
    while ((await projectOnce(platform, [crossingProjection], 100)) > 0);
  };
  const hour = 3_600_000;
  const put = (
    name: string,
    at: number,
    items: Parameters<typeof madeUpCrossing>[1],
    leaf: Partial<Leaf> = {},
  ) => {
    made[name] = madeUpCrossing(at, items, leaf);
    return part(made[name].leaf, made[name].items);
  };
  const first = put('first', now - 30 * hour, [email(ada), browser()]);
  await ship([
    first,
    put('chat', now - 2 * hour, [email(bob)], {
      vendor: 'openai',
      connection: 'connection-2',
      endpoint: 'chat',
      app: 'app-2',
      key: 'qrstuvwxyzabcdef',
    }),
    put('refused', now - hour, [email(ada)], {
      decision: 'refused',
      reason: 'field_refused',
      stage: 'minimise',
    }),
    put('bare', now - hour, [], {
      endpoint: 'engage',
      mode: 'break_glass',
      break_glass: 'glass-1',
      would: { fields: [['person.email', 'refuse', 1]], reason: 'field_refused' },
    }),
    part(
      madeUpSettlement(made.first?.leaf.id ?? '', now - 29 * hour, { tokens: { restored: 2, unknown: 1 } }),
    ),
  ]);
});
afterAll(() => platform.close());

async function get(path: string) {
  const response = await app.request(path);
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}
async function ids(query: string): Promise<string[]> {
  const { body } = await get(`/crossings?${query}`);
  const names = new Map(Object.entries(made).map(([name, { leaf }]) => [leaf.id, name]));
  return z
    .array(CrossingSchema)
    .parse(body.items)
    .map((item) => names.get(item.id) ?? item.id);
}

describe('the list', () => {
  test('newest first, with names, fields and outcome', async () => {
    const { body } = await get('/crossings');
    const items = z.array(CrossingSchema).parse(body.items);
    expect(items.map((item) => item.id)).toEqual(
      ['bare', 'refused', 'chat', 'first'].map((name) => made[name]?.leaf.id),
    );
    expect(items[3]).toEqual({
      id: made.first?.leaf.id,
      at: new Date(now - 30 * 3_600_000).toISOString(),
      vendor: 'mixpanel',
      service: 'analytics',
      connection: { id: 'connection-1', name: 'Web analytics' },
      app: { id: 'app-1', name: 'Shop' },
      endpoint: 'track',
      class: 'ingest',
      method: 'POST',
      decision: 'forwarded',
      reason: null,
      stage: null,
      fields: [
        ['person.email', 'drop', 1],
        ['device.browser', 'pass', 1],
      ],
      mode: 'enforce',
      would: null,
      egress: null,
      bytes: { received: 1024, sent: 600 },
      status: 200,
      outcome: 'answered',
      durationMs: 24.7,
    });
    expect(items[0]).toMatchObject({
      mode: 'break_glass',
      would: { fields: [['person.email', 'refuse', 1]], reason: 'field_refused' },
    });
    expect(items[2]).toMatchObject({
      connection: { id: 'connection-2', name: 'connection-2' },
      status: null,
      durationMs: null,
    });
  });

  test.each([
    ['connection=connection-1', ['bare', 'refused', 'first']],
    ['vendor=openai', ['chat']],
    ['app=app-2', ['chat']],
    ['decision=refused', ['refused']],
    ['endpoint=engage', ['bare']],
    ['class=device.browser', ['first']],
    ['class=person.email&treatment=drop', ['chat', 'first']],
    ['class=person.email&treatment=refuse', ['refused']],
    ['class=person.email&treatment=pass', []],
    ['vendor=mixpanel&treatment=pass', ['first']],
    [`subject=${ada}`, ['refused', 'first']],
    [`subject=${ada}&decision=forwarded`, ['first']],
    ['vendor=mixpanel&decision=forwarded&class=person.email', ['first']],
    ['vendor=nobody', []],
  ])('filtered by %s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test('between two times: from the first on, until before the second', async () => {
    const [from, to] = [now - 2 * 3_600_000, now - 3_600_000].map((ms) => new Date(ms).toISOString());
    expect(await ids(`from=${from}&to=${to}`)).toEqual(['chat']);
    expect(await ids(`vendor=mixpanel&to=${from}`)).toEqual(['first']);
    expect(await ids(`subject=${ada}&from=${from}`)).toEqual(['refused']);
  });

  test.each(['', 'vendor=mixpanel', `subject=${ada}`, 'decision=forwarded&from=2020-01-01T00:00:00Z'])(
    'in pages of one: all of them, none twice (%s)',
    async (query) => {
      const whole = await ids(query);
      const paged: string[] = [];
      let cursor: unknown = null;
      do {
        const more = cursor === null ? '' : `&cursor=${cursor}`;
        const { body } = await get(`/crossings?${query}&limit=1${more}`);
        const [item] = z.array(CrossingSchema).parse(body.items);
        paged.push(item?.id ?? '');
        cursor = body.next;
      } while (cursor !== null);
      const named = new Map(Object.entries(made).map(([name, { leaf }]) => [leaf.id, name]));
      expect(paged.map((id) => named.get(id))).toEqual(whole);
    },
  );

  test.each([
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('["a",1,2]').toString('base64url')}`, 'cursor'],
    ['limit=1000', 'limit'],
    ['from=yesterday', 'from'],
    ['decision=maybe', 'decision'],
    ['class=person.soul', 'class'],
    ['treatment=burn', 'treatment'],
  ])('a wrong query names its field: %s', async (query, field) => {
    const { status, body } = await get(`/crossings?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ field }] });
  });
});

describe('one crossing', () => {
  const detail = async (name: string) => {
    const { body } = await get(`/crossings/${made[name]?.leaf.id}`);
    return CrossingDetailSchema.parse(body);
  };

  test('says what went, how long each stage took, and of whom, and never a name', async () => {
    const crossing = await detail('first');
    expect(crossing).toMatchObject({
      log: { origin: log.origin, index: 0 },
      settlement: {
        outcome: 'answered',
        status: 200,
        remote: '192.0.2.7:443',
        tokens: { restored: 2, unknown: 1 },
      },
      contract: { id: 'contract-1', version: 1 },
      refusal: null,
    });
    expect(crossing.timings?.[7]).toEqual({ stage: 'forward', micros: 20_000 });
    expect(crossing.items).toEqual([
      {
        index: 0,
        erased: false,
        reduced: false,
        missing: false,
        subject: ada,
        kind: 'user',
        links: 1,
        fields: [{ path: '$email', class: 'person.email', treatment: 'drop', shape: 'email', count: 1 }],
        review: [{ hash: 'HHHHHHHHHHHHHHHHHHHHHH', kind: 'property', shape: 'string' }],
      },
      expect.objectContaining({ index: 1, subject: null, kind: null }),
    ]);
    expect(JSON.stringify(crossing)).not.toContain('secret plan');
  });

  test('a refused one says why', async () => {
    expect((await detail('refused')).refusal).toEqual({
      code: 'field_refused',
      text: 'The data contract refuses requests that carry this class of data.',
    });
  });

  test('an erased item is shown as erased, the others stay', async () => {
    await platform.pool.query('UPDATE payload_item SET bytes = NULL WHERE idx = 0 AND item = 0');
    expect((await detail('first')).items).toMatchObject([
      { index: 0, erased: true, subject: null, fields: [] },
      { index: 1, erased: false },
    ]);
  });

  test('an unknown or malformed id', async () => {
    expect(await get('/crossings/01936a3c-7b3e-7a01-8a01-0123456789ab')).toMatchObject({ status: 404 });
    expect(await get('/crossings/first')).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } });
  });

  test('the latest of a connection, and none where nothing crossed', async () => {
    expect((await latestCrossing(platform, names, 'connection-1'))?.id).toBe(made.bare?.leaf.id);
    expect(await latestCrossing(platform, names, 'connection-9')).toBeNull();
  });
});

describe('counts', () => {
  test('of the last 24 hours, by vendor', async () => {
    const traffic = await vendorTraffic(platform);
    expect(traffic.get('mixpanel')).toMatchObject({
      crossings24h: 2,
      crossed24h: 1,
      refused24h: 1,
      lastCrossingAt: new Date(now - 3_600_000),
    });
    expect(traffic.get('openai')).toMatchObject({ crossings24h: 1, refused24h: 0 });
  });

  test('are those that the list shows from the same minute on', async () => {
    const at = dayAgo(platform).getTime();
    await ship([at, at - 1, at + 59_999].map((ms) => part(madeUpCrossing(ms, [], { vendor: 'edge' }).leaf)));
    expect((await vendorTraffic(platform)).get('edge')?.crossings24h).toBe(2);
    const { body } = await get(`/crossings?vendor=edge&from=${dayAgo(platform).toISOString()}`);
    expect(body.items).toHaveLength(2);
  });

  test('of forwarded crossings, in the journal itself: refused ones and settlements are no part of it', async () => {
    const projected = await vendorTraffic(platform);
    const crossed = [...projected.values()].reduce((sum, row) => sum + row.crossed24h, 0);
    const { rows } = await platform.pool.query(
      "SELECT count(*)::int AS entries FROM journal_entry WHERE kind = 'crossing'",
    );
    const before = await forwardedLeaves(platform);
    expect(before).toBeGreaterThanOrEqual(crossed);
    expect(before).toBeLessThan(rows[0].entries);
    const wasRefused = { decision: 'refused', reason: 'field_refused', stage: 'minimise' } as const;
    await ship([part(madeUpCrossing(now, [], { vendor: 'kept' }).leaf)]);
    await ship([part(madeUpCrossing(now, [], { ...wasRefused, vendor: 'kept' }).leaf)]);
    expect(await forwardedLeaves(platform)).toBe(before + 1);
  });

  test('how keys are used, where, and by which crossings', async () => {
    const used = await keyUse(platform, ['abcdefghijklmnop', 'qrstuvwxyzabcdef', 'neverusedneverus']);
    expect(used.get('qrstuvwxyzabcdef')?.lastUsedAt).toEqual(new Date(now - 2 * 3_600_000));
    expect(used.has('neverusedneverus')).toBe(false);

    const mine = { key: 'keyofthistest777', app: 'app-of-this-test', vendor: 'used' } as const;
    const wasRefused = { decision: 'refused', reason: 'key_expired', stage: 'admit' } as const;
    await ship(
      [now - 3_600_000, now].map((at) => part(madeUpCrossing(at, [], { ...mine, endpoint: 'track' }).leaf)),
    );
    await ship([part(madeUpCrossing(now, [], { ...mine, ...wasRefused, endpoint: 'engage' }).leaf)]);
    expect((await keyUse(platform, [mine.key])).get(mine.key)).toEqual({
      firstUsedAt: new Date(now - 3_600_000),
      lastUsedAt: new Date(now),
      crossings24h: 3,
      refused24h: 1,
    });
    const places = (await get(`/keys/${mine.key}/use`)).body.items;
    expect(places).toMatchObject([
      { vendor: 'used', endpoint: 'track', crossings: 2, refused: 0, lastAt: new Date(now).toISOString() },
      { vendor: 'used', endpoint: 'engage', crossings: 1, refused: 1 },
    ]);
    expect((await get(`/apps/${mine.app}/use`)).body.items).toEqual(places);
    expect((await get(`/crossings?key=${mine.key}`)).body.items).toHaveLength(3);
  });

  test('minutes are forgotten when they are 49 hours behind the newest, days are not', async () => {
    const minutes = async () =>
      (await platform.pool.query('SELECT min(minute) AS first FROM crossing_minute')).rows[0].first.getTime();
    await ship([part(madeUpCrossing(now - 60 * 3_600_000, [], { vendor: 'old' }).leaf)]);
    await ship([part(madeUpCrossing(now + 23 * 3_600_000, [], { vendor: 'new' }).leaf)]);
    expect(await minutes()).toBeGreaterThanOrEqual(now - 26 * 3_600_000);
    expect((await vendorTraffic(platform)).get('old')).toMatchObject({ crossings24h: 0 });
  });
});

describe('sightings', () => {
  beforeAll(async () => {
    const sighted = (hours: number, endpoint: string, reason: string) => {
      const { leaf } = madeUpCrossing(now - hours * 3_600_000, [], {
        vendor: 'anthropic',
        endpoint,
        class: 'unknown',
        method: 'GET',
        decision: 'refused',
        reason,
        stage: 'accept',
      });
      return part(leaf, []);
    };
    await ship([
      ...[5, 4, 3].map((hours) => sighted(hours, '/v1/realtime', 'upgrade_not_supported')),
      sighted(3, '/v1/videos/:x', 'unknown_endpoint'),
    ]);
  });

  test('what was asked for and not served: how often, by whom, from when to when', async () => {
    const { body } = await get('/sightings?vendor=anthropic');
    const times = {
      connection: { id: 'connection-1', name: 'Web analytics' },
      app: { id: 'app-1', name: 'Shop' },
    };
    const at = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
    const asked = { vendor: 'anthropic', service: 'analytics', method: 'GET', ...times };
    expect(body.items).toEqual([
      {
        ...asked,
        reason: 'upgrade_not_supported',
        path: '/v1/realtime',
        times: 3,
        firstAt: at(5),
        lastAt: at(3),
      },
      {
        ...asked,
        reason: 'unknown_endpoint',
        path: '/v1/videos/:x',
        times: 1,
        firstAt: at(3),
        lastAt: at(3),
      },
    ]);
    expect((await get('/sightings?vendor=mixpanel')).body.items).toEqual([]);
  });
});
