import type { ContractDocument } from '@drawbridge/protocol/contract';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Account, VendorPosture } from './account-types.ts';
import type { Change, ChangeDetail, LogRow } from './audit-types.ts';
import type {
  Chain,
  ChainChanges,
  ChainList,
  ChainListHead,
  ChainNamedEdge,
  ChainReview,
  ChainWatch,
} from './chain-types.ts';
import { ApiError, type Query, read, readText, write } from './client.ts';
import type { IncidentClocks, WallClock } from './clock-types.ts';
import type { Coverage, CoverageSummary, UsageFetching, UsageImport } from './coverage-types.ts';
import type {
  KnownList,
  Pattern,
  PatternVersion,
  RegisteredSecret,
  ShippedDetector,
} from './detector-types.ts';
import type {
  Candidate,
  DiscoverySummary,
  EvidenceFile,
  EvidenceRun,
  EvidenceTrace,
} from './discovery-types.ts';
import type { EgressHost, EgressPreview, EgressRules } from './egress-types.ts';
import type { Exercise, ExerciseRun } from './exercise-types.ts';
import type { ConfigurationVersion, GatewayRow, Rollback } from './fleet-types.ts';
import type { AccountHolding, ConsoleVisit, PartyBehindSummary, PartyHolding } from './holding-types.ts';
import type { MyFactors, PersonRow, Role, SessionRow } from './identity-types.ts';
import type { BlastRadius, WeakestLink } from './incident-types.ts';
import type { Canary, CanaryDetail, CanaryForm, HeldKey, KeyInventory, KeyUseList } from './key-types.ts';
import type { Leak, LeakCounts, LeakPlace, LeakPolicy, OneLeak, ScanRun } from './leak-types.ts';
import type { Contradiction, CrossingEvidence, CrossingPayload, GatewayLog } from './log-types.ts';
import type { BreakGlass, ModeDifference } from './mode-types.ts';
import type {
  ClockFeed,
  OrganisationProfile,
  OwnRules,
  RemindersView,
  RuleReviews,
  SentReminder,
} from './obligation-types.ts';
import type {
  AccessRequest,
  AppFacts,
  Grant,
  Policy,
  PolicyDetail,
  PolicyVersion,
  Refusal,
  Starter,
  VendorFacts,
} from './policy-types.ts';
import type { AppPrivacy } from './privacy-types.ts';
import type { DueAgreement, DueItem, RegisterEntry, RegisterPage, RegisterRules } from './register-types.ts';
import type { ReplayResult } from './replay.ts';
import type {
  AffectedPage,
  ProviderRanges,
  RegionDemand,
  ResidencyContradiction,
  ResidencyStatement,
  TransferLaw,
  WhereVendorIs,
  World,
} from './residency-types.ts';
import type {
  Incident,
  IncidentAction,
  IncidentAttachment,
  IncidentLine,
  IncidentRow,
  Playbook,
} from './room-types.ts';
import type { KeyAlarm, Rotation, RotationDue } from './rotation-types.ts';
import type { Severance, SeverancePlan, SeveranceRow, SeverKind } from './sever-types.ts';
import type { ApiToken } from './token-types.ts';
import type {
  Approval,
  DeploymentSettings,
  Issuer,
  KeyLifetime,
  VaultStatus,
  Workload,
} from './trust-types.ts';
import type {
  App,
  Connection,
  ContractHistory,
  CrossingDetail,
  CrossingRow,
  Exposure,
  Overview,
  PackRow,
  Page,
  ReviewRow,
  SeenShapes,
  ServiceDetail,
  Session,
  Sighting,
  UsePlace,
  VendorDetail,
  VendorRow,
  VirtualKey,
} from './types.ts';
import type { ContractTest, ContractTestRun } from './workbench-types.ts';

