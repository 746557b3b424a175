import { sql } from 'kysely';
import { z } from 'zod';
import { defineJob } from '../platform/index.ts';
import { type NoticeDeps, rowsOf } from './notices.ts';
import { openRecipient } from './sealing.ts';

/** By which pseudonyms of the ledger an erasure finds the recipients of notices. */

export type PseudonymOf = (identifier: string) => Promise<string>;

const BATCH = 500;

/** Of lists that were made before their recipients were known by them: from their addresses. Once an hour. */
export function nameRecipientsJob(deps: NoticeDeps & { pseudonymOf: PseudonymOf }) {
  return defineJob({
    kind: 'name_notice_recipients',
    input: z.strictObject({}),
    maxAttempts: 3,
    leaseMs: 5 * 60_000,
    run: async (_, { stillAtIt }) => {
      while ((await nameSome(deps)) === BATCH) await stillAtIt();
      return {};
    },
  });
}

async function nameSome(deps: NoticeDeps & { pseudonymOf: PseudonymOf }): Promise<number> {
  const { db } = deps.platform;
  const sealer = await deps.sealer();
  const nobody = sql<boolean>`subjects = '{}' AND erased IS NULL`;
  const found = await rowsOf(db)
    .selectFrom('notice_recipient')
    .select(['notice', 'n', 'sealed'])
    .where(nobody)
    .orderBy('notice')
    .orderBy('n')
    .limit(BATCH)
    .execute();
  for (const { notice, n, sealed } of found) {
    const { address } = openRecipient(sealer, notice, n, sealed);
    const subjects = [await deps.pseudonymOf(address)];
    // Only what still lies there: an erasure may have been quicker.
    await rowsOf(db)
      .updateTable('notice_recipient')
      .set({ subjects })
      .where('notice', '=', notice)
      .where('n', '=', n)
      .where(nobody)
      .execute();
  }
  return found.length;
}
