import type { Leaf } from '@drawbridge/protocol';
import type { Projection } from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';

/** What stands in a record in the place of an app, where a planted key was shown. */
const APP = 'canary';

const KEPT = 'canary:';

/** The planted key that a record speaks of: one that was shown, or the first that was found in what an app sent. */
function canaryOf(leaf: Leaf): string | null {
  if (leaf.app === APP && leaf.reason === 'canary_used') return leaf.key;
  return leaf.kept?.find((known) => known.startsWith(KEPT))?.slice(KEPT.length) ?? null;
}

/** The uses of planted keys, as the journals hold them: certain, and without where they came from. */
export const canaryProjection: Projection = {
  name: 'canaries',
  tables: ['canary_use'],
  topic: 'canaries',
  async apply(client, entries) {
    const uses = entries.flatMap(({ log, index, entry }) => {
      const canary = entry.type === 'crossing' ? canaryOf(entry) : null;
      return entry.type !== 'crossing' || canary === null ? [] : [{ log, index, leaf: entry, canary }];
    });
    if (uses.length === 0) return false;
    await client.query(
      `INSERT INTO canary_use (log, idx, crossing, canary, at, connection, endpoint)
        SELECT log, idx, crossing, canary, to_timestamp(at / 1000.0), connection, endpoint
        FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::text[], $5::float8[], $6::text[], $7::text[])
          AS u (log, idx, crossing, canary, at, connection, endpoint)`,
      [
        plainArray(uses.map(({ log }) => log)),
        plainArray(uses.map(({ index }) => index)),
        plainArray(uses.map(({ leaf }) => leaf.id)),
        uses.map(({ canary }) => canary),
        plainArray(uses.map(({ leaf }) => leaf.at)),
        uses.map(({ leaf }) => leaf.connection),
        uses.map(({ leaf }) => leaf.endpoint),
      ],
    );
    return true;
  },
};
