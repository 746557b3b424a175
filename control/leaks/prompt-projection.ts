import type { Leaf } from '@drawbridge/protocol';
import type { Projection } from '../crossings/index.ts';

const KEPT = /^(virtual_key|credential):(.+)$/;

interface Seen {
  kind: string;
  about: string;
  app: string;
  connection: string;
  crossings: number;
  first: number;
  last: number;
  crossing: string;
}

/** Planted keys have their own projection, with an alarm of its own. */
function* seenIn(leaf: Leaf): Generator<Seen> {
  for (const kept of new Set(leaf.kept)) {
    const [, kind, about] = KEPT.exec(kept) ?? [];
    if (kind === undefined || about === undefined) continue;
    const { app, connection, at, id } = leaf;
    yield { kind, about, app, connection, crossings: 1, first: at, last: at, crossing: id.toLowerCase() };
  }
}

/**
 * Kept keys that gateways found in requests, by app and connection. An id here may be of no key that there is: gateways know
 * a virtual key by its checksum, and who reads the rows asks which exist. What an app shows as its own key is not looked through.
 */
export const promptLeakProjection: Projection = {
  name: 'prompt_leaks',
  tables: ['prompt_leak'],
  topic: 'leaks',
  async apply(client, entries) {
    const rows = new Map<string, Seen>();
    for (const { entry } of entries) {
      if (entry.type !== 'crossing' || entry.kept === undefined) continue;
      for (const seen of seenIn(entry)) {
        const key = JSON.stringify([seen.kind, seen.about, seen.app, seen.connection]);
        const there = rows.get(key);
        rows.set(key, there === undefined ? seen : joined(there, seen));
      }
    }
    if (rows.size === 0) return false;
    await client.query(
      `INSERT INTO prompt_leak (kind, about, app, connection, crossings, first_at, last_at, crossing)
        SELECT kind, about, app, connection, crossings, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0), crossing
        FROM jsonb_to_recordset($1::jsonb) AS s (kind text, about text, app text, connection text, crossings bigint,
          first float8, last float8, crossing uuid)
        ON CONFLICT (kind, about, app, connection) DO UPDATE SET
          crossings = prompt_leak.crossings + excluded.crossings,
          first_at = least(prompt_leak.first_at, excluded.first_at),
          last_at = greatest(prompt_leak.last_at, excluded.last_at),
          crossing = CASE WHEN (excluded.last_at, excluded.crossing) > (prompt_leak.last_at, prompt_leak.crossing)
            THEN excluded.crossing ELSE prompt_leak.crossing END`,
      [JSON.stringify([...rows.values()])],
    );
    return true;
  },
};

/** The later one's crossing stands, of two at once the greater id's: whatever order they come in. */
function joined(a: Seen, b: Seen): Seen {
  const later = a.last > b.last || (a.last === b.last && a.crossing > b.crossing) ? a : b;
  return {
    ...later,
    crossings: a.crossings + b.crossings,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
  };
}
