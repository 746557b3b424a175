import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** A workload that is let in, and may use a connection to a vendor. */
export interface WorkloadReaching {
  id: string;
  name: string;
  app: string;
  vendor: string;
  /** Of the issuer's tokens: `repo:octo-org/app:ref:refs/heads/main`. */
  subject: string;
  /** When it last exchanged a token for a key; null: never. */
  lastUsedAt: Date | null;
  /** Whether its keys open connections to this vendor alone. */
  alone: boolean;
  /** When a key of it was last seen to send something to the vendor; null: no key that is still known was. */
  seenAt: Date | null;
}

/** Which workloads may reach vendors, and which were seen to. Keys of workloads are known until a day after they expired. */
export async function workloadsReaching(
  { db }: Pick<Platform, 'db'>,
  vendors: readonly string[],
): Promise<WorkloadReaching[]> {
  if (vendors.length === 0) return [];
  const { rows } = await sql<WorkloadReaching>`
    SELECT t.id, t.name, t.app, c.vendor, t.subject, t.last_used_at AS "lastUsedAt",
      (SELECT count(DISTINCT a.vendor) = 1 FROM connection a WHERE a.id = ANY(t.connections)) AS alone,
      (SELECT max(d.last_at) FROM virtual_key v
        JOIN crossing_kind k ON k.key = v.id AND k.vendor = c.vendor AND k.decision = 'forwarded'
        JOIN crossing_day d ON d.kind = k.id WHERE v.workload = t.id) AS "seenAt"
    FROM workload_trust t JOIN connection c ON c.id = ANY(t.connections)
    WHERE t.removed_at IS NULL AND c.vendor = ANY(${[...vendors]}::text[])
    GROUP BY t.id, c.vendor ORDER BY t.name, t.id, c.vendor`.execute(db);
  return rows;
}
