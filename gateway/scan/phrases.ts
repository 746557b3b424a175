import { phraseHasherOf, phraseTable, type ScanConfig } from '@drawbridge/protocol';
import type { KnownPhrases } from '@drawbridge/scan';

/** Words that the organisation registered; null where there are none. Throws RangeError for what was not packed so. */
export function knownPhrasesOf(
  lists: NonNullable<ScanConfig['phrases']>,
  hashKey: Uint8Array,
): KnownPhrases | null {
  return lists.length === 0 ? null : phraseTable(lists, phraseHasherOf(hashKey));
}
