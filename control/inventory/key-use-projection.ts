import type { Leaf } from '@drawbridge/protocol';
import type { Projection } from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';

/** Stands for the model of a crossing that asks for none: `''` is one that the record does not name. */
export const NO_MODEL = '-';

const running = new Set(['inference', 'embedding']);

/** As the gateway decides it: what only reads or deletes runs no model. */
function modelIn({ model, class: endpointClass, method }: Leaf): string {
  if (model !== undefined) return model;
  return running.has(endpointClass) && method !== 'GET' && method !== 'DELETE' ? '' : NO_MODEL;
}

interface Sum {
  leaf: Leaf;
  day: string;
  model: string;
  crossings: number;
  last: number;
}

/** What each virtual key was used for, by day: what least privilege is measured by. */
export const keyUseProjection: Projection = {
  name: 'key_use',
  tables: ['key_use_day'],
  topic: 'keys',
  async apply(client, entries) {
    const sums = new Map<string, Sum>();
    for (const { entry: leaf } of entries) {
      if (leaf.type !== 'crossing' || leaf.reason === 'canary_used') continue;
      const day = new Date(leaf.at).toISOString().slice(0, 10);
      const model = modelIn(leaf);
      const name = JSON.stringify([
        leaf.key,
        day,
        leaf.connection,
        leaf.class,
        model,
        leaf.network,
        leaf.decision,
      ]);
      const sum = sums.get(name);
      if (sum === undefined) sums.set(name, { leaf, day, model, crossings: 1, last: leaf.at });
      else {
        sum.crossings += 1;
        sum.last = Math.max(sum.last, leaf.at);
      }
    }
    if (sums.size === 0) return false;
    const rows = [...sums.values()];
    await client.query(
      `INSERT INTO key_use_day (key, day, app, connection, class, model, network, decision, crossings, last_at)
        SELECT key, day, app, connection, class, model, network, decision, crossings, to_timestamp(last / 1000.0)
        FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
          $9::bigint[], $10::float8[])
          AS u (key, day, app, connection, class, model, network, decision, crossings, last)
        ON CONFLICT (key, day, connection, class, model, network, decision) DO UPDATE SET
          crossings = key_use_day.crossings + excluded.crossings,
          last_at = greatest(key_use_day.last_at, excluded.last_at)`,
      [
        rows.map(({ leaf }) => leaf.key),
        plainArray(rows.map(({ day }) => day)),
        rows.map(({ leaf }) => leaf.app),
        rows.map(({ leaf }) => leaf.connection),
        rows.map(({ leaf }) => leaf.class),
        rows.map(({ model }) => model),
        rows.map(({ leaf }) => leaf.network ?? ''),
        rows.map(({ leaf }) => leaf.decision),
        plainArray(rows.map(({ crossings }) => crossings)),
        plainArray(rows.map(({ last }) => last)),
      ],
    );
    // Pages of keys need not be drawn anew for each crossing.
    return false;
  },
};
