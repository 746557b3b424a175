import { sql } from 'kysely';
import { z } from 'zod';
import {
  type ChangeTable,
  type Db,
  decodeCursor,
  notFound,
  type Platform,
  page,
  plainArray,
  type Tx,
} from '../platform/index.ts';
import type { Content } from './content.ts';
import { type Difference, differencesOf, type NameOf } from './differences.ts';
import { type Part, partsOf } from './parts.ts';

/** The latest versions are kept, but none for longer than this: whichever ends first. The one in force is always kept. */
const VERSIONS_KEPT = 1_000;
const DAYS_KEPT = 400;
/** Of versions that only ask gateways for other names under review, so many: traffic makes them, at any pace. */
const REVEALING_KEPT = 100;
/** Changes and differences that a list shows of one version; the version's own page shows more. */
const SHOWN_IN_LIST = 3;
const SHOWN_ALONE = 500;

/** Who did what that led to a version, and why. */
export interface CausingChange {
  id: string;
  at: string;
  actor: string;
  reason: string;
  act: string;
  subject: { kind: string; id: string };
}

/** A version that was published. */
export interface VersionRow {
  version: number;
  /** SHA-256 of the content, base64url. */
  hash: string;
  publishedAt: string;
  /** The version before it that is kept; null where there is none: then nothing is known of the difference. */
  before: number | null;
  changes: CausingChange[];
  changesInAll: number;
  differences: Difference[];
  differencesInAll: number;
}

/** Keeps a version in the transaction that publishes it. What is kept already stays as it is. */
export async function keepVersion(
  tx: Tx,
  published: {
    version: number;
    contentHash: string;
    publishedAt: Date;
    afterRevision: number;
    revision: number;
  },
  content: Content,
): Promise<void> {
  const parts = partsOf(content);
  const hashes = [...parts.keys()];
  await sql`INSERT INTO snapshot_part (hash, body)
    SELECT part->>'hash', part->'body' FROM jsonb_array_elements(${JSON.stringify(
      await missingParts(tx, parts),
    )}::jsonb) AS part
    ON CONFLICT DO NOTHING`.execute(tx);
  await sql`INSERT INTO snapshot_version (version, content_hash, published_at, after_revision, revision, parts)
    VALUES (${published.version}, ${published.contentHash}, ${published.publishedAt}, ${published.afterRevision},
      ${published.revision}, ${plainArray(hashes)}::text[])
    ON CONFLICT DO NOTHING`.execute(tx);
}

async function missingParts(
  tx: Tx,
  parts: ReadonlyMap<string, Part>,
): Promise<{ hash: string; body: Part }[]> {
  const known = await sql<{ hash: string }>`SELECT hash FROM snapshot_part
    WHERE hash = ANY (${plainArray([...parts.keys()])}::text[])`.execute(tx);
  const there = new Set(known.rows.map((row) => row.hash));
  return [...parts].flatMap(([hash, body]) => (there.has(hash) ? [] : [{ hash, body }]));
}

/** Forgets versions past their time, and parts that no version has. Waits for who publishes, and keeps them waiting. */
export async function forgetOldVersions(platform: Platform): Promise<number> {
  return platform.db.transaction().execute(async (tx) => {
    const revealing = await forgetRevealing(tx);
    await sql`SELECT FROM published FOR UPDATE`.execute(tx);
    const now = new Date(platform.clock.now());
    const gone = await sql`DELETE FROM snapshot_version
      WHERE version < (SELECT max(version) FROM snapshot_version) AND (
        published_at < ${now}::timestamptz - make_interval(days => ${DAYS_KEPT}) OR
        version <= coalesce((SELECT version FROM snapshot_version ORDER BY version DESC OFFSET ${VERSIONS_KEPT} LIMIT 1), 0))
      RETURNING version`.execute(tx);
    const forgotten = revealing + gone.rows.length;
    if (forgotten > 0) {
      await sql`DELETE FROM snapshot_part WHERE hash NOT IN (SELECT unnest(parts) FROM snapshot_version)`.execute(
        tx,
      );
    }
    return forgotten;
  });
}

/** They would push out what people did. What differs in them differs in the next version that is kept. */
async function forgetRevealing(tx: Tx): Promise<number> {
  const gone = await sql`DELETE FROM snapshot_version WHERE version IN (
    SELECT version FROM (
      SELECT version, row_number() OVER (ORDER BY version DESC) AS place
      FROM (SELECT version, parts, lag(parts) OVER (ORDER BY version) AS before FROM snapshot_version) AS v
      WHERE before IS NOT NULL AND NOT EXISTS (
        SELECT FROM snapshot_part JOIN (
          (SELECT unnest(v.parts) AS hash EXCEPT SELECT unnest(v.before)) UNION ALL
          (SELECT unnest(v.before) AS hash EXCEPT SELECT unnest(v.parts))) AS changed USING (hash)
        WHERE body->>'kind' <> 'reveal')) AS revealing
    WHERE place > ${REVEALING_KEPT}) RETURNING version`.execute(tx);
  return gone.rows.length;
}

interface StoredVersion {
  version: number;
  content_hash: string;
  published_at: Date;
  after_revision: number;
  revision: number;
  parts: string[];
}

/** One page of the versions that are kept, newest first, each with the beginning of what led to it and what it changed. */
export async function listVersions(
  platform: Platform,
  nameOf: (parts: readonly Part[]) => Promise<NameOf>,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: VersionRow[]; next: string | null }> {
  const below = query.cursor === undefined ? null : decodeCursor(query.cursor, z.tuple([z.int()]))[0];
  // One more than the page: the last row's difference is to the one below it.
  const found = await sql<StoredVersion>`SELECT * FROM snapshot_version
    ${below === null ? sql`` : sql`WHERE version < ${below}`}
    ORDER BY version DESC LIMIT ${query.limit + 1}`.execute(platform.db);
  const { items, next } = page(
    found.rows,
    query.limit,
    (row) => [row.version],
    (row) => row,
  );
  return { items: await describe(platform, nameOf, items, found.rows, SHOWN_IN_LIST), next };
}

