import { type By, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { TokenTables } from './tables.ts';

/**
 * Revokes these tokens in the caller's transaction, each that worked on record; answers which. Whether the caller may is
 * asked before: who shows the hash of a whole token has it.
 */
export async function revokeTokensIn(
  tx: Tx,
  platform: Platform,
  ids: readonly string[],
  by: By,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const revoked = await tx
    .withTables<TokenTables>()
    .updateTable('api_token')
    .set({ revoked_at: new Date(platform.clock.now()), revoked_by: by.actor.id })
    .where('id', 'in', ids)
    .where('revoked_at', 'is', null)
    .returning(['id', 'person'])
    .execute();
  for (const { id, person } of revoked) {
    await recordChange(tx, platform, {
      ...by,
      act: 'token.revoke',
      subject: { kind: 'token', id },
      detail: { person },
    });
  }
  return revoked.map(({ id }) => id);
}
