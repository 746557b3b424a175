import type { Leaf, PayloadItem } from '@drawbridge/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { crossingProjection, type Names, projectOnce } from '../crossings/index.ts';
import { madeUpCrossing, madeUpIngest, madeUpItem, part, type ShippedPart } from '../crossings/testing.ts';
import { handleErrors } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { exposureProjection } from './exposure-projection.ts';
import { exposureRoutes } from './routes.ts';
import { ExposureSchema, VendorDetailSchema, VendorRowSchema } from './schemas.ts';
import { peopleInAll, type VendorInfo } from './vendors.ts';

const names: Names = { connections: async () => new Map(), apps: async () => new Map([['app-1', 'Shop']]) };
const directory: VendorInfo[] = [
  {
    vendor: 'mixpanel',
    name: 'Mixpanel',
    kind: 'analytics',
    homepage: 'https://mixpanel.example.com',
    connections: 1,
    state: 'open',
    modes: [],
  },
  {
    vendor: 'quiet',
    name: 'Quiet',
    kind: 'ai',
    homepage: 'https://quiet.example.com',
    connections: 0,
    state: 'severed',
    modes: [],
  },
];
const projections = [crossingProjection, exposureProjection];

let platform: TestPlatform;
let app: ReturnType<typeof exposureRoutes>;
let today: number;
let proven = new Map<string, (fieldClass: string) => number | null>();
beforeAll(async () => {
  platform = await testPlatform();
  app = exposureRoutes(platform, {
    names,
    directory: async () => directory,
    proven: async () => proven,
    connectionsOf: async () => [],
  });
  app.onError(handleErrors(platform.log));
  today = platform.clock.now();
  const ingest = await madeUpIngest(platform);
  const who = (letter: string) => letter.repeat(22);
  const item = (
    s: string | null,
    f: [Leaf['fields'][number][0], Leaf['fields'][number][1]][],
    more: Partial<PayloadItem> = {},
  ) =>
    madeUpItem({
      s,
      k: s === null ? null : 'user',
      f: f.map(([fieldClass, treatment]) => ['p', fieldClass, treatment, 'string', 1]),
      ...more,
    });
  const crossings: [number, PayloadItem[], Partial<Leaf>?][] = [
    // Ada, twice on one day: counted once; then her device, linked: still the same person.
    [
      today - 60_000,
      [
        item(who('a'), [
          ['geo.country', 'pass'],
          ['person.email', 'drop'],
        ]),
      ],
    ],
    [today - 50_000, [item(who('a'), [['geo.country', 'pass']])]],
    [today - 40_000, [item(who('b'), [['geo.country', 'pass']], { k: 'device' })]],
    [today - 30_000, [item(who('a'), [['person.id', 'pseudonymise']], { l: [who('b')] })]],
    // Bob, a month and a half ago.
    [today - 45 * 86_400_000, [item(who('c'), [['geo.country', 'pass']])], { app: 'app-2' }],
    // Cyd was refused: nothing of her was sent.
    [
      today - 20_000,
      [item(who('d'), [['geo.country', 'pass']])],
      { decision: 'refused', reason: 'field_refused', stage: 'minimise' },
    ],
    // A group, and nobody known.
    [
      today - 10_000,
      [item(who('e'), [['org.id', 'pass']], { k: 'group' }), item(null, [['event.name', 'pass']])],
    ],
    // The same slot for nobody known and for a group: whoever reads in pages meets both at its border.
    [today - 8_000, [item(null, [['org.id', 'pass']]), item(who('f'), [['org.id', 'pass']], { k: 'group' })]],
    // Ada at another vendor that the directory does not list.
    [
      today - 5_000,
      [item(who('a'), [['content.prompt', 'pass']])],
      { vendor: 'openai', connection: 'connection-2' },
    ],
  ];
  const parts: ShippedPart[] = crossings.map(([at, items, leaf]) => {
    const made = madeUpCrossing(at, items, leaf);
    return part(made.leaf, made.items);
  });
  await ingest.ship(ingest.log('gateway-1.example.com/log-1'), 0, parts);
  while ((await projectOnce(platform, projections, 3)) > 0);
});
afterAll(() => platform.close());

