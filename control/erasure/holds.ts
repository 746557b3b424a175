import type pg from 'pg';
import type { SubjectName } from '../crossings/index.ts';
import {
  type By,
  inOneTransaction,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
} from '../platform/index.ts';
import type { PseudonymOf } from '../vault/index.ts';
import { waitForErasures, waitForPruning } from './locks.ts';
import { planFor } from './plan.ts';
import type { AskedSubject, Hold } from './schemas.ts';
import { readPlace } from './store.ts';
import type { ErasureTables } from './tables.ts';

/** The holds that stand against any of the subjects, oldest first. */
export async function holdsOn(
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
  now: number,
): Promise<string[]> {
  const found = await client.query<{ hold: string }>(
    `SELECT DISTINCT held.hold FROM held_subjects($3) AS held
      JOIN unnest($1::text[], $2::text[]) AS wanted (about, pseudonym) USING (about, pseudonym) ORDER BY held.hold`,
    [subjects.map((one) => one.about), subjects.map((one) => one.pseudonym), new Date(now)],
  );
  return found.rows.map((row) => row.hold);
}

export interface Holds {
  /** Throws a Problem where `until` is over, or the subject or the reason can't be. */
  set(asked: AskedSubject & { until?: string | undefined }, by: By): Promise<Hold>;
  /** Throws Problem 404, or 409 where it was lifted already. */
  lift(id: string, by: By): Promise<Hold>;
  list(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: Hold[]; next: string | null }>;
}

type HoldRow = ErasureTables['legal_hold'] & { identifiers: number; waiting: string[] };

const select = `SELECT h.*,
    (SELECT count(*)::int FROM legal_hold_subject s WHERE s.hold = h.id) AS identifiers,
    array(SELECT e.id FROM erasure e WHERE e.state = 'held' AND h.id = ANY (e.holds) ORDER BY e.id) AS waiting
  FROM legal_hold h`;

export function createHolds(
  platform: Platform,
  pseudonymOf: PseudonymOf,
  checkReason: (asked: AskedSubject, by: By) => void,
): Holds {
  const toHold = (row: HoldRow): Hold => ({
    id: row.id,
    setAt: row.set_at.toISOString(),
    setBy: row.set_by,
    reason: row.reason,
    until: row.until?.toISOString() ?? null,
    lifted:
      row.lifted_at === null
        ? null
        : { at: row.lifted_at.toISOString(), by: row.lifted_by ?? '', reason: row.lifted_reason ?? '' },
    stands: row.lifted_at === null && (row.until === null || row.until.getTime() > platform.clock.now()),
    identifiers: row.identifiers,
    waiting: row.waiting,
  });
  async function read(id: string): Promise<Hold> {
    const found = await platform.pool.query<HoldRow>(`${select} WHERE h.id = $1`, [id]);
    const row = found.rows[0];
    if (row === undefined) throw notFound('legal hold');
    return toHold(row);
  }

  return {
    async set(asked, by) {
      checkReason(asked, by);
      const now = platform.clock.now();
      const until = asked.until === undefined ? null : new Date(asked.until);
      if (until !== null && until.getTime() <= now) throw invalid('until', 'must be in the future');
      const id = newId(platform.clock, platform.random);
      await inOneTransaction(platform.pool, async (client, tx) => {
        await waitForErasures(client);
        await waitForPruning(client);
        const { subjects } = await planFor(client, pseudonymOf, asked);
        const rows = tx.withTables<ErasureTables>();
        await rows
          .insertInto('legal_hold')
          .values({
            id,
            set_at: new Date(now),
            set_by: by.actor.id,
            reason: by.reason,
            until,
            lifted_at: null,
            lifted_by: null,
            lifted_reason: null,
          })
          .execute();
        await rows
          .insertInto('legal_hold_subject')
          .values(subjects.map(({ about, pseudonym }) => ({ hold: id, about, pseudonym })))
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'hold.set',
          subject: { kind: 'hold', id },
          detail: { until: until?.toISOString() ?? null, identifiers: subjects.length },
        });
      });
      return read(id);
    },

    async lift(id, by) {
      await inOneTransaction(platform.pool, async (client, tx) => {
        await waitForErasures(client);
        const lifted = await tx
          .withTables<ErasureTables>()
          .updateTable('legal_hold')
          .set({
            lifted_at: new Date(platform.clock.now()),
            lifted_by: by.actor.id,
            lifted_reason: by.reason,
          })
          .where('id', '=', id)
          .where('lifted_at', 'is', null)
          .executeTakeFirst();
        if (lifted.numUpdatedRows === 0n) {
          const known = await client.query('SELECT FROM legal_hold WHERE id = $1', [id]);
          if (known.rowCount === 0) throw notFound('legal hold');
          throw new Problem(409, 'hold_lifted', 'This legal hold was lifted before. Nothing was changed.');
        }
        // Whom it was about is needed no more.
        await client.query('DELETE FROM legal_hold_subject WHERE hold = $1', [id]);
        const { waiting } = await waitingFor(client, id);
        await recordChange(tx, platform, {
          ...by,
          act: 'hold.lift',
          subject: { kind: 'hold', id },
          detail: { waiting },
        });
      });
      return read(id);
    },

    async list({ cursor, limit }) {
      const after = readPlace(cursor);
      const found = await platform.pool.query<HoldRow>(
        `${select} WHERE $1::timestamptz IS NULL OR (h.set_at, h.id) < ($1, $2::uuid)
          ORDER BY h.set_at DESC, h.id DESC LIMIT $3`,
        [after?.at ?? null, after?.id ?? null, limit + 1],
      );
      return page(found.rows, limit, (row) => [row.set_at.getTime(), row.id], toHold);
    },
  };
}

async function waitingFor(client: pg.PoolClient, hold: string): Promise<{ waiting: string[] }> {
  const found = await client.query<{ id: string }>(
    "SELECT id FROM erasure WHERE state = 'held' AND $1 = ANY (holds) ORDER BY id",
    [hold],
  );
  return { waiting: found.rows.map((row) => row.id) };
}
