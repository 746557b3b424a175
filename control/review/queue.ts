import type { FieldClass } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { countLinkedOnce } from '../exposure/index.ts';
import { type Db, decodeCursor, encodeCursor, notFound, type Platform, page } from '../platform/index.ts';
import { type NameKey, type ReviewKind, SENDERS_NEEDED, type Shape } from './sightings.ts';

const MOST_REVEALED = 10_000;

/** How many have sent a name, as far as it matters. */
const senders = sql`least(${countLinkedOnce(sql`n.subjects`)}, ${SENDERS_NEEDED})::int`;

/**
 * The hashes whose names gateways are to send along: enough subjects have sent them, and the name has not arrived.
 * At most as many as a snapshot takes, those seen last first.
 */
export async function revealedHashes(db: Db): Promise<string[]> {
  const found = await sql<{ hash: string }>`
    SELECT n.hash FROM review_name n LEFT JOIN review_decision d USING (connection, kind, hash)
    WHERE n.name IS NULL AND d.hash IS NULL AND cardinality(n.subjects) >= ${SENDERS_NEEDED}
      AND ${senders} >= ${SENDERS_NEEDED}
    GROUP BY n.hash ORDER BY max(n.last_seen_at) DESC, n.hash LIMIT ${MOST_REVEALED}`.execute(db);
  return found.rows.map((row) => row.hash);
}

export interface QueuedName {
  id: string;
  key: NameKey;
  shape: Shape;
  /** All shapes that its values had. */
  shapes: Shape[];
  /** Ids of apps that sent it, at most twenty. */
  apps: string[];
  /** Who sent it, those that are linked counted once. Five means five or more. */
  subjects: number;
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Null until enough subjects have sent it and a gateway has sent it along. */
  name: string | null;
  suggestion: FieldClass | null;
}

type QueuedRow = NameKey & {
  shape: Shape;
  shapes: Shape[];
  apps: string[];
  subjects: number;
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  name: string | null;
};

/** The name is shown by the counts of its own connection, even where another one has brought it here. */
const queuedRows = sql`
  SELECT n.connection, n.kind, n.hash, n.shape, n.shapes, n.apps, ${senders} AS subjects, n.seen AS count,
    n.first_seen_at AS "firstSeenAt", n.last_seen_at AS "lastSeenAt",
    CASE WHEN ${senders} >= ${SENDERS_NEEDED} THEN n.name END AS name
  FROM review_name n LEFT JOIN review_decision d USING (connection, kind, hash)
  WHERE d.hash IS NULL`;

const Cursor = z.tuple([z.number(), z.string(), z.string(), z.string()]);

/** One page of undecided names, last seen first. */
export async function listQueue(
  platform: Platform,
  query: {
    connections?: readonly string[] | undefined;
    app?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<{ items: QueuedName[]; next: string | null }> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, Cursor);
  const rows = await sql<QueuedRow>`${queuedRows}
    ${query.connections === undefined ? sql`` : sql`AND n.connection = ANY (${query.connections})`}
    ${query.app === undefined ? sql`` : sql`AND n.apps @> ARRAY[${query.app}]::text[]`}
    ${
      after === null
        ? sql``
        : sql`AND (n.last_seen_at, n.connection, n.kind, n.hash) <
            (to_timestamp(${after[0]}::float8 / 1000.0), ${after[1]}, ${after[2]}, ${after[3]})`
    }
    ORDER BY n.last_seen_at DESC, n.connection DESC, n.kind DESC, n.hash DESC
    LIMIT ${query.limit + 1}`.execute(platform.db);
  return page(
    rows.rows,
    query.limit,
    (row) => [row.lastSeenAt.getTime(), row.connection, row.kind, row.hash],
    queued,
  );
}

/** Those of the hashes that wait in a connection's queue, each with the name as the queue shows it: null if hidden. */
export async function queuedNames(
  platform: Platform,
  connection: string,
  hashes: readonly string[],
): Promise<Map<string, string | null>> {
  const found = await sql<QueuedRow>`${queuedRows}
    AND n.connection = ${connection} AND n.hash = ANY (${hashes})
    AND n.kind IN ('property', 'parameter')`.execute(platform.db);
  return new Map(found.rows.map((row) => [row.hash, row.name]));
}

/** An undecided name by its id. Throws the not-found Problem. */
export async function findQueued(platform: Platform, id: string): Promise<QueuedName> {
  const [found] = await findAllQueued(platform, [id]);
  if (found === undefined) throw notFound('name under review');
  return found;
}

/** Undecided names in the order of their ids, each once. Throws the not-found Problem where one is not there. */
export async function findAllQueued(platform: Platform, ids: readonly string[]): Promise<QueuedName[]> {
  const keys = ids.map(readId);
  const found = await sql<QueuedRow>`${queuedRows}
    AND (n.connection, n.kind, n.hash) IN (SELECT * FROM unnest(${keys.map(([connection]) => connection)}::text[],
      ${keys.map(([, kind]) => kind)}::text[], ${keys.map(([, , hash]) => hash)}::text[]))`.execute(
    platform.db,
  );
  const byId = new Map(found.rows.map((row) => queued(row)).map((one) => [one.id, one]));
  return [...new Set(keys.map((key) => encodeCursor(key)))].map((id) => {
    const one = byId.get(id);
    if (one === undefined) throw notFound('name under review');
    return one;
  });
}

function readId(id: string): [string, string, string] {
  try {
    return decodeCursor(id, z.tuple([z.string(), z.string(), z.string()]));
  } catch {
    // Whatever it is, it is no id of this queue.
    throw notFound('name under review');
  }
}

function queued(row: QueuedRow): QueuedName {
  const { connection, kind, hash, ...rest } = row;
  return {
    ...rest,
    id: encodeCursor([connection, kind, hash]),
    key: { connection, kind, hash },
    suggestion: suggestedClass(kind, row.shape),
  };
}

/** A guess from the shape alone, to be checked by whoever decides; null where the shape says nothing. */
function suggestedClass(kind: ReviewKind, shape: Shape): FieldClass | null {
  if (kind === 'event_name' || kind === 'path_segment') return 'event.name';
  if (shape === 'email') return 'person.email';
  if (shape === 'ip') return 'network.ip';
  if (shape === 'url') return 'web.url';
  if (kind === 'parameter') return 'model.parameter';
  if (shape === 'time') return 'event.time';
  if (shape === 'boolean' || shape === 'integer' || shape === 'number') return 'event.property';
  return null;
}
