import type { By, Platform, Tx } from '../platform/index.ts';
import type { Edge } from './graph.ts';
import type { ListRow } from './lists/read.ts';
import { edgesOfPair, enterNames, insertEdge, lockChain, updateEdge } from './store.ts';
import type { ChainTables } from './tables.ts';

/** Beginning of `source` of edges that a vendor's list declares; the version follows. */
const SOURCE = 'List of sub-processors, version ';

/**
 * Makes the edges from a vendor what its list declares: begins those of rows that are matched, ends those that no row is any
 * more. Declared edges that people entered stay as they are. In the caller's transaction.
 *
 * @param targets vendors that the list's rows are, with a row of each
 */
export async function declareList(
  tx: Tx,
  platform: Platform,
  { vendor, version, asOf }: { vendor: string; version: number; asOf: Date },
  targets: ReadonlyMap<string, ListRow>,
): Promise<void> {
  await lockChain(tx);
  const open = await tx
    .withTables<ChainTables>()
    .selectFrom('chain_edge')
    .select(['id', 'to_vendor', 'first_seen_at', 'valid_from'])
    .where('from_vendor', '=', vendor)
    .where('layer', '=', 'declared')
    .where('source_kind', '=', 'list')
    .where('valid_until', 'is', null)
    .execute();
  for (const edge of open) {
    if (targets.has(edge.to_vendor)) continue;
    const begun = (edge.valid_from ?? edge.first_seen_at).getTime();
    // What is gone in a list of the very moment at which it began was there for that moment.
    const until = new Date(Math.max(asOf.getTime(), begun + 1));
    await tx
      .withTables<ChainTables>()
      .updateTable('chain_edge')
      .set({ valid_until: until })
      .where('id', '=', edge.id)
      .execute();
  }
  for (const [to, row] of targets) {
    if (to === vendor) continue;
    const there = await edgesOfPair(tx, { from: vendor, to, layer: 'declared' });
    const is = declared(vendor, to, version, asOf, row);
    const now = there.find(({ validUntil }) => validUntil === null);
    if (now === undefined) {
      const ended = Math.max(0, ...there.map(({ validUntil }) => validUntil?.getTime() ?? 0));
      const begins = ended > asOf.getTime() ? new Date(ended) : null;
      await insertEdge(tx, platform, { ...is, validFrom: begins });
    } else if (now.id !== null && now.source.kind === 'list') {
      const last = new Date(Math.max(now.lastSeenAt.getTime(), is.lastSeenAt.getTime()));
      const { source, conditionsText, note } = is;
      await updateEdge(tx, now.id, { ...now, source, conditionsText, note, lastSeenAt: last });
    }
  }
}

const declared = (from: string, to: string, version: number, asOf: Date, row: ListRow): Omit<Edge, 'id'> => ({
  from,
  to,
  layer: 'declared',
  scopes: [],
  source: { kind: 'list', text: `${SOURCE}${version}` },
  firstSeenAt: asOf,
  lastSeenAt: asOf,
  validFrom: null,
  validUntil: null,
  conditions: [],
  conditionsText: row.conditions === '' ? null : row.conditions.slice(0, 500),
  note:
    [row.purpose, row.location, row.data]
      .filter((text) => text !== '')
      .join(' · ')
      .slice(0, 1_000) || null,
});

/** Keeps what a person calls a vendor that no pack knows. */
export const nameTarget = (tx: Tx, id: string, name: string, by: By, at: Date): Promise<void> =>
  enterNames(tx, { [id]: name }, by.actor, at);
