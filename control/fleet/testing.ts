import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import { boundHost, credentialContext, type Snapshot } from '@drawbridge/protocol';
import { approvalRoutes, createApprovals } from '../approvals/index.ts';
import { type AppsDeps, appRoutes, createApps } from '../apps/index.ts';
import {
  adoptionRoutes,
  connectionRoutes,
  createBreakGlass,
  createConnections,
  createContracts,
  packUses,
} from '../connections/index.ts';
import { createDetectors, type InScans } from '../detectors/index.ts';
import { settingRoutes } from '../operations/index.ts';
import { type Caller, createRouter, handleErrors, idempotency, systemRandom } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createSecrets, ledgerPseudonyms, openPayloadKey, type Secrets, startVault } from '../vault/index.ts';
import { createOwnPacks, ownPackRoutes, packRoutes } from '../vendors/index.ts';
import { acmeCatalogue } from '../vendors/testing.ts';
import type { ContentSources } from './content.ts';
import type { FleetDeps } from './fleet.ts';
import { createFleet, enrolGateway, hashGatewayToken } from './index.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what was answered, whatever its form
  body: any;
  headers: Headers;
}

interface ScansIn {
  platform: TestPlatform;
  secrets: Secrets;
}

const noScans: InScans = {
  hashOf: async (value) => createHmac('sha256', 'made up').update(value).digest(),
  known: async () => undefined,
  forgotten: async () => undefined,
};

