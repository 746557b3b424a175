import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** A key that a list of keys held elsewhere names, and that has to do with a vendor. */
export interface HeldKeyOf {
  id: string;
  label: string;
  kind: string;
  source: string;
  owner: string | null;
  lastUsedAt: Date | null;
}

const MOST = 100;
/** Shorter names stand in too many labels. */
const SHORTEST_NAME = 4;

/** Keys that can be used whose label has the vendor's name: such as a deploy key that was made for it. */
export async function heldKeysNaming({ db }: Pick<Platform, 'db'>, name: string): Promise<HeldKeyOf[]> {
  if (name.length < SHORTEST_NAME) return [];
  const { rows } = await sql<HeldKeyOf>`
    SELECT id, label, kind, source, owner, last_used_at AS "lastUsedAt" FROM held_key
     WHERE active AND gone_at IS NULL AND position(lower(${name}) IN lower(label)) > 0
     ORDER BY label, id LIMIT ${MOST}`.execute(db);
  return rows;
}
