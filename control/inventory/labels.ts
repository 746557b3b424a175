import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** Of these ids, those that lists of keys held elsewhere name, and what they call them. */
export async function heldLabels(
  platform: Pick<Platform, 'db'>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; label: string }>`
    SELECT DISTINCT ON (external_id) external_id AS id, label FROM held_key
     WHERE external_id = ANY(${[...ids]}) ORDER BY external_id, last_listed_at DESC`.execute(platform.db);
  return new Map(rows.map(({ id, label }) => [id, label]));
}
