import { z } from '@hono/zod-openapi';
import { decodeCursor, encodeCursor, notFound, type Platform, type Sealer } from '../../platform/index.ts';
import { lineView } from './read.ts';
import type { FeedLineView } from './schemas.ts';
import type { IncidentTables } from './tables.ts';

/**
 * The timeline as it is read: what was entered, the changes about the incident's party while it was open, and what crossed to
 * the party for the first time since. The latter two are read from where they are kept, the log of changes and the ledger, and not copied.
 */

export interface SeenChange {
  id: string;
  seq: number;
  at: Date;
  actor: string;
  act: string;
  subject: { kind: string; id: string };
}

/** The first crossing of an app over a connection since a time; what was refused stands apart from what went out. */
export interface SeenCrossing {
  id: string;
  at: Date;
  connection: string;
  app: string;
  refused: boolean;
}

/** Before which change: of that time, with a lower place; `seq` null: all of that time, too. */
export interface ChangesQuery {
  party: string;
  from: Date;
  to: Date | null;
  before: { at: Date; seq: number | null; inclusive: boolean } | null;
  limit: number;
}

export interface FeedDeps {
  platform: Pick<Platform, 'db'>;
  sealer: () => Promise<Sealer>;
  /** About a party: of its connections, of the vendor, and of policies, which may bear on it; the newest first. */
  changes(query: ChangesQuery): Promise<SeenChange[]>;
  firstCrossings(party: string, from: Date, to: Date | null): Promise<SeenCrossing[]>;
  /** Null: nobody knows the name. */
  actorName(id: string): Promise<string | null>;
}

/** By which the timeline is ordered, the largest first: the time in ms, then the source, then the place in it. */
type Key = readonly [at: number, source: number, place: number];
const ENTERED = 2;
const CHANGED = 1;
const CROSSED = 0;
const Cursor = z.tuple([z.int(), z.int().min(0).max(2), z.int()]);

const compare = (a: Key, b: Key): number => b[0] - a[0] || b[1] - a[1] || b[2] - a[2];

/** The newest first. Throws Problem 404, and 400 for a cursor of another list. */
export async function timeline(
  deps: FeedDeps,
  id: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<{ items: FeedLineView[]; next: string | null }> {
  const { db } = deps.platform;
  const incident = await db
    .withTables<IncidentTables>()
    .selectFrom('incident')
    .select(['party', 'opened_at', 'closed_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (incident === undefined) throw notFound('incident');
  const after: Key | null = query.cursor === undefined ? null : decodeCursor(query.cursor, Cursor);
  const { party, opened_at: from, closed_at: to } = incident;
  const most = query.limit + 1;
  const [entered, changed, crossed] = await Promise.all([
    enteredIn(deps, id, after, most),
    party === null ? [] : changedAbout(deps, { party, from, to }, after, most),
    party === null ? [] : crossedTo(deps, { party, from, to }, after),
  ]);
  const all = [...entered, ...changed, ...crossed].sort((a, b) => compare(a.key, b.key)).slice(0, most);
  const kept = all.slice(0, query.limit);
  const last = kept.at(-1);
  return {
    items: kept.map(({ line }) => line),
    next: all.length > query.limit && last !== undefined ? encodeCursor([...last.key]) : null,
  };
}

interface Placed {
  key: Key;
  line: FeedLineView;
}

async function enteredIn(deps: FeedDeps, id: string, after: Key | null, most: number): Promise<Placed[]> {
  let asked = deps.platform.db
    .withTables<IncidentTables>()
    .selectFrom('incident_entry')
    .selectAll()
    .where('incident', '=', id)
    .orderBy('at', 'desc')
    .orderBy('n', 'desc')
    .limit(most);
  if (after !== null) {
    const at = new Date(after[0]);
    asked = asked.where((e) =>
      e.or([
        e('at', '<', at),
        ...(after[1] === ENTERED ? [e.and([e('at', '=', at), e('n', '<', after[2])])] : []),
      ]),
    );
  }
  const sealer = await deps.sealer();
  return (await asked.execute()).map((row) => ({
    key: [row.at.getTime(), ENTERED, row.n],
    line: { ...lineView(row, sealer), origin: 'room', opens: null },
  }));
}

interface Span {
  party: string;
  from: Date;
  to: Date | null;
}

async function changedAbout(deps: FeedDeps, span: Span, after: Key | null, most: number): Promise<Placed[]> {
  const before =
    after === null
      ? null
      : {
          at: new Date(after[0]),
          seq: after[1] === CHANGED ? after[2] : null,
          inclusive: after[1] > CHANGED,
        };
  const rows = await deps.changes({ ...span, before, limit: most });
  const ids = [...new Set(rows.map(({ actor }) => actor))];
  const names = new Map(
    await Promise.all(ids.map(async (id) => [id, (await deps.actorName(id)) ?? id] as const)),
  );
  return rows.map((row) => ({
    key: [row.at.getTime(), CHANGED, row.seq],
    line: {
      ...nothingSaid,
      kind: 'change_made',
      at: row.at.toISOString(),
      by: names.get(row.actor) ?? row.actor,
      about: row.act,
      text: `${row.subject.kind} ${row.subject.id}`,
      origin: 'change_log',
      opens: row.id,
    },
  }));
}

async function crossedTo(deps: FeedDeps, { party, from, to }: Span, after: Key | null): Promise<Placed[]> {
  const rows = await deps.firstCrossings(party, from, to);
  return rows
    .map(
      (row, place): Placed => ({
        key: [row.at.getTime(), CROSSED, -place],
        line: {
          ...nothingSaid,
          kind: 'first_crossing',
          at: row.at.toISOString(),
          by: row.app,
          about: row.refused ? 'refused' : 'forwarded',
          text: row.connection,
          origin: 'ledger',
          opens: row.id,
        },
      }),
    )
    .filter(({ key }) => after === null || compare(after, key) < 0);
}

const nothingSaid = { n: null, happenedAt: null, refers: null, dueAt: null, confidence: null, source: null };
