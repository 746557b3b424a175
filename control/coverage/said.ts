import { sql } from 'kysely';
import {
  type By,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { CoverageView } from './schemas.ts';
import type { CoverageTables } from './tables.ts';

export interface SaidDeps {
  platform: Platform;
  connections: () => Promise<readonly { id: string; vendor: string }[]>;
}

/** What people say of evidence: whose a key is, what a source sees, why a finding is none. */
export interface Said {
  /** Throws Problem 422 where the connection is none of this vendor's. */
  linkKey(vendor: string, asked: { key: string; connection: string | null }, by: By): Promise<void>;
  saySource(asked: { source: string; seesGateway: boolean | null }, by: By): Promise<void>;
  /** Settles a finding as it is now: more of it than this opens it again. Throws Problem 404. */
  settle(coverage: CoverageView, finding: string, by: By): Promise<void>;
  /** Throws Problem 404. */
  reopen(vendor: string, finding: string, by: By): Promise<void>;
}

/** Keys of one vendor of which it is said whose they are: more than any organisation has. */
const MOST_LINKED = 1_000;

/** Throws Problem 409. */
async function expectRoom(tx: Tx, vendor: string, key: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`keys ${vendor}`}, 0))`.execute(tx);
  const { count } = await tx
    .withTables<CoverageTables>()
    .selectFrom('usage_key')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('vendor', '=', vendor)
    .where('key', '<>', key)
    .executeTakeFirstOrThrow();
  if (Number(count) < MOST_LINKED) return;
  throw new Problem(
    409,
    'too_many_keys',
    `It is said of ${MOST_LINKED} keys of this vendor whose they are. Take back some that are gone first.`,
  );
}

export function createSaid({ platform, connections }: SaidDeps): Said {
  const stamp = (by: By) => ({
    reason: by.reason,
    by_id: by.actor.id,
    by_name: by.actor.name,
    at: new Date(platform.clock.now()),
  });
  const changed = () => platform.events.publish('coverage');
  return {
    async linkKey(vendor, { key, connection }, by) {
      if (connection !== null) {
        const found = (await connections()).find(({ id }) => id === connection);
        if (found?.vendor !== vendor) throw invalid('connection', 'is no connection to this vendor');
      }
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<CoverageTables>();
        if (connection === null) {
          await rows.deleteFrom('usage_key').where('vendor', '=', vendor).where('key', '=', key).execute();
        } else {
          await expectRoom(tx, vendor, key);
          const values = { connection, ...stamp(by) };
          await rows
            .insertInto('usage_key')
            .values({ vendor, key, ...values })
            .onConflict((conflict) => conflict.columns(['vendor', 'key']).doUpdateSet(values))
            .execute();
        }
        await recordChange(tx, platform, {
          ...by,
          act: 'coverage.link_key',
          subject: { kind: 'vendor', id: vendor },
          detail: { key, connection },
        });
      });
      changed();
    },

    async saySource({ source, seesGateway }, by) {
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<CoverageTables>();
        if (seesGateway === null) {
          await rows.deleteFrom('coverage_source').where('source', '=', source).execute();
        } else {
          const values = { sees_gateway: seesGateway, ...stamp(by) };
          await rows
            .insertInto('coverage_source')
            .values({ source, ...values })
            .onConflict((conflict) => conflict.column('source').doUpdateSet(values))
            .execute();
        }
        await recordChange(tx, platform, {
          ...by,
          act: 'coverage.say_source',
          subject: { kind: 'evidence_source', id: source },
          detail: { seesGateway },
        });
      });
      changed();
    },

    async settle({ vendor, findings }, id, by) {
      const finding = findings.find((one) => one.id === id);
      if (finding === undefined) throw notFound('finding');
      const now = Object.fromEntries(finding.days.map(({ day, amount }) => [day, amount]));
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<CoverageTables>();
        // Of two at once the second one sees what the first one settled.
        await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`coverage ${vendor} ${id}`}, 0))`.execute(
          tx,
        );
        const before = await rows
          .selectFrom('coverage_settled')
          .select(['id', 'days'])
          .where('vendor', '=', vendor)
          .where('finding', '=', id)
          .where('ended_at', 'is', null)
          .forUpdate()
          .executeTakeFirst();
        const { at, ...by_ } = stamp(by);
        if (before !== undefined)
          await rows
            .updateTable('coverage_settled')
            .set({ ended_at: at })
            .where('id', '=', before.id)
            .execute();
        await rows
          .insertInto('coverage_settled')
          .values({
            id: newId(platform.clock, platform.random),
            vendor,
            finding: id,
            days: JSON.stringify({ ...before?.days, ...now }),
            ...by_,
            at,
            ended_at: null,
          })
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'coverage.settle',
          subject: { kind: 'vendor', id: vendor },
          detail: { finding: id, days: Object.keys(now).length, amount: finding.amount },
        });
      });
      changed();
    },

    async reopen(vendor, finding, by) {
      await platform.db.transaction().execute(async (tx) => {
        const ended = await tx
          .withTables<CoverageTables>()
          .updateTable('coverage_settled')
          .set({ ended_at: new Date(platform.clock.now()) })
          .where('vendor', '=', vendor)
          .where('finding', '=', finding)
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (ended.numUpdatedRows === 0n) throw notFound('settled finding');
        await recordChange(tx, platform, {
          ...by,
          act: 'coverage.reopen',
          subject: { kind: 'vendor', id: vendor },
          detail: { finding },
        });
      });
      changed();
    },
  };
}
