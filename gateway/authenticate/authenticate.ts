import { hash, timingSafeEqual } from 'node:crypto';
import { type Stage, virtualKeyId } from '@drawbridge/protocol';
import type { FoundKey, LiveKey } from '../crossing.ts';
import { Refusal } from '../refusal/index.ts';

/** `dbk_` and sixteen characters. */
const ID_START = 4;
const ID_END = 20;

/** Compared with when the id is unknown, so that known and unknown ids cost the same time. No key hashes to it. */
const nobody = Buffer.alloc(32);
/** Holds the hash of the key at hand: a one-shot hash into text is the cheapest there is, and is compared as bytes. */
const given = Buffer.alloc(32);

/**
 * The virtual key that a request holds. The same key in several places counts as one; two different keys refuse the
 * whole request. `now`: milliseconds since 1970. Throws Refusal `key_missing`, `key_mixed`, `key_unknown`,
 * `key_expired`; no message holds the key or its id.
 */
export function authenticate(
  found: readonly FoundKey[],
  keys: ReadonlyMap<string, LiveKey>,
  now: number,
): LiveKey {
  const [first] = found;
  if (first === undefined) {
    throw new Refusal(
      'key_missing',
      'authenticate',
      "No key came with the request. Put a Drawbridge virtual key (dbk_…) where the vendor's SDK puts its API key.",
    );
  }
  for (const other of found) {
    if (other.key === first.key) continue;
    throw new Refusal(
      'key_mixed',
      'authenticate',
      'The request holds two different keys. Send the parts that belong to one key in one request.',
    );
  }
  // The id stands where `formVirtualKey` puts it; whether the rest is well formed, the hash answers too.
  const live = keys.get(first.key.slice(ID_START, ID_END));
  given.write(hash('sha256', first.key, 'hex'), 'hex');
  const matches = timingSafeEqual(given, live?.hash ?? nobody);
  if (live === undefined || !matches) throw unknown(virtualKeyId(first.key));
  if (live.config.expires_at !== null && live.config.expires_at <= now) throw keyExpired('authenticate');
  return live;
}

export function keyExpired(stage: Stage): Refusal {
  return new Refusal(
    'key_expired',
    stage,
    'This virtual key has expired. Ask the owner of the app in Drawbridge for a new one.',
  );
}

function unknown(id: string | null): Refusal {
  return new Refusal(
    'key_unknown',
    'authenticate',
    id === null
      ? 'The key is not a Drawbridge virtual key, or was not copied whole. It begins with dbk_ and has 80 characters.'
      : 'This virtual key is not known here: it was revoked, or belongs to another gateway.',
  );
}
