import { ItemSearch, RebuildBusyError } from '../crossings/index.ts';
import { inOneTransaction } from '../platform/index.ts';
import { afterwards, carryOutNow, type ErasureDeps, type Pending } from './carry-out.ts';
import type { KeptErasure } from './file.ts';
import { holdJournals } from './locks.ts';
import { tallyOf } from './plan.ts';
import { doneErasures } from './store.ts';

/**
 * Carries out the erasures that the file knows and the database does not: one that was begun and killed, or all that
 * came after the backup that was restored. Doing it twice changes nothing. Only what was recorded until the erasure is
 * taken: what came later is meant to be there. And what the database knows and the file does not, as one restored from
 * an older copy of the keys, is put into the file. Throws ErasuresFileError, VaultError.
 */
export async function replayErasures(deps: ErasureDeps): Promise<{ done: number }> {
  const kept = await deps.file.read();
  const known = await knownIn(deps);
  const missing = kept.filter((one) => !known.has(one.id));
  if (missing.length > 0) {
    deps.platform.log.warn(
      { erasures: missing.length },
      'the database does not know erasures that were begun; they are carried out before anything serves',
    );
  }
  let rebuild = false;
  for (const one of missing) rebuild = (await again(deps, one)).rebuild || rebuild;
  const inFile = new Set(kept.map((one) => one.id));
  const unwritten = [...known.values()].filter((one) => !inFile.has(one.id));
  if (unwritten.length > 0) await deps.file.add(unwritten);
  if (missing.length > 0) await afterwards(deps, rebuild);
  return { done: missing.length };
}

async function knownIn(deps: ErasureDeps): Promise<Map<string, KeptErasure>> {
  const client = await deps.platform.pool.connect();
  try {
    const rows = await doneErasures(client);
    return new Map(rows.map(({ id, at, sealed }) => [id, { id, at: at.getTime(), sealed }]));
  } finally {
    client.release();
  }
}

const BUSY_MS = 50;

async function again(deps: ErasureDeps, one: KeptErasure): Promise<{ rebuild: boolean }> {
  const { subjects, actor, reason } = await deps.sealing.open(one.id, one.sealed);
  const pending: Pending = {
    id: one.id,
    at: one.at,
    askedAt: new Date(one.at),
    subjects,
    sealed: one.sealed,
    by: { actor: { id: actor, name: actor }, reason },
  };
  for (;;) {
    try {
      return await inOneTransaction(deps.platform.pool, async (client, tx) => {
        await holdJournals(client, deps.projections);
        const search = new ItemSearch(client, subjects, one.at);
        await search.look();
        const tally = await tallyOf(search);
        return carryOutNow(deps, client, tx, pending, { search, tally, replayed: true });
      });
    } catch (error) {
      // Of another control process on the same database: it ends, and nothing may serve before this is done.
      if (!(error instanceof RebuildBusyError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    }
  }
}
