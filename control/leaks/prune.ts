import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

const DAY_MS = 24 * 3600_000;
/** How long a place is kept that is gone, and a run that is over. */
const KEPT_DAYS = 365;
/** Of each source its latest runs are kept, however old. */
const LATEST_RUNS = 20;
/** In one go, so that no report waits for long. */
const MOST_AT_ONCE = 10_000;
const EVERY_MS = 3600_000;

/**
 * Removes places that are gone for a year, then leaks of unknown keys that lie nowhere any more and that nobody decided on,
 * then runs that ended a year ago and that no place names. Leaks that were decided stay, and so do those of keys of ours.
 */
export async function pruneScans(
  platform: Platform,
): Promise<{ places: number; leaks: number; runs: number }> {
  const before = new Date(platform.clock.now() - KEPT_DAYS * DAY_MS);
  return platform.db.transaction().execute(async (tx) => {
    const places = await sql`
      DELETE FROM leak_place WHERE (leak, place) IN (
        SELECT p.leak, p.place FROM leak_place p JOIN scan_run r ON r.id = p.gone_run
         WHERE r.ended_at < ${before} LIMIT ${MOST_AT_ONCE} FOR UPDATE OF p SKIP LOCKED)`.execute(tx);
    const leaks = await sql`
      DELETE FROM leak WHERE id IN (
        SELECT l.id FROM leak l WHERE l.kind = 'unknown' AND l.state_at IS NULL AND l.last_at < ${before}
           AND NOT EXISTS (SELECT FROM leak_place p WHERE p.leak = l.id)
         LIMIT ${MOST_AT_ONCE} FOR UPDATE OF l SKIP LOCKED)`.execute(tx);
    const runs = await sql`
      DELETE FROM scan_run WHERE id IN (
        SELECT r.id FROM scan_run r JOIN scan_source s ON s.id = r.source
         WHERE r.ended_at < ${before} AND r.number <= s.runs - ${LATEST_RUNS}
           AND NOT EXISTS (SELECT FROM leak_place p WHERE p.first_run = r.id)
           AND NOT EXISTS (SELECT FROM leak_place p WHERE p.last_run = r.id)
           AND NOT EXISTS (SELECT FROM leak_place p WHERE p.gone_run = r.id)
         LIMIT ${MOST_AT_ONCE})`.execute(tx);
    return {
      places: Number(places.numAffectedRows ?? 0),
      leaks: Number(leaks.numAffectedRows ?? 0),
      runs: Number(runs.numAffectedRows ?? 0),
    };
  });
}

/** Prunes once an hour. */
export function watchOldScans(platform: Platform): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const prune = (): void => {
    running = running
      .then(() => pruneScans(platform))
      .catch((error: unknown) =>
        platform.log.warn({ err: error }, 'could not remove old runs of scans; it is tried again in an hour'),
      );
  };
  const timer = setInterval(prune, EVERY_MS);
  prune();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
