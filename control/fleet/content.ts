import { createHash } from 'node:crypto';
import {
  type AuthPlacement,
  boundHost,
  type Connection,
  credentialContext,
  type DetectorRule,
  type EgressConfig,
  type RecoveryDrill,
  type Route,
  type ScanConfig,
  type Service,
  type Snapshot,
  scansText,
  type VirtualKey,
} from '@drawbridge/protocol';
import { readKeysForSnapshot } from '../apps/index.ts';
import { readCanariesForSnapshot } from '../canaries/index.ts';
import { readBreakGlassForSnapshot, readForSnapshot, type SnapshotConnection } from '../connections/index.ts';
import type { OwnDetectors } from '../detectors/index.ts';
import type { Platform, Tx } from '../platform/index.ts';
import { type PolicySnapshot, readPoliciesForSnapshot } from '../policy/index.ts';
import type { Secrets } from '../vault/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import type { FleetTables } from './tables.ts';

/** A secret as the database keeps it: `name` says which one it is and of which version. */
export interface StoredSecret {
  name: string;
  wrapped: Buffer;
  context: Uint8Array;
}

/** A credential of a snapshot before it is sealed to a gateway. */
export type StoredCredential = Omit<NonNullable<Connection['credential']>, 'sealed'> & {
  stored: StoredSecret;
};

/** What every gateway's snapshot is made of, before secrets are sealed to one of them. */
export interface Content {
  services: { vendor: string; service: Service }[];
  connections: (Omit<Connection, 'credential' | 'rotation'> & {
    credential: StoredCredential | null;
    rotation?: { second: (StoredCredential & { share: number }) | null };
  })[];
  keys: VirtualKey[];
  canaries: NonNullable<Snapshot['canaries']>;
  ledgerKey: StoredSecret;
  reviewKey: StoredSecret;
  vendorSecrets: { vendor: string; epoch: number; stored: StoredSecret }[];
  reveal: string[];
  /** Left out: no contract has free text looked through. `stored`: the key of the hashes. */
  scan?: Omit<ScanConfig, 'hash_key'> & { stored: StoredSecret };
  /** Left out: no app has any. */
  routes?: Route[];
  drills?: RecoveryDrill[];
  /** Left out: no policy is in force that decides crossings. */
  policies?: PolicySnapshot & { console: string };
  /** Left out: the egress proxy serves nobody. */
  egress?: EgressConfig;
}

type Withheld = { reasons: readonly string[] } | { from: number };

export interface ContentSources {
  platform: Platform;
  catalogue: Catalogue;
  secrets: Secrets;
  /** Reads the packs that people entered into the catalogue, whichever control process they were entered at. */
  loadPacks: () => Promise<unknown>;
  /** Hashes whose names gateways may now send along. */
  revealedHashes: () => Promise<readonly string[]>;
  /** What secrets of vendors look like. */
  detectors: readonly DetectorRule[];
  keptSecrets: KeptSecrets;
  /** What the organisation itself knows: patterns, people, words, registered secrets. */
  ownDetectors: (tx: Tx) => Promise<OwnDetectors>;
  /** What connections are held to of where they have to be, by their ids. */
  demands: (
    tx: Tx,
    connections: readonly SnapshotConnection[],
  ) => Promise<ReadonlyMap<string, NonNullable<Connection['residency']>>>;
  /**
   * Connections that may not be used, and why, or from when on they may not (milliseconds since 1970); read in the transaction
   * that reads the rest.
   */
  withheld: (tx: Tx) => Promise<ReadonlyMap<string, Withheld>>;
  /** The rules of the egress proxy; null: it serves nobody. */
  egress: (tx: Tx) => Promise<EgressConfig | null>;
  /** Routes of apps. */
  routes: (tx: Tx) => Promise<Route[]>;
  /** Recovery drills that run. */
  drills: (tx: Tx) => Promise<RecoveryDrill[]>;
  /** Base URL of the console, without a slash at its end: refusals by policies link to it. */
  consoleUrl: () => string;
}

