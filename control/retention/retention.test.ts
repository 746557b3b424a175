import { Frontier, generateKey, leafHash, logSigner, signCheckpoint } from '@drawbridge/tlog';
import { Hono } from 'hono';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkpointRoutes } from '../checkpoints/index.ts';
import { crossingProjection, projectOnce, rebuildProjection } from '../crossings/index.ts';
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
import { exposureProjection } from '../exposure/index.ts';
import { projectedRows } from '../exposure/testing-rows.ts';
import {
  createRouter,
  enqueue,
  type HttpEnv,
  handleErrors,
  inTransaction,
  runDueJob,
} from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { reviewProjection } from '../review/index.ts';
import { pruneJob, retentionRoutes } from './index.ts';
import { pruneAll, takeMarks } from './prune.ts';

/** Journals that are shipped, checkpointed and projected as ever; all is made up. */
const projections = [crossingProjection, exposureProjection, reviewProjection];
const DAY = 24 * 3600_000;
const people = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(22));

let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let checkpoints: Hono<HttpEnv & { Variables: { gateway: { id: string } } }>;
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
  checkpoints = new Hono();
  checkpoints.onError(handleErrors(platform.log));
  checkpoints.use(async (c, next) => {
    c.set('gateway', { id: 'gateway-1' });
    await next();
  });
  checkpoints.route('/', checkpointRoutes(platform));
});
afterAll(() => platform.close());

/** A gateway's log, from its first entry on. */
class Journal {
  readonly origin: string;
  readonly #log: MadeUpLog;
  readonly #tree = Frontier.empty();
  readonly parts: ShippedPart[] = [];
  constructor(origin: string) {
    this.origin = origin;
    this.#log = ingest.log(origin);
  }

