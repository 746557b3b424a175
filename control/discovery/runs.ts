import { type EvidenceFile, formats, type Mapping, type Unread } from '@drawbridge/evidence';
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import {
  type By,
  decodeCursor,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { sightingsOf } from './candidates.ts';
import type { Identifier } from './identify.ts';
import { createReading } from './reading.ts';
import type { FileQuery, FileView, RunView } from './schemas.ts';
import { readDecided, sumCandidates, writeDays, writeSightings } from './store.ts';
import type { DiscoveryTables } from './tables.ts';

/** A run of more is several. */
const MOST_FILES = 2_000;
/** Names in all files of a run: at 0.1 ms each, some minutes of writing. */
const MOST_NAMES = 2_000_000;
/** The largest file, as it is sent. */
export const LARGEST_FILE = 4 * 1024 * 1024 * 1024;

export interface RunsDeps {
  platform: Platform;
  /** As of now: facts and names that are known. */
  identifier: () => Promise<Identifier>;
  /** Names in all files of a run. */
  mostNames?: number;
}

/** Runs over evidence of one source: begun, handed files one by one, ended. */
export interface Runs {
  begin(source: string, by: By): Promise<RunView>;
  /**
   * Reads a file and writes down what it shows, all or nothing; one of the same name in the same run takes its place. Throws
   * Problem 404, 409 `run_ended`, `too_many_files`, `too_many_names`. A file that can't be read is told in the answer, and stays told.
   */
  take(id: string, query: FileQuery, chunks: AsyncIterable<Uint8Array>, by: By): Promise<FileView>;
  /** Ending it again changes nothing. Throws Problem 404. */
  end(id: string, whole: boolean, by: By): Promise<RunView>;
  get(id: string): Promise<RunView>;
  list(query: PageQuery & { source?: string | undefined }): Promise<Page<RunView>>;
  files(id: string, query: PageQuery): Promise<Page<FileView>>;
}

interface PageQuery {
  cursor?: string | undefined;
  limit: number;
}
interface Page<Item> {
  items: Item[];
  next: string | null;
}

type RunRow = Selectable<DiscoveryTables['evidence_run']> & {
  source_name: string;
  files: number;
  refused: number;
  bytes: string;
  sightings: number;
};
type FileRow = Selectable<DiscoveryTables['evidence_file']>;

export function createRuns({ platform, identifier, mostNames = MOST_NAMES }: RunsDeps): Runs {
  const read = createReading();
  const db = platform.db.withTables<DiscoveryTables>();

  const runs = (where: ReturnType<typeof sql>) => sql<RunRow>`
    SELECT r.*, s.name AS source_name, f.*
      FROM evidence_run r JOIN evidence_source s ON s.id = r.source
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS files, count(refused)::int AS refused, coalesce(sum(bytes), 0) AS bytes,
              coalesce(sum(sightings), 0)::int AS sightings
         FROM evidence_file WHERE run = r.id) f
     WHERE ${where}`;

  async function get(id: string): Promise<RunView> {
    const { rows } = await runs(sql`r.id = ${id}`).execute(platform.db);
    const [row] = rows;
    if (row === undefined) throw notFound('run');
    return runView(row);
  }

  /** The run, locked: what it shows is written one file after the other. */
  async function open(tx: Tx, id: string): Promise<Selectable<DiscoveryTables['evidence_run']>> {
    const run = await tx
      .withTables<DiscoveryTables>()
      .selectFrom('evidence_run')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (run === undefined) throw notFound('run');
    return run;
  }

  return {
    get,
    async begin(source, by) {
      const id = newId(platform.clock, platform.random);
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<DiscoveryTables>();
        const of = await rows
          .insertInto('evidence_source')
          .values({ id: newId(platform.clock, platform.random), name: source, runs: 1 })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet({ runs: sql<number>`evidence_source.runs + 1` }),
          )
          .returning(['id', 'runs'])
          .executeTakeFirstOrThrow();
        await rows
          .insertInto('evidence_run')
          .values({
            id,
            source: of.id,
            number: of.runs,
            by_id: by.actor.id,
            by_name: by.actor.name,
            started_at: new Date(platform.clock.now()),
            ended_at: null,
            whole: null,
          })
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'discovery.begin',
          subject: { kind: 'evidence_run', id },
          detail: { source, run: of.runs },
        });
      });
      platform.events.publish('discovery');
      return get(id);
    },

    async take(id, { name, format, ...columns }, chunks, by) {
      const before = await get(id);
      if (before.state === 'ended') throw ended();
      const mapping = mappingOf(columns);
      const { file, refused, sha256, bytes } = await read(chunks, name, {
        ...(format === undefined ? {} : { format }),
        ...(mapping === null ? {} : { mapping }),
      });
      const identify = await identifier();
      const row = await platform.db.transaction().execute(async (tx) => {
        const run = await open(tx, id);
        if (run.ended_at !== null) throw ended();
        const rows = tx.withTables<DiscoveryTables>();
        const { count, names } = await rows
          .selectFrom('evidence_file')
          .select((eb) => [
            eb.fn.countAll<string>().as('count'),
            sql<string>`coalesce(sum(sightings), 0)`.as('names'),
          ])
          .where('run', '=', id)
          .where('name', '<>', name)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_FILES) {
          throw new Problem(
            409,
            'too_many_files',
            `A run has at most ${MOST_FILES} files. Hand in the others as another source.`,
          );
        }
        if (Number(names) + (file?.traces.length ?? 0) > mostNames) {
          throw new Problem(
            409,
            'too_many_names',
            `The files of a run show at most ${mostNames} names, and this one shows more. Hand it in as another source.`,
          );
        }
        const now = new Date(platform.clock.now());
        const sightings = file === null ? [] : sightingsOf(name, file.traces, identify);
        const decided = await readDecided(tx);
        const unread = unreadOf(file);
        const before = file === null || unread.count > 0 ? [] : await forget(tx, run, name);
        const keys = await writeSightings(tx, { id, source: run.source }, sightings, decided);
        if (file !== null) await writeDays(tx, { source: run.source, file: name }, file.traces);
        for (const key of before) keys.add(key);
        await sumCandidates(tx, keys, decided, now);
        const written = await rows
          .insertInto('evidence_file')
          .values({
            run: id,
            name,
            format: file?.format ?? null,
            bytes,
            lines: file?.lines ?? 0,
            sha256,
            sightings: sightings.length,
            unread: JSON.stringify(unread.first),
            unread_count: unread.count,
            refused: refused?.code ?? null,
            refused_why: refused?.message ?? null,
            at: now,
          })
          .onConflict((conflict) =>
            conflict.columns(['run', 'name']).doUpdateSet((eb) => ({
              format: eb.ref('excluded.format'),
              bytes: eb.ref('excluded.bytes'),
              lines: eb.ref('excluded.lines'),
              sha256: eb.ref('excluded.sha256'),
              sightings: eb.ref('excluded.sightings'),
              unread: eb.ref('excluded.unread'),
              unread_count: eb.ref('excluded.unread_count'),
              refused: eb.ref('excluded.refused'),
              refused_why: eb.ref('excluded.refused_why'),
              at: eb.ref('excluded.at'),
            })),
          )
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, platform, {
          ...by,
          act: 'discovery.read',
          subject: { kind: 'evidence_run', id },
          detail: {
            sha256: sha256.toString('hex'),
            bytes,
            sightings: sightings.length,
            refused: refused?.code,
          },
        });
        return written;
      });
      platform.events.publish('discovery');
      return fileView(row);
    },

    async end(id, whole, by) {
      await platform.db.transaction().execute(async (tx) => {
        const run = await open(tx, id);
        if (run.ended_at !== null) return;
        const now = new Date(platform.clock.now());
        const gone = whole ? await markGone(tx, run) : new Set<string>();
        await sumCandidates(tx, gone, await readDecided(tx), now);
        const { rows } = await sql<{ fresh: number; gone: number; changed: number }>`
          SELECT count(*) FILTER (WHERE first_run = ${id})::int AS fresh,
                 count(*) FILTER (WHERE gone_run = ${id})::int AS gone,
                 count(*) FILTER (WHERE changed_run = ${id})::int AS changed
            FROM sighting WHERE source = ${run.source}`.execute(tx);
        await tx
          .withTables<DiscoveryTables>()
          .updateTable('evidence_run')
          .set({ ended_at: now, whole, ...rows[0] })
          .where('id', '=', id)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'discovery.end',
          subject: { kind: 'evidence_run', id },
          detail: { whole, ...rows[0] },
        });
      });
      platform.events.publish('discovery');
      return get(id);
    },

    async list({ cursor, limit, source }) {
      const where = [sql`true`];
      if (source !== undefined) where.push(sql`s.name = ${source}`);
      if (cursor !== undefined) {
        const [at, id] = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string()]));
        where.push(sql`(r.started_at, r.id) < (${at}::timestamptz, ${id})`);
      }
      const order = sql`${sql.join(where, sql` AND `)} ORDER BY r.started_at DESC, r.id DESC LIMIT ${limit + 1}`;
      const { rows } = await runs(order).execute(platform.db);
      return page(rows, limit, (row) => [row.started_at.toISOString(), row.id], runView);
    },

    async files(id, { cursor, limit }) {
      await get(id);
      let query = db.selectFrom('evidence_file').selectAll().where('run', '=', id);
      if (cursor !== undefined) {
        const [name] = decodeCursor(cursor, z.tuple([z.string()]));
        query = query.where('name', '>', name);
      }
      const rows = await query
        .orderBy('name')
        .limit(limit + 1)
        .execute();
      return page(rows, limit, (row) => [row.name], fileView);
    },
  };
}