const MOST_REVEALED = 10_000;

/** Reads one consistent state of all that snapshots are made of, and the revision it has. */
export async function readContent(sources: ContentSources): Promise<{ content: Content; revision: number }> {
  const { platform, secrets } = sources;
  const read = await platform.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const connections = await readForSnapshot(tx);
      return {
        revision: (
          await tx
            .withTables<FleetTables>()
            .selectFrom('configuration')
            .select('revision')
            .executeTakeFirstOrThrow()
        ).revision,
        connections,
        demands: await sources.demands(tx, connections),
        lifted: await readBreakGlassForSnapshot(tx, new Date(platform.clock.now())),
        keys: await readKeysForSnapshot(tx),
        canaries: await readCanariesForSnapshot(tx),
        policies: await readPoliciesForSnapshot(tx, new Date(platform.clock.now())),
        own: await sources.ownDetectors(tx),
        withheld: await sources.withheld(tx),
        egress: await sources.egress(tx),
        routes: await sources.routes(tx),
        drills: await sources.drills(tx),
      };
    });
  const known = read.connections.flatMap((row) => withService(row, sources));
  const services = new Map(
    known.map(({ row, service }) => [`${row.vendor}/${row.service}`, { vendor: row.vendor, service }]),
  );
  const vendors = [...new Set(known.map(({ row }) => row.vendor))].sort();
  const content: Content = {
    services: [...services.values()],
    connections: known.map(({ row }) =>
      connectionOf(row, read.lifted.get(row.id), read.demands.get(row.id), read.withheld.get(row.id)),
    ),
    keys: read.keys,
    canaries: read.canaries,
    ledgerKey: { name: 'ledger', ...(await secrets.get('ledger')) },
    reviewKey: { name: 'review', ...(await secrets.get('review')) },
    vendorSecrets: await Promise.all(
      vendors.map(async (vendor) => {
        const { epoch, ...secret } = await secrets.forVendor(vendor);
        return { vendor, epoch, stored: { name: `vendor/${vendor}/${epoch}`, ...secret } };
      }),
    ),
    reveal: [...new Set(await sources.revealedHashes())].sort().slice(0, MOST_REVEALED),
    ...(await scanOf(
      known.map(({ row }) => row),
      read.own,
      sources,
    )),
    ...(read.egress === null ? {} : { egress: read.egress }),
    ...(read.routes.length === 0 ? {} : { routes: read.routes }),
    ...(read.drills.length === 0 ? {} : { drills: read.drills }),
    ...(read.policies === null ? {} : { policies: { ...read.policies, console: sources.consoleUrl() } }),
  };
  return { content, revision: read.revision };
}

/** Nothing, where no contract asks for it: gateways that know of no scanners read the rest. */
async function scanOf(
  rows: readonly SnapshotConnection[],
  own: OwnDetectors,
  { detectors, keptSecrets }: ContentSources,
): Promise<Pick<Content, 'scan'>> {
  if (!rows.some(({ rules }) => scansText(rules))) return {};
  // Those of severed connections too, and of those whose contracts look through nothing: none may stand in any text.
  const { key, known } = await keptSecrets.of(rows.flatMap(credentialsOf));
  return {
    scan: {
      rules: [...detectors],
      known: [...known, ...own.known],
      ...(own.custom.length === 0 ? {} : { custom: own.custom }),
      ...(own.phrases.length === 0 ? {} : { phrases: own.phrases }),
      stored: key,
    },
  };
}

function credentialsOf(row: SnapshotConnection): StoredCredential[] {
  const { credential_id: id, credential_version: version, credential_placements: placements, wrapped } = row;
  const isNone = id === null || version === null || placements === null || wrapped === null;
  return [
    ...(isNone ? [] : [storedCredential(row, { id, version, placements, wrapped })]),
    ...row.beside.map((one) => storedCredential(row, one)),
  ];
}

/** The credentials of all connections, those that are severed too, in the caller's transaction. */
export async function readStoredCredentials(tx: Tx): Promise<StoredCredential[]> {
  return (await readForSnapshot(tx)).flatMap(credentialsOf);
}

