import { invalid, type Platform, readSetting, type Setting } from '../platform/index.ts';
import { type KeyLifetime, KeyLifetimeSchema } from './schemas.ts';

/** How long virtual keys live. A workload's has no end unless one is set: it would stop unasked; a person's own has one. */
export const keyLifetime: Setting<KeyLifetime> = {
  key: 'key_lifetime',
  schema: KeyLifetimeSchema,
  initial: {
    workload: { defaultDays: null, mostDays: null },
    person: { defaultDays: 30, mostDays: 90 },
  },
};

export const readLifetime = (platform: Platform): Promise<KeyLifetime> =>
  readSetting(platform.db, keyLifetime);

const DAY_MS = 24 * 3600_000;

/** How long one kind of keys lives. */
export type Lifetime = KeyLifetime['workload'];

/**
 * When a key ends. `given`: left out where nobody said; null: never. `now`: milliseconds since 1970. Throws Problem 422
 * for an end that is over, or later than is permitted.
 */
export function checkedExpiry(
  given: string | null | undefined,
  lifetime: Lifetime,
  now: number,
): Date | null {
  const { defaultDays, mostDays } = lifetime;
  if (given === undefined) {
    const days = defaultDays ?? mostDays;
    return days === null ? null : new Date(now + days * DAY_MS);
  }
  if (given === null) {
    if (mostDays === null) return null;
    throw invalid('expiresAt', `keys live for at most ${mostDays} days here; give this one an end`);
  }
  const at = new Date(given);
  if (at.getTime() <= now) throw invalid('expiresAt', 'lies in the past');
  if (mostDays !== null && at.getTime() > now + mostDays * DAY_MS) {
    throw invalid('expiresAt', `keys live for at most ${mostDays} days here; take an earlier end`);
  }
  return at;
}

/** When a key that follows another one ends: it lives as long as that was to live, and no longer than is permitted. */
export function expiryOfNext(
  before: { created_at: Date; expires_at: Date | null },
  { mostDays }: Lifetime,
  now: number,
): Date | null {
  const most = mostDays === null ? Number.POSITIVE_INFINITY : mostDays * DAY_MS;
  const span =
    before.expires_at === null
      ? Number.POSITIVE_INFINITY
      : before.expires_at.getTime() - before.created_at.getTime();
  const lives = Math.min(span, most);
  return lives === Number.POSITIVE_INFINITY ? null : new Date(now + lives);
}