  async ship(parts: readonly ShippedPart[]): Promise<void> {
    await ingest.ship(this.#log, this.parts.length, parts);
    this.parts.push(...parts);
    for (const { entry } of parts) this.#tree.append(leafHash(entry));
    while ((await projectOnce(platform, projections, 50)) > 0);
  }

  /** The same entries again, from the first on. */
  shipAgain(parts: readonly ShippedPart[]): Promise<number> {
    return ingest.ship(this.#log, 0, parts);
  }

  async signed(): Promise<string> {
    const signer = logSigner(generateKey(this.origin, Buffer.alloc(32, 7)));
    const tree = { origin: this.origin, size: this.#tree.size, root: this.#tree.root(), extensions: [] };
    const note = await signCheckpoint(tree, [signer]);
    return JSON.stringify({
      v: 1,
      origin: this.origin,
      verifierKey: signer.verifierKey,
      note,
      signedAt: null,
    });
  }
}

async function post(body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  return (await checkpoints.request('/checkpoint', { method: 'POST', body, headers })).status;
}

let journals: [Journal, Journal];
beforeEach(async () => {
  await forgetJournals(platform, projections);
  await platform.pool.query('TRUNCATE retention_mark, log_key, log_checkpoint, log_contradiction');
  journals = [new Journal('log.example.test/0'), new Journal('log.example.test/1')];
});

const stillAtIt = async () => undefined;
const prune = (pool: pg.Pool = platform.pool) => pruneAll({ ...platform, pool }, projections, stillAtIt);

/** Days go by, in which the control plane runs. */
async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    platform.advance(DAY);
    await inTransaction(platform.pool, (client) => takeMarks(client, new Date(platform.clock.now())));
  }
}

/** Crossings of now, of several people who are linked here and there, settled but for the last. */
function traffic(many: number, late: ShippedPart[] = []): ShippedPart[] {
  const parts: ShippedPart[] = [];
  for (let n = 0; n < many; n++) {
    const about = (at: number) => people[(n + at) % people.length] ?? '';
    const items = [about(0), about(n % 3)].map((s, at) =>
      madeUpItem({
        s,
        k: 'user',
        l: n % 4 === 3 ? [about(1)] : [],
        f: [['p.email', n % 2 === at ? 'person.email' : 'geo.city', 'pass', 'string', 1]],
        r: [{ h: `hash-${n % 2}`, k: 'property', s: 'string' }],
      }),
    );
    const { leaf, items: bytes } = madeUpCrossing(platform.clock.now() + n, items, { app: `app-${n % 2}` });
    parts.push(part(leaf, bytes));
    const settlement = part(madeUpSettlement(leaf.id, platform.clock.now() + n + 50));
    if (n + 1 === many) late.push(settlement);
    else parts.push(settlement);
  }
  return parts;
}

/** Everything that is there of journals. */
async function stored(): Promise<Record<string, unknown>> {
  const counts = await platform.pool.query(
    `SELECT (SELECT count(*) FROM journal_entry) AS entries, (SELECT count(*) FROM payload_item) AS items,
      (SELECT sum(pruned)::bigint FROM journal_log) AS pruned`,
  );
  return { ...counts.rows[0], ...(await projectedRows(platform)) };
}

/** Both logs with old traffic, noted as verified, and half a year later with new traffic. Returns how much is old. */
async function halfAYear(): Promise<[number, number]> {
  const late: [ShippedPart[], ShippedPart[]] = [[], []];
  for (const n of [0, 1] as const) {
    await journals[n].ship(traffic(7 + n, late[n]));
    expect(await post(await journals[n].signed())).toBe(200);
  }
  const old: [number, number] = [journals[0].parts.length, journals[1].parts.length];
  expect(await prune()).toEqual({ pruned: 0, released: 0 });
  await pass(184);
  platform.advance(1000);
  for (const n of [0, 1] as const) {
    await journals[n].ship([...late[n], ...traffic(3)]);
    expect(await post(await journals[n].signed())).toBe(200);
  }
  return old;
}

/** The rows without the listed crossings before an index. */
function without(rows: Record<string, unknown>, old: readonly [number, number]): Record<string, unknown> {
  const isKept = (origin = '', index = '') => Number(index) >= (origin.endsWith('/0') ? old[0] : old[1]);
  const list = (name: string): string[] => (Array.isArray(rows[name]) ? rows[name] : []);
  return {
    ...rows,
    crossings: list('crossings').filter((row) => isKept(...row.split('|', 2))),
    crossingSubjects: list('crossingSubjects').filter((row) => isKept(...row.split('|').slice(1))),
  };
}

describe('what is older than it is kept', () => {
  test('goes, and what it adds up to stays, also when that is computed anew', async () => {
    const old = await halfAYear();
    const before = await stored();
    expect(await prune()).toEqual({ pruned: old[0] + old[1], released: 0 });
    const kept = {
      ...without(before, old),
      // The rest of each log: a late settlement and three crossings of two items, two of them settled.
      entries: 12,
      items: 12,
      pruned: old[0] + old[1],
    };
    expect(await stored()).toEqual(kept);
    expect(await prune()).toEqual({ pruned: 0, released: 0 });
    for (const projection of projections) await rebuildProjection(platform, projection);
    expect(await stored()).toEqual(kept);
    // As a migration does that wants a projection computed anew.
    await platform.pool.query(`TRUNCATE review_name, subject, exposure_part`);
    await platform.pool.query(`DELETE FROM projection_cursor WHERE projection <> 'crossings'`);
    while ((await projectOnce(platform, projections, 5)) > 0);
    expect(await stored()).toEqual(kept);
  });

  test('goes whole or not at all, wherever it breaks off', async () => {
    const old = await halfAYear();
    const before = await stored();
    let at = 0;
    for (let isDone = false; !isDone; at += 3) {
      const log = await platform.pool.query<{ pruned: number }>('SELECT pruned FROM journal_log ORDER BY id');
      const [first = 0, second = 0] = log.rows.map(({ pruned }) => pruned);
      expect([0, old[0]]).toContain(first);
      expect(await stored()).toMatchObject(without({ ...before, ...(await counts()) }, [first, second]));
      isDone = await prune(failing(platform.pool, at)).then(
        () => true,
        (error: Error) => expect(error.message).toBe('made to fail') === undefined && false,
      );
    }
    // Two logs, and more than a dozen steps for each.
    expect(at).toBeGreaterThan(30);
    for (const projection of projections) await rebuildProjection(platform, projection);
    expect(await stored()).toMatchObject(without({ ...before, ...(await counts()) }, old));
  });

  test('is shipped again without harm, and checkpoints go on; one of before is not believed any more', async () => {
    const first = await (async () => {
      await journals[0].ship(traffic(3));
      const body = await journals[0].signed();
      expect(await post(body)).toBe(200);
      return body;
    })();
    const old = await halfAYear();
    await prune();
    expect(await journals[0].shipAgain(journals[0].parts.slice(0, old[0] + 2))).toBe(
      journals[0].parts.length,
    );
    await journals[0].ship(traffic(2));
    expect(await post(await journals[0].signed())).toBe(200);
    expect(await post(first)).toBe(409);
    const found = await platform.pool.query('SELECT kind FROM log_contradiction');
    expect(found.rows).toEqual([{ kind: 'went_back' }]);
  });
});

/** Numbers that change as it should be. */
async function counts(): Promise<Record<string, unknown>> {
  const { entries, items, pruned } = await stored();
  return { entries, items, pruned };
}

function failing(pool: pg.Pool, at: number): pg.Pool {
  let count = 0;
  const wrapped = <T extends object>(inner: T): T =>
    new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === 'connect') return async () => wrapped(await pool.connect());
        if (typeof value !== 'function') return value;
        if (name !== 'query') return value.bind(target);
        return async (...args: unknown[]) => {
          const isRollback = args[0] === 'ROLLBACK';
          if (!isRollback && count++ === at) throw new Error('made to fail');
          return Reflect.apply(value, target, args);
        };
      },
    });
  return wrapped(pool);
}