/** A whole control plane of these capabilities on a real database, with a vault of its own and a made-up vendor. */
export async function testHouse({
  withheld,
  egress,
  routes,
  drills,
  scans,
  ...options
}: Pick<AppsDeps, 'keyUse' | 'findPerson'> &
  Partial<Pick<FleetDeps, 'withheld' | 'egress' | 'routes' | 'drills'>> & {
    scans?: (house: ScansIn) => InScans;
  } = {}) {
  // Real randomness: what is asserted must not hang on repeated bytes.
  const platform: TestPlatform = { ...(await testPlatform()), random: systemRandom };
  const keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  const { db, clock, log } = platform;
  const vault = await startVault({ db, clock, log, keysDir, deploymentId: platform.deployment.id });
  const secrets = createSecrets(platform, vault);
  const catalogue = acmeCatalogue();
  /** How many people may approve, and who calls the API. */
  const people = {
    count: 1,
    actor: { id: 'person:1', name: 'Ada Example' },
    as: {} as Partial<Caller>,
    /** Ids of those who may decide about nothing any more. */
    gone: new Set<string>(),
  };
  const approvals = createApprovals(platform, async (_, id) => !people.gone.has(id));
  const connections = createConnections({
    platform,
    vault,
    catalogue,
    approvals,
    gatewayUrl: 'http://127.0.0.1:4410',
  });
  const contracts = createContracts({ platform, catalogue });
  const breakGlass = createBreakGlass({ platform, people: async () => people.count });
  const apps = createApps({
    platform,
    connections,
    catalogue,
    ...options,
  });
  const revealed = new Set<string>();
  /** What connections are held to of where they have to be. */
  const held: { demands: ContentSources['demands'] } = { demands: async () => new Map() };
  const payloadKey = await openPayloadKey(platform, vault);
  const detectors = createDetectors({
    platform,
    vault,
    secrets,
    payloadKey,
    pseudonymOf: ledgerPseudonyms(vault, secrets),
    scans: scans?.({ platform, secrets }) ?? noScans,
    shipped: [],
  });
  /** Of one control process: several on one database are several of these. */
  const newFleet = (revealedHashes = async () => [...revealed]) =>
    createFleet({
      platform,
      vault,
      secrets,
      catalogue,
      loadPacks: () => ownPacks.load(),
      payloadKey,
      revealedHashes,
      detectors: [{ id: 'made_up.key', class: 'secret.api_key', forms: ['mu-{hex:40}'] }],
      ownDetectors: detectors.readForSnapshot,
      demands: (tx, rows) => held.demands(tx, rows),
      withheld: withheld ?? (async () => new Map()),
      egress: egress ?? (async () => null),
      routes: routes ?? (async () => []),
      drills: drills ?? (async () => []),
      consoleUrl: () => 'http://localhost:4400',
    });

  const app = createRouter();
  app.onError(handleErrors(log));
  app.use('/api/v1/*', async (c, next) => {
    c.set('actor', { ...testCaller(people.actor, clock.now()), ...people.as });
    await next();
  });
  app.use('/api/v1/*', idempotency(platform, { hashRequest: (digest) => secrets.hashRequest(digest) }));
  app.route('/api/v1', connectionRoutes({ platform, connections, contracts, approvals }));
  app.route('/api/v1', approvalRoutes(approvals));
  app.route('/api/v1', settingRoutes(platform, { approvals, people: async () => people.count }));
  app.route('/api/v1', adoptionRoutes({ platform, catalogue, connections, breakGlass }));
  app.route('/api/v1', appRoutes(apps));
  const ownPacks = createOwnPacks({ platform, catalogue, usesOf: packUses });
  app.route('/api/v1', packRoutes(catalogue));
  app.route('/api/v1', ownPackRoutes(ownPacks));
  app.route('/api/v1', detectors.routes);

  const answers: string[] = [];
  async function ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await app.request(`/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    answers.push(`${JSON.stringify([...answer.headers])}\n${text}`);
    return { status: answer.status, body: text === '' ? null : JSON.parse(text), headers: answer.headers };
  }

  return {
    platform,
    vault,
    secrets,
    keysDir,
    catalogue,
    approvals,
    connections,
    contracts,
    ownPacks,
    apps,
    people,
    newFleet,
    payloadKey,
    detectors,
    revealed,
    held,
    app,
    ask,
    /** Every answer of the API so far, headers and body. */
    answered: () => answers.join('\n'),

    async enrol(id: string) {
      const pair = await generateKeyPair();
      const token = `made-up-token-of-${id}-0123456789`;
      await enrolGateway(platform, {
        id,
        name: id,
        publicKey: pair.publicKey,
        tokenHash: hashGatewayToken(token),
      });
      return { id, token, ...pair };
    },

    /** A connection of the made-up vendor; throws what was answered instead. */
    async connect(given: object = {}) {
      const answer = await ask('POST', '/connections', {
        name: 'Acme',
        vendor: 'acme',
        service: 'analytics',
        region: 'us',
        contract: 'recommended',
        reason: 'A test',
        ...given,
      });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },

    async makeApp(): Promise<string> {
      const given = { name: 'Shop', owner: 'Ada Example', reason: 'A test' };
      return (await ask('POST', '/apps', given)).body.id;
    },

    /** A secret key of a new app. */
    async makeKey(connections: string[]): Promise<{ id: string; key: string }> {
      const given = { kind: 'secret', connections, reason: 'A test' };
      return (await ask('POST', `/apps/${await this.makeApp()}/keys`, given)).body;
    },

    /** Empties what tests fill. */
    async reset(): Promise<void> {
      revealed.clear();
      await platform.pool.query(
        'TRUNCATE app_route, connection, credential, contract_version, app, virtual_key, gateway, published, snapshot_version, snapshot_part, change, vendor_secret, own_pack, own_pattern, known_list, registered_secret CASCADE',
      );
    },

    async close() {
      await vault.stop();
      await platform.close();
      await rm(keysDir, { recursive: true });
    },
  };
}
export type TestHouse = Awaited<ReturnType<typeof testHouse>>;
export type EnrolledGateway = Awaited<ReturnType<TestHouse['enrol']>>;

/** The credential of a connection, as the gateway with this private key opens it; null where the snapshot has none. */
export async function credentialAt(
  snapshot: Snapshot,
  id: string,
  privateKey: Uint8Array,
): Promise<string | null> {
  const connection = snapshot.connections.find((one) => one.id === id);
  if (connection?.credential == null) return null;
  const { version, placements, sealed } = connection.credential;
  const hosts = [boundHost(connection.upstream)];
  const context = credentialContext({ connection: id, version, hosts, placements });
  return (await openSealed(privateKey, sealed, context)).toString('utf8');
}

/** Every row of every table as text: where a secret in clear would be found. */
export async function dumpTables(platform: TestPlatform): Promise<string> {
  const tables = await platform.pool.query<{ tablename: string }>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
  );
  const parts: string[] = [];
  for (const { tablename } of tables.rows) {
    const rows = await platform.pool.query<{ row: string }>(`SELECT t::text AS row FROM "${tablename}" t`);
    parts.push(`${tablename}\n${rows.rows.map(({ row }) => row).join('\n')}`);
  }
  return parts.join('\n');
}

/** The ways in which a text may be written down: plain, hexadecimal, base64 at each of its three offsets, percent. */
export function spellings(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    return padded.slice(offset === 0 ? 0 : offset + 1, -4);
  });
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return [text, bytes.toString('hex'), ...base64, percent];
}