const ended = () =>
  new Problem(409, 'run_ended', 'This run was ended. Begin another one of the same source.');

/** What was left out of a file: places that can't be read, and names beyond those that are kept. */
export function unreadOf(file: EvidenceFile | null): { first: Unread[]; count: number } {
  if (file === null) return { first: [], count: 0 };
  const { unread, unreadCount, overflow, traces, lines } = file;
  if (overflow === 0) return { first: unread, count: unreadCount };
  const why = `it shows more than ${traces.length} names: others were left out ${overflow} times; split the file`;
  return { first: [{ line: lines, field: null, why }, ...unread], count: unreadCount + overflow };
}

/**
 * What the file showed when it was handed in before, in the same run: it counts only if it is shown again. Not where the file
 * could not be read in all its parts: what it showed may stand in the others.
 */
async function forget(tx: Tx, run: { id: string; source: string }, file: string): Promise<string[]> {
  const { rows } = await sql<{ candidate: string | null }>`
    UPDATE sighting SET gone_run = ${run.id}
     WHERE source = ${run.source} AND file = ${file} AND last_run = ${run.id}
    RETURNING candidate`.execute(tx);
  return rows.flatMap(({ candidate }) => candidate ?? []);
}

/** What the source showed before and this run did not. Gives the keys of what it belonged to. */
async function markGone(tx: Tx, run: { id: string; source: string }): Promise<Set<string>> {
  const { rows } = await sql<{ candidate: string | null }>`
    UPDATE sighting SET gone_run = ${run.id}
     WHERE source = ${run.source} AND gone_run IS NULL
       -- What a file showed that can't be read this time, or of which a part can't be, is not gone: nobody looked at all of it.
       AND file NOT IN (SELECT name FROM evidence_file
                         WHERE run = ${run.id} AND (refused IS NOT NULL OR unread_count > 0))
       AND last_run IN (SELECT id FROM evidence_run WHERE source = ${run.source} AND number <
                        (SELECT number FROM evidence_run WHERE id = ${run.id}))
    RETURNING candidate`.execute(tx);
  return new Set(rows.flatMap(({ candidate }) => candidate ?? []));
}

function mappingOf(columns: Partial<Record<keyof Mapping, string | undefined>>): Mapping | null {
  const given = Object.entries(columns).filter(([, column]) => column !== undefined);
  return given.length === 0 ? null : (Object.fromEntries(given) as Mapping);
}

function runView(row: RunRow): RunView {
  return {
    id: row.id,
    source: row.source_name,
    number: row.number,
    by: row.by_name,
    state: row.ended_at === null ? 'running' : 'ended',
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    whole: row.whole,
    files: row.files,
    refused: row.refused,
    bytes: Number(row.bytes),
    sightings: row.sightings,
    fresh: row.fresh,
    gone: row.gone,
    changed: row.changed,
  };
}

function fileView(row: FileRow): FileView {
  return {
    name: row.name,
    format: row.format,
    formatName: formats.find(({ id }) => id === row.format)?.name ?? null,
    bytes: Number(row.bytes),
    lines: Number(row.lines),
    sha256: row.sha256.toString('hex'),
    sightings: row.sightings,
    unread: row.unread,
    unreadCount: row.unread_count,
    refused: row.refused,
    refusedWhy: row.refused_why,
    at: row.at.toISOString(),
  };
}