/**
 * What tells one content from another. Of secrets: which they are, not how they are sealed, which differs each time; of lists
 * the hashes of their megabytes.
 */
export function contentHash(content: Content, payloadKey: string): string {
  const { ledgerKey, reviewKey, scan, ...others } = content;
  const phrases = scan?.phrases?.map(({ list, class: name, hash }) => [list, name, hash]);
  const rest = scan === undefined ? others : { ...others, scan: { ...scan, phrases } };
  const told = JSON.stringify([payloadKey, rest, ledgerKey.name, reviewKey.name], (key, value: unknown) =>
    key === 'stored' ? (value as StoredSecret).name : value,
  );
  return createHash('sha256').update(told).digest('base64url');
}

/** A connection whose pack is gone can't be served: it is left out, loudly, and the others go on. */
function withService(
  row: SnapshotConnection,
  { catalogue, platform }: ContentSources,
): { row: SnapshotConnection; service: Service }[] {
  const service = catalogue.service(row.vendor, row.service);
  if (service !== undefined) return [{ row, service }];
  platform.log.error(
    { connection: row.id, vendor: row.vendor, service: row.service },
    'no pack has the service of this connection: gateways get it no longer',
  );
  return [];
}

/** What is as it always was is left out: gateways that know of no modes read the rest. */
function connectionOf(
  row: SnapshotConnection,
  breakGlass: Connection['break_glass'],
  residency: Connection['residency'],
  withheld: Withheld | undefined,
): Content['connections'][number] {
  const isClosed = withheld !== undefined && 'reasons' in withheld;
  return {
    id: row.id,
    slug: row.slug,
    vendor: row.vendor,
    service: row.service,
    region: row.region,
    upstream: { scheme: row.scheme, host: row.host, port: row.port, private: row.private },
    state: row.state,
    ...(row.mode === 'enforce' ? {} : { mode: row.mode }),
    ...(breakGlass === undefined ? {} : { break_glass: breakGlass }),
    ...(residency === undefined ? {} : { residency }),
    ...(isClosed ? { withheld: [...withheld.reasons] } : {}),
    ...(withheld !== undefined && 'from' in withheld ? { closes_at: withheld.from } : {}),
    credential: isClosed ? null : credentialOf(row),
    ...(isClosed ? {} : rotationOf(row)),
    ...(row.cut_classes.length === 0 ? {} : { severed_classes: row.cut_classes }),
    contract: { id: row.contract_id, version: row.contract_version, rules: row.rules },
    origins: row.origins,
  };
}

/** Bound to where the connection points now. A severed connection's credential stays here. */
function credentialOf(row: SnapshotConnection): StoredCredential | null {
  const { credential_id: id, credential_version: version, credential_placements: placements, wrapped } = row;
  if (row.state === 'severed' || id === null || version === null || placements === null || wrapped === null)
    return null;
  return storedCredential(row, { id, version, placements, wrapped });
}

/**
 * While another credential stands beside the one in force, crossings say which they went with. The one that was in force
 * before stays here: no gateway needs it.
 */
function rotationOf(row: SnapshotConnection): Pick<Content['connections'][number], 'rotation'> {
  if (row.state === 'severed' || row.beside.length === 0) return {};
  const next = row.beside.find(({ role, share }) => role === 'next' && share > 0);
  return {
    rotation: { second: next === undefined ? null : { ...storedCredential(row, next), share: next.share } },
  };
}

function storedCredential(
  row: SnapshotConnection,
  {
    id,
    version,
    placements,
    wrapped,
  }: { id: string; version: number; placements: AuthPlacement[]; wrapped: Buffer },
): StoredCredential {
  const context = credentialContext({
    connection: row.id,
    version,
    hosts: [boundHost({ scheme: row.scheme, host: row.host, port: row.port, private: row.private })],
    placements,
  });
  return { id, version, placements, stored: { name: `credential/${id}`, wrapped, context } };
}
