import { sql } from 'kysely';
import { type Db, newId, type Platform, type Tx } from '../platform/index.ts';
import type { Edge } from './graph.ts';
import type { ChainTables } from './tables.ts';

type Row = {
  [Column in keyof ChainTables['chain_edge']]: ChainTables['chain_edge'][Column];
};
type EdgeRow = Omit<Row, 'conditions'> & { conditions: Edge['conditions'] };

/** Every stored edge, ended ones too. */
export async function readEdges({ db }: { db: Db | Tx }): Promise<Edge[]> {
  const rows = await db
    .withTables<ChainTables>()
    .selectFrom('chain_edge')
    .selectAll()
    .orderBy('id')
    .execute();
  return rows.map(edgeOf);
}

export const edgeOf = (row: EdgeRow): Edge => ({
  id: row.id,
  from: row.from_vendor,
  to: row.to_vendor,
  layer: row.layer,
  scopes: row.scopes,
  source: { kind: row.source_kind, text: row.source },
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
  validFrom: row.valid_from,
  validUntil: row.valid_until,
  conditions: row.conditions,
  conditionsText: row.conditions_text,
  note: row.note,
});

/** One writer of edges at a time: whether two overlap is looked up before one is written. */
export const lockChain = (tx: Tx): Promise<unknown> =>
  sql`SELECT pg_advisory_xact_lock(hashtext('drawbridge chain'))`.execute(tx);

/** Those of one pair and layer, locked with the chain. */
export async function edgesOfPair(
  tx: Tx,
  { from, to, layer }: Pick<Edge, 'from' | 'to' | 'layer'>,
): Promise<Edge[]> {
  const rows = await tx
    .withTables<ChainTables>()
    .selectFrom('chain_edge')
    .selectAll()
    .where('from_vendor', '=', from)
    .where('to_vendor', '=', to)
    .where('layer', '=', layer)
    .execute();
  return rows.map(edgeOf);
}

export async function findEdge(tx: Tx, id: string): Promise<Edge | undefined> {
  const row = await tx
    .withTables<ChainTables>()
    .selectFrom('chain_edge')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : edgeOf(row);
}

/** Writes a new one, with an id of its own, which it returns. */
export async function insertEdge(
  tx: Tx,
  platform: Pick<Platform, 'clock' | 'random'>,
  edge: Omit<Edge, 'id'>,
): Promise<string> {
  const row = rowOf(platform, edge);
  await tx.withTables<ChainTables>().insertInto('chain_edge').values(row).execute();
  return row.id;
}

const ROWS_AT_ONCE = 1_000;

/** Writes many new ones. */
export async function insertEdges(
  tx: Tx,
  platform: Pick<Platform, 'clock' | 'random'>,
  edges: readonly Omit<Edge, 'id'>[],
): Promise<void> {
  const rows = edges.map((edge) => rowOf(platform, edge));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const some = rows.slice(start, start + ROWS_AT_ONCE);
    await tx.withTables<ChainTables>().insertInto('chain_edge').values(some).execute();
  }
}

const rowOf = (platform: Pick<Platform, 'clock' | 'random'>, edge: Omit<Edge, 'id'>) => ({
  id: newId(platform.clock, platform.random),
  from_vendor: edge.from,
  to_vendor: edge.to,
  layer: edge.layer,
  first_seen_at: edge.firstSeenAt,
  ...changeable(edge),
});

export async function updateEdge(tx: Tx, id: string, edge: Omit<Edge, 'id'>): Promise<void> {
  await tx
    .withTables<ChainTables>()
    .updateTable('chain_edge')
    .set(changeable(edge))
    .where('id', '=', id)
    .execute();
}

const changeable = (edge: Omit<Edge, 'id'>) => ({
  scopes: [...edge.scopes],
  source_kind: edge.source.kind,
  source: edge.source.text,
  last_seen_at: edge.lastSeenAt,
  valid_from: edge.validFrom,
  valid_until: edge.validUntil,
  conditions: JSON.stringify(edge.conditions),
  conditions_text: edge.conditionsText,
  note: edge.note,
});

/** Names of vendors as they were entered. */
export async function enteredNames({ db }: Pick<Platform, 'db'>): Promise<Map<string, string>> {
  const rows = await db.withTables<ChainTables>().selectFrom('chain_vendor').select(['id', 'name']).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The first name that was entered stays. */
export async function enterNames(
  tx: Tx,
  names: Readonly<Record<string, string>>,
  by: { name: string },
  at: Date,
): Promise<void> {
  const values = Object.entries(names).map(([id, name]) => ({
    id,
    name,
    entered_at: at,
    entered_by: by.name,
  }));
  for (let start = 0; start < values.length; start += 1_000) {
    await tx
      .withTables<ChainTables>()
      .insertInto('chain_vendor')
      .values(values.slice(start, start + 1_000))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
}
