import type { Leaf, PayloadItem } from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import { type CrossingRow, latestForwarded } from './query.ts';
import type { Shapes } from './schemas.ts';

/** How much is looked at: what crossed lately, not a census. The work is bounded whatever apps send. */
const MOST_CROSSINGS = 200;
const MOST_ITEMS = 2000;
const MOST_ITEMS_OF_ONE = 100;
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_FIELDS = 600;

/** What may be shown of a name that no rule of the pack maps. */
export interface ShownName {
  /** Null: hidden. */
  name: string | null;
  /** It waits in the review queue. */
  waiting: boolean;
}

/** Gives names to review hashes, where they may be shown. A hash that is not in the answer stays one. */
export type ShowNames = (
  connection: string,
  hashes: readonly string[],
) => Promise<ReadonlyMap<string, ShownName>>;

type Field = Shapes['endpoints'][number]['fields'][number];

interface Seen extends Omit<Field, 'name' | 'waiting' | 'firstSeenAt' | 'lastSeenAt'> {
  first: Date;
  last: Date;
  /** The crossing that was counted last. */
  counted: CrossingRow;
}

/** Where what crossed lately of a connection stood in requests, and what was done with it. Never a value. */
export async function shapesOf(
  platform: Platform,
  connection: string,
  showNames: ShowNames,
): Promise<Shapes> {
  const crossings = withinBounds(await latestForwarded(platform, connection, MOST_CROSSINGS));
  const stored = await itemsOf(platform, crossings);
  const counts = { read: 0, erased: 0, missing: 0, unread: 0 };
  const endpoints = new Map<string, { class: string; crossings: number; fields: Map<string, Seen> }>();
  for (const [n, { row, leaf }] of crossings.entries()) {
    const items = stored.get(n) ?? [];
    const endpoint = endpoints.get(row.endpoint) ?? { class: row.class, crossings: 0, fields: new Map() };
    endpoints.set(row.endpoint, endpoint);
    endpoint.crossings += 1;
    if (items.length === 0) counts.missing += leaf.items;
    else counts.unread += Math.max(0, leaf.items - items.length);
    for (const { erased, text } of items) {
      if (erased) counts.erased += 1;
      else if (text === null) counts.unread += 1;
      else {
        counts.read += 1;
        addItem(endpoint.fields, JSON.parse(text), row);
      }
    }
  }
  const all = [...endpoints].flatMap(([endpoint, { fields }]) =>
    [...fields.values()].map((field) => ({ endpoint, field })),
  );
  const kept = all.toSorted((a, b) => b.field.crossings - a.field.crossings).slice(0, MOST_FIELDS);
  const shown = await showNames(connection, hashesIn(kept.map(({ field }) => field)));
  const keptOf = Map.groupBy(kept, ({ endpoint }) => endpoint);
  return {
    crossings: crossings.length,
    limit: MOST_CROSSINGS,
    since: crossings.at(-1)?.row.at.toISOString() ?? null,
    latest: crossings[0]?.row.at.toISOString() ?? null,
    lifted: crossings.filter(({ leaf }) => (leaf.mode ?? 'enforce') !== 'enforce').length,
    items: counts,
    leftOff: all.length - kept.length,
    endpoints: [...endpoints].map(([endpoint, { class: ofEndpoint, crossings: times }]) => ({
      endpoint,
      class: ofEndpoint,
      crossings: times,
      fields: (keptOf.get(endpoint) ?? []).map(({ field }) => toField(field, shown)),
    })),
  };
}

interface Looked {
  row: CrossingRow;
  leaf: Leaf;
}

/** As many of the newest as have no more items than are read. */
function withinBounds(rows: readonly CrossingRow[]): Looked[] {
  const looked: Looked[] = [];
  let items = 0;
  for (const row of rows) {
    const leaf: Leaf = JSON.parse(row.leaf);
    items += Math.min(leaf.items, MOST_ITEMS_OF_ONE);
    if (items > MOST_ITEMS) break;
    looked.push({ row, leaf });
  }
  return looked;
}

interface StoredItem {
  erased: boolean;
  /** Null also where it would be too much to read. */
  text: string | null;
}

/** The items, by the place of their crossing in the list. */
async function itemsOf(platform: Platform, crossings: readonly Looked[]): Promise<Map<number, StoredItem[]>> {
  const found = await sql<StoredItem & { n: number }>`
    SELECT n::int, bytes IS NULL AS erased,
      CASE WHEN size <= ${MOST_BYTES}::bigint THEN convert_from(bytes, 'UTF8') END AS text
    FROM (
      SELECT wanted.n - 1 AS n, one.item, one.bytes,
        sum(coalesce(octet_length(one.bytes), 0)) OVER (ORDER BY wanted.n, one.item) AS size
      FROM unnest(${crossings.map(({ row }) => row.log)}::int[], ${crossings.map(({ row }) => row.idx)}::bigint[])
        WITH ORDINALITY AS wanted (log, idx, n)
      CROSS JOIN LATERAL (
        SELECT item, coalesce(bytes, remainder) AS bytes FROM payload_item
        WHERE log = wanted.log AND idx = wanted.idx
        ORDER BY item LIMIT ${MOST_ITEMS_OF_ONE}) AS one) AS items
    ORDER BY n, item`.execute(platform.db);
  return Map.groupBy(found.rows, ({ n }) => n);
}

/** Crossings come newest first, one after the other. */
function addItem(fields: Map<string, Seen>, item: PayloadItem, row: CrossingRow): void {
  for (const [path, fieldClass, treatment, shape, values] of item.f) {
    const key = `${fieldClass} ${treatment} ${shape} ${path}`;
    const seen = fields.get(key);
    if (seen === undefined) {
      const at = { first: row.at, last: row.at, counted: row };
      fields.set(key, { path, class: fieldClass, shape, treatment, crossings: 1, values, ...at });
      continue;
    }
    seen.values += values;
    seen.first = row.at;
    if (seen.counted !== row) seen.crossings += 1;
    seen.counted = row;
  }
}

const hashOf = (path: string): string | null => (/^#./.test(path) ? path.slice(1) : null);

function hashesIn(fields: readonly Seen[]): string[] {
  return [...new Set(fields.map(({ path }) => hashOf(path)).filter((hash) => hash !== null))];
}

function toField(seen: Seen, shown: ReadonlyMap<string, ShownName>): Field {
  const { first, last, counted: _counted, ...field } = seen;
  const known = shown.get(hashOf(field.path) ?? '');
  return {
    ...field,
    name: known?.name ?? null,
    waiting: known?.waiting ?? false,
    firstSeenAt: first.toISOString(),
    lastSeenAt: last.toISOString(),
  };
}
