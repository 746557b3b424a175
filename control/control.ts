import { randomUUID } from 'node:crypto';
import { type DetectorPack, type Pack, ruleOf } from '@drawbridge/protocol';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createAccounts } from './accounts/index.ts';
import { approvalRoutes, createApprovals } from './approvals/index.ts';
import { appRoutes, createApps } from './apps/index.ts';
import { createAudit, type LogPlaces } from './audit/index.ts';
import {
  type CanaryWatch,
  canaryProjection,
  canaryRoutes,
  canaryUseRoutes,
  createCanaries,
  watchCanaries,
} from './canaries/index.ts';
import {
  checkpointRoutes,
  contradictionRoutes,
  gatewayLogRoutes,
  keepTilesFilled,
  readLogs,
  watchContradictions,
} from './checkpoints/index.ts';
import {
  adoptionRoutes,
  connectionRoutes,
  createBreakGlass,
  createConnections,
  createContracts,
  packUses,
} from './connections/index.ts';
import {
  crossingProjection,
  crossingRoutes,
  forwardedLeaves,
  ingestRoutes,
  keyUse,
  liveCrossingRoutes,
  shapeRoutes,
  startProjector,
} from './crossings/index.ts';
import { createDetectors, largestImport } from './detectors/index.ts';
import { createErasure } from './erasure/index.ts';
import {
  type DeliveryNetwork,
  exportRoutes,
  measurePush,
  type Push,
  pushRoutes,
  startPush,
} from './export/index.ts';
import { exposureProjection, exposureRoutes } from './exposure/index.ts';
import {
  configurationRoutes,
  createFleet,
  type Fleet,
  fleetRoutes,
  gatewayAuth,
  gatewayRoutes,
} from './fleet/index.ts';
import {
  activePeopleWith,
  browserHeaders,
  createIdentity,
  findPerson,
  firstLink,
  gate,
  isActive,
  operatorCheck,
  personMay,
  type Reached,
  type Resolver,
  sameOrigin,
  sessionRoutes,
  stillMay,
  type Warning,
} from './identity/index.ts';
import { createInventory, inventoryRoutes, keyUseProjection } from './inventory/index.ts';
import { keyAlarmRoutes, watchKeyAlarms } from './key-alarms/index.ts';
import { createLeaks, promptLeakProjection } from './leaks/index.ts';
import { namesFrom } from './names.ts';
import {
  createMeasures,
  epochRoutes,
  healthRoutes,
  keepHouse,
  liveRoutes,
  projectionRoutes,
  type ReadReplay,
  readDeploymentName,
  replayRoutes,
  settingRoutes,
} from './operations/index.ts';
import { directoryOf, overviewRoutes } from './overview/index.ts';
import { ownersFrom } from './owners.ts';
import {
  createRouter,
  handleErrors,
  idempotency,
  launcher,
  type Needs,
  type NeedsTable,
  needs,
  type OutboundNetwork,
  type Platform,
  Problem,
  readNeeds,
} from './platform/index.ts';
import { createPolicyRoom, type Starter } from './policy/index.ts';
import { privacyRoutes } from './privacy/index.ts';
import { pruneJob, retentionRoutes } from './retention/index.ts';
import { revealedHashes, reviewProjection, reviewRoutes, shownNames } from './review/index.ts';
import { createRoot } from './root/index.ts';
import { createRotation, credentialUseProjection } from './rotation/index.ts';
import { createSso, issuerRoutes, oidcRoutes } from './sso/index.ts';
import { createTokens, tokenRoutes } from './tokens/index.ts';
import { createSecrets, ledgerPseudonyms, openPayloadKey, type Vault, vaultRoutes } from './vault/index.ts';
import { createCatalogue, createOwnPacks, ownPackRoutes, packRoutes } from './vendors/index.ts';
import { type Bench, createContractTests, createWorkbench, workbenchRoutes } from './workbench/index.ts';
import { createWorkloads, exchangeRoutes, workloadRoutes } from './workload/index.ts';
import { wrappedColumns } from './wrapped.ts';