describe('what is kept', () => {
  test('stays until both clocks say that it is old, and a checkpoint was verified', async () => {
    // By the gateway's clock this is old as soon as it comes.
    const backdated = madeUpCrossing(platform.clock.now() - 300 * DAY, []).leaf;
    await journals[0].ship([part(backdated)]);
    await journals[1].ship(traffic(2));
    expect(await post(await journals[0].signed())).toBe(200);
    expect(await prune()).toMatchObject({ pruned: 0 });
    await pass(100);
    // Ours is set ahead for a while, which skips the days between.
    platform.advance(400 * DAY);
    expect(await prune()).toMatchObject({ pruned: 0 });
    platform.advance(-400 * DAY);
    await pass(83);
    expect(await prune()).toMatchObject({ pruned: 0 });
    // By ours it is now; the other log has no verified checkpoint.
    await pass(1);
    expect(await prune()).toMatchObject({ pruned: 1 });
    // By ours old, and by the gateway's not yet: what comes behind it waits.
    platform.advance(DAY);
    const ahead = madeUpCrossing(platform.clock.now() + DAY / 2, []).leaf;
    await journals[0].ship([part(ahead), ...traffic(1)]);
    expect(await post(await journals[0].signed())).toBe(200);
    await prune();
    await pass(184);
    expect(await prune()).toMatchObject({ pruned: 0 });
    await pass(1);
    expect(await prune()).toMatchObject({ pruned: 2 });
  });

  test('is a crossing under a legal hold, whole, until the hold ends', async () => {
    const old = await halfAYear();
    const [held = ''] = people;
    const answering = (which: string) =>
      platform.pool.query(
        `CREATE OR REPLACE FUNCTION held_crossings(moment timestamptz) RETURNS TABLE (log integer, idx bigint)
          LANGUAGE sql STABLE AS $$ SELECT log, idx FROM crossing_subject WHERE ${which} $$`,
      );
    await answering(`subject = '${held}'`);
    const before = await stored();
    const mine = await platform.pool.query<{ origin: string; idx: number; at: number | null }>(
      `SELECT origin, c.idx, c.settlement_idx AS at FROM crossing c JOIN journal_log l ON l.id = c.log
        WHERE (c.log, c.idx) IN (SELECT log, idx FROM crossing_subject WHERE subject = $1)`,
      [held],
    );
    const isHeld = (row: string, from: number): boolean =>
      mine.rows.some(
        ({ origin, idx }) =>
          row
            .split('|')
            .slice(from, from + 2)
            .join('|') === `${origin}|${idx}`,
      );
    const expected = without(before, old);
    const list = (rows: Record<string, unknown>, name: string) => (rows[name] ?? []) as string[];
    for (const [name, from] of [
      ['crossings', 0],
      ['crossingSubjects', 1],
    ] as const) {
      const more = list(before, name).filter((row) => isHeld(row, from));
      expected[name] = [...new Set([...list(expected, name), ...more])].sort();
    }
    await prune();
    const kept = await stored();
    expect(kept).toMatchObject({ ...expected, ...(await counts()) });
    expect(list(kept, 'crossings').length).toBeGreaterThan(list(without(before, old), 'crossings').length);
    const whole = await platform.pool.query<{ idx: number; origin: string; kinds: string; items: number }>(
      `SELECT c.idx, l.origin, (SELECT string_agg(kind, ' ' ORDER BY idx) FROM journal_entry e
          WHERE e.log = c.log AND e.crossing = c.id) AS kinds,
        (SELECT count(*)::int FROM payload_item i WHERE i.log = c.log AND i.idx = c.idx AND bytes IS NOT NULL) AS items
        FROM crossing c JOIN journal_log l ON l.id = c.log WHERE c.idx < l.pruned`,
    );
    expect(whole.rows.length).toBeGreaterThan(3);
    for (const { kinds, items } of whole.rows) expect([kinds, items]).toEqual(['crossing settlement', 2]);
    for (const projection of projections) await rebuildProjection(platform, projection);
    expect(await stored()).toEqual(kept);

    await answering('false');
    expect(await prune()).toEqual({ pruned: 0, released: whole.rows.length });
    const after = without(before, old);
    expect(await stored()).toMatchObject({ ...after, ...(await counts()) });
    expect(await counts()).toMatchObject({ entries: 12, items: 12 });
    await platform.pool.query('DROP FUNCTION held_crossings');
  });

  test('is what a rebuild reads, and what the projections have not read', async () => {
    const old = await halfAYear();
    let met: unknown;
    const slow = {
      ...crossingProjection,
      async apply(...args: Parameters<typeof crossingProjection.apply>) {
        met ??= await prune();
        return crossingProjection.apply(...args);
      },
    };
    await rebuildProjection(platform, slow);
    expect(met).toEqual({ pruned: 0, released: 0 });
    await platform.pool.query(`UPDATE projection_cursor SET next_index = 2 WHERE projection = 'review'`);
    expect(await prune()).toEqual({ pruned: 4, released: 0 });
    await platform.pool.query(`UPDATE projection_cursor SET next_index = $1 WHERE projection = 'review'`, [
      old[0],
    ]);
  });
});