async function get(path: string) {
  const response = await app.request(path);
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

test('the list: people once each, what was got, and vendors that the directory forgot', async () => {
  const { body } = await get('/vendors');
  const rows = z.array(VendorRowSchema).parse(body.items);
  expect(
    rows.map((row) => [
      row.vendor,
      row.people,
      row.fieldClassesGot,
      row.crossings24h,
      row.crossed24h,
      row.refused24h,
    ]),
  ).toEqual([
    ['mixpanel', 2, 4, 7, 6, 1],
    ['openai', 1, 1, 1, 1, 0],
    ['quiet', 0, 0, 0, 0, 0],
  ]);
  expect(rows[2]).toMatchObject({ name: 'Quiet', state: 'severed', lastCrossingAt: null });
  expect(rows[1]).toMatchObject({ name: 'openai', connections: 0 });
  expect(await peopleInAll(platform)).toBe(2);
});

test('people are those of whom something is not proven deleted, in the list and on the page', async () => {
  const DAY = 24 * 3600_000;
  const rowOf = async (vendor: string) => {
    const { body } = await get('/vendors');
    return z
      .array(VendorRowSchema)
      .parse(body.items)
      .find((row) => row.vendor === vendor);
  };
  const page = async (vendor: string) => VendorDetailSchema.parse((await get(`/vendors/${vendor}`)).body);
  try {
    const before = await page('mixpanel');
    // A proof that covers nothing of what crossed changes nothing.
    proven = new Map(['mixpanel', 'openai'].map((vendor) => [vendor, () => today - 365 * DAY]));
    expect(await page('mixpanel')).toEqual(before);
    expect(await rowOf('openai')).toMatchObject({ people: 1 });
    proven = new Map([['openai', () => today]]);
    expect(await rowOf('openai')).toMatchObject({
      people: 0,
      classes: [{ class: 'content.prompt', people: 0 }],
    });
    expect(await page('openai')).toMatchObject({ people: 0, holdings: [{ people: 0 }] });
    // Of another kind only: whoever has more than that there is still held.
    proven = new Map([['mixpanel', (name: string) => (name === 'geo.country' ? today : null)]]);
    const some = await page('mixpanel');
    expect(some.people).toBeLessThanOrEqual(before.people);
    const peopleOf = (name: string) =>
      new Map(
        some.holdings.flatMap((one) => (one.class === name ? [[one.treatment, one.people] as const] : [])),
      );
    expect(peopleOf('geo.country').get('pass')).toBe(0);
    // What was dropped before it went out never was there to be deleted.
    expect(peopleOf('person.email').get('drop')).toBe(1);
    expect(await rowOf('openai')).toMatchObject({ people: 1 });
  } finally {
    proven = new Map();
  }
});

describe('the vendor page', () => {
  test('holdings: what was sent and what was not are told apart, with people, times and apps', async () => {
    const { body } = await get('/vendors/mixpanel');
    const page = VendorDetailSchema.parse(body);
    expect(page.holdings.map((one) => [one.class, one.treatment, one.people, one.crossings])).toEqual([
      ['geo.country', 'pass', 2, 4],
      ['geo.country', 'refuse', 1, 1],
      ['person.email', 'drop', 1, 1],
      ['person.id', 'pseudonymise', 1, 1],
      ['event.name', 'pass', 0, 1],
      ['org.id', 'pass', 0, 2],
    ]);
    expect(page.holdings[0]).toEqual({
      class: 'geo.country',
      label: 'Country',
      treatment: 'pass',
      people: 2,
      crossings: 4,
      firstSeenAt: new Date(today - 45 * 86_400_000).toISOString(),
      lastSeenAt: new Date(today - 40_000).toISOString(),
      apps: [
        { id: 'app-1', name: 'Shop' },
        { id: 'app-2', name: 'app-2' },
      ],
    });
    expect(page).toMatchObject({ people: 2, organisations: 2, homepage: 'https://mixpanel.example.com' });
  });

  test('heat: the last 30 days, only what was sent, people once a day', async () => {
    const page = VendorDetailSchema.parse((await get('/vendors/mixpanel')).body);
    const day = new Date(today).toISOString().slice(0, 10);
    expect(page.days).toHaveLength(30);
    expect(page.days.at(-1)).toBe(day);
    expect(page.heat).toEqual([
      { class: 'event.name', day, people: 0, crossings: 1 },
      { class: 'geo.country', day, people: 1, crossings: 3 },
      { class: 'org.id', day, people: 0, crossings: 2 },
      { class: 'person.id', day, people: 1, crossings: 1 },
    ]);
  });

  test('one that is listed but quiet, and one that is not there', async () => {
    expect((await get('/vendors/quiet')).body).toMatchObject({ people: 0, holdings: [], heat: [] });
    expect(await get('/vendors/nobody')).toMatchObject({ status: 404 });
  });
});

describe('the exposures', () => {
  const all = async (query: string) => {
    const items: z.infer<typeof ExposureSchema>[] = [];
    let cursor: unknown = null;
    do {
      const { body } = await get(
        `/vendors/mixpanel/exposures?${query}${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      items.push(...z.array(ExposureSchema).parse(body.items));
      cursor = body.next;
    } while (cursor !== null);
    return items;
  };

  test('subject by subject, in pages of any size the same', async () => {
    const whole = await all('limit=200');
    for (const limit of [1, 2, 3]) expect(await all(`limit=${limit}`)).toEqual(whole);
    const view = await platform.pool.query(
      `SELECT count(*) AS rows, sum(crossings)::int AS crossings FROM exposure JOIN subject ON subject.id = subject
        WHERE vendor = 'mixpanel' AND about <> 'nobody'`,
    );
    expect({ rows: whole.length, crossings: whole.reduce((sum, one) => sum + one.crossings, 0) }).toEqual(
      view.rows[0],
    );
  });

  test('of one class and treatment', async () => {
    const rows = await all('class=geo.country&treatment=pass');
    expect(rows.map((row) => [row.subject[0], row.kind, row.crossings])).toEqual([
      ['a', 'user', 2],
      ['b', 'device', 1],
      ['c', 'user', 1],
    ]);
    expect(rows[0]).toMatchObject({
      app: { id: 'app-1', name: 'Shop' },
      firstSeenAt: new Date(today - 60_000).toISOString(),
      lastSeenAt: new Date(today - 50_000).toISOString(),
    });
  });

  test('held: what left something at the vendor, and of people exactly those that its number counts', async () => {
    const held = await all('held=true&limit=2');
    expect(new Set(held.map((row) => row.treatment))).toEqual(new Set(['pass', 'pseudonymise']));
    expect(held.some((row) => row.subject.startsWith('d'))).toBe(false);
    const people = await all('held=true&about=person&limit=1');
    expect(people).toEqual(held.filter((row) => row.about === 'person'));
    const { body } = await get('/vendors/mixpanel');
    expect(new Set(people.map((row) => row.person)).size).toBe(body.people);
    // Ada's device is Ada: both rows say so.
    expect(new Set(people.filter((row) => /^[ab]/.test(row.subject)).map((row) => row.person))).toEqual(
      new Set(['a'.repeat(22)]),
    );
    const groups = await all('held=true&about=organisation');
    expect(groups.map((row) => [row.subject[0], row.class])).toEqual([
      ['e', 'org.id'],
      ['f', 'org.id'],
    ]);
  });

  test('a wrong class or cursor is named', async () => {
    expect(await get('/vendors/mixpanel/exposures?class=soul')).toMatchObject({ status: 400 });
    expect(await get('/vendors/mixpanel/exposures?held=perhaps')).toMatchObject({ status: 400 });
    expect((await get('/vendors/mixpanel/exposures?cursor=x')).body).toMatchObject({
      errors: [{ field: 'cursor' }],
    });
  });
});
