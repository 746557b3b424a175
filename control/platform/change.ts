import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, newId, type Random } from './clock.ts';
import type { Tx } from './database.ts';
import type { Actor } from './http.ts';
import { markDone } from './idempotency.ts';

/** What is written of a change. The database adds its place in their order, and the log its index. */
export interface ChangeTable {
  id: string;
  at: Date;
  actor: string;
  reason: string;
  act: string;
  subject_kind: string;
  subject_id: string;
  detail: string;
  /** 32 random bytes, without which the log's entry says nothing of who, why and what in detail. */
  salt: Buffer;
}

/** Who writes, and why: said at every write. */
export interface By {
  actor: Actor;
  reason: string;
}

/** The program itself, where starting it changes something. */
export const launcher: Actor = { id: 'system:launcher', name: 'The launcher' };

/** Who did what to what, and why. `detail` holds no secret. */
export interface Change extends By {
  /** What was done: `connection.create`, `key.revoke`. */
  act: string;
  subject: { kind: string; id: string };
  detail?: Record<string, unknown>;
}

const made = new AsyncLocalStorage<Set<string>>();

/** Does the work and returns the ids of the changes that were written in it, also of those that were rolled back. */
export async function collectChanges(work: () => Promise<void>): Promise<string[]> {
  const ids = new Set<string>();
  await made.run(ids, work);
  return [...ids];
}

/**
 * Writes a change in the transaction that makes it, and marks the request that asked for it as done. The row is also the
 * intent to put it into the control plane's log.
 */
export async function recordChange(
  tx: Tx,
  at: { clock: Clock; random: Random },
  change: Change,
): Promise<void> {
  const id = newId(at.clock, at.random);
  await tx
    .withTables<{ change: ChangeTable }>()
    .insertInto('change')
    .values({
      id,
      at: new Date(at.clock.now()),
      actor: change.actor.id,
      reason: change.reason,
      act: change.act,
      subject_kind: change.subject.kind,
      subject_id: change.subject.id,
      detail: JSON.stringify({
        ...change.detail,
        ...(change.actor.via === undefined ? {} : { via: change.actor.via }),
      }),
      salt: at.random.bytes(32),
    })
    .execute();
  made.getStore()?.add(id);
  await markDone(tx);
}
