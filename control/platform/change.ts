import { type Clock, newId, type Random } from './clock.ts';
import type { Tx } from './database.ts';
import type { Actor } from './http.ts';
import { markDone } from './idempotency.ts';

export interface ChangeTable {
  id: string;
  at: Date;
  actor: string;
  reason: string;
  act: string;
  subject_kind: string;
  subject_id: string;
  detail: string;
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

/** Writes a change in the transaction that makes it, and marks the request that asked for it as done. */
export async function recordChange(
  tx: Tx,
  at: { clock: Clock; random: Random },
  change: Change,
): Promise<void> {
  await tx
    .withTables<{ change: ChangeTable }>()
    .insertInto('change')
    .values({
      id: newId(at.clock, at.random),
      at: new Date(at.clock.now()),
      actor: change.actor.id,
      reason: change.reason,
      act: change.act,
      subject_kind: change.subject.kind,
      subject_id: change.subject.id,
      detail: JSON.stringify(change.detail ?? {}),
    })
    .execute();
  await markDone(tx);
}