/** What the server says has changed; each query names the topics that make its answer stale. */
export type Topic =
  | 'connections'
  | 'keys'
  | 'policies'
  | 'crossings'
  | 'exposure'
  | 'review'
  | 'gateways'
  | 'changes'
  | 'alarms'
  | 'canaries'
  | 'rotations'
  | 'leaks'
  | 'egress'
  | 'coverage'
  | 'chain'
  | 'incidents'
  | 'severances'
  | 'discovery'
  | 'residency'
  | 'register';

const rowsPerPage = 200;
const minutes = 60_000;

/** A list that is read page by page while it is scrolled. */
function pages<Item>(path: string, query: Query, topics: readonly Topic[]) {
  return infiniteQueryOptions({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) =>
      read<Page<Item>>(path, { ...query, limit: rowsPerPage, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    meta: { topics },
  });
}

/** A list that is short by nature: all of its pages, one after the other. */
async function whole<Item>(path: string, query: Query, signal: AbortSignal, most: number): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await read(path, { ...query, limit: most, cursor }, signal);
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}

/** `most`: rows that one page may have, where that is fewer than usual. */
function list<Item>(path: string, topics: readonly Topic[], query: Query = {}, most = rowsPerPage) {
  return queryOptions({
    queryKey: [path, 'all', query],
    queryFn: ({ signal }) => whole<Item>(path, query, signal, most),
    meta: { topics },
  });
}

function one<Answer>(path: string, topics: readonly Topic[]) {
  return queryOptions({
    queryKey: [path],
    queryFn: ({ signal }) => read<Answer>(path, undefined, signal),
    meta: { topics },
  });
}

