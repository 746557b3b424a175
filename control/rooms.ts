import { ruleOf } from '@drawbridge/protocol';
import { createAccounts, vendorsWithAccounts } from './accounts/index.ts';
import { createApprovals } from './approvals/index.ts';
import { createApps } from './apps/index.ts';
import { changesAbout, createAudit } from './audit/index.ts';
import { blastFrom } from './blast.ts';
import { canaryProjection } from './canaries/index.ts';
import { createChain } from './chain/index.ts';
import { watchContradictions } from './checkpoints/index.ts';
import {
  createBreakGlass,
  createConnections,
  createContracts,
  packUses,
  severedVendors,
} from './connections/index.ts';
import { coverageProjection, createCoverage, createFetching } from './coverage/index.ts';
import {
  crossedVendors,
  crossingProjection,
  firstCrossings,
  keyUse,
  startProjector,
} from './crossings/index.ts';
import { createDetectors } from './detectors/index.ts';
import { createDiscovery, endpointsSeen } from './discovery/index.ts';
import { createEgress, egressHostProjection, hosts } from './egress/index.ts';
import { createErasure } from './erasure/index.ts';
import { createExercises } from './exercises/index.ts';
import { measurePush, type Push, startPush } from './export/index.ts';
import { exposureProjection, vendorRows } from './exposure/index.ts';
import { createFailover } from './failover/index.ts';
import { createFleet, type Fleet, readHosts } from './fleet/index.ts';
import { consoleLinks, createHoldings } from './holdings/index.ts';
import {
  activePeopleWith,
  createIdentity,
  findPerson,
  isActive,
  operatorCheck,
  personMay,
  type Resolver,
  stillMay,
  type Warning,
} from './identity/index.ts';
import { createImports } from './imports/index.ts';
import { blastOf, incidentsFrom } from './incidents/index.ts';
import { createIntake } from './intake/index.ts';
import { createInventory, keyUseProjection } from './inventory/index.ts';
import { watchKeyAlarms } from './key-alarms/index.ts';
import { createLeaks, promptLeakProjection, scansOfSecrets } from './leaks/index.ts';
import { ledgerOf } from './ledger.ts';
import { createMail } from './mail/index.ts';
import { toldByMessages } from './messages/index.ts';
import { namesFrom } from './names.ts';
import { createNotices } from './notices/index.ts';
import { createObligations } from './obligations/index.ts';
import { createMeasures, readDeploymentName } from './operations/index.ts';
import type { ControlOptions } from './options.ts';
import { directoryOf } from './overview/index.ts';
import { peopleToTell, windowOf } from './people-to-tell.ts';
import { blobSealer, createBlobs, type Platform } from './platform/index.ts';
import { createPolicyRoom } from './policy/index.ts';
import { createRecovery, drillsForSnapshot } from './recovery/index.ts';
import { createRegister } from './register/index.ts';
import { createResidency, residencyProjection } from './residency/index.ts';
import { revealedHashes, reviewProjection } from './review/index.ts';
import { createRoot } from './root/index.ts';
import { createRotation, credentialUseProjection } from './rotation/index.ts';
import { createSever } from './sever/index.ts';
import { createSso } from './sso/index.ts';
import { createTokens } from './tokens/index.ts';
import { createSecrets, ledgerPseudonyms, openPayloadKey } from './vault/index.ts';
import { createCatalogue, createKnown, createOwnPacks } from './vendors/index.ts';
import { messagesFrom } from './verify.ts';
import { createContractTests, createWorkbench } from './workbench/index.ts';
import { createWorkloads } from './workload/index.ts';

export const projections = [
  crossingProjection,
  exposureProjection,
  reviewProjection,
  keyUseProjection,
  canaryProjection,
  credentialUseProjection,
  promptLeakProjection,
  residencyProjection,
  egressHostProjection,
  coverageProjection,
];
export const API_BASE = '/api/v1';
const REVIEW_HASH_LENGTH = 22;

