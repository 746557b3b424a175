import { sql } from 'kysely';
import type { Allowance, Contracts } from '../connections/index.ts';
import { type By, type Platform, Problem, recordChange } from '../platform/index.ts';
import { findQueued, type QueuedName } from './queue.ts';

/** The keyed hash under which gateways send this name: checks what a person typed. */
export type ReviewHash = (name: string) => Promise<string>;

export interface Decision {
  decision: 'allow' | 'keep';
  /** Where the queue does not show the name: as somebody who knows it typed it. */
  name?: string | undefined;
  /** For properties and parameters. */
  class?: Allowance['class'];
  treatment?: Allowance['treatment'];
}

/**
 * Decides about a name: `keep` leaves the treatment as it is, `allow` puts the name into the connection's contract.
 * Either closes it. Throws a Problem: not found (or decided already), `name_not_known`, `name_differs`.
 */
export async function decide(
  platform: Platform,
  deps: { allowName: Contracts['allow']; reviewHash: ReviewHash },
  id: string,
  decision: Decision,
  by: By,
): Promise<void> {
  const queued = await findQueued(platform, id);
  if (decision.decision === 'allow') {
    // First the contract: killed in between, the name is still in the queue, and allowing it again changes nothing.
    const { class: fieldClass, treatment } = decision;
    const name = await nameOf(queued, decision, deps.reviewHash);
    await deps.allowName(
      queued.key.connection,
      { kind: queued.key.kind, name, class: fieldClass, treatment },
      by,
    );
  }
  await close(platform, queued, decision.decision, by);
  platform.events.publish('review');
}

async function nameOf(queued: QueuedName, decision: Decision, reviewHash: ReviewHash): Promise<string> {
  if (decision.name === undefined) {
    if (queued.name !== null) return queued.name;
    const message =
      'The name is not shown yet: fewer than five subjects have sent it. Type it in to allow it.';
    throw new Problem(422, 'name_not_known', message, [{ field: 'name', message }]);
  }
  if ((await reviewHash(decision.name)) === queued.key.hash) return decision.name;
  const message = 'This is not the name that was seen. Check spelling and upper and lower case.';
  throw new Problem(422, 'name_differs', message, [{ field: 'name', message }]);
}

async function close(
  platform: Platform,
  queued: QueuedName,
  decision: Decision['decision'],
  by: By,
): Promise<void> {
  const { connection, kind, hash } = queued.key;
  await platform.db.transaction().execute(async (tx) => {
    await sql`INSERT INTO review_decision (connection, kind, hash, decision, decided_at, decided_by, reason)
      VALUES (${connection}, ${kind}, ${hash}, ${decision}, ${new Date(platform.clock.now())}, ${by.actor.id}, ${by.reason})
      ON CONFLICT DO NOTHING`.execute(tx);
    await recordChange(tx, platform, {
      actor: by.actor,
      reason: by.reason,
      act: `review.${decision}`,
      subject: { kind: 'connection', id: connection },
      detail: { kind, hash },
    });
  });
}
