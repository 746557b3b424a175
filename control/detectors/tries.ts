import { sql } from 'kysely';
import { type Actor, type Platform, Problem, recordChange } from '../platform/index.ts';

/** Who tries more guesses at what is registered, or has a program for it. */
const MOST = 60;
const WITHIN_MS = 3600_000;

/** Texts that people try: a text may be a guess at a registered secret or at a person in a list. */
export interface Tries {
  /**
   * Writes down that somebody tries a text, before it is looked at: never the text, and not what is found. Throws Problem
   * 429 `too_many_tries` after 60 within an hour.
   */
  take(actor: Actor): Promise<void>;
}

/** Tries are counted by what is written of them: by person, whatever tokens and sessions they use. */
export function createTries(platform: Platform): Tries {
  return {
    async take(actor) {
      const now = platform.clock.now();
      await platform.db.transaction().execute(async (tx) => {
        // Many at once are no way around: each waits for what is written of the one before it.
        await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`detector try ${actor.id}`}, 0))`.execute(
          tx,
        );
        const { rows } = await sql<{ at: Date }>`
          SELECT at FROM change WHERE subject_kind = 'detector_try' AND subject_id = ${actor.id}
             AND at > ${new Date(now - WITHIN_MS)} ORDER BY at DESC OFFSET ${MOST - 1} LIMIT 1`.execute(tx);
        const [earliest] = rows;
        if (earliest !== undefined) {
          throw new Problem(
            429,
            'too_many_tries',
            `You tried ${MOST} texts within an hour. Wait, or have the workbench of a connection run kept samples.`,
            undefined,
            { retryAfter: Math.max(1, Math.ceil((earliest.at.getTime() + WITHIN_MS - now) / 1000)) },
          );
        }
        await recordChange(tx, platform, {
          actor,
          reason: 'To see what is found in a text',
          act: 'detector.try',
          subject: { kind: 'detector_try', id: actor.id },
        });
      });
    },
  };
}