/** Makes the capabilities and wires them to each other. What each of them does is in its own folder. */
export async function createRooms(options: ControlOptions) {
  const { platform, vault } = options;
  const catalogue = createCatalogue(options.packs, options.ownPacks);
  const known = createKnown(options.readFacts);
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
    scans: scansOfSecrets(platform, (bytes) => secrets.hashRequest(bytes)),
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
  const residency = createResidency({
    platform,
    catalogue,
    known,
    connections,
    transfers: options.transfers,
    readHosts: (versions) => readHosts(platform.db, versions),
    inEvidence: (since, only) => endpointsSeen(platform, since, only),
  });
  const sealer = blobSealer(platform, payloadKey);
  const blobs = createBlobs(platform, sealer);
  const register = createRegister({
    platform,
    blobs,
    sealer,
    ledger: ledgerOf(platform),
    nameOf: (vendor) => catalogue.pack(vendor)?.name ?? vendor,
  });
  const imports = createImports(platform, known);
  const discovery = createDiscovery({
    platform,
    known,
    imported: imports.lookup,
    reached: (since) => hosts(platform, { since }),
    registered: async () => {
      const connected = (await connections.all()).map(({ vendor }) => vendor);
      return [...new Set([...connected, ...(await register.ids())])];
    },
    ensureVendor: async (tx, vendor, by) => void (await register.ensure(tx, vendor, by)),
  });
  const coverage = createCoverage({
    platform,
    known,
    connections: async () =>
      (await connections.all()).map(({ id, name, vendor, upstream: { host } }) => ({
        id,
        name,
        vendor,
        host,
      })),
    appNames: (ids) => names.apps(ids),
  });
  const fetching = createFetching({
    platform,
    vault,
    approvals,
    known,
    imports: coverage.imports,
    // By the authorities that everyone trusts, as pages of vendors.
    network: { resolve: options.witnessNetwork.resolve },
  });
  const egress = createEgress({
    platform,
    approvals,
    known,
    severed: async () => {
      const cut = (await connections.all()).filter(({ state }) => state === 'severed');
      const held = await severedVendors(platform.db);
      return {
        vendors: [...held, ...cut.map(({ vendor }) => vendor)],
        hosts: cut.map(({ upstream }) => upstream.host),
      };
    },
    severedVendors,
    appNames: (ids) => names.apps(ids),
  });
  const failover = createFailover({
    platform,
    connections,
    catalogue,
    appNames: (ids) => names.apps(ids),
    gateways: () => fleet.gatewaysOverview(),
  });
  const fleet: Fleet = createFleet({
    platform,
    vault,
    catalogue,
    secrets,
    loadPacks: ownPacks.load,
    payloadKey,
    revealedHashes: () => revealedHashes(platform.db),
    detectors: rules,
    ownDetectors: detectors.readForSnapshot,
    demands: residency.demands,
    withheld: register.withheld,
    egress: egress.forSnapshot,
    routes: failover.forSnapshot,
    drills: drillsForSnapshot,
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
  const push = startPushLater(platform, () => ({ names, network: options.exportNetwork }));
  const leaks = createLeaks({ platform, vault, keyed: (bytes) => secrets.hashRequest(bytes) });
  const chain = createChain({
    platform,
    known,
    // Pages of vendors are reached over the same network as witnesses are, but by the authorities that everyone trusts.
    network: { resolve: options.witnessNetwork.resolve },
    objectionDays: register.objectionDays,
    nameOf: (vendor) => catalogue.pack(vendor)?.name,
    ours: async () => {
      const [crossed, all, held, consoles] = await Promise.all([
        crossedVendors(platform),
        connections.all(),
        vendorsWithAccounts(platform),
        known().then((facts) => consoleLinks(platform, facts)),
      ]);
      return { crossed, connections: all, accounts: held, consoles };
    },
    exposure: async () =>
      new Map(
        (await vendorRows(platform, directory, register.proven)).map(({ vendor, people }) => [
          vendor,
          people,
        ]),
      ),
    named: register.names,
    criticalityOf: register.criticalityOf,
  });

  const holdings = createHoldings({ platform, known, edges: chain.edges, namesOf: chain.namesOf });
  const blast = blastFrom({
    platform,
    catalogue,
    known,
    names,
    connections,
    register,
    chain,
    coverage,
    holdings,
    directory,
    residency,
  });

  const incidents = incidentsFrom({
    platform,
    sealer,
    playbooks: options.playbooks,
    blobs,
    vendorNames: chain.namesOf,
    changes: async ({ party, ...query }) => {
      const mine = (await connections.all()).filter(({ vendor }) => vendor === party);
      const subjects = [{ kind: 'vendor', id: party }, ...mine.map(({ id }) => ({ kind: 'connection', id }))];
      // A policy may bear on any vendor.
      return changesAbout(platform, { ...query, subjects, kinds: ['policy', 'policy_grant'] });
    },
    firstCrossings: (party, from, to) => firstCrossings(platform, names, party, from, to),
    messages: (query) => toldByMessages(platform, query),
    actorName: async (id) => (await findPerson(platform.db, id))?.name ?? null,
    person: async (id) => {
      const person = await findPerson(platform.db, id);
      return person !== null && isActive(person, platform.clock.now()) ? { id, name: person.name } : null;
    },
  });

  const mail = createMail({ platform, sealer, network: options.mailNetwork });
  const intake = createIntake({
    platform,
    sealer,
    network: options.mailNetwork,
    take: (taken) => messages.take(taken),
    keyed: (bytes) => secrets.hashRequest(bytes),
    certificate: options.intakeCertificate,
    base: () => `${options.reached.origins[0] ?? ''}${API_BASE}`,
  });
  const obligations = createObligations({
    platform,
    sealer,
    book: incidents.book,
    readLaw: options.readClockLaw,
    noticesOf: register.noticeHours,
    // Receivers are reached over the same network as witnesses are, but by the authorities that everyone trusts.
    network: { resolve: options.witnessNetwork.resolve },
    mail: mail.mailer,
    person: async (id) => {
      const person = await findPerson(platform.db, id);
      return person?.email != null && isActive(person, platform.clock.now())
        ? { id, name: person.name, email: person.email }
        : null;
    },
    mayRead: (person) =>
      platform.db.transaction().execute((tx) => personMay(platform, tx, person, 'incident.read')),
    origin: () => options.reached.origins[0] ?? null,
    base: API_BASE,
  });
  const notices = createNotices({
    platform,
    sealer,
    templates: options.noticeTemplates,
    book: incidents.book,
    mailer: mail.mailer,
    vendorNames: chain.namesOf,
    agreements: async (party) => (await register.get(party))?.agreements ?? [],
    blastOf: async (incident) => {
      if (incident.party === null || !(await blast.isKnown(incident.party))) return null;
      const { from, to } = windowOf(incident, platform.clock.now());
      return blastOf(blast, incident.party, from, to);
    },
    peopleOf: peopleToTell({ blast, detectors, accounts }),
    pseudonymOf,
    logged: (subjects, most) => audit.evidence(subjects, most),
  });
  const messages = messagesFrom({
    options,
    platform,
    sealer,
    keyed: (bytes) => secrets.hashRequest(bytes),
    pseudonymOf,
    accounts,
    chain,
    connections,
    coverage,
    register,
    book: incidents.book,
    notices,
    mailer: mail.mailer,
    reading: intake.reading,
    retentionDays: intake.retentionDays,
  });
  const exercises = createExercises({
    platform,
    incidents: incidents.book,
    exercises: options.exercises,
    clocksEnded: obligations.clocksEnded,
  });
  const recovery = createRecovery({
    platform,
    names,
    vendorNames: chain.namesOf,
    connections: connections.all,
    book: incidents.book,
  });
  const sever = createSever({
    platform,
    sealer,
    book: incidents.book,
    secrets,
    connections: connections.all,
    edges: chain.edges,
    namesOf: chain.namesOf,
    isKnown: blast.isKnown,
    domainsOf: async (vendor) => (await known()).get(vendor)?.domains.map(({ is }) => is) ?? [],
    entry: register.get,
    accountsHeld: async (vendor) => (await holdings.heldAt(vendor)).filter((one) => one.vendor === vendor),
    covered: coverage.covered,
    gateways: fleet.gatewaysOverview,
  });

  const warnings = (): Warning[] => {
    const found = [
      { code: 'snapshot_problem', text: fleet.problem() },
      { code: 'log_trouble', text: audit.trouble() },
      { code: 'key_alarm', text: keyAlarms.warning() },
      { code: 'message_not_there', text: messages.warning() },
      { code: 'log_contradiction', text: contradictions.warning() },
      { code: 'export_problem', text: push.problem() },
      { code: 'reminder_problem', text: obligations.problem() },
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
  return {
    options,
    platform,
    vault,
    catalogue,
    known,
    ownPacks,
    names,
    secrets,
    payloadKey,
    approvals,
    connections,
    contracts,
    coverage,
    breakGlass,
    apps,
    imports,
    inventory,
    directory,
    discovery,
    detectors,
    workbench,
    contractTests,
    fetching,
    fleet,
    holdings,
    residency,
    egress,
    failover,
    accounts,
    blobs,
    register,
    blast,
    incidents,
    intake,
    obligations,
    mail,
    notices,
    messages,
    exercises,
    recovery,
    sever,
    chain,
    erasure,
    policies,
    projector,
    audit,
    root,
    rotation,
    measures,
    contradictions,
    keyAlarms,
    leaks,
    push,
    warnings,
    reviewHashes,
    contractNames,
    reached,
    identity,
    tokens,
    who,
    mayGoOn,
    sso,
    workloads,
  };
}

export type Rooms = Awaited<ReturnType<typeof createRooms>>;

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

/** Pushing to a SIEM, which can be poked before it runs. */
function startPushLater(platform: Platform, options: () => Parameters<typeof startPush>[1]) {
  let running: Push | null = null;
  return {
    start() {
      running = startPush(platform, options());
    },
    poke: () => running?.poke(),
    problem: () => running?.problem() ?? null,
    stop: async () => running?.stop(),
  };
}
