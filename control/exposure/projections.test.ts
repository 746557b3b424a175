import type { Leaf, PayloadItem } from '@drawbridge/protocol';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceHorizon, crossingProjection, projectOnce, rebuildProjection } from '../crossings/index.ts';
import {
  forgetJournals,
  type MadeUpLog,
  madeUpCrossing,
  madeUpIngest,
  madeUpItem,
  madeUpSettlement,
  part,
  type ShippedPart,
} from '../crossings/testing.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { reviewProjection } from '../review/index.ts';
import { exposureProjection } from './exposure-projection.ts';
import { type ModelEntry, modelRows } from './testing-model.ts';
import { projectedRows } from './testing-rows.ts';

/** Random histories, projected in random pieces with failures in between, against the naive model. */
const projections = [crossingProjection, exposureProjection, reviewProjection];
const soak = process.env.DRAWBRIDGE_SOAK === '1';
const seed = Number(process.env.DRAWBRIDGE_SEED ?? 1);

let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
});
afterAll(() => platform.close());

const pseudonym = fc.constantFrom(...'abcdefgh').map((letter) => letter.repeat(22));
const field = fc.tuple(
  fc.constantFrom('person.email', 'device.browser', 'geo.country', 'event.name') as fc.Arbitrary<
    Leaf['fields'][number][0]
  >,
  fc.constantFrom('pass', 'drop', 'generalise', 'pseudonymise', 'refuse') as fc.Arbitrary<
    Leaf['fields'][number][1]
  >,
);
const usualFields: [Leaf['fields'][number][0], Leaf['fields'][number][1]][][] = [
  [],
  [['geo.country', 'pass']],
  [
    ['geo.country', 'pass'],
    ['person.email', 'drop'],
  ],
];
const item: fc.Arbitrary<PayloadItem> = fc
  .record({
    s: fc.option(pseudonym, { freq: 6 }),
    k: fc.constantFrom('user', 'user', 'user', 'email', 'device', 'group') as fc.Arbitrary<PayloadItem['k']>,
    l: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, fc.array(pseudonym, { maxLength: 2 })),
    // Mostly the same fields, as of one SDK, so that sightings fall together.
    f: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...usualFields) },
      { weight: 1, arbitrary: fc.array(field, { maxLength: 4 }) },
    ),
    r: fc.array(
      fc.record({
        h: fc.constantFrom('hash-1', 'hash-2'),
        n: fc.option(fc.constantFrom('Plan', 'Trial\u0000'), { nil: undefined }),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ s, k, l, f, r }) =>
    madeUpItem({
      s,
      k: s === null ? null : k,
      l: s === null ? [] : l,
      f: f.map(([fieldClass, treatment]) => [`p.${fieldClass}`, fieldClass, treatment, 'string', 1]),
      r: r.map(({ h, n }) => ({ h, k: 'property', s: 'string', ...(n === undefined ? {} : { n }) })),
    }),
  );
const crossing = fc.record({
  log: fc.constantFrom(0, 1),
  at: fc.integer({ min: 0, max: 4 * 24 }).map((hours) => Date.UTC(2025, 10, 1) + hours * 3_600_000 + 123),
  items: fc.array(item, { maxLength: 3 }),
  vendor: fc.constantFrom('mixpanel', 'openai'),
  app: fc.constantFrom('app-1', 'app-2'),
  decision: fc.constantFrom('forwarded', 'forwarded', 'refused') as fc.Arbitrary<Leaf['decision']>,
  settled: fc.constantFrom('soon', 'late', 'never', 'twice', 'elsewhere', 'early'),
});
const step = fc.oneof(
  fc.record({
    do: fc.constant('ship' as const),
    log: fc.constantFrom(0, 1),
    back: fc.nat(3),
    many: fc.nat(9),
  }),
  fc.record({ do: fc.constant('project' as const), limit: fc.integer({ min: 1, max: 9 }), only: fc.nat(6) }),
  fc.record({
    do: fc.constant('fail' as const),
    limit: fc.integer({ min: 1, max: 9 }),
    at: fc.nat(30),
    how: fc.constantFrom<Failure>('before', 'after', 'killed'),
  }),
);

/** The query is not made; it is made and its answer is lost (also that of COMMIT); the server's side dies. */
type Failure = 'before' | 'after' | 'killed';

/** A pool whose connections fail at the given query. */
function failing(pool: pg.Pool, at: number, how: Failure): pg.Pool {
  let count = 0;
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return Reflect.get(target, name);
      return async () => {
        const client = await target.connect();
        return new Proxy(client, {
          get(inner, member) {
            const value = Reflect.get(inner, member);
            if (member !== 'query') return typeof value === 'function' ? value.bind(inner) : value;
            return async (...args: Parameters<typeof inner.query>) => {
              if (count++ !== at) return inner.query(...args);
              if (how === 'after') await inner.query(...args);
              if (how === 'killed') await inner.query('SELECT pg_terminate_backend(pg_backend_pid())');
              throw new Error('made to fail');
            };
          },
        });
      };
    },
  });
}

