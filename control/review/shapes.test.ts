import type { Leaf, PayloadItem } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  crossingProjection,
  projectOnce,
  type Shapes,
  ShapesSchema,
  shapeRoutes,
} from '../crossings/index.ts';
import {
  forgetJournals,
  type MadeUpLog,
  madeUpCrossing,
  madeUpIngest,
  madeUpItem,
  part,
  type ShippedPart,
} from '../crossings/testing.ts';
import { exposureProjection } from '../exposure/index.ts';
import { handleErrors, notFound } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { reviewProjection, shownNames } from './index.ts';

const projections = [crossingProjection, exposureProjection, reviewProjection];
let platform: TestPlatform;
let app: ReturnType<typeof shapeRoutes>;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let log: MadeUpLog;
let logs = 0;
let inContract: string[] = [];
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
  app = shapeRoutes(platform, {
    checkConnection: async (id) => {
      if (id !== 'connection-1') throw notFound('connection');
    },
    showNames: (id, hashes) =>
      shownNames(
        {
          platform,
          reviewHashes: async (names) => names.map((name) => `hash-of-${name}`),
          contractNames: async () => inContract,
        },
        id,
        hashes,
      ),
  });
  app.onError(handleErrors(platform.log));
});
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, projections);
  await platform.pool.query('TRUNCATE review_decision');
  logs += 1;
  log = ingest.log(`gateway-1.example.com/log-${logs}`);
  inContract = [];
});

