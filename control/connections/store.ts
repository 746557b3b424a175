import {
  type AuthPlacement,
  type ConnectionMode,
  type ContractDocument,
  type FieldClass,
  placementText,
} from '@drawbridge/protocol';
import { sql } from 'kysely';
import { type Db, notFound, Problem, type Tx } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { effectiveState, holdingSeverances, readCutClasses, withCutClasses } from './cuts.ts';
import type { ConnectionView } from './schemas.ts';
import type { ConnectionTables } from './tables.ts';
import type { Upstream } from './upstream.ts';

/** A connection with its contract in force and what is known of its credential. */
export interface ConnectionRow {
  id: string;
  name: string;
  slug: string;
  vendor: string;
  service: string;
  region: string;
  scheme: 'https' | 'http';
  host: string;
  port: number;
  private: boolean;
  /** `severed`: of itself, or because a severance holds it. */
  state: 'open' | 'severed';
  /** What it says of itself, whatever severances hold. */
  own_state: 'open' | 'severed';
  /** Severances that hold it. */
  held_by: string[];
  mode: ConnectionMode;
  origins: string[];
  owner: string;
  contract_id: string;
  contract_version: number;
  revision: number;
  created_at: Date;
  contract_author: string;
  contract_reason: string;
  contract_created_at: Date;
  credential_id: string | null;
  credential_version: number | null;
  credential_placements: AuthPlacement[] | null;
  credential_entered_at: Date | null;
  credential_entered_by: string | null;
}

export function selectConnections(db: Db | Tx) {
  return db
    .withTables<ConnectionTables>()
    .selectFrom('connection')
    .innerJoin('contract_version', (join) =>
      join
        .onRef('contract_version.connection', '=', 'connection.id')
        .onRef('contract_version.version', '=', 'connection.contract_version'),
    )
    .leftJoin('credential', (join) =>
      join
        .onRef('credential.connection', '=', 'connection.id')
        .on('credential.dropped_at', 'is', null)
        .on('credential.role', '=', 'in_force'),
    )
    .select([
      'connection.id',
      'connection.name',
      'connection.slug',
      'connection.vendor',
      'connection.service',
      'connection.region',
      'connection.scheme',
      'connection.host',
      'connection.port',
      'connection.private',
      effectiveState.as('state'),
      'connection.state as own_state',
      holdingSeverances.as('held_by'),
      'connection.mode',
      'connection.origins',
      'connection.owner',
      'connection.contract_id',
      'connection.contract_version',
      'connection.revision',
      'connection.created_at',
      'contract_version.author as contract_author',
      'contract_version.reason as contract_reason',
      'contract_version.created_at as contract_created_at',
      'credential.id as credential_id',
      'credential.version as credential_version',
      'credential.placements as credential_placements',
      'credential.entered_at as credential_entered_at',
      'credential.entered_by as credential_entered_by',
    ]);
}

