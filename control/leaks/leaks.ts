import { z } from '@hono/zod-openapi';
import { type RawBuilder, sql } from 'kysely';
import {
  type By,
  decodeCursor,
  invalid,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { promptsOf } from './prompts.ts';
import type { Decision, LeakQuery, LeakView, PlaceView, PromptView } from './schemas.ts';
import type { LeakKind, LeakState, LeakTables } from './tables.ts';

const YEAR_MS = 366 * 24 * 3600_000;
const MOST_SOURCES = 500;

interface Row {
  id: string;
  kind: LeakKind;
  about: string | null;
  class: string;
  detector: string;
  confidence: string;
  rank: number;
  first_at: Date;
  last_at: Date;
  since: Date | null;
  since_commit: string | null;
  state_now: LeakState;
  state_at: Date | null;
  state_by_name: string | null;
  state_reason: string | null;
  until: Date | null;
  name: string | null;
  owner: string | null;
  app: string | null;
  connection: string | null;
  places: number;
  gone_places: number;
  place: string | null;
  prompts: number;
}

/** What holds now: a key that ended elsewhere is revoked or rotated, and what was accepted for a while is open after it. */
const stateNow = (now: Date): RawBuilder<LeakState> => sql`
  CASE WHEN l.state IN ('rotated', 'revoked', 'false_alarm') THEN l.state
       WHEN s.ended_at IS NOT NULL THEN CASE l.kind WHEN 'credential' THEN 'rotated' ELSE 'revoked' END
       WHEN l.state = 'accepted' AND l.until <= ${now}::timestamptz THEN 'open'
       ELSE l.state END`;

const joined = sql`leak l LEFT JOIN leak_subject s ON s.kind = l.kind AND s.about = l.about`;

/** `chosen`: what follows FROM in the choice of leaks (`l`), with its order and limit: only of these places are counted. */
const select = (now: Date, chosen: RawBuilder<unknown>): RawBuilder<Row> => sql`
  SELECT l.*, p.places, p.gone_places, seen.prompts, coalesce(one.place, seen.place) AS place
    FROM (SELECT l.id, l.kind, l.about, l.class, l.detector, l.confidence, l.rank, l.first_at, l.last_at, l.since,
                 l.since_commit, ${stateNow(now)} AS state_now, l.state_at, l.state_by_name, l.state_reason, l.until,
                 s.name, s.owner, s.app, s.connection
            FROM ${joined} ${chosen}) l
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE gone_run IS NULL)::int AS places,
             count(*) FILTER (WHERE gone_run IS NOT NULL)::int AS gone_places
        FROM leak_place WHERE leak = l.id) p
    LEFT JOIN LATERAL (
      SELECT q.path || ':' || q.line || ' in ' || o.name AS place
        FROM leak_place q JOIN scan_source o ON o.id = q.source
       WHERE q.leak = l.id ORDER BY q.gone_run IS NOT NULL, q.history, q.path, q.line LIMIT 1) one ON true
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS prompts, min('a prompt of ' || app_name || ' over ' || connection_name) AS place
        FROM leak_prompt WHERE kind = l.kind AND about = l.about) seen
   ORDER BY l.rank DESC, l.id DESC`;

/** Leaks, the worst and latest first. */
export async function listLeaks(
  platform: Platform,
  { cursor, limit, state, kind, source }: LeakQuery,
): Promise<{ items: LeakView[]; next: string | null }> {
  const now = new Date(platform.clock.now());
  const where: RawBuilder<unknown>[] = [sql`true`];
  if (state === 'open') where.push(sql`${stateNow(now)} = 'open'`);
  if (state === 'closed') where.push(sql`${stateNow(now)} <> 'open'`);
  if (kind !== undefined) where.push(sql`l.kind = ${kind}`);
  if (source !== undefined) {
    where.push(sql`EXISTS (SELECT FROM leak_place q JOIN scan_source o ON o.id = q.source
                           WHERE q.leak = l.id AND o.name = ${source})`);
  }
  if (cursor !== undefined) {
    const [rank, id] = decodeCursor(cursor, z.tuple([z.int(), z.string()]));
    where.push(sql`(l.rank, l.id) < (${rank}, ${id})`);
  }
  const chosen = sql`WHERE ${sql.join(where, sql` AND `)} ORDER BY l.rank DESC, l.id DESC LIMIT ${limit + 1}`;
  const { rows } = await select(now, chosen).execute(platform.db);
  return page(rows, limit, (row) => [row.rank, row.id], viewOf);
}

/** Throws Problem 404. */
export async function readLeak(platform: Platform, id: string): Promise<LeakView & { seenIn: PromptView[] }> {
  const now = new Date(platform.clock.now());
  const { rows } = await select(now, sql`WHERE l.id = ${id}`).execute(platform.db);
  const [row] = rows;
  if (row === undefined) throw notFound('leak');
  return { ...viewOf(row), seenIn: await promptsOf(platform, row.kind, row.about) };
}

/** Where a leak lies, and lay. Throws Problem 404. */
export async function listPlaces(
  platform: Platform,
  leak: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: PlaceView[]; next: string | null }> {
  await readLeak(platform, leak);
  const db = platform.db.withTables<LeakTables>();
  let query = db
    .selectFrom('leak_place')
    .innerJoin('scan_source', 'scan_source.id', 'leak_place.source')
    .innerJoin('scan_run as first', 'first.id', 'leak_place.first_run')
    .innerJoin('scan_run as last', 'last.id', 'leak_place.last_run')
    .leftJoin('scan_run as gone', 'gone.id', 'leak_place.gone_run')
    .selectAll('leak_place')
    .select([
      'scan_source.name as source_name',
      'first.number as first_number',
      'last.number as last_number',
      'gone.number as gone_number',
    ])
    .where('leak', '=', leak)
    .orderBy('place')
    .limit(limit + 1);
  if (cursor !== undefined) {
    const [after] = decodeCursor(cursor, z.tuple([z.string().regex(/^[0-9a-f]{64}$/)]));
    query = query.where('place', '>', Buffer.from(after, 'hex'));
  }
  return page(
    await query.execute(),
    limit,
    (row) => [row.place.toString('hex')],
    (row): PlaceView => ({
      source: row.source_name,
      path: row.path,
      history: row.history,
      line: row.line,
      column: row.col,
      commit: row.commit_id,
      since: sinceOf(row),
      firstRun: row.first_number,
      lastRun: row.last_number,
      seenAt: row.seen_at.toISOString(),
      goneRun: row.gone_number,
    }),
  );
}

/** Writes down what became of a leak. Throws Problem 404, 409 `key_still_works`, 422. */
export async function decideLeak(
  platform: Platform,
  id: string,
  given: Decision,
  by: By,
): ReturnType<typeof readLeak> {
  const now = platform.clock.now();
  const until = given.until === undefined ? null : new Date(given.until);
  if (until !== null && given.state !== 'accepted') throw invalid('until', 'is for what is accepted');
  if (until !== null && (until.getTime() <= now || until.getTime() > now + YEAR_MS)) {
    throw invalid('until', 'lies within the next year');
  }
  await platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<LeakTables>();
    const was = await rows
      .selectFrom('leak')
      .select(['state', 'kind', 'about'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (was === undefined) throw notFound('leak');
    if (given.state === 'rotated' || given.state === 'revoked') await expectEnded(tx, was);
    await rows
      .updateTable('leak')
      .set({
        state: given.state,
        until,
        state_at: new Date(now),
        state_by: by.actor.id,
        state_by_name: by.actor.name,
        state_reason: by.reason,
      })
      .where('id', '=', id)
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'leak.decide',
      subject: { kind: 'leak', id },
      detail: {
        was: was.state,
        is: given.state,
        kind: was.kind,
        of: was.about,
        until: until?.toISOString() ?? null,
      },
    });
  });
  platform.events.publish('leaks');
  return readLeak(platform, id);
}