export interface ControlOptions {
  platform: Platform;
  vault: Vault;
  packs: readonly Pack[];
  /** What secrets of vendors look like, for gateways that look through free text. */
  detectors: DetectorPack['detectors'];
  /** Policies that one can take over as they are. */
  starters: () => Promise<readonly Starter[]>;
  /** Packs of one's own, from files. */
  ownPacks?: readonly Pack[];
  /** Base URL of the gateway, without a trailing slash. */
  gatewayUrl: string;
  /** Lets the command on this machine in. */
  operatorToken: string;
  /** How browsers reach the console and the API. */
  reached: Reached;
  warnings: readonly Warning[];
  readReplay: ReadReplay;
  /** Tries requests as the gateway would take them. */
  bench: Bench;
  /** What pushing events to a SIEM needs from this machine. */
  exportNetwork: DeliveryNetwork;
  /** Where the epochs of the log of changes lie. */
  changeLog: LogPlaces;
  /** Where the root log lies. */
  rootLog: LogPlaces;
  /** What reaching witnesses needs from this machine. */
  witnessNetwork: OutboundNetwork;
  /** What reaching the issuers of people's and workloads' tokens needs from this machine. */
  issuerNetwork: OutboundNetwork;
  /** Path of the file, beside the keys, that keeps the erasures apart from the database. */
  erasuresFile: string;
}

