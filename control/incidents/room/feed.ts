import { z } from '@hono/zod-openapi';
import { decodeCursor, encodeCursor, notFound, type Platform, type Sealer } from '../../platform/index.ts';
import { lineView } from './read.ts';
import type { FeedLineView } from './schemas.ts';
import type { IncidentTables } from './tables.ts';

/**
 * The timeline as it is read: what was entered, the changes about the incident's party while it was open, what crossed to the
 * party for the first time since, and messages that speak for it. All but the first are read from where they are kept, and not copied.
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

/** What messages tell of a party, without their words. */
export interface SeenMessage {
  id: string;
  at: Date;
  what: 'impersonation' | 'not_there';
  channel: string;
  /** How many like it there are. */
  count: number;
  /** Orders those of one time. */
  place: number;
}

/** Those that led to the incident, and those about its party in its time; before which: of its time, with a lower place. */
export interface MessagesQuery {
  incident: string;
  party: string | null;
  from: Date;
  to: Date | null;
  before: { at: Date; place: number | null } | null;
  limit: number;
}

export interface FeedDeps {
  platform: Pick<Platform, 'db'>;
  sealer: () => Promise<Sealer>;
  /** About a party: of its connections, of the vendor, and of policies, which may bear on it; the newest first. */
  changes(query: ChangesQuery): Promise<SeenChange[]>;
  firstCrossings(party: string, from: Date, to: Date | null): Promise<SeenCrossing[]>;
  /** The newest first. */
  messages(query: MessagesQuery): Promise<SeenMessage[]>;
  /** Null: nobody knows the name. */
  actorName(id: string): Promise<string | null>;
}

/** By which the timeline is ordered, the largest first: the time in ms, then the source, then the place in it. */
type Key = readonly [at: number, source: number, place: number];
const TOLD = 3;
const ENTERED = 2;
const CHANGED = 1;
const CROSSED = 0;
const Cursor = z.tuple([z.int(), z.int().min(0).max(3), z.int()]);

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
    .select(['party', 'drill', 'opened_at', 'closed_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (incident === undefined) throw notFound('incident');
  const after: Key | null = query.cursor === undefined ? null : decodeCursor(query.cursor, Cursor);
  const { party, drill, opened_at: from, closed_at: to } = incident;
  const most = query.limit + 1;
  const [entered, changed, crossed, told] = await Promise.all([
    enteredIn(deps, id, after, most),
    party === null ? [] : changedAbout(deps, { party, from, to }, after, most),
    party === null ? [] : crossedTo(deps, { party, from, to }, after),
    // A real message is no part of a drill.
    drill ? [] : toldOf(deps, { incident: id, party, from, to }, after, most),
  ]);
  const all = [...entered, ...changed, ...crossed, ...told]
    .sort((a, b) => compare(a.key, b.key))
    .slice(0, most);
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
        ...(after[1] > ENTERED ? [e('at', '=', at)] : []),
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

async function toldOf(
  deps: FeedDeps,
  span: Pick<MessagesQuery, 'incident' | 'party' | 'from' | 'to'>,
  after: Key | null,
  most: number,
): Promise<Placed[]> {
  const before =
    after === null ? null : { at: new Date(after[0]), place: after[1] === TOLD ? after[2] : null };
  const rows = await deps.messages({ ...span, before, limit: most });
  return rows.map((row) => ({
    key: [row.at.getTime(), TOLD, row.place],
    line: {
      ...nothingSaid,
      kind: row.what === 'not_there' ? 'message_not_there' : 'message_judged',
      at: row.at.toISOString(),
      by: 'The verify desk',
      about: row.channel,
      text: textOf(row),
      origin: 'messages',
      opens: row.id,
    },
  }));
}

function textOf({ what, count }: SeenMessage): string {
  if (what === 'not_there')
    return 'Somebody looked for what a message says at the vendor’s own dashboard, and it was not there';
  return count === 1
    ? 'A message that speaks for the vendor was judged an impersonation'
    : `${count} messages that are like each other and speak for the vendor were judged an impersonation`;
}

const nothingSaid = { n: null, happenedAt: null, refers: null, dueAt: null, confidence: null, source: null };