/** What is said to open nothing any more must not be a key of ours that does; of a registered secret only people know. Throws Problem 409. */
async function expectEnded(tx: Tx, { kind, about }: { kind: LeakKind; about: string | null }): Promise<void> {
  const { rows } = await sql<{ works: boolean }>`
    SELECT EXISTS (SELECT FROM leak_subject WHERE kind = ${kind} AND kind NOT IN ('canary', 'registered_secret') AND about = ${about}
                   AND ended_at IS NULL) AS works`.execute(tx);
  if (rows[0]?.works !== true) return;
  throw new Problem(
    409,
    'key_still_works',
    'This key still opens what it opened. Rotate or revoke it: the leak is closed by that.',
  );
}

/** How many are open, and what was ever scanned. */
export async function countLeaks(
  platform: Platform,
): Promise<{ open: number; critical: number; sources: string[] }> {
  const now = new Date(platform.clock.now());
  const { rows } = await sql<{ open: number; critical: number }>`
    SELECT count(*)::int AS open, count(*) FILTER (WHERE l.rank = 3)::int AS critical
      FROM ${joined} WHERE ${stateNow(now)} = 'open'`.execute(platform.db);
  const sources = await platform.db
    .withTables<LeakTables>()
    .selectFrom('scan_source')
    .select('name')
    .orderBy('name')
    .limit(MOST_SOURCES)
    .execute();
  return { open: 0, critical: 0, ...rows[0], sources: sources.map(({ name }) => name) };
}

const severities = ['low', 'medium', 'high', 'critical'] as const;

function viewOf(row: Row): LeakView {
  const { state_at: at, state_by_name: by, state_reason: reason, state_now: state } = row;
  return {
    id: row.id,
    kind: row.kind,
    severity: severities[row.rank] ?? 'low',
    of:
      row.about === null
        ? null
        : { id: row.about, name: row.name ?? row.about, app: row.app, connection: row.connection },
    owner: row.owner,
    class: row.class,
    detector: row.detector,
    confidence: row.confidence,
    places: row.places,
    gonePlaces: row.gone_places,
    prompts: row.prompts,
    place: row.place,
    since: sinceOf(row),
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    state,
    decided:
      at === null || by === null || reason === null
        ? null
        : { at: at.toISOString(), by, reason, until: row.until?.toISOString() ?? null },
  };
}

const sinceOf = ({ since, since_commit: commit }: { since: Date | null; since_commit: string | null }) =>
  since === null || commit === null ? null : { commit, at: since.toISOString() };
