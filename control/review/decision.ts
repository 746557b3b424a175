import type { FieldClassSchema, treatmentNames } from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { type Actor, type Platform, Problem, recordChange } from '../platform/index.ts';
import { findQueued, type QueuedName } from './queue.ts';

type FieldClassName = z.infer<typeof FieldClassSchema>;
type TreatmentChoice = (typeof treatmentNames)[number];

/** Makes a new contract version that allows a name. Owned by the connections capability. */
export type AllowName = (
  connectionId: string,
  allowed: {
    kind: 'event_name' | 'property';
    name: string;
    class?: FieldClassName;
    treatment?: TreatmentChoice;
  },
  actor: Actor,
  reason: string,
) => Promise<unknown>;

/** The keyed hash under which gateways send this name: checks what a person typed. */
export type ReviewHash = (name: string) => Promise<string>;

export interface Decision {
  decision: 'allow' | 'keep';
  /** Where the queue does not show the name: as somebody who knows it typed it. */
  name?: string | undefined;
  class?: FieldClassName | undefined;
  treatment?: TreatmentChoice | undefined;
}

/**
 * Decides about a name: `keep` leaves the treatment as it is, `allow` puts the name into the connection's contract.
 * Either closes it. Throws a Problem: not found (or decided already), `name_not_known`, `name_differs`.
 */
export async function decide(
  platform: Platform,
  deps: { allowName: AllowName; reviewHash: ReviewHash },
  id: string,
  decision: Decision,
  by: { actor: Actor; reason: string },
): Promise<void> {
  const queued = await findQueued(platform, id);
  if (decision.decision === 'allow') {
    // First the contract: killed in between, the name is still in the queue, and allowing it again changes nothing.
    await deps.allowName(
      queued.key.connection,
      {
        kind: queued.key.kind === 'property' || queued.key.kind === 'parameter' ? 'property' : 'event_name',
        name: await nameOf(queued, decision, deps.reviewHash),
        ...(decision.class === undefined ? {} : { class: decision.class }),
        ...(decision.treatment === undefined ? {} : { treatment: decision.treatment }),
      },
      by.actor,
      by.reason,
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
  by: { actor: Actor; reason: string },
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
