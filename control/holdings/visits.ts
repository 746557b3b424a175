import type { Trace } from '@drawbridge/evidence';
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { createReading } from '../discovery/index.ts';
import {
  type By,
  decodeCursor,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import type { VisitView } from './schemas.ts';
import type { HoldingTables } from './tables.ts';

/** The largest recording, as it is sent: what it unpacks to is bounded where it is read. */
export const LARGEST_VISIT = 256 * 1024 * 1024;
const LARGEST_UNPACKED = 2 * 1024 ** 3;
/** Names of one recording: a console calls some tens of hosts. Beyond that they are counted as left out. */
const MOST_HOSTS = 5_000;
/** Visits to one console that stand: what is behind it is read from all of them, each time. */
const MOST_VISITS = 200;
const DAY_MS = 86_400_000;

export interface VisitAsked {
  vendor: string;
  /** `YYYY-MM-DD`, in UTC. */
  day: string;
  name: string;
}

interface VisitDeps {
  platform: Platform;
  known: () => Promise<Known>;
  read: ReturnType<typeof createReading>;
}

interface HostRow {
  host: string;
  calls: number;
  fields: string[];
  addresses: string[];
}

type Row = Selectable<HoldingTables['console_visit']> & { hosts: number };

/** Recordings of visits to vendors' consoles: taken in, listed, withdrawn. */
export interface Visits {
  /**
   * Takes a recording in, all of it or nothing; the same file again is the same visit. Throws Problem 422 with why it can't be
   * read, or is no visit to this vendor's console on that day.
   */
  take(
    asked: VisitAsked,
    chunks: AsyncIterable<Uint8Array>,
    by: By,
  ): Promise<{ visit: VisitView; again: boolean }>;
  list(
    vendor: string,
    query: { cursor?: string | undefined; limit: number },
  ): Promise<{ items: VisitView[]; next: string | null }>;
  /** It counts no longer. Doing it again changes nothing. Throws Problem 404. */
  withdraw(id: string, by: By): Promise<void>;
}

export function createVisits({ platform, known, read }: VisitDeps): Visits {
  return {
    async take(asked, chunks, by) {
      if (Date.parse(asked.day) > platform.clock.now() + DAY_MS)
        throw invalid('day', 'lies ahead; say on which day the console was visited');
      const { file, refused, sha256, bytes } = await read(chunks, asked.name, {
        format: 'har',
        maxBytes: LARGEST_UNPACKED,
        maxTraces: MOST_HOSTS,
      });
      if (refused !== null || file === null)
        throw new Problem(
          422,
          'visit_refused',
          `The recording was not taken in: ${refused?.message ?? 'nothing was read'}.`,
        );
      const hosts = hostsOf(file.traces);
      expectDay(asked.day, file.traces);
      expectVendor(asked.vendor, hosts, await known());
      const row = {
        id: newId(platform.clock, platform.random),
        vendor: asked.vendor,
        day: asked.day,
        name: asked.name,
        sha256,
        bytes,
        entries: file.lines,
        unread: file.unreadCount,
        overflow: file.overflow,
        at: new Date(platform.clock.now()),
        by_id: by.actor.id,
        by_name: by.actor.name,
        withdrawn_at: null,
      };
      const taken = await platform.db.transaction().execute((tx) => write(platform, tx, row, hosts, by));
      if (!taken.again) platform.events.publish('chain');
      return { visit: visitView(taken.row), again: taken.again };
    },

    async list(vendor, { cursor, limit }) {
      let after = sql`true`;
      if (cursor !== undefined) {
        const [at, id] = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string()]));
        after = sql`(v.at, v.id) < (${at}::timestamptz, ${id}::uuid)`;
      }
      const { rows } = await sql<Row>`
        SELECT v.*, (SELECT count(*) FROM console_visit_host h WHERE h.visit = v.id) AS hosts
          FROM console_visit v WHERE v.vendor = ${vendor} AND v.withdrawn_at IS NULL AND ${after}
         ORDER BY v.at DESC, v.id DESC LIMIT ${limit + 1}`.execute(platform.db);
      return page(rows, limit, (row) => [row.at.toISOString(), row.id], visitView);
    },

    async withdraw(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<HoldingTables>();
        const row = await rows
          .selectFrom('console_visit')
          .selectAll()
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) throw notFound('visit');
        if (row.withdrawn_at !== null) return;
        const now = new Date(platform.clock.now());
        await rows.updateTable('console_visit').set({ withdrawn_at: now }).where('id', '=', id).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'console_visit.withdraw',
          subject: { kind: 'console_visit', id },
          detail: { vendor: row.vendor, day: row.day, sha256: row.sha256.toString('hex') },
        });
      });
      platform.events.publish('chain');
    },
  };
}