async function nullWhenMissing<Answer>(path: string, signal: AbortSignal): Promise<Answer | null> {
  try {
    return await read<Answer | null>(path, undefined, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function oneOrNone<Answer>(path: string, topics: readonly Topic[]) {
  return queryOptions({
    queryKey: [path, 'or none'],
    queryFn: ({ signal }) => nullWhenMissing<Answer>(path, signal),
    meta: { topics },
  });
}

const id = encodeURIComponent;

/** A proof does not change while its log grows: another one only leads to a later root. */
function proofAt(path: string) {
  return queryOptions({
    queryKey: [path],
    queryFn: ({ signal }) => readText(path, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const queries = {
  keyUse: (days: '30' | '90') =>
    queryOptions({
      queryKey: ['/key-use', days],
      queryFn: ({ signal }) => read<KeyUseList>('/key-use', { days }, signal),
      meta: { topics: ['keys'] satisfies Topic[] },
    }),
  keyInventory: () => one<KeyInventory>('/key-inventory', ['keys', 'changes']),
  heldKeys: (query: { source?: string | undefined; finding?: string | undefined }) =>
    list<HeldKey>('/held-keys', ['changes'], query),
  accountHolding: (vendor: string) =>
    one<AccountHolding>(`/holdings/vendors/${id(vendor)}`, ['chain', 'coverage']),
  consoleVisits: (vendor: string) =>
    pages<ConsoleVisit>(`/holdings/vendors/${id(vendor)}/visits`, {}, ['chain']),
  consoleParties: () => pages<PartyBehindSummary>('/holdings/parties', {}, ['chain', 'coverage']),
  consoleParty: (party: string) => one<PartyHolding>(`/holdings/parties/${id(party)}`, ['chain', 'coverage']),
  /** Of vendors of which reports were handed in; of all others it is unknown. */
  coverages: () => list<CoverageSummary>('/coverage', ['coverage', 'discovery', 'connections'], {}, 50),
  coverage: (vendor: string, from: string, to: string) => {
    const path = `/coverage/${id(vendor)}`;
    return queryOptions({
      queryKey: [path, from, to],
      queryFn: ({ signal }) => read<Coverage>(path, { from, to }, signal),
      placeholderData: keepPreviousData,
      meta: { topics: ['coverage', 'discovery', 'connections'] satisfies Topic[] },
    });
  },
  usageFetching: (vendor: string) => one<UsageFetching>(`/coverage/${id(vendor)}/fetching`, ['coverage']),
  usageImports: (vendor: string) => pages<UsageImport>('/coverage-reports', { vendor }, ['coverage']),
  egress: () => one<EgressRules>('/egress', ['egress', 'keys', 'connections']),
  /** What a change of the rules would do; `change`: the lists as they would be. */
  egressPreview: (basedOn: number, change: object) =>
    queryOptions({
      queryKey: ['/egress/preview', basedOn, change],
      queryFn: ({ signal }) =>
        write<EgressPreview>('POST', '/egress/preview', { body: { basedOn, ...change }, signal }),
      placeholderData: keepPreviousData,
      retry: false,
      meta: { topics: ['egress'] satisfies Topic[] },
    }),
  egressHosts: (query: Query) => pages<EgressHost>('/egress/hosts', query, ['egress']),
  leaks: (query: Query) => pages<Leak>('/leaks', query, ['leaks', 'keys', 'connections']),
  leak: (leak: string) => oneOrNone<OneLeak>(`/leaks/${id(leak)}`, ['leaks', 'keys', 'connections']),
  leakPlaces: (leak: string) => pages<LeakPlace>(`/leaks/${id(leak)}/places`, {}, ['leaks']),
  leakCounts: () => one<LeakCounts>('/leak-counts', ['leaks', 'keys', 'connections']),
  leakPolicy: () => one<LeakPolicy>('/leak-policy', ['changes']),
  discoverySummary: () => one<DiscoverySummary>('/discovery/summary', ['discovery', 'connections']),
  candidates: (query: Query) =>
    pages<Candidate>('/discovery/candidates', query, ['discovery', 'connections']),
  evidenceTraces: (query: Query) => pages<EvidenceTrace>('/discovery/traces', query, ['discovery']),
  evidenceFiles: (run: string) => list<EvidenceFile>(`/discovery/runs/${id(run)}/files`, ['discovery']),
  evidenceRun: (run: string) => oneOrNone<EvidenceRun>(`/discovery/runs/${id(run)}`, ['discovery']),
  evidenceRuns: () => pages<EvidenceRun>('/discovery/runs', {}, ['discovery']),
  evidenceFormats: () => list<{ id: string; name: string }>('/discovery/formats', []),
  knownVendors: () => list<{ id: string; name: string; category: string }>('/known-vendors', []),
  scanRuns: () => pages<ScanRun>('/scan-runs', {}, ['leaks']),
  /** `at`: as it was then; undefined: as it is now. */
  chain: (at: string | undefined) =>
    queryOptions({
      queryKey: ['/chain', at],
      queryFn: ({ signal }) => read<Chain>('/chain', { at }, signal),
      placeholderData: keepPreviousData,
      meta: { topics: ['chain', 'connections', 'exposure'] satisfies Topic[] },
    }),
  chainChanges: () => one<ChainChanges>('/chain/changes', ['chain', 'connections']),
  chainReviews: () => list<ChainReview>('/chain/reviews', ['chain']),
  chainEdges: (query: { from: string } | { to: string }) =>
    list<ChainNamedEdge>('/chain/edges', ['chain', 'connections'], query),
  chainList: (vendor: string) => oneOrNone<ChainList>(`/chain/lists/${id(vendor)}`, ['chain']),
  chainWatch: (vendor: string) => oneOrNone<ChainWatch>(`/chain/lists/${id(vendor)}/watch`, ['chain']),
  chainListVersions: (vendor: string) =>
    list<ChainListHead>(`/chain/lists/${id(vendor)}/versions`, ['chain']),
  chainListVersion: (vendor: string, version: number) =>
    one<ChainList>(`/chain/lists/${id(vendor)}/versions/${version}`, ['chain']),
  canaries: () => list<Canary>('/canaries', ['keys', 'canaries']),
  canary: (canary: string) => one<CanaryDetail>(`/canaries/${id(canary)}`, ['canaries']),
  canaryForms: () => one<{ items: CanaryForm[] }>('/canary-forms', ['connections']),
  session: () => ({ ...one<Session>('/session', []), staleTime: minutes }),
  people: () => list<PersonRow>('/people', ['changes']),
  person: (person: string) => one<PersonRow>(`/people/${id(person)}`, ['changes']),
  sessionsOf: (person: string) => one<{ items: SessionRow[] }>(`/people/${id(person)}/sessions`, ['changes']),
  roles: () => ({ ...one<{ items: Role[] }>('/roles', []), staleTime: 10 * minutes }),
  myFactors: () => one<MyFactors>('/me/factors', ['changes']),
  myTokens: () => one<{ items: ApiToken[] }>('/tokens', ['changes']),
  tokensOf: (person: string) => one<{ items: ApiToken[] }>(`/people/${id(person)}/tokens`, ['changes']),
  mySessions: () => one<{ items: SessionRow[] }>('/me/sessions', ['changes']),
  overview: () => one<Overview>('/overview', ['connections', 'keys', 'crossings', 'exposure', 'gateways']),
  /** A pack that is entered is told as a change of connections: it can be connected at once. */
  packs: () => ({ ...list<PackRow>('/packs', ['connections']), staleTime: 10 * minutes }),
  service: (vendor: string, service: string) => ({
    ...one<ServiceDetail>(`/packs/${id(vendor)}/${id(service)}`, ['connections']),
    staleTime: 10 * minutes,
  }),
  register: (query: Query) =>
    infiniteQueryOptions({
      queryKey: ['/register', query],
      queryFn: ({ pageParam, signal }) =>
        read<RegisterPage>('/register', { ...query, limit: rowsPerPage, cursor: pageParam }, signal),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      meta: { topics: ['register', 'connections'] satisfies Topic[] },
    }),
  registered: (vendor: string) =>
    oneOrNone<RegisterEntry>(`/register/${id(vendor)}`, ['register', 'connections', 'exposure']),
  registerRules: () => one<RegisterRules>('/register/rules', ['register']),
  agreementsDue: () => one<{ items: DueAgreement[] }>('/agreements', ['register']),
  vendorDue: (from: string, to: string) =>
    queryOptions({
      queryKey: ['/vendor-reviews', from, to],
      queryFn: ({ signal }) => read<{ items: DueItem[] }>('/vendor-reviews', { from, to }, signal),
      meta: { topics: ['register'] satisfies Topic[] },
    }),
  vendors: () => list<VendorRow>('/vendors', ['connections', 'exposure', 'crossings']),
  vendor: (vendor: string) => one<VendorDetail>(`/vendors/${id(vendor)}`, ['connections', 'exposure']),
  exposures: (vendor: string, query: Query) =>
    pages<Exposure>(`/vendors/${id(vendor)}/exposures`, query, ['exposure']),
  sightings: (vendor: string) => list<Sighting>('/sightings', ['crossings'], { vendor }),
  connections: () => list<Connection>('/connections', ['connections']),
  connection: (connection: string) => one<Connection>(`/connections/${id(connection)}`, ['connections']),
  difference: (connection: string, to: string) => {
    const path = `/connections/${id(connection)}/difference`;
    return queryOptions({
      queryKey: [path, to],
      queryFn: ({ signal }) => read<ModeDifference>(path, { to }, signal),
      meta: { topics: ['connections'] satisfies Topic[] },
    });
  },
  breakGlass: () => one<{ items: BreakGlass[] }>('/break-glass', ['connections']),
  breakGlassOf: (connection: string) =>
    queryOptions({
      queryKey: ['/break-glass', connection],
      queryFn: ({ signal }) => read<{ items: BreakGlass[] }>('/break-glass', { connection }, signal),
      meta: { topics: ['connections'] satisfies Topic[] },
    }),
  contract: (connection: string) =>
    one<ContractHistory>(`/connections/${id(connection)}/contract`, ['connections']),
  contractTests: (connection: string) =>
    one<{ items: ContractTest[] }>(`/connections/${id(connection)}/contract-tests`, ['connections']),
  /** How the tests come out under a draft; `rules`: null, the contract in force. */
  contractTestRun: (connection: string, rules: ContractDocument | null) =>
    queryOptions({
      queryKey: [`/connections/${id(connection)}/contract-tests/run`, rules],
      queryFn: ({ signal }) =>
        write<ContractTestRun>('POST', `/connections/${id(connection)}/contract-tests/run`, {
          body: rules === null ? {} : { rules },
          signal,
        }),
      placeholderData: keepPreviousData,
      retry: false,
      meta: { topics: ['connections'] },
    }),
  /** Stays as it was read while somebody edits by it. */
  shapes: (connection: string) => ({
    ...one<SeenShapes>(`/connections/${id(connection)}/shapes`, ['review']),
    staleTime: minutes,
  }),
  firstCrossing: (connection: string) =>
    oneOrNone<CrossingDetail>(`/connections/${id(connection)}/first-crossing`, ['crossings']),
  apps: () => list<App>('/apps', ['keys']),
  keys: () => list<VirtualKey>('/keys', ['keys']),
  useOfApp: (app: string) => one<{ items: UsePlace[] }>(`/apps/${id(app)}/use`, ['crossings']),
  appPrivacy: (app: string, days: '7' | '30') => {
    const path = `/apps/${id(app)}/privacy`;
    return queryOptions({
      queryKey: [path, days],
      queryFn: ({ signal }) => read<AppPrivacy>(path, { days }, signal),
      meta: { topics: ['crossings', 'connections'] satisfies Topic[] },
    });
  },
  crossings: (query: Query) => pages<CrossingRow>('/crossings', query, []),
  crossing: (crossing: string) => one<CrossingDetail>(`/crossings/${id(crossing)}`, ['crossings']),
  crossingEvidence: (crossing: string) =>
    one<CrossingEvidence>(`/crossings/${id(crossing)}/evidence`, ['crossings']),
  crossingPayload: (crossing: string) =>
    one<CrossingPayload>(`/crossings/${id(crossing)}/payload`, ['crossings']),
  crossingProof: (crossing: string, part: 'leaf' | 'settlement') =>
    proofAt(`/crossings/${id(crossing)}/${part === 'leaf' ? '' : 'settlement/'}proof`),
  policies: () => one<{ items: Policy[]; hash: string | null }>('/policies', ['policies']),
  policy: (name: string) => one<PolicyDetail>(`/policies/${id(name)}`, ['policies']),
  policyVersion: (name: string, version: string) =>
    one<PolicyVersion>(`/policies/${id(name)}/versions/${id(version)}`, ['policies']),
  starters: () => one<{ items: Starter[] }>('/policies/starters', ['policies']),
  accessRequests: () => one<{ items: AccessRequest[] }>('/access-requests', ['policies']),
  accessRequestsOf: (crossing: string) =>
    queryOptions({
      queryKey: ['/access-requests', crossing],
      queryFn: ({ signal }) => read<{ items: AccessRequest[] }>('/access-requests', { crossing }, signal),
      meta: { topics: ['policies'] satisfies Topic[] },
    }),
  refusal: (crossing: string) => one<Refusal>(`/crossings/${id(crossing)}/refusal`, ['policies']),
  grants: () => one<{ items: Grant[] }>('/grants', ['policies']),
  facts: () => one<{ apps: AppFacts[]; vendors: VendorFacts[] }>('/facts', ['policies', 'keys']),
  review: (query: Query) => pages<ReviewRow>('/review', query, ['review']),
  rotations: () => one<{ items: Rotation[] }>('/rotations', ['rotations', 'connections']),
  rotationsDue: () => one<{ items: RotationDue[] }>('/rotations-due', ['rotations', 'connections']),
  keyAlarms: () => list<KeyAlarm>('/key-alarms', ['alarms']),
  gateways: () => one<{ items: GatewayRow[] }>('/gateways', ['gateways', 'connections', 'keys']),
  configurations: () =>
    pages<ConfigurationVersion>('/snapshots', {}, ['connections', 'keys', 'policies', 'review', 'gateways']),
  configuration: (version: string) =>
    one<ConfigurationVersion>(`/snapshots/${id(version)}`, ['connections', 'keys']),
  rollback: (version: string, reopen: boolean) =>
    queryOptions({
      queryKey: ['/snapshots', version, 'rollback', reopen],
      queryFn: ({ signal }) =>
        read<Rollback>(`/snapshots/${id(version)}/rollback`, { reopen: String(reopen) }, signal),
      staleTime: 0,
      meta: { topics: ['connections', 'keys'] },
    }),
  approvals: () => one<{ items: Approval[] }>('/approvals', ['changes']),
  settings: () => one<DeploymentSettings>('/settings', ['changes']),
  vault: () => one<VaultStatus>('/vault', ['changes']),
  issuers: () => one<{ items: Issuer[] }>('/issuers', ['changes']),
  workloads: (app: string) => one<{ items: Workload[] }>(`/apps/${id(app)}/workloads`, ['keys', 'changes']),
  keyLifetime: () => one<KeyLifetime>('/key-lifetime', ['changes']),
  organisationProfile: () => one<OrganisationProfile>('/organisation/profile', ['incidents']),
  ruleReviews: () => one<RuleReviews>('/organisation/reviews', ['incidents']),
  ownRules: () => one<OwnRules>('/organisation/own-rules', ['incidents']),
  reminders: () => one<RemindersView>('/organisation/reminders', ['incidents']),
  failedReminders: () =>
    pages<SentReminder>('/organisation/reminders/sent', { failed: 'true' }, ['incidents']),
  clockFeeds: () => one<{ items: ClockFeed[] }>('/clocks/feeds', ['changes']),
  world: () => one<World>('/residency/world', ['residency', 'connections', 'crossings']),
  transferLaw: () => one<TransferLaw>('/residency/law', []),
  where: (vendor: string) =>
    one<WhereVendorIs>(`/residency/vendors/${id(vendor)}`, ['residency', 'connections', 'crossings']),
  demands: () => list<RegionDemand>('/residency/demands', ['residency', 'connections']),
  residencyContradictions: () =>
    pages<ResidencyContradiction>('/residency/contradictions', {}, ['residency', 'connections', 'crossings']),
  residencyVersions: (statement: string) =>
    one<{ items: ResidencyStatement[] }>(`/residency/statements/${id(statement)}/versions`, ['residency']),
  residencyRanges: () => one<{ items: ProviderRanges[] }>('/residency/ranges', ['residency']),
  affected: (falls: string) =>
    infiniteQueryOptions({
      queryKey: ['/residency/what-if', falls],
      queryFn: ({ pageParam, signal }) =>
        read<AffectedPage>('/residency/what-if', { falls, limit: rowsPerPage, cursor: pageParam }, signal),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      meta: { topics: ['residency', 'connections', 'crossings'] satisfies Topic[] },
    }),
  incidents: (query: Query) => pages<IncidentRow>('/incidents', query, ['incidents']),
  incident: (incident: string) => oneOrNone<Incident>(`/incidents/${id(incident)}`, ['incidents']),
  incidentLines: (incident: string) =>
    pages<IncidentLine>(`/incidents/${id(incident)}/timeline`, {}, ['incidents', 'changes']),
  incidentFiles: (incident: string) =>
    pages<IncidentAttachment>(`/incidents/${id(incident)}/attachments`, {}, ['incidents']),
  incidentActions: () => pages<IncidentAction>('/incident-actions', {}, ['incidents']),
  incidentClocks: (incident: string) =>
    one<IncidentClocks>(`/incidents/${id(incident)}/clocks`, ['incidents']),
  clockWall: () => pages<WallClock>('/clocks', {}, ['incidents']),
  playbooks: () => ({ ...one<{ items: Playbook[] }>('/playbooks', []), staleTime: 10 * minutes }),
  exercises: () => one<{ items: Exercise[] }>('/exercises', ['incidents']),
  exerciseRun: (run: string) => one<ExerciseRun>(`/exercise-runs/${id(run)}`, ['incidents']),
  weakestLinks: () => list<WeakestLink>('/weakest-links', ['connections', 'exposure', 'register']),
  /** Days, both whole, in UTC. */
  blastRadius: (party: string, from: string, to: string) =>
    queryOptions({
      queryKey: ['/blast-radius', party, from, to],
      queryFn: ({ signal }) =>
        read<BlastRadius>(
          `/blast-radius/${id(party)}`,
          { from: `${from}T00:00:00Z`, to: `${to}T23:59:59.999Z` },
          signal,
        ),
      placeholderData: keepPreviousData,
      meta: { topics: ['exposure', 'register', 'chain'] satisfies Topic[] },
    }),
  /** What cutting something off would do. Kinds are those of severances; `fieldClass`: of a field class alone. */
  severancePlan: (of: { kind: SeverKind; id: string; fieldClass: string }) => {
    const by = of.kind === 'field_class' ? 'vendor' : of.kind;
    const asked = { [by]: of.id, ...(of.kind === 'field_class' ? { fieldClass: of.fieldClass } : {}) };
    return queryOptions({
      queryKey: ['/severance-plan', asked],
      queryFn: ({ signal }) => read<SeverancePlan>('/severance-plan', asked, signal),
      placeholderData: keepPreviousData,
      meta: { topics: ['severances', 'connections', 'chain'] satisfies Topic[] },
    });
  },
  severances: (query: { vendor?: string; incident?: string; open?: 'true' }) =>
    queryOptions({
      queryKey: ['/severances', query],
      queryFn: ({ signal }) =>
        read<Page<SeveranceRow>>('/severances', { ...query, limit: rowsPerPage }, signal),
      meta: { topics: ['severances', 'gateways'] satisfies Topic[] },
    }),
  severance: (severance: string) =>
    one<Severance>(`/severances/${id(severance)}`, ['severances', 'connections', 'gateways']),
  accounts: () => one<{ items: VendorPosture[] }>('/accounts', []),
  accountsOf: (vendor: string) => one<{ items: Account[] }>(`/accounts/${id(vendor)}`, []),
  shippedDetectors: () => one<{ items: ShippedDetector[] }>('/shipped-detectors', []),
  patterns: () => one<{ items: Pattern[] }>('/patterns', ['connections']),
  patternVersions: (pattern: string) =>
    one<{ items: PatternVersion[] }>(`/patterns/${id(pattern)}`, ['connections']),
  knownLists: () => one<{ items: KnownList[] }>('/known-lists', ['connections']),
  registeredSecrets: () => one<{ items: RegisteredSecret[] }>('/registered-secrets', ['connections']),
  logs: () => one<{ items: LogRow[]; gateways: GatewayLog[] }>('/logs', ['changes', 'gateways']),
  contradictions: (gateway: string) =>
    one<{ items: Contradiction[] }>(`/gateways/${id(gateway)}/contradictions`, ['gateways']),
  changes: (query: Query) => pages<Change>('/changes', query, []),
  change: (change: string) => one<ChangeDetail>(`/changes/${id(change)}`, ['changes']),
  proof: (change: string) => proofAt(`/changes/${id(change)}/proof`),
  replay: () => oneOrNone<ReplayResult>('/replay', []),
};
