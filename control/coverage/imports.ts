import type { Mapping } from '@drawbridge/evidence';
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
import { byDay, type DayRow, type KeyRow } from './by-day.ts';
import type { ImportView } from './schemas.ts';
import type { CoverageTables } from './tables.ts';

/** The largest report, as it is sent: what it unpacks to is bounded where it is read. */
export const LARGEST_REPORT = 256 * 1024 * 1024;
const HOUR_MS = 3_600_000;
/** Of a table of use that does not say what it counts. */
export const ALL = 'all';

export interface ImportAsked {
  vendor: string;
  /** Which of our accounts there; '': the only one. */
  account: string;
  name: string;
  /** When it was fetched from the vendor. */
  asOf: Date;
  format?: string | undefined;
  /** What it counts, where it does not say. */
  of?: string | undefined;
  mapping: Mapping | null;
}

export interface ImportDeps {
  platform: Platform;
  known: () => Promise<Known>;
  read: ReturnType<typeof createReading>;
}

type Row = Selectable<CoverageTables['usage_import']>;

/** Reports of use: taken in, listed, withdrawn. */
export interface Imports {
  /**
   * Takes a report in, all of it or nothing; the same file again is the same import. Throws Problem 422 with why it can't be read,
   * or stands for nothing of this vendor.
   */
  take(
    asked: ImportAsked,
    chunks: AsyncIterable<Uint8Array>,
    by: By,
  ): Promise<{ import: ImportView; again: boolean }>;
  list(query: {
    vendor?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: ImportView[]; next: string | null }>;
  /** It counts no longer. Doing it again changes nothing. Throws Problem 404. */
  withdraw(id: string, by: By): Promise<void>;
}

export function createImports({ platform, known, read }: ImportDeps): Imports {
  const db = platform.db.withTables<CoverageTables>();
  return {
    async take(asked, chunks, by) {
      if (asked.asOf.getTime() > platform.clock.now() + HOUR_MS)
        throw invalid('asOf', 'lies ahead; say when the report was fetched');
      const { file, refused, sha256, bytes } = await read(chunks, asked.name, {
        ...(asked.format === undefined ? {} : { format: asked.format }),
        ...(asked.mapping === null ? {} : { mapping: asked.mapping }),
      });
      if (refused !== null || file === null)
        throw new Problem(
          422,
          'report_refused',
          `The file was not taken in: ${refused?.message ?? 'nothing was read'}.`,
        );
      const { usage } = file;
      if (usage === null) {
        throw new Problem(
          422,
          'no_usage_report',
          `The file was read as ${file.format}, which is no report of use. Say its format, or hand it in as evidence.`,
        );
      }
      const of = kindOf(asked, usage, await known());
      const { days, keys } = byDay(usage, asked.asOf.getTime());
      const inOrder = days.map(({ day }) => day).sort();
      const row = {
        id: newId(platform.clock, platform.random),
        vendor: asked.vendor,
        account: asked.account,
        shape: usage.shape,
        of,
        name: asked.name,
        sha256,
        bytes,
        buckets: usage.buckets.length,
        rows: usage.rows.length,
        first_day: inOrder[0] ?? '',
        last_day: inOrder.at(-1) ?? '',
        more: usage.more,
        as_of: asked.asOf,
        at: new Date(platform.clock.now()),
        by_id: by.actor.id,
        by_name: by.actor.name,
        withdrawn_at: null,
      };
      const taken = await platform.db
        .transaction()
        .execute((tx) => write(platform, tx, row, { days, keys }, by));
      platform.events.publish('coverage');
      return { import: importView(taken.row), again: taken.again };
    },

    async list({ vendor, cursor, limit }) {
      let query = db.selectFrom('usage_import').selectAll().where('withdrawn_at', 'is', null);
      if (vendor !== undefined) query = query.where('vendor', '=', vendor);
      if (cursor !== undefined) {
        const [at, id] = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string()]));
        query = query.where(sql<boolean>`(at, id) < (${at}::timestamptz, ${id}::uuid)`);
      }
      const rows = await query
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return page(rows, limit, (row) => [row.at.toISOString(), row.id], importView);
    },

    async withdraw(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<CoverageTables>();
        const row = await rows
          .selectFrom('usage_import')
          .selectAll()
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) throw notFound('report');
        if (row.withdrawn_at !== null) return;
        const now = new Date(platform.clock.now());
        await rows.updateTable('usage_import').set({ withdrawn_at: now }).where('id', '=', id).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'coverage.withdraw',
          subject: { kind: 'usage_import', id },
          detail: { vendor: row.vendor, of: row.of, sha256: row.sha256.toString('hex') },
        });
      });
      platform.events.publish('coverage');
    },
  };
}

const ROWS_AT_ONCE = 5_000;