/** One row per host: a recording tells ports and schemes apart, and they are of one host. */
function hostsOf(traces: readonly Trace[]): HostRow[] {
  const named = traces.filter(({ kind }) => kind === 'host');
  return [...Map.groupBy(named, ({ value }) => value)].map(([host, some]) => ({
    host,
    calls: some.reduce((sum, { count }) => sum + count, 0),
    fields: [...new Set(some.flatMap(({ fields }) => fields))].sort(),
    addresses: [...new Set(some.flatMap(({ addresses }) => addresses))].sort(),
  }));
}

/** A recording with times is of the day that was said, give or take one: whoever says it may live far from UTC. */
function expectDay(day: string, traces: readonly Trace[]): void {
  const times = traces.flatMap(({ first, last }) => [first, last].filter((at) => at !== null));
  if (times.length === 0) return;
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const said = Date.parse(day);
  if (said + 2 * DAY_MS > first && said - DAY_MS <= last) return;
  throw invalid(
    'day',
    `the recording is of ${new Date(first).toISOString().slice(0, 10)}, and not of ${day}`,
  );
}

function expectVendor(vendor: string, hosts: readonly HostRow[], known: Known): void {
  if (hosts.length === 0)
    throw new Problem(422, 'visit_empty', 'The recording calls no host: record the visit anew.');
  if (known.get(vendor) === undefined || hosts.some(({ host }) => known.ofHost(host)?.id === vendor)) return;
  throw invalid('vendor', `the recording calls no host of ${vendor}: is it a visit to its console?`);
}

async function write(
  platform: Platform,
  tx: Tx,
  row: Omit<Row, 'hosts'>,
  hosts: readonly HostRow[],
  by: By,
): Promise<{ row: Row; again: boolean }> {
  const rows = tx.withTables<HoldingTables>();
  // Of two at once the second one counts the first.
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`visits ${row.vendor}`}, 0))`.execute(tx);
  const made = await rows
    .insertInto('console_visit')
    .values(row)
    // Waits for whoever takes in the same file at the same time; where that fails, this one stands.
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) {
    const there = await sql<Row>`
      SELECT v.*, (SELECT count(*) FROM console_visit_host h WHERE h.visit = v.id) AS hosts
        FROM console_visit v WHERE v.vendor = ${row.vendor} AND v.sha256 = ${row.sha256} AND v.withdrawn_at IS NULL`.execute(
      tx,
    );
    const [first] = there.rows;
    if (first === undefined)
      throw new Problem(409, 'visit_withdrawn', 'It was withdrawn just now; hand it in again.');
    return { row: first, again: true };
  }
  const { count } = await rows
    .selectFrom('console_visit')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('vendor', '=', row.vendor)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(count) > MOST_VISITS) {
    throw new Problem(
      409,
      'too_many_visits',
      `There are ${MOST_VISITS} visits to this console already. Withdraw old ones first.`,
    );
  }
  await sql`
    INSERT INTO console_visit_host (visit, host, calls, fields, addresses)
    SELECT ${row.id}::uuid, host, calls, fields, addresses
      FROM jsonb_to_recordset(${JSON.stringify(hosts)}::jsonb)
        AS h(host text, calls integer, fields text[], addresses text[])`.execute(tx);
  await recordChange(tx, platform, {
    ...by,
    act: 'console_visit.take',
    subject: { kind: 'console_visit', id: row.id },
    detail: {
      vendor: row.vendor,
      day: row.day,
      sha256: row.sha256.toString('hex'),
      hosts: hosts.length,
      unread: row.unread,
    },
  });
  return { row: { ...row, hosts: hosts.length }, again: false };
}

const visitView = (row: Row): VisitView => ({
  id: row.id,
  vendor: row.vendor,
  day: row.day,
  name: row.name,
  sha256: row.sha256.toString('hex'),
  bytes: Number(row.bytes),
  entries: row.entries,
  unread: row.unread,
  overflow: row.overflow,
  hosts: Number(row.hosts),
  at: row.at.toISOString(),
  by: row.by_name,
});
