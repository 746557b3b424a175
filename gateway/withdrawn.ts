import { admitKey, isOver } from './admit/index.ts';
import { keyExpired } from './authenticate/index.ts';
import type { LiveConnection } from './crossing.ts';
import { Refusal } from './refusal/index.ts';
import type { Live } from './snapshot/index.ts';
import type { Known } from './walk-records.ts';

/** Crossings under way whose key or vendor is withdrawn meanwhile: they are ended, not run to their end. */

/** A crossing under way, from when its key is known. */
export interface UnderWay {
  connection: LiveConnection;
  origin: string | undefined;
  known: Known | null;
  /** Why it is to end; null: it may go on. */
  cut: Refusal | null;
  /** Ends the answer that is running; null: none is. */
  relay: { cut(refusal: Refusal): void } | null;
}

/**
 * Why a crossing may not go on under what is in force now; null: it may. `now`: milliseconds since 1970. What it asked for
 * (its model, the place of its key) is not gone through again.
 */
export function withdrawnFrom(
  { connection, origin, known }: UnderWay,
  live: Live,
  now: number,
): Refusal | null {
  if (known === null) return null;
  const key = live.keys.get(known.key.config.id);
  if (key === undefined || !key.hash.equals(known.key.hash)) {
    return new Refusal(
      'key_unknown',
      'forward',
      'This virtual key was revoked while the request was under way.',
    );
  }
  if (key.config.expires_at !== null && key.config.expires_at <= now) return keyExpired('forward');
  const { id, slug } = connection.config;
  const present = live.connections.get(slug);
  if (present === undefined || present.config.id !== id || present.config.state === 'severed') {
    return new Refusal(
      'connection_severed',
      'forward',
      'This vendor was cut off while the request was under way: nothing crosses to it until the connection is opened again in Drawbridge.',
    );
  }
  if (present.config.withheld !== undefined || isOver(present, now)) {
    return new Refusal(
      'connection_withheld',
      'forward',
      'This connection was closed while the request was under way: what its tier asks for does not hold. Its page in Drawbridge shows what is missing.',
    );
  }
  try {
    admitKey({ key, connection: present, endpoint: known.endpoint, origin, address: known.address });
    return null;
  } catch (cause) {
    if (cause instanceof Refusal) return cause;
    throw cause;
  }
}

/** Ends all crossings that may not go on. Returns how many. */
export function cutOff(underWay: Iterable<UnderWay>, live: Live, now: number): number {
  let count = 0;
  for (const crossing of underWay) {
    if (crossing.cut !== null) continue;
    crossing.cut = withdrawnFrom(crossing, live, now);
    if (crossing.cut === null) continue;
    count += 1;
    crossing.relay?.cut(crossing.cut);
  }
  return count;
}
