import {
  type By,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
} from '../platform/index.ts';
import type { HoldingTables } from './tables.ts';

/** What people state that consoles collect. */
export interface Declared {
  /** Returns its id. Throws Problem 409 where the field is stated already, 422. */
  state(
    vendor: string,
    asked: { field: string; source: string; asOf: string; reason: string },
    by: By,
  ): Promise<string>;
  /** Doing it again changes nothing. Throws Problem 404. */
  withdraw(id: string, by: By): Promise<void>;
}

const DAY_MS = 86_400_000;

export function createDeclared(platform: Platform): Declared {
  return {
    async state(vendor, { field, source, asOf, reason }, by) {
      if (Date.parse(asOf) > platform.clock.now() + DAY_MS)
        throw invalid('asOf', 'lies ahead; say the day of the source');
      const id = await platform.db.transaction().execute(async (tx) => {
        const made = await tx
          .withTables<HoldingTables>()
          .insertInto('console_field')
          .values({
            id: newId(platform.clock, platform.random),
            vendor,
            field,
            source,
            as_of: asOf,
            reason,
            at: new Date(platform.clock.now()),
            by_id: by.actor.id,
            by_name: by.actor.name,
            withdrawn_at: null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        if (made === undefined) {
          throw new Problem(
            409,
            'field_stated',
            `Somebody stated ${field} of ${vendor} already. Withdraw that statement first.`,
          );
        }
        await recordChange(tx, platform, {
          ...by,
          act: 'console_field.state',
          subject: { kind: 'vendor', id: vendor },
          detail: { statement: made.id, field, source, asOf },
        });
        return made.id;
      });
      platform.events.publish('chain');
      return id;
    },

    async withdraw(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<HoldingTables>();
        const row = await rows
          .selectFrom('console_field')
          .selectAll()
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) throw notFound('statement');
        if (row.withdrawn_at !== null) return;
        const now = new Date(platform.clock.now());
        await rows.updateTable('console_field').set({ withdrawn_at: now }).where('id', '=', id).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'console_field.withdraw',
          subject: { kind: 'vendor', id: row.vendor },
          detail: { statement: id, field: row.field },
        });
      });
      platform.events.publish('chain');
    },
  };
}