async function write(
  platform: Platform,
  tx: Tx,
  row: Row,
  { days, keys }: { days: readonly DayRow[]; keys: readonly KeyRow[] },
  by: By,
): Promise<{ row: Row; again: boolean }> {
  const rows = tx.withTables<CoverageTables>();
  const made = await rows
    .insertInto('usage_import')
    .values(row)
    // Waits for whoever takes in the same file at the same time; where that fails, this one stands.
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) {
    const there = await rows
      .selectFrom('usage_import')
      .selectAll()
      .where('vendor', '=', row.vendor)
      .where('account', '=', row.account)
      .where('of', '=', row.of)
      .where('sha256', '=', row.sha256)
      .where('withdrawn_at', 'is', null)
      .forUpdate()
      .executeTakeFirstOrThrow();
    return { row: await fetchedAgain(platform, tx, there, row.as_of, days, by), again: true };
  }
  await sql`
    INSERT INTO usage_day (import, day, whole, line)
    SELECT ${row.id}::uuid, day, whole, line
      FROM jsonb_to_recordset(${JSON.stringify(days)}::jsonb) AS d(day date, whole boolean, line integer)`.execute(
    tx,
  );
  for (let start = 0; start < keys.length; start += ROWS_AT_ONCE) {
    const some = JSON.stringify(keys.slice(start, start + ROWS_AT_ONCE));
    await sql`
      INSERT INTO usage_key_day (import, day, key, batch, requests, tokens, cost, line)
      SELECT ${row.id}::uuid, day, key, batch, requests, tokens, cost, line
        FROM jsonb_to_recordset(${some}::jsonb)
          AS k(day date, key text, batch boolean, requests bigint, tokens bigint, cost bigint, line integer)`.execute(
      tx,
    );
  }
  await recordChange(tx, platform, {
    ...by,
    act: 'coverage.import',
    subject: { kind: 'usage_import', id: row.id },
    detail: {
      vendor: row.vendor,
      account: row.account,
      of: row.of,
      sha256: row.sha256.toString('hex'),
      days: days.length,
      whole: days.filter(({ whole }) => whole).length,
    },
  });
  return { row, again: false };
}

/** The same report, fetched later: it speaks for that time too, and days that were not over by then are known now. */
async function fetchedAgain(
  platform: Platform,
  tx: Tx,
  there: Row,
  asOf: Date,
  days: readonly DayRow[],
  by: By,
): Promise<Row> {
  if (asOf <= there.as_of) return there;
  await sql`
    UPDATE usage_day SET whole = d.whole
      FROM jsonb_to_recordset(${JSON.stringify(days)}::jsonb) AS d(day date, whole boolean)
     WHERE usage_day.import = ${there.id} AND usage_day.day = d.day AND usage_day.whole <> d.whole`.execute(
    tx,
  );
  await tx
    .withTables<CoverageTables>()
    .updateTable('usage_import')
    .set({ as_of: asOf })
    .where('id', '=', there.id)
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'coverage.import',
    subject: { kind: 'usage_import', id: there.id },
    detail: {
      vendor: there.vendor,
      account: there.account,
      of: there.of,
      again: true,
      asOf: asOf.toISOString(),
    },
  });
  return { ...there, as_of: asOf };
}

/** What the report counts, in the words of what is known of the vendor. Throws Problem 422 where it is another vendor's, or nobody's. */
function kindOf(
  { vendor, of: asked }: ImportAsked,
  { of: said, shape }: { of: string | null; shape: string },
  known: Known,
): string {
  const writers = known.all.filter(({ usage_reports: reports }) =>
    reports?.some((report) => report.shape === shape),
  );
  if (writers.length > 0 && !writers.some(({ id }) => id === vendor)) {
    const names = writers.map(({ name }) => name).join(', ');
    throw invalid('vendor', `this form of report is written by ${names}; hand it in there`);
  }
  if (said !== null && asked !== undefined && asked !== said)
    throw invalid('of', `the report counts ${said}, and not ${asked}`);
  const of = said ?? asked ?? (shape === 'usage-csv' ? ALL : undefined);
  const kinds =
    writers.find(({ id }) => id === vendor)?.usage_reports?.filter((report) => report.shape === shape) ?? [];
  if (of === undefined) {
    const choices = kinds.map((kind) => kind.of).join(', ');
    throw invalid(
      'of',
      `nothing was used in this report, so it does not say what it counts: say it${choices === '' ? '' : ` (${choices})`}`,
    );
  }
  if (kinds.length > 0 && !kinds.some((kind) => kind.of === of))
    throw invalid('of', `what a report of ${of} counts is not known yet: it can’t be compared with anything`);
  return of;
}

export function importView(row: Row): ImportView {
  return {
    id: row.id,
    vendor: row.vendor,
    account: row.account,
    shape: row.shape,
    of: row.of,
    name: row.name,
    sha256: row.sha256.toString('hex'),
    bytes: Number(row.bytes),
    buckets: row.buckets,
    rows: row.rows,
    firstDay: row.first_day,
    lastDay: row.last_day,
    more: row.more,
    asOf: row.as_of.toISOString(),
    at: row.at.toISOString(),
    by: row.by_name,
  };
}