/** Throws Problem 404. */
export async function readConnection(db: Db | Tx, id: string): Promise<ConnectionRow> {
  const row = await selectConnections(db).where('connection.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('connection');
  return row;
}

/** The same, locked until the transaction ends: changes of one connection happen one after another. */
export async function lockConnection(tx: Tx, id: string): Promise<ConnectionRow> {
  await tx
    .withTables<ConnectionTables>()
    .selectFrom('connection')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .execute();
  return readConnection(tx, id);
}

/** Writes columns of a connection and gives it its next revision. */
export async function writeConnection(
  tx: Tx,
  id: string,
  columns: Partial<{
    name: string;
    scheme: 'https' | 'http';
    host: string;
    port: number;
    private: boolean;
    state: 'open' | 'severed';
    mode: ConnectionMode;
    origins: string[];
    owner: string;
    contract_version: number;
  }>,
): Promise<void> {
  await tx
    .withTables<ConnectionTables>()
    .updateTable('connection')
    .set({ ...columns, revision: sql<number>`revision + 1` })
    .where('id', '=', id)
    .execute();
}

/** What the snapshot needs of a connection: the contract's rules and the wrapped credential too. */
export interface SnapshotConnection extends ConnectionRow {
  /** What is cut off from the vendor is in them. */
  rules: ContractDocument;
  /** Field classes that are cut off from the vendor, in order. */
  cut_classes: FieldClass[];
  wrapped: Buffer | null;
  /** The credentials beside the one in force, while it is being replaced. */
  beside: readonly BesideCredential[];
}

/** A credential that is to come, or that was in force before. */
export interface BesideCredential {
  id: string;
  connection: string;
  version: number;
  role: 'next' | 'previous';
  hosts: string[];
  placements: AuthPlacement[];
  /** Ten thousandths of crossings that go with it. */
  share: number;
  wrapped: Buffer;
}

/** All connections in order of their ids, for the snapshot. Read in the transaction that reads the rest of it. */
export async function readForSnapshot(tx: Tx): Promise<SnapshotConnection[]> {
  const rows = await selectConnections(tx)
    .select(['contract_version.rules', 'credential.wrapped'])
    .orderBy('connection.id')
    .execute();
  const beside = Map.groupBy(await readBeside(tx), ({ connection }) => connection);
  const cut = await readCutClasses(tx);
  return rows.map((row) => {
    const classes = cut.get(row.vendor) ?? new Map();
    return {
      ...row,
      rules: withCutClasses(row.rules, classes),
      cut_classes: [...classes.keys()],
      beside: beside.get(row.id) ?? [],
    };
  });
}

/** Credentials that stand beside those in force: of one connection, or of all. */
export async function readBeside(db: Db | Tx, connection?: string): Promise<BesideCredential[]> {
  let query = db
    .withTables<ConnectionTables>()
    .selectFrom('credential')
    .select(['id', 'connection', 'version', 'role', 'hosts', 'placements', 'share', 'wrapped'])
    .where('role', '<>', 'in_force')
    .where('dropped_at', 'is', null);
  if (connection !== undefined) query = query.where('connection', '=', connection);
  return (await query.orderBy('version').execute()).flatMap(({ role, wrapped, ...row }) =>
    wrapped === null || role === 'in_force' ? [] : [{ ...row, role, wrapped }],
  );
}

export const upstreamOf = (row: ConnectionRow): Upstream => ({
  scheme: row.scheme,
  host: row.host,
  port: row.port,
  private: row.private,
});

export const etagOf = (row: ConnectionRow): string => `"${row.revision}"`;

/** Throws Problem 412 where the caller named an ETag and it is not the one that holds. */
export function checkMatch(etag: string, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  if (ifMatch.split(',').some((tag) => tag.trim() === etag)) return;
  throw new Problem(
    412,
    'changed_meanwhile',
    'It was changed since it was read. Read it again, look at what changed, and repeat.',
    undefined,
    { etag },
  );
}

/** What the connections of a vendor need of its pack. */
export function packUses(
  db: Db | Tx,
  vendor: string,
): Promise<{ connection: string; service: string; region: string }[]> {
  return db
    .withTables<ConnectionTables>()
    .selectFrom('connection')
    .select(['slug as connection', 'service', 'region'])
    .where('vendor', '=', vendor)
    .orderBy('id')
    .execute();
}

/** A connection as the API shows it. */
export function viewOf(row: ConnectionRow, catalogue: Catalogue, gatewayUrl: string): ConnectionView {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    vendor: row.vendor,
    service: row.service,
    region: row.region,
    upstream: upstreamOf(row),
    state: row.state,
    severances: row.held_by,
    mode: row.mode,
    origins: row.origins,
    owner: row.owner,
    credential: credentialView(row, catalogue),
    contract: {
      id: row.contract_id,
      version: row.contract_version,
      author: row.contract_author,
      reason: row.contract_reason,
      createdAt: row.contract_created_at.toISOString(),
    },
    createdAt: row.created_at.toISOString(),
    gatewayUrl: `${gatewayUrl}/${row.slug}`,
    etag: etagOf(row),
  };
}

function credentialView(row: ConnectionRow, catalogue: Catalogue): ConnectionView['credential'] {
  const { credential_id: id, credential_version: version, credential_entered_at: enteredAt } = row;
  if (id === null || version === null || enteredAt === null) return null;
  const bound = new Set(row.credential_placements?.map(placementText));
  const known = catalogue.service(row.vendor, row.service)?.auth ?? [];
  return {
    id,
    version,
    covers: known.every((placement) => bound.has(placementText(placement))),
    enteredAt: enteredAt.toISOString(),
    enteredBy: row.credential_entered_by ?? '',
  };
}