/** One version, with all that led to it and all that it changed (the first 500 of each). Throws Problem 404. */
export async function readVersion(
  platform: Platform,
  nameOf: (parts: readonly Part[]) => Promise<NameOf>,
  version: number,
): Promise<VersionRow> {
  const found = await sql<StoredVersion>`SELECT * FROM snapshot_version WHERE version <= ${version}
    ORDER BY version DESC LIMIT 2`.execute(platform.db);
  const row = found.rows[0];
  if (row === undefined || row.version !== version) throw notFound('configuration version');
  const [described] = await describe(platform, nameOf, [row], found.rows, SHOWN_ALONE);
  if (described === undefined) throw notFound('configuration version');
  return described;
}

/** The parts of a version. Throws Problem 404. */
export async function readParts(db: Db | Tx, version: number): Promise<Part[]> {
  const found = await sql<{ parts: string[] }>`SELECT parts FROM snapshot_version
    WHERE version = ${version}`.execute(db);
  const hashes = found.rows[0]?.parts;
  if (hashes === undefined) throw notFound('configuration version');
  return [...(await bodiesOf(db, hashes)).values()];
}

/** The hosts that connections had in versions that are kept. */
export async function readHosts(
  db: Db | Tx,
  versions: readonly number[],
): Promise<{ version: number; connection: string; host: string }[]> {
  if (versions.length === 0) return [];
  const found = await sql<{ version: number; connection: string; host: string }>`
    SELECT v.version, p.body -> 'value' ->> 'id' AS connection, p.body -> 'value' -> 'upstream' ->> 'host' AS host
    FROM snapshot_version v JOIN snapshot_part p ON p.hash = ANY (v.parts)
    WHERE v.version = ANY (${plainArray(versions)}::bigint[]) AND p.body ->> 'kind' = 'connection'`.execute(
    db,
  );
  return found.rows;
}

async function bodiesOf(db: Db | Tx, hashes: readonly string[]): Promise<Map<string, Part>> {
  const found = await sql<{ hash: string; body: Part }>`SELECT hash, body FROM snapshot_part
    WHERE hash = ANY (${plainArray(hashes)}::text[])`.execute(db);
  return new Map(found.rows.map((row) => [row.hash, row.body]));
}

async function describe(
  platform: Platform,
  nameOf: (parts: readonly Part[]) => Promise<NameOf>,
  rows: readonly StoredVersion[],
  withOneBelow: readonly StoredVersion[],
  shown: number,
): Promise<VersionRow[]> {
  const pairs = rows.map((row) => {
    const before = withOneBelow[withOneBelow.indexOf(row) + 1];
    return { row, before, ...partsChanged(before?.parts ?? row.parts, row.parts) };
  });
  const bodies = await bodiesOf(platform.db, [
    ...new Set(pairs.flatMap(({ added, removed }) => [...added, ...removed])),
  ]);
  const named = await nameOf([...bodies.values()]);
  const pick = (hashes: readonly string[]): Part[] => hashes.flatMap((hash) => bodies.get(hash) ?? []);
  const changes = await changesOf(platform, rows, shown);
  return pairs.map(({ row, before, added, removed }) => {
    const differences = differencesOf(pick(removed), pick(added), named);
    const causes = changes.get(row.version);
    return {
      version: row.version,
      hash: row.content_hash,
      publishedAt: row.published_at.toISOString(),
      before: before?.version ?? null,
      changes: causes?.shown ?? [],
      changesInAll: causes?.inAll ?? 0,
      differences: differences.slice(0, shown),
      differencesInAll: differences.length,
    };
  });
}

function partsChanged(before: readonly string[], after: readonly string[]) {
  const [old, fresh] = [new Set(before), new Set(after)];
  return {
    added: after.filter((hash) => !old.has(hash)),
    removed: before.filter((hash) => !fresh.has(hash)),
  };
}

type FoundChange = Omit<ChangeTable, 'detail' | 'salt'> & { version: number; of_all: number };

async function changesOf(
  platform: Platform,
  rows: readonly StoredVersion[],
  shown: number,
): Promise<Map<number, { inAll: number; shown: CausingChange[] }>> {
  const found = await sql<FoundChange>`
    SELECT v.version, c.* FROM unnest(${plainArray(rows.map((row) => row.version))}::bigint[],
        ${plainArray(rows.map((row) => row.after_revision))}::bigint[],
        ${plainArray(rows.map((row) => row.revision))}::bigint[]) AS v (version, above, upto)
      CROSS JOIN LATERAL (
        SELECT id, at, actor, reason, act, subject_kind, subject_id, count(*) OVER ()::int AS of_all FROM change
        WHERE revision > v.above AND revision <= v.upto ORDER BY revision, id LIMIT ${shown}) AS c
    ORDER BY v.version, c.at, c.id`.execute(platform.db);
  const byVersion = Map.groupBy(found.rows, (row) => row.version);
  return new Map(
    [...byVersion].map(([version, causes]) => [
      version,
      {
        inAll: causes[0]?.of_all ?? 0,
        shown: causes.map((cause) => ({
          id: cause.id,
          at: cause.at.toISOString(),
          actor: cause.actor,
          reason: cause.reason,
          act: cause.act,
          subject: { kind: cause.subject_kind, id: cause.subject_id },
        })),
      },
    ]),
  );
}