interface History {
  logs: [ShippedPart[], ShippedPart[]];
  entries: ModelEntry[];
}

/** Lays the crossings and their settlements down in two logs. */
function historyOf(
  crossings: readonly (typeof crossing extends fc.Arbitrary<infer C> ? C : never)[],
): History {
  const logs: History['logs'] = [[], []];
  const entries: ModelEntry[] = [];
  const put = (
    log: 0 | 1,
    one: ModelEntry['entry'],
    items: readonly PayloadItem[] = [],
    bytes: Buffer[] = [],
  ) => {
    entries.push({ log: `log-${log}`, index: logs[log].length, entry: one, items });
    logs[log].push(part(one, bytes));
  };
  const late: (() => void)[] = [];
  for (const { log, at, items, vendor, app, decision, settled } of crossings) {
    const mine = log === 0 ? 0 : 1;
    const made = madeUpCrossing(at, items, { vendor, app, decision, connection: `connection-${vendor}` });
    if (settled === 'early') put(mine, madeUpSettlement(made.leaf.id, at + 50));
    put(mine, made.leaf, items, made.items);
    const settle = (status: number) => put(mine, madeUpSettlement(made.leaf.id, at + 50, { status }));
    if (settled === 'soon' || settled === 'twice') settle(200);
    if (settled === 'twice') settle(500);
    if (settled === 'late') late.push(() => settle(201));
    if (settled === 'elsewhere') put(mine === 0 ? 1 : 0, madeUpSettlement(made.leaf.id, at + 50));
  }
  for (const put of late) put();
  return { logs, entries };
}

/** Prunes both logs up to somewhere, in two steps each. Returns the rows of the model without the crossings before. */
async function prunedSomewhere(expected: Record<string, string[]>): Promise<Record<string, string[]>> {
  const logs = await platform.pool.query<{ id: number; origin: string; next_index: number }>(
    'SELECT id, origin, next_index FROM journal_log ORDER BY id',
  );
  const horizons = new Map<string, number>();
  for (const portion of [0.3, 0.7]) {
    for (const { id, origin, next_index: next } of logs.rows) {
      const to = Math.floor(next * portion);
      const done = await advanceHorizon(platform, projections, { log: id, to }, async () => []);
      expect(done).toEqual({ kind: 'advanced', pruned: to });
      horizons.set(origin, to);
    }
  }
  const isKept = (origin = '', index = '') => Number(index) >= (horizons.get(origin) ?? 0);
  const kept = {
    ...expected,
    crossings: (expected.crossings ?? []).filter((row) => isKept(...row.split('|', 2))),
    crossingSubjects: (expected.crossingSubjects ?? []).filter((row) => isKept(...row.split('|').slice(1))),
  };
  expect(await projectedRows(platform)).toEqual(kept);
  return kept;
}

let runs = 0;
test('whatever the pieces, repetitions and failures, the rows are those of the model, also when rebuilt', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(crossing, { minLength: 8, maxLength: soak ? 60 : 25 }),
      fc.array(step, { maxLength: 25 }),
      async (crossings, steps) => {
        await forgetJournals(platform, projections);
        runs += 1;
        const { logs, entries } = historyOf(crossings);
        const shipping: [MadeUpLog, MadeUpLog] = [ingest.log(`log-0`), ingest.log(`log-1`)];
        const next = [0, 0];
        const ship = async (log: number, from: number, to: number) => {
          const parts = logs[log === 0 ? 0 : 1].slice(from, to);
          if (parts.length > 0) next[log] = await ingest.ship(shipping[log === 0 ? 0 : 1], from, parts);
        };
        for (const one of steps) {
          if (one.do === 'ship') {
            const from = Math.max(0, (next[one.log] ?? 0) - one.back);
            await ship(one.log, from, from + one.back + one.many);
          } else if (one.do === 'project') {
            const some = projections.filter((_, n) => one.only > 2 || n !== one.only);
            await projectOnce(platform, some, one.limit);
          } else {
            const broken = { pool: failing(platform.pool, one.at, one.how) };
            await projectOnce(broken, projections, one.limit).catch((error: Error) => {
              expect(error.message).toMatch(/made to fail|terminat/i);
            });
          }
        }
        for (const log of [0, 1]) await ship(log, next[log] ?? 0, 1000);
        while ((await projectOnce(platform, projections, 5)) > 0);

        const expected = modelRows(entries);
        expected.names = expected.names?.map((row) => row.replaceAll('\u0000', '\ufffd')) ?? [];
        expect(await projectedRows(platform)).toEqual(expected);
        if (runs % 7 === 3) {
          for (const projection of projections) await rebuildProjection(platform, projection);
          expect(await projectedRows(platform)).toEqual(expected);
        }
        if (runs % 5 === 1) {
          const kept = await prunedSomewhere(expected);
          for (const projection of projections) await rebuildProjection(platform, projection);
          expect(await projectedRows(platform)).toEqual(kept);
        }
      },
    ),
    { seed, numRuns: soak ? 400 : 20, endOnFailure: !soak },
  );
}, 120_000);
