import type pg from 'pg';
import { ItemSearch } from '../crossings/index.ts';
import { inOneTransaction, inTransaction } from '../platform/index.ts';
import { afterwards, carryOutNow, type ErasureDeps, type Pending } from './carry-out.ts';
import type { KeptErasure } from './file.ts';
import { afterRebuilds, holdJournals, waitForErasures } from './locks.ts';
import { tallyOf } from './plan.ts';
import { doneErasures } from './store.ts';

/**
 * Carries out the erasures that the file knows and the database does not: one that was begun and killed, or all that
 * came after the backup that was restored. Doing it twice changes nothing. Only what was recorded until the erasure is
 * taken: what came later is meant to be there. And what the database knows and the file does not, as one restored from
 * an older copy of the keys, or otherwise, is put into the file. Throws ErasuresFileError, VaultError.
 */
export async function replayErasures(deps: ErasureDeps): Promise<{ done: number }> {
  const kept = await deps.file.read();
  const { pool } = deps.platform;
  const known = await inTransaction(pool, knownIn);
  const missing = kept.filter((one) => !known.has(one.id));
  if (missing.length > 0) {
    deps.platform.log.warn(
      { erasures: missing.length },
      'the database does not know erasures that were begun; they are carried out before anything serves',
    );
  }
  let rebuild = false;
  for (const one of missing) rebuild = (await again(deps, one)).rebuild || rebuild;
  await inTransaction(pool, (client) => addUnwritten(deps, client));
  if (missing.length > 0) await afterwards(deps, rebuild);
  return { done: missing.length };
}

async function knownIn(client: pg.PoolClient): Promise<Map<string, KeptErasure>> {
  const rows = await doneErasures(client);
  return new Map(rows.map(({ id, at, sealed }) => [id, { id, at: at.getTime(), sealed }]));
}

/** While no other control process adds to the file. */
async function addUnwritten({ platform, file }: ErasureDeps, client: pg.PoolClient): Promise<void> {
  await waitForErasures(client);
  const inFile = new Map((await file.read()).map((one) => [one.id, textOf(one)]));
  const known = [...(await knownIn(client)).values()];
  const damaged = known.filter((one) => (inFile.get(one.id) ?? textOf(one)) !== textOf(one));
  if (damaged.length > 0)
    platform.log.error(
      { alarm: 'erasures_damaged', erasures: damaged.map(({ id }) => id) },
      'the file of erasures was not what was written; it is mended from the database. Look after the disk that it lies on, and copy the keys anew',
    );
  const unwritten = known.filter((one) => !inFile.has(one.id));
  if (unwritten.length + damaged.length > 0) await file.put([...damaged, ...unwritten]);
}

const textOf = ({ id, at, sealed: { enc, ct } }: KeptErasure): string => JSON.stringify([id, at, enc, ct]);

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
  // A rebuild of another control process on the same database ends, and nothing may serve before this is done.
  return afterRebuilds(() =>
    inOneTransaction(deps.platform.pool, async (client, tx) => {
      await holdJournals(client, deps.projections);
      // Another process may just have been at it.
      if ((await knownIn(client)).has(one.id)) return { rebuild: false };
      const search = new ItemSearch(client, subjects, one.at);
      await search.look();
      const tally = await tallyOf(search);
      return carryOutNow(deps, client, tx, pending, { search, tally, replayed: true });
    }),
  );
}