/** The control plane, composed. */
export interface Control {
  /** Answers /api, /fleet, /healthz, /readyz and /metrics. */
  app: Hono;
  fleet: Fleet;
  /** A token that lets the first administrator in, once; null where people can sign in already. */
  firstToken(): Promise<string | null>;
  /** Crossings in the stored journals that were forwarded to a vendor. */
  forwardedLeaves(): Promise<number>;
  /** Catches up with erasures, then begins to publish snapshots and to project journals. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const projections = [
  crossingProjection,
  exposureProjection,
  reviewProjection,
  keyUseProjection,
  canaryProjection,
  credentialUseProjection,
  promptLeakProjection,
];
const API_BASE = '/api/v1';
/** Routes that stand beside the documented ones: streams, files of logs, and the document itself. */
const undocumentedNeeds: Readonly<Record<string, Needs>> = {
  'GET /openapi.json': needs.anyone,
  'GET /events': needs('overview.read'),
  'GET /replay': needs('overview.read'),
  'GET /crossings/live': needs('crossing.read'),
  'GET /logs/:log/checkpoint': needs('log.read'),
  'GET /logs/:log/tile/*': needs('log.read'),
  'GET /logs/gateways/:log/checkpoint': needs('log.read'),
  'GET /logs/gateways/:log/tile/*': needs('log.read'),
};
const REVIEW_HASH_LENGTH = 22;
const LARGEST_BODY = 4 * 1024 * 1024;

/** Imports of lists are larger than what else people send. */
const limitBody: MiddlewareHandler = (c, next) => {
  const maxSize = largestImport(c.req.path) ?? LARGEST_BODY;
  const onError = (): never => {
    throw new Problem(413, 'too_large', `A request to the API has at most ${maxSize} bytes here.`);
  };
  return bodyLimit({ maxSize, onError })(c, next);
};

/** Wires the capabilities to each other. What each of them does is in its own folder. */
export async function createControl(options: ControlOptions): Promise<Control> {
  const { platform, vault } = options;
  const catalogue = createCatalogue(options.packs, options.ownPacks);
  const ownPacks = createOwnPacks({ platform, catalogue, usesOf: packUses });
  await ownPacks.load();
  const names = namesFrom(platform);
  const secrets = createSecrets(platform, vault);
  const payloadKey = await openPayloadKey(platform, vault);
  const approvals = createApprovals(platform, (tx, person) =>
    personMay(platform, tx, person, 'approval.decide'),
  );
  const connections = createConnections({
    platform,
    vault,
    catalogue,
    approvals,
    gatewayUrl: options.gatewayUrl,
  });
  const contracts = createContracts({ platform, catalogue });
  const breakGlass = createBreakGlass({
    platform,
    people: async () => (await activePeopleWith(platform, 'break_glass.approve')).length,
  });
  const apps = createApps({
    platform,
    connections,
    catalogue,
    keyUse: (keys) => keyUse(platform, keys),
    findPerson: async (id) => {
      const person = await findPerson(platform.db, id);
      return person && { ...person, isActive: isActive(person, platform.clock.now()) };
    },
  });
  const inventory = createInventory({ platform, apps });
  const directory = directoryOf(catalogue, connections);
  const pseudonymOf = ledgerPseudonyms(vault, secrets);
  const detectors = createDetectors({
    platform,
    vault,
    secrets,
    payloadKey,
    pseudonymOf,
    shipped: options.detectors,
  });
  const rules = options.detectors.map(ruleOf);
  const workbench = createWorkbench({
    catalogue,
    connections,
    contracts,
    detectors: rules,
    trying: detectors.trying,
    bench: options.bench,
  });
  const contractTests = createContractTests(platform, workbench);
  contracts.testedBy(async (id, draft) => (await contractTests.run(id, draft)).items);
  const fleet = createFleet({
    platform,
    vault,
    catalogue,
    secrets,
    loadPacks: ownPacks.load,
    payloadKey,
    revealedHashes: () => revealedHashes(platform.db),
    detectors: rules,
    ownDetectors: detectors.readForSnapshot,
    consoleUrl: () => options.reached.origins[0] ?? '',
  });
  const accounts = createAccounts({ platform, payloadKey, pseudonymOf });
  const erasure = createErasure({
    platform,
    pseudonymOf,
    payloadKey,
    projections,
    names,
    gateways: fleet.gatewaysOverview,
    file: options.erasuresFile,
  });
  const policies = createPolicyRoom({
    platform,
    catalogue,
    names,
    starters: options.starters,
    keepers: () => activePeopleWith(platform, 'policy.change'),
    connections: connections.all,
  });
  const projector = startProjectorLater(platform);
  const audit = await createAudit({ platform, vault, places: options.changeLog });
  const root = await createRoot({
    platform,
    vault,
    places: options.rootLog,
    sources: { ownLogs: () => audit.ownLogs() },
    network: options.witnessNetwork,
  });
  const rotation = createRotation({ platform, vault, catalogue, approvals, network: options.witnessNetwork });
  const measures = createMeasures();
  measurePush(platform, measures.registry);
  const contradictions = watchContradictions(platform, measures.registry);
  const keyAlarms = watchKeyAlarms(platform, measures.registry);
  let house: ReturnType<typeof keepHouse> | null = null;
  let tiles: ReturnType<typeof keepTilesFilled> | null = null;
  let push: Push | null = null;
  let canaries: CanaryWatch | null = null;
  const leaks = createLeaks({ platform, vault, keyed: (bytes) => secrets.hashRequest(bytes) });
  let prompts: ReturnType<typeof leaks.watch> | null = null;

  const warnings = (): Warning[] => {
    const found = [
      { code: 'snapshot_problem', text: fleet.problem() },
      { code: 'log_trouble', text: audit.trouble() },
      { code: 'key_alarm', text: keyAlarms.warning() },
      { code: 'log_contradiction', text: contradictions.warning() },
      { code: 'export_problem', text: push?.problem() ?? null },
    ];
    const present = found.flatMap(({ code, text }) => (text === null ? [] : [{ code, text }]));
    const rootTroubles = root.troubles().map((text) => ({ code: 'root_log_trouble', text }));
    const unusable = ownPacks.problems().map((text) => ({ code: 'pack_invalid', text }));
    return [...options.warnings, ...unusable, ...present, ...rootTroubles];
  };
  const reviewHashes = async (given: readonly string[]): Promise<string[]> => {
    const { wrapped, context } = await secrets.get('review');
    const made = given.map((name) => vault.keyedHash(wrapped, context, `id\n${name}`));
    return (await Promise.all(made)).map((hash) => hash.toString('base64url').slice(0, REVIEW_HASH_LENGTH));
  };
  const contractNames = async (connection: string): Promise<string[]> =>
    Object.keys((await contracts.history(connection)).current.rules.properties);

  const { reached } = options;
  const identity = createIdentity({
    platform,
    vault,
    approvals,
    reached,
    name: () => readDeploymentName(platform),
    keyed: (bytes) => secrets.hashRequest(bytes),
  });
  const tokens = createTokens(platform);
  identity.onPersonChange(async (tx, id, news, by) => {
    // Whoever had their factors may have made tokens with them.
    if (news === 'factors') await tokens.revokeAllOf(tx, id, by);
    const person = await findPerson(tx, id);
    if (person !== null && isActive(person, platform.clock.now())) return;
    await apps.revokeKeysOf(tx, id, by);
    await tokens.revokeAllOf(tx, id, by);
  });
  const byToken: Resolver = (token, c) => tokens.caller(token, reached.addressOf(c));
  const who = { platform, isOperator: operatorCheck(options.operatorToken), resolvers: [byToken] };
  const mayGoOn = stillMay(who);
  const sso = createSso({
    platform,
    approvals,
    reached,
    throttle: identity.throttle,
    base: API_BASE,
    network: options.issuerNetwork,
  });
  const workloads = createWorkloads({
    platform,
    apps,
    connections: () => connections.all(),
    network: options.issuerNetwork,
    publish: () => fleet.refresh(),
  });
  const people = createRouter()
    .route('/', identity.routes)
    .route('/', tokenRoutes(tokens))
    .route('/', issuerRoutes(sso, approvals))
    .route('/', workloadRoutes(workloads))
    .route('/', overviewRoutes({ platform, connections, apps, fleet, names, directory, warnings }))
    .route('/', packRoutes(catalogue))
    .route('/', ownPackRoutes(ownPacks))
    .route('/', connectionRoutes({ platform, connections, contracts, approvals }))
    .route('/', approvalRoutes(approvals))
    .route('/', adoptionRoutes({ platform, catalogue, connections, breakGlass }))
    .route('/', workbenchRoutes(workbench, contractTests))
    .route('/', appRoutes(apps))
    .route('/', privacyRoutes(platform, names))
    .route('/', inventoryRoutes(inventory))
    .route('/', canaryRoutes(createCanaries({ platform, catalogue })))
    .route('/', keyAlarmRoutes(platform))
    .route('/', rotation.routes)
    .route('/', leaks.routes)
    .route('/', gatewayRoutes(fleet))
    .route('/', contradictionRoutes(platform))
    .route('/', gatewayLogRoutes(platform))
    .route('/', configurationRoutes(platform, fleet, names))
    .route(
      '/',
      liveCrossingRoutes(platform, names, (c) => mayGoOn(c, 'crossing.read')),
    )
    .route('/', crossingRoutes(platform, names))
    .route(
      '/',
      shapeRoutes(platform, {
        checkConnection: (id) => connections.get(id),
        showNames: (id, hashes) => shownNames({ platform, reviewHashes, contractNames }, id, hashes),
      }),
    )
    .route(
      '/',
      exposureRoutes(platform, {
        names,
        directory,
        connectionsOf: async (vendor) =>
          (await connections.all()).filter((connection) => connection.vendor === vendor),
      }),
    )
    .route(
      '/',
      reviewRoutes(platform, {
        names,
        reviewHash: async (name) => (await reviewHashes([name]))[0] ?? '',
        allowName: contracts.allow,
        allowNames: contracts.allowAll,
        connections: connections.all,
        catalogue,
      }),
    )
    .route('/', projectionRoutes(platform, projections))
    .route(
      '/',
      audit.routes(root.logs, async () => [...(await readLogs(platform)).values()].flat()),
    )
    .route('/', root.routes)
    .route('/', erasure.routes)
    .route('/', accounts.routes)
    .route('/', detectors.routes)
    .route('/', policies.routes)
    .route('/', epochRoutes(secrets))
    .route('/', vaultRoutes(platform, vault, wrappedColumns(platform.deployment.id)))
    .route(
      '/',
      settingRoutes(platform, {
        approvals,
        people: async () => (await activePeopleWith(platform, 'approval.decide')).length,
      }),
    )
    .route('/', retentionRoutes(platform))
    .route(
      '/',
      exportRoutes(platform, names, (c) => mayGoOn(c, 'export.read')),
    )
    .route(
      '/',
      pushRoutes(platform, () => push?.poke()),
    );

  const api = createRouter();
  // No secret, and asked for before there is a session; whole, as it is made when all routes are there.
  const document = (c: Context) =>
    c.json(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Drawbridge',
          version: '1',
          description: 'The API of the control plane. The console uses nothing else.',
        },
        servers: [{ url: API_BASE }],
      }),
    );
  api.onError(handleErrors(platform.log));
  api.use('*', sameOrigin(reached));
  api.use('*', limitBody);
  api.use('*', audit.answerWhenLogged);
  let table: NeedsTable | null = null;
  const needsTable = () => (table ??= readNeeds(api, API_BASE, undocumentedNeeds));
  api.use(
    '*',
    gate({ ...who, needs: needsTable, ownerOf: ownersFrom(platform), checkAct: policies.checkAct }),
  );
  api.route(
    '/',
    sessionRoutes({
      ...identity,
      warnings,
      name: () => readDeploymentName(platform),
      oidc: () => sso.issuers.methods(),
    }),
  );
  api.route('/', oidcRoutes(sso.signIn, reached));
  api.route('/', exchangeRoutes(workloads, reached.addressOf));
  api.get('/openapi.json', document);
  api.use('*', idempotency(platform, { hashRequest: (digest) => secrets.hashRequest(digest) }));
  api.route('/', people);
  api.route(
    '/',
    liveRoutes(platform, (c) => mayGoOn(c, 'overview.read')),
  );
  api.route('/', replayRoutes(options.readReplay));

  const fleetApp = new Hono<{ Variables: { gateway: { id: string }; requestId: string } }>();
  fleetApp.onError(handleErrors(platform.log));
  fleetApp.route('/', fleetRoutes(platform, fleet));
  fleetApp.use('/journal', gatewayAuth(platform));
  fleetApp.use('/checkpoint', gatewayAuth(platform));
  fleetApp.use('/canary-uses', gatewayAuth(platform));
  fleetApp.route('/', canaryUseRoutes(platform));
  fleetApp.route('/', checkpointRoutes(platform));
  fleetApp.route(
    '/',
    ingestRoutes(platform, {
      openDataKey: payloadKey.open,
      erased: erasure.erased,
      onStored: () => projector.poke(),
    }),
  );

  const app = new Hono<{ Variables: { requestId: string; actor: { id: string; name: string } } }>();
  app.onError(handleErrors(platform.log));
  app.use('*', browserHeaders());
  app.use('*', async (c, next) => {
    c.set('requestId', randomUUID());
    c.header('x-request-id', c.get('requestId'));
    await next();
  });
  app.use('*', measures.observe);
  app.route(
    '/',
    healthRoutes(platform, measures, vault, {
      log: () => audit.trouble() !== null,
      root: () => root.troubles().length > 0,
    }),
  );
  app.route('/fleet/v1', fleetApp);
  app.get('/api/openapi.json', sameOrigin(reached), document);
  app.route(API_BASE, api);

  return {
    app: app as unknown as Hono,
    fleet,
    async firstToken() {
      const link = await firstLink(platform, { actor: launcher, reason: 'Drawbridge was started' });
      return link?.token ?? null;
    },
    forwardedLeaves: () => forwardedLeaves(platform),
    async start() {
      // Before anything serves: a restored backup holds what was erased after it was made.
      await erasure.replay();
      audit.start();
      root.start();
      await fleet.start();
      await contradictions.start();
      await keyAlarms.start();
      projector.start();
      rotation.start();
      house = keepHouse(platform, [pruneJob(projections)]);
      tiles = keepTilesFilled(platform);
      canaries = watchCanaries(platform);
      prompts = leaks.watch();
      push = startPush(platform, { names, network: options.exportNetwork });
    },
    async stop() {
      await push?.stop();
      await canaries?.stop();
      await prompts?.stop();
      contradictions.stop();
      keyAlarms.stop();
      await tiles?.stop();
      await rotation.stop();
      await fleet.stop();
      await projector.stop();
      await house?.stop();
      await root.stop();
      await audit.stop();
    },
  };
}

/** A projector that can be poked before it runs. */
function startProjectorLater(platform: Platform) {
  let running: ReturnType<typeof startProjector> | null = null;
  return {
    start() {
      running = startProjector(platform, projections);
    },
    poke: () => running?.poke(),
    stop: async () => running?.stop(),
  };
}
