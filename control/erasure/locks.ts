import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import {
  holdProjectors,
  holdRebuilds,
  type Projection,
  projectBatch,
  RebuildBusyError,
} from '../crossings/index.ts';

/** Key of the advisory lock that an erasure holds alone and shipments share; it goes with the transaction. */
const ERASURE_LOCK = 4_400_441_6;
const BATCH = 10_000;
const BUSY_MS = 50;

/** Keeps erasures from being carried out until the transaction ends. */
export async function holdErasures(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1)', [ERASURE_LOCK]);
}

/**
 * Until the transaction ends, nothing is shipped, projected or rebuilt, no hold is set and no other erasure is carried
 * out; and all that was shipped is projected. Throws RebuildBusyError.
 */
export async function holdJournals(client: pg.PoolClient, projections: readonly Projection[]): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [ERASURE_LOCK]);
  await holdRebuilds(client);
  await holdProjectors(client);
  for (let applied = 1; applied > 0; ) applied = await projectBatch(client, projections, BATCH);
}

/** Until the transaction ends, no erasure is carried out: what is held now was not erased. */
export async function waitForErasures(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [ERASURE_LOCK]);
}

/** Until the transaction ends, nothing is pruned, and what is held when it ends is kept by the next portion. */
export async function waitForPruning(client: pg.PoolClient): Promise<void> {
  // Each portion of pruning holds it, and asks what is held while it does.
  await holdProjectors(client);
}

/** Does what needs that nothing is rebuilt, when it is so: a rebuild may go on here or in another process. */
export async function afterRebuilds<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RebuildBusyError)) throw error;
      await pause(BUSY_MS);
    }
  }
}