async function ship(parts: readonly ShippedPart[]): Promise<void> {
  await ingest.ship(log, 0, parts);
  while ((await projectOnce(platform, projections, 1000)) > 0);
}
let minute = 0;
function crossing(items: readonly PayloadItem[], leaf: Partial<Leaf> = {}): ShippedPart {
  minute += 1;
  const made = madeUpCrossing(platform.clock.now() - 3_600_000 + minute * 1000, items, leaf);
  return part(made.leaf, made.items);
}
async function shapes(id = 'connection-1'): Promise<{ text: string; answer: Shapes }> {
  const response = await app.request(`/connections/${id}/shapes`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return { text, answer: ShapesSchema.parse(JSON.parse(text)) };
}
const email = (values = 1): PayloadItem['f'][number] => ['$email', 'person.email', 'drop', 'email', values];
const plan = (subject: string, n?: string): PayloadItem =>
  madeUpItem({
    s: subject,
    k: 'user',
    f: [['#hash-of-plan', 'event.unmapped', 'drop', 'string', 1]],
    r: [{ h: 'hash-of-plan', k: 'property', s: 'string', ...(n === undefined ? {} : { n }) }],
  });

test('a connection without a crossing says so, one that is not there is not found', async () => {
  expect((await shapes()).answer).toMatchObject({ crossings: 0, since: null, endpoints: [] });
  expect((await app.request('/connections/other/shapes')).status).toBe(404);
});

test('per endpoint the paths, with class, shape, treatment, and in how many crossings; only what was forwarded', async () => {
  await ship([
    crossing([
      madeUpItem({ s: 'a', k: 'user', f: [email(2)] }),
      madeUpItem({ s: 'b', k: 'user', f: [email()] }),
    ]),
    crossing([madeUpItem({ f: [email()] })], { mode: 'observe' }),
    crossing([madeUpItem({ f: [['$name', 'person.name', 'pass', 'string', 1]] })], { endpoint: 'engage' }),
    crossing([madeUpItem({ f: [['ip', 'network.ip', 'drop', 'ip', 1]] })], {
      decision: 'refused',
      reason: 'field_refused',
      stage: 'minimise',
    }),
    crossing([madeUpItem({ f: [['ip', 'network.ip', 'drop', 'ip', 1]] })], { connection: 'connection-2' }),
  ]);
  const { answer } = await shapes();
  expect(answer).toMatchObject({ crossings: 3, lifted: 1, leftOff: 0 });
  expect(answer.items).toEqual({ read: 4, erased: 0, missing: 0, unread: 0 });
  const byName = new Map(answer.endpoints.map((one) => [one.endpoint, one]));
  expect([...byName.keys()].sort()).toEqual(['engage', 'track']);
  const [field] = byName.get('track')?.fields ?? [];
  expect(field).toMatchObject({
    path: '$email',
    class: 'person.email',
    shape: 'email',
    treatment: 'drop',
    crossings: 2,
    values: 4,
  });
  const apart = Date.parse(field?.lastSeenAt ?? '') - Date.parse(field?.firstSeenAt ?? '');
  expect(apart).toBe(1000);
  expect(field?.lastSeenAt).toBe(new Date(Date.parse(answer.latest ?? '') - 1000).toISOString());
});

test('names stay hidden until five subjects have sent them, whatever the gateway sent along', async () => {
  const four = ['a', 'b', 'c', 'd'].map((subject) => crossing([plan(subject, 'secret plan')]));
  await ship(four);
  const { text, answer } = await shapes();
  expect(text).not.toContain('secret plan');
  expect(text).not.toContain('"a"');
  expect(answer.endpoints[0]?.fields).toMatchObject([
    { path: '#hash-of-plan', name: null, waiting: true, crossings: 4 },
  ]);
  await ingest.ship(log, 4, [crossing([plan('e', 'secret plan')])]);
  while ((await projectOnce(platform, projections, 1000)) > 0);
  expect((await shapes()).answer.endpoints[0]?.fields).toMatchObject([
    { name: 'secret plan', waiting: true },
  ]);
});

test('a name that stands in the contract is no secret, and does not wait', async () => {
  inContract = ['other', 'plan'];
  await ship([crossing([plan('a')])]);
  await platform.pool.query(
    `INSERT INTO review_decision (connection, kind, hash, decision, decided_at, decided_by, reason)
     VALUES ('connection-1', 'property', 'hash-of-plan', 'allow', now(), 'someone', 'made up')`,
  );
  expect((await shapes()).answer.endpoints[0]?.fields).toMatchObject([{ name: 'plan', waiting: false }]);
});

test('what was erased, and what the gateway had deleted, is counted as such', async () => {
  const deleted = crossing([madeUpItem({ f: [email()] }), madeUpItem({ f: [email()] })]);
  await ship([
    crossing([madeUpItem({ s: 'a', k: 'user', f: [email()] }), madeUpItem({ f: [email()] })]),
    { ...deleted, payload: 'deleted' },
  ]);
  await platform.pool.query('UPDATE payload_item SET bytes = NULL WHERE idx = 0 AND item = 0');
  const { answer } = await shapes();
  expect(answer.items).toEqual({ read: 1, erased: 1, missing: 2, unread: 0 });
  expect(answer).toMatchObject({ crossings: 2, endpoints: [{ fields: [{ crossings: 1, values: 1 }] }] });
});

test('the newest 200 crossings, 100 items of one and 600 fields are looked at, no more', async () => {
  const wide = (n: number): PayloadItem =>
    madeUpItem({
      s: `subject-${n}`,
      k: 'user',
      f: Array.from(
        { length: 10 },
        (_, i) => [`p${n}.${i}`, 'event.property', 'pass', 'string', 1] as const,
      ).map(([...field]) => field),
    });
  await ship([
    crossing([madeUpItem({ f: [['oldest', 'event.property', 'pass', 'string', 1]] })]),
    ...Array.from({ length: 199 }, () => crossing([madeUpItem({ f: [email()] })])),
    crossing(Array.from({ length: 130 }, (_, n) => wide(n))),
  ]);
  const { text, answer } = await shapes();
  expect(answer.crossings).toBe(200);
  expect(text).not.toContain('oldest');
  expect(answer.items).toEqual({ read: 299, erased: 0, missing: 0, unread: 30 });
  expect(answer.leftOff).toBe(1001 - 600);
  // What was seen most is kept.
  expect(answer.endpoints[0]?.fields[0]).toMatchObject({ path: '$email', crossings: 199 });
});

test('as many of the newest crossings are opened as hold two thousand items', async () => {
  const batch = Array.from({ length: 100 }, (_, n) => madeUpItem({ s: `s${n}`, k: 'user', f: [email()] }));
  await ship(Array.from({ length: 22 }, () => crossing(batch)));
  const { answer } = await shapes();
  expect(answer).toMatchObject({ crossings: 20, items: { read: 2000, unread: 0 } });
});

test('payloads are read up to two megabytes; the rest is counted as not read', async () => {
  const large = () =>
    madeUpItem({
      f: Array.from({ length: 4000 }, (_, n): PayloadItem['f'][number] => [
        `${'x'.repeat(80)}${n}`,
        'event.property',
        'pass',
        'string',
        1,
      ]),
    });
  await ship(Array.from({ length: 6 }, () => crossing([large()])));
  const { items } = (await shapes()).answer;
  expect(items.read).toBeGreaterThan(2);
  expect(items.unread).toBe(6 - items.read);
  expect(items.unread).toBeGreaterThan(0);
});
