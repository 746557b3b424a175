import type { Selectable } from 'kysely';
import { z } from 'zod';
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
import { regionOf } from './cloud-regions.ts';
import type { NewStatement, StatementView } from './schemas.ts';
import type { ResidencyTables, StatementRow } from './tables.ts';

type Row = Selectable<StatementRow>;

/** What people declared of where vendors keep data. Every change is a version; nothing is overwritten. */
export interface Statements {
  list(query: { vendor?: string | undefined; cursor?: string | undefined; limit: number }): Promise<{
    items: StatementView[];
    next: string | null;
  }>;
  /** All that hold, of the vendors given; of all vendors where none are. */
  holding(vendors?: readonly string[]): Promise<StatementView[]>;
  state(given: NewStatement, by: By): Promise<StatementView>;
  /** `basedOn`: the version that was read. Throws Problem 404, 409. */
  change(id: string, given: NewStatement, basedOn: number, by: By): Promise<StatementView>;
  withdraw(id: string, by: By): Promise<void>;
  versions(id: string): Promise<StatementView[]>;
}

/** More than any organisation declares; a list that is read whole must end somewhere. */
export const MOST_STATEMENTS = 20_000;

export function createStatements(platform: Platform): Statements {
  const latest = () =>
    platform.db
      .withTables<ResidencyTables>()
      .selectFrom('residency_statement')
      .selectAll()
      .where('is_latest', '=', true)
      .where('withdrawn', '=', false);

  async function locked(tx: Tx, id: string): Promise<Row> {
    const row = await tx
      .withTables<ResidencyTables>()
      .selectFrom('residency_statement')
      .selectAll()
      .where('id', '=', id)
      .where('is_latest', '=', true)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || row.withdrawn) throw notFound('statement');
    return row;
  }

  /** Writes a version and what was done, in one transaction. */
  async function put(
    tx: Tx,
    id: string,
    version: number,
    given: NewStatement,
    by: By,
    act: 'state' | 'change' | 'withdraw',
  ): Promise<Row> {
    const rows = tx.withTables<ResidencyTables>();
    await rows.updateTable('residency_statement').set({ is_latest: false }).where('id', '=', id).execute();
    const row = await rows
      .insertInto('residency_statement')
      .values({
        id,
        version,
        vendor: given.vendor,
        service: given.service ?? '',
        class: given.class ?? '',
        kind: given.kind,
        place: given.place,
        jurisdiction: given.jurisdiction ?? null,
        bases: JSON.stringify(given.bases),
        conditions: JSON.stringify(given.conditions),
        source: given.source,
        as_of: given.asOf,
        withdrawn: act === 'withdraw',
        is_latest: true,
        stated_at: new Date(platform.clock.now()),
        stated_by: by.actor.name,
        reason: by.reason,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await recordChange(tx, platform, {
      ...by,
      act: `residency.${act}`,
      subject: { kind: 'residency_statement', id },
      detail: { vendor: given.vendor, version, kind: given.kind, place: given.place },
    });
    return row;
  }

  async function write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const result = await platform.db.transaction().execute(work);
    platform.events.publish('residency');
    return result;
  }

  return {
    async list({ vendor, cursor, limit }) {
      let query = latest()
        .orderBy('id')
        .limit(limit + 1);
      if (vendor !== undefined) query = query.where('vendor', '=', vendor);
      if (cursor !== undefined) query = query.where('id', '>', decodeCursor(cursor, z.tuple([z.uuid()]))[0]);
      return page(await query.execute(), limit, (row) => [row.id], statementOf);
    },
    async holding(vendors) {
      let query = latest().orderBy('vendor').orderBy('id').limit(MOST_STATEMENTS);
      if (vendors !== undefined) {
        if (vendors.length === 0) return [];
        query = query.where('vendor', 'in', [...vendors]);
      }
      return (await query.execute()).map(statementOf);
    },
    async state(given, by) {
      check(given, platform.clock.now());
      const { db } = platform;
      const counted = await db
        .withTables<ResidencyTables>()
        .selectFrom('residency_statement')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('is_latest', '=', true)
        .where('withdrawn', '=', false)
        .executeTakeFirst();
      if (Number(counted?.count ?? 0) >= MOST_STATEMENTS) {
        throw new Problem(
          409,
          'too_many',
          `There are ${MOST_STATEMENTS} statements already. Withdraw some first.`,
        );
      }
      const id = newId(platform.clock, platform.random);
      return statementOf(await write((tx) => put(tx, id, 1, given, by, 'state')));
    },
    async change(id, given, basedOn, by) {
      check(given, platform.clock.now());
      return write(async (tx) => {
        const row = await locked(tx, id);
        if (row.vendor !== given.vendor)
          throw invalid('vendor', 'stays what it is; withdraw this statement and make another');
        if (row.version !== basedOn) {
          throw new Problem(
            409,
            'changed_meanwhile',
            `It was changed since it was read (version ${row.version} holds). Read it again, and repeat.`,
          );
        }
        return statementOf(await put(tx, id, row.version + 1, given, by, 'change'));
      });
    },
    async withdraw(id, by) {
      await write(async (tx) => {
        const row = await locked(tx, id);
        const { service, class: of, jurisdiction, ...view } = statementOf(row);
        const given = {
          ...view,
          service: service ?? undefined,
          class: of ?? undefined,
          jurisdiction: jurisdiction ?? undefined,
        };
        await put(tx, id, row.version + 1, given, by, 'withdraw');
      });
    },
    async versions(id) {
      const found = await platform.db
        .withTables<ResidencyTables>()
        .selectFrom('residency_statement')
        .selectAll()
        .where('id', '=', id)
        .orderBy('version', 'desc')
        .limit(200)
        .execute();
      if (found.length === 0) throw notFound('statement');
      return found.map(statementOf);
    },
  };
}

/** Throws Problem 422 that names the field. */
function check(given: NewStatement, now: number): void {
  if (given.place.includes(':') && regionOf(given.place) === null)
    throw invalid(
      'place',
      'names a region that this cloud does not have in the table; say the country instead',
    );
  // A day further east may have begun.
  if (Date.parse(given.asOf) > now + 24 * 3600_000)
    throw invalid('asOf', 'lies in the future; give the day on which it was read');
  const kinds = given.bases.map((basis) =>
    basis.kind === 'adequacy' ? `adequacy:${basis.country}` : basis.kind,
  );
  const twice = kinds.findIndex((kind, index) => kinds.indexOf(kind) !== index);
  if (twice >= 0) throw invalid(`bases.${twice}`, 'stands there twice');
}

export function statementOf(row: Row): StatementView {
  return {
    id: row.id,
    version: row.version,
    vendor: row.vendor,
    service: row.service === '' ? null : row.service,
    class: row.class === '' ? null : row.class,
    kind: row.kind,
    place: row.place,
    jurisdiction: row.jurisdiction,
    bases: row.bases,
    conditions: row.conditions,
    source: row.source,
    asOf: row.as_of,
    withdrawn: row.withdrawn,
    statedAt: row.stated_at.toISOString(),
    statedBy: row.stated_by,
    reason: row.reason,
  };
}
