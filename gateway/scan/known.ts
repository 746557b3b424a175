import { createHmac, hash } from 'node:crypto';
import type { ScanConfig } from '@drawbridge/protocol';
import type { KnownValues } from '@drawbridge/scan';

/** A canary has the form of any vendor's keys: every run of these lengths is compared. */
const CANARY_SHORTEST = 16;
const CANARY_LONGEST = 256;

/**
 * Secrets that the organisation keeps, as exact matches of their hashes: the vendors' credentials, and planted keys.
 * `canaries`: ids by SHA-256 in hexadecimal. Null where nothing is kept.
 */
export function knownValues(
  known: ScanConfig['known'],
  hashKey: Buffer,
  canaries: ReadonlyMap<string, string> | null,
): KnownValues | null {
  if (known.length === 0 && canaries === null) return null;
  const byHash = new Map(known.map(({ id, class: name, hash: kept }) => [kept, { id, class: name }]));
  const ownLengths = new Set(known.map(({ length }) => length));
  const lengths = new Set(ownLengths);
  if (canaries !== null) for (let at = CANARY_SHORTEST; at <= CANARY_LONGEST; at++) lengths.add(at);
  return {
    lengths,
    around: false,
    lookup(candidate) {
      if (ownLengths.has(candidate.length)) {
        const found = byHash.get(createHmac('sha256', hashKey).update(candidate).digest('base64url'));
        if (found !== undefined) return found;
      }
      const canary = canaries?.get(hash('sha256', candidate, 'hex'));
      return canary === undefined ? null : { id: `canary ${canary}`, class: 'secret.api_key' };
    },
  };
}
