import type { Platform } from '../platform/index.ts';
import { endOldSessions } from './sessions.ts';
import type { IdentityTables } from './tables.ts';
import { FORGOTTEN_MS } from './throttle.ts';

/** Ends sessions past their time, and forgets links, challenges and counted attempts that are over. */
export async function forgetWhatIsOver(platform: Platform): Promise<void> {
  await endOldSessions(platform);
  const now = platform.clock.now();
  const db = platform.db.withTables<IdentityTables>();
  await db.deleteFrom('invitation').where('expires_at', '<', new Date(now)).execute();
  await db.deleteFrom('answered_challenge').where('expires_at', '<', new Date(now)).execute();
  await db
    .deleteFrom('throttle')
    .where('last_at', '<', new Date(now - FORGOTTEN_MS))
    .where('blocked_until', '<', new Date(now))
    .execute();
}