test('the time that crossings are kept is a setting, with a reason, and never less than six months', async () => {
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  app.route('/', retentionRoutes(platform));
  const patch = (body: unknown) =>
    app.request('/retention', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await halfAYear();
  expect(await (await app.request('/retention')).json()).toMatchObject({ days: 184, prunedUntil: null });
  for (const days of [183, 0, -1, 184.5, 1e9]) {
    const refused = await patch({ days, reason: 'made up' });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      code: 'invalid_setting',
      errors: [{ field: 'retention_days' }],
    });
  }
  expect((await patch({ days: 400 })).status).toBe(400);
  expect(await (await patch({ days: 400, reason: 'our own law' })).json()).toMatchObject({ days: 400 });
  expect(await prune()).toMatchObject({ pruned: 0 });
  const changes = await platform.pool.query(
    "SELECT actor, reason, subject_id FROM change WHERE act = 'setting.write'",
  );
  expect(changes.rows).toEqual([{ actor: 'someone', reason: 'our own law', subject_id: 'retention_days' }]);
  await patch({ days: 184, reason: 'back' });

  const job = pruneJob(projections);
  await enqueue(platform.db, platform, job, {}, { idempotencyKey: 'made up' });
  expect(await runDueJob(platform, [job], 'made up')).toBe(true);
  const shown = await (await app.request('/retention')).json();
  expect(shown).toMatchObject({
    prunedUntil: expect.stringMatching(/^\d{4}-/),
    logs: [
      { origin: 'log.example.test/0', minimumIndex: 13 },
      { origin: 'log.example.test/1', minimumIndex: 15 },
    ],
  });
});
