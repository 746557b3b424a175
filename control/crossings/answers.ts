import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** What a vendor answered lately. */
export interface LatestAnswers {
  /** The last answer that was no refusal: below 400. */
  answeredAt: Date | null;
  /** The last 401 or 403, the last 429. */
  unauthorisedAt: Date | null;
  limitedAt: Date | null;
  /** All that went out and was answered. */
  answers: number;
  /** The last call that a budget held back. */
  heldBackAt: Date | null;
}

/** Of what went to a vendor in the time, and what was held back. */
export async function latestAnswers(
  { db }: Pick<Platform, 'db'>,
  vendor: string,
  from: Date,
  to: Date,
): Promise<LatestAnswers> {
  const found = await sql<LatestAnswers>`
    SELECT max(at) FILTER (WHERE status < 400) AS "answeredAt",
      max(at) FILTER (WHERE status IN (401, 403)) AS "unauthorisedAt",
      max(at) FILTER (WHERE status = 429) AS "limitedAt",
      count(*) FILTER (WHERE status IS NOT NULL)::integer AS answers,
      max(at) FILTER (WHERE reason = 'budget_exhausted') AS "heldBackAt"
    FROM (SELECT c.at, c.status, k.reason FROM crossing_kind k CROSS JOIN LATERAL (
        SELECT at, status FROM crossing WHERE kind = k.id AND at BETWEEN ${from} AND ${to}
        ORDER BY at DESC LIMIT 1000) c
      WHERE k.vendor = ${vendor} AND (k.decision = 'forwarded' OR k.reason = 'budget_exhausted')) AS lately`.execute(
    db,
  );
  return (
    found.rows[0] ?? { answeredAt: null, unauthorisedAt: null, limitedAt: null, answers: 0, heldBackAt: null }
  );
}
