import type { Hono } from 'hono';
import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { accountRoutes } from '../../control/accounts/routes.ts';
import type { ApprovalView } from '../../control/approvals/schemas.ts';
import type {
  AppView,
  KeyCapsChange,
  KeyLifetime as KeyLifetimeView,
  NewKey,
  ShownKey,
  VirtualKeyView,
} from '../../control/apps/schemas.ts';
import type {
  ChangeDetail as ChangeAnswer,
  ChangeItem,
  ChangeQuery,
  LogOverview,
} from '../../control/audit/schemas.ts';
import type {
  CanaryDetail as CanaryAnswer,
  CanaryView,
  ShownCanary,
} from '../../control/canaries/schemas.ts';
import type { chainRoutes } from '../../control/chain/routes.ts';
import type {
  ChainView,
  EdgeView,
  NamedEdgeView,
  TakenListSchema,
  WatchView,
} from '../../control/chain/schemas.ts';
import type { ContradictionView } from '../../control/checkpoints/contradictions.ts';
import type { gatewayLogRoutes } from '../../control/checkpoints/log-routes.ts';
import type { LogOverview as GatewayLogOverview } from '../../control/checkpoints/logs.ts';
import type {
  Allowance,
  BreakGlassEntry,
  BreakGlassView,
  ConnectionChange,
  ConnectionView,
  ContractHistorySchema,
  ContractVersionView,
  DifferenceView,
  NewConnection,
} from '../../control/connections/schemas.ts';
import type { FetchingView } from '../../control/coverage/fetching/schemas.ts';
import type { CoverageView, ImportView as UsageImportView } from '../../control/coverage/schemas.ts';
import type { CoverageSummary as CoverageSummaryView } from '../../control/coverage/summaries.ts';
import type {
  Crossing,
  CrossingDetail as CrossingAnswer,
  Shapes,
  UsePlace as UsePlaceAnswer,
} from '../../control/crossings/schemas.ts';
import type { detectorRoutes } from '../../control/detectors/routes.ts';
import type { EntryView, Imported, ListView, PatternView } from '../../control/detectors/schemas.ts';
import type {
  CandidateView,
  FileView as EvidenceFileView,
  RunView as EvidenceRunView,
  SightingView,
  Summary,
} from '../../control/discovery/schemas.ts';
import type { EgressPreviewView, egressRoutes } from '../../control/egress/routes.ts';
import type { RunView as ExerciseRunView, ExerciseView } from '../../control/exercises/schemas.ts';
import type { exposureRoutes } from '../../control/exposure/routes.ts';
import type {
  Exposure as ExposureAnswer,
  VendorRow as VendorAnswer,
} from '../../control/exposure/schemas.ts';
import type { AppRouteView as AppRouteAnswer } from '../../control/failover/schemas.ts';
import type { configurationRoutes } from '../../control/fleet/configuration-routes.ts';
import type { gatewayRoutes } from '../../control/fleet/routes.ts';
import type {
  PartySummary,
  PartyHolding as PartyView,
  VendorHolding,
  VisitView,
} from '../../control/holdings/schemas.ts';
import type { meRoutes } from '../../control/identity/me-routes.ts';
import type { peopleRoutes } from '../../control/identity/people-routes.ts';
import type { sessionRoutes } from '../../control/identity/session-routes.ts';
import type { Blast, Weakest } from '../../control/incidents/blast/schemas.ts';
import type {
  ActionView,
  AttachmentView,
  FeedLineView,
  IncidentRowView,
  IncidentView,
} from '../../control/incidents/room/schemas.ts';
import type {
  HeldKeyView,
  ImportAnswer,
  InventoryView,
  KeyUseList as KeyUseAnswer,
  PreviewAnswer,
} from '../../control/inventory/schemas.ts';
import type { KeyAlarmView } from '../../control/key-alarms/schemas.ts';
import type { leakRoutes } from '../../control/leaks/routes.ts';
import type {
  LeakPolicy as LeakPolicyView,
  LeakView,
  PlaceView,
  RunView,
} from '../../control/leaks/schemas.ts';
import type { mailRoutes, TriedSchema } from '../../control/mail/routes.ts';
import type { Breach as BreachAnswer } from '../../control/notices/breach.ts';
import type { Organisation as OrganisationAnswer } from '../../control/notices/organisation.ts';
import type {
  ExportedSchema,
  NoticeView,
  RecipientView,
  SheetVersionSchema,
  SheetViewSchema,
  TemplateViewSchema,
} from '../../control/notices/schemas.ts';
import type {
  RemindersView as RemindersAnswer,
  ReminderView,
} from '../../control/obligations/reminders/routes.ts';
import type { OwnRulesView, ProfileView, ReviewsView } from '../../control/obligations/schemas.ts';
import type { settingRoutes } from '../../control/operations/settings.ts';
import type { overviewRoutes } from '../../control/overview/routes.ts';
import type { HttpEnv } from '../../control/platform/http.ts';
import type {
  AccessRequestView,
  AppFactsView,
  PolicyChecked as CheckedAnswer,
  DryRunResult,
  GrantView,
  PolicyDetail as PolicyAnswer,
  PolicyVersionView,
  PolicyView,
  VendorFactsView,
} from '../../control/policy/schemas.ts';
import type { AppPrivacy as AppPrivacyView } from '../../control/privacy/schemas.ts';
import type { RecoveryDrillView as RecoveryDrillAnswer } from '../../control/recovery/schemas.ts';
import type { registerRoutes } from '../../control/register/routes.ts';
import type {
  AffectedView,
  DemandView,
  JudgedView,
  LawSchema,
  RangesView,
  StatementView,
  WhereView,
  WorldView,
} from '../../control/residency/schemas.ts';
import type { reviewRoutes } from '../../control/review/routes.ts';
import type { DueView, RotationView } from '../../control/rotation/schemas.ts';
import type { Plan as PlanAnswer, Severance as SeveranceAnswer } from '../../control/sever/schemas.ts';
import type { IssuerCheck as IssuerCheckAnswer } from '../../control/sso/check.ts';
import type { IssuerChange, IssuerView, NewIssuer } from '../../control/sso/schemas.ts';
import type { ShownToken, TokenView } from '../../control/tokens/schemas.ts';
import type { VaultStatus as VaultAnswer } from '../../control/vault/status.ts';
import type { packRoutes } from '../../control/vendors/routes.ts';
import type {
  ContractTestRunView,
  ContractTestView,
  PreparedView,
  WorkbenchRunView,
} from '../../control/workbench/schemas.ts';
import type { NewWorkload, WorkloadView } from '../../control/workload/schemas.ts';
import type { Account, VendorPosture } from './account-types.ts';
import type { Change, ChangeDetail, LogRow } from './audit-types.ts';
import type {
  Chain,
  ChainChanges,
  ChainEdge,
  ChainListHead,
  ChainListTaken,
  ChainNamedEdge,
  ChainReview,
  ChainWatch,
} from './chain-types.ts';
import type { Coverage, CoverageSummary, UsageFetching, UsageImport } from './coverage-types.ts';
import type {
  KnownEntry,
  KnownList,
  KnownListImported,
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
import type {
  BoundsPreview,
  Canary,
  CanaryDetail,
  HeldKey,
  HeldKeyImportAnswer,
  KeyInventory,
  KeyUseList,
  NewCanary,
} from './key-types.ts';
import type { Leak, LeakCounts, LeakPlace, LeakPolicy, OneLeak, ScanRun } from './leak-types.ts';
import type { Contradiction, CrossingEvidence, CrossingPayload, GatewayLog } from './log-types.ts';
import type { BreakGlass, ModeDifference } from './mode-types.ts';
import type {
  Breach,
  FactSheet,
  FactSheetVersion,
  MailServer,
  MailServerTest,
  Notice,
  NoticeFile,
  NoticeOrganisation,
  NoticeRecipient,
  NoticeTemplate,
} from './notice-types.ts';
import type {
  OrganisationProfile,
  OwnRules,
  RemindersView,
  RuleReviews,
  SentReminder,
} from './obligation-types.ts';
import type {
  AccessRequest,
  AppFacts,
  DryRun,
  Example,
  Grant,
  Policy,
  PolicyChecked,
  PolicyDetail,
  PolicyVersion,
  VendorFacts,
} from './policy-types.ts';
import type { AppPrivacy } from './privacy-types.ts';
import type { RegisterPage } from './register-types.ts';
import type {
  AffectedFlow,
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
} from './room-types.ts';
import type { KeyAlarm, Rotation, RotationDue } from './rotation-types.ts';
import type { AppRoute, RecoveryDrill } from './route-types.ts';
import type { Severance, SeverancePlan } from './sever-types.ts';
import type { ApiToken, NewApiToken } from './token-types.ts';
import type {
  Approval,
  DeploymentSettings,
  Issuer,
  IssuerCheck,
  KeyLifetime,
  VaultStatus,
  Workload,
} from './trust-types.ts';
import type {
  App,
  Connection,
  ContractHistory,
  ContractVersion,
  CrossingDetail,
  CrossingRow,
  DayBudget,
  Exposure,
  NewVirtualKey,
  Overview,
  PackRow,
  Page,
  ReviewRow,
  SeenShapes,
  Session,
  UsePlace,
  VendorDetail,
  VendorRow,
  VirtualKey,
} from './types.ts';
import type { ContractTest, ContractTestRun, PreparedContractTest, WorkbenchRun } from './workbench-types.ts';

/**
 * Holds the console's shapes against what the control plane's own schemas say it answers. Checked by the compiler.
 * The API types field classes, treatments, shapes and kinds as plain strings where it reads them from storage;
 * the console names them more closely, so those are widened before comparing.
 */
type Widened<Type> = Type extends string
  ? string
  : Type extends readonly (infer Item)[]
    ? number extends Type['length']
      ? Widened<Item>[]
      : { [Index in keyof Type]: Widened<Type[Index]> }
    : Type extends object
      ? { [Name in keyof Type]: Widened<Type[Name]> }
      : Type;

/** What the API answers can be read as what the console expects. */
function reads<Answer, Expected>(): Widened<Answer> extends Widened<Expected> ? 'yes' : never {
  return 'yes' as Widened<Answer> extends Widened<Expected> ? 'yes' : never;
}

/** What GET of a path answers with 200, as the routes are typed. */
type Answer<Routes extends (...given: never[]) => unknown, Path extends string> =
  ReturnType<Routes> extends Hono<HttpEnv, infer Schema, string>
    ? Path extends keyof Schema
      ? Schema[Path] extends { $get: infer Endpoint }
        ? Extract<Endpoint, { status: 200 }> extends { output: infer Output }
          ? Output
          : never
        : never
      : never
    : never;

test('answers about notices are what the console reads', () => {
  expectTypeOf(reads<NoticeView, Notice>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<BreachAnswer, Breach>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<OrganisationAnswer, NoticeOrganisation>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<RecipientView, NoticeRecipient>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof SheetViewSchema>, FactSheet>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof SheetVersionSchema>, FactSheetVersion>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof TemplateViewSchema>, NoticeTemplate>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof ExportedSchema>, NoticeFile>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof TriedSchema>, MailServerTest>()).toEqualTypeOf<'yes'>();
  type Kept = Answer<typeof mailRoutes, '/organisation/mail-server'>;
  expectTypeOf(reads<Kept, { server: MailServer | null }>()).toEqualTypeOf<'yes'>();
});

test('answers about policies are what the console reads', () => {
  expectTypeOf(reads<PolicyView, Policy>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PolicyAnswer, PolicyDetail>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PolicyVersionView, PolicyVersion>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CheckedAnswer, PolicyChecked>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PolicyAnswer['examples'][number], Example>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<DryRunResult, DryRun>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AccessRequestView, AccessRequest>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<GrantView, Grant>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AppFactsView, AppFacts>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VendorFactsView, VendorFacts>()).toEqualTypeOf<'yes'>();
});

test('answers of the workbench are what the console reads', () => {
  expectTypeOf(reads<WorkbenchRunView, WorkbenchRun>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PreparedView, PreparedContractTest>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ContractTestView, ContractTest>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ContractTestRunView, ContractTestRun>()).toEqualTypeOf<'yes'>();
});

test('answers of the control plane are what the console reads', () => {
  expectTypeOf(reads<ConnectionView, Connection>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<DifferenceView, ModeDifference>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<BreakGlassView, BreakGlass>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ContractVersionView, ContractVersion>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AppView, App>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VirtualKeyView, VirtualKey>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ShownKey, NewVirtualKey>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Crossing, CrossingRow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CrossingAnswer, CrossingDetail>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Shapes, SeenShapes>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VendorAnswer, VendorRow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ExposureAnswer, Exposure>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ExerciseView, Exercise>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ExerciseRunView, ExerciseRun>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Blast, BlastRadius>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Weakest, WeakestLink>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ProfileView, OrganisationProfile>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ReviewsView, RuleReviews>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<OwnRulesView, OwnRules>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<RemindersAnswer, RemindersView>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ReminderView, SentReminder>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<IncidentView, Incident>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<IncidentRowView, IncidentRow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<FeedLineView, IncidentLine>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AttachmentView, IncidentAttachment>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ActionView, IncidentAction>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AppRouteAnswer, AppRoute>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<RecoveryDrillAnswer, RecoveryDrill>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PlanAnswer, SeverancePlan>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<SeveranceAnswer, Severance>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<WorldView, World>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<WhereView, WhereVendorIs>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<JudgedView & { name: string }, ResidencyContradiction>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<StatementView, ResidencyStatement>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<RangesView, ProviderRanges>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<DemandView, RegionDemand>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AffectedView, AffectedFlow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof LawSchema>, TransferLaw>()).toEqualTypeOf<'yes'>();
  type OfAccounts<Path extends string> = Answer<typeof accountRoutes, Path>;
  expectTypeOf(reads<OfAccounts<'/accounts'>, { items: VendorPosture[] }>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<OfAccounts<'/accounts/:vendor'>, { items: Account[] }>()).toEqualTypeOf<'yes'>();
  type OfDetectors<Path extends string> = Answer<typeof detectorRoutes, Path>;
  expectTypeOf(
    reads<OfDetectors<'/shipped-detectors'>, { items: ShippedDetector[] }>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<OfDetectors<'/patterns/:pattern'>, { items: PatternVersion[] }>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<OfDetectors<'/registered-secrets'>, { items: RegisteredSecret[] }>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PatternView, Pattern>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ListView, KnownList>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Imported, KnownListImported>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<EntryView, KnownEntry>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<LogOverview, LogRow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<GatewayLogOverview, GatewayLog>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ContradictionView, Contradiction>()).toEqualTypeOf<'yes'>();
  type OfCrossing<Path extends string> = Answer<typeof gatewayLogRoutes, `/crossings/:id/${Path}`>;
  expectTypeOf(reads<OfCrossing<'evidence'>, CrossingEvidence>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<OfCrossing<'payload'>, CrossingPayload>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ChangeItem, Change>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ChangeAnswer, ChangeDetail>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof sessionRoutes, '/session'>, Session>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<TokenView, ApiToken>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ApprovalView, Approval>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VaultAnswer, VaultStatus>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<IssuerView, Issuer>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<IssuerCheckAnswer, IssuerCheck>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<WorkloadView, Workload>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<KeyLifetimeView, KeyLifetime>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof settingRoutes, '/settings'>, DeploymentSettings>()).toEqualTypeOf<'yes'>();
  expectTypeOf<Answer<typeof settingRoutes, '/settings'>>().toHaveProperty('secondPerson');
  expectTypeOf(reads<ShownToken, NewApiToken>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof meRoutes, '/me/factors'>, MyFactors>()).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<Answer<typeof meRoutes, '/me/sessions'>, { items: SessionRow[] }>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<Answer<typeof peopleRoutes, '/people'>, { items: PersonRow[] }>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof peopleRoutes, '/roles'>, { items: Role[] }>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof overviewRoutes, '/overview'>, Overview>()).toEqualTypeOf<'yes'>();
  // Packs come all at once: without a next page.
  expectTypeOf(
    reads<Answer<typeof packRoutes, '/packs'>, Pick<Page<PackRow>, 'items'>>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<Answer<typeof exposureRoutes, '/vendors/:vendor'>, VendorDetail>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof reviewRoutes, '/review'>, Page<ReviewRow>>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<KeyUseAnswer, KeyUseList>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PreviewAnswer, BoundsPreview>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<HeldKeyView, HeldKey>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ImportAnswer, HeldKeyImportAnswer>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<InventoryView, KeyInventory>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CanaryView, Canary>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CanaryAnswer, CanaryDetail>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ShownCanary, NewCanary>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<{ items: UsePlaceAnswer[] }, { items: UsePlace[] }>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AppPrivacyView, AppPrivacy>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof egressRoutes, '/egress'>, EgressRules>()).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<Answer<typeof egressRoutes, '/egress/hosts'>, Page<EgressHost>>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<EgressPreviewView, EgressPreview>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof registerRoutes, '/register'>, RegisterPage>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ChainView, Chain>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VendorHolding, AccountHolding>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VisitView, ConsoleVisit>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PartySummary, PartyBehindSummary>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PartyView, PartyHolding>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CoverageView, Coverage>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CoverageSummaryView, CoverageSummary>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<FetchingView, UsageFetching>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<UsageImportView, UsageImport>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<EdgeView, ChainEdge>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<NamedEdgeView, ChainNamedEdge>()).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<Answer<typeof chainRoutes, '/chain/lists'>['items'][number], ChainListHead>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof chainRoutes, '/chain/changes'>, ChainChanges>()).toEqualTypeOf<'yes'>();
  expectTypeOf(
    reads<Answer<typeof chainRoutes, '/chain/reviews'>['items'][number], ChainReview>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<WatchView, ChainWatch>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof TakenListSchema>, ChainListTaken>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CandidateView, Candidate>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<SightingView, EvidenceTrace>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<EvidenceRunView, EvidenceRun>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<EvidenceFileView, EvidenceFile>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Summary, DiscoverySummary>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<LeakView, Leak>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof leakRoutes, '/leaks/:id'>, OneLeak>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<PlaceView, LeakPlace>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<RunView, ScanRun>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<LeakPolicyView, LeakPolicy>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Answer<typeof leakRoutes, '/leak-counts'>, LeakCounts>()).toEqualTypeOf<'yes'>();
  type Configuration<Path extends string> = Answer<typeof configurationRoutes, Path>;
  expectTypeOf(
    reads<Answer<typeof gatewayRoutes, '/gateways'>, { items: GatewayRow[] }>(),
  ).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Configuration<'/snapshots'>, Page<ConfigurationVersion>>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<RotationView, Rotation>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<DueView, RotationDue>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<KeyAlarmView, KeyAlarm>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Configuration<'/snapshots/:version/rollback'>, Rollback>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<z.infer<typeof ContractHistorySchema>, ContractHistory>()).toEqualTypeOf<'yes'>();
  // `never` extends everything: a path that is not there must not look like agreement.
  expectTypeOf<Answer<typeof overviewRoutes, '/nowhere'>>().toEqualTypeOf<never>();
  expectTypeOf<Answer<typeof sessionRoutes, '/session'>>().toHaveProperty('stage');
  expectTypeOf<Answer<typeof meRoutes, '/me/factors'>>().toHaveProperty('passkeys');
  expectTypeOf<Answer<typeof peopleRoutes, '/people'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof peopleRoutes, '/roles'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof overviewRoutes, '/overview'>>().toHaveProperty('totals');
  expectTypeOf<Answer<typeof packRoutes, '/packs'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof exposureRoutes, '/vendors/:vendor'>>().toHaveProperty('heat');
  expectTypeOf<Answer<typeof reviewRoutes, '/review'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof gatewayRoutes, '/gateways'>>().toHaveProperty('items');
  expectTypeOf<Configuration<'/snapshots'>>().toHaveProperty('items');
  expectTypeOf<Configuration<'/snapshots/:version/rollback'>>().toHaveProperty('putBack');
});

test('what the console writes is what the control plane takes', () => {
  expectTypeOf<{ state: 'open' | 'severed'; reason: string }>().toExtend<ConnectionChange>();
  expectTypeOf<{ mode: 'observe' | 'minimise' | 'enforce'; reason: string }>().toExtend<ConnectionChange>();
  expectTypeOf<{ act: string; actor: string; subject: string; since: string; until: string }>().toExtend<
    Partial<ChangeQuery>
  >();
  expectTypeOf<{ minutes: number }>().toExtend<BreakGlassEntry>();
  expectTypeOf<{ name: string; origins: string[]; reason: string }>().toExtend<ConnectionChange>();
  expectTypeOf<{
    name: string;
    vendor: string;
    service: string;
    region: string;
    contract: 'recommended' | 'as_is';
    credential: string;
    reason: string;
  }>().toExtend<NewConnection>();
  expectTypeOf<{
    kind: 'property';
    name: string;
    class: 'event.property';
    treatment: { do: 'pass' };
  }>().toExtend<Allowance>();
  expectTypeOf<{
    kind: 'publishable';
    connections: string[];
    classes: ['ingest'];
    origins: string[];
    perMinute: number;
    perDay: DayBudget;
  }>().toExtend<NewKey>();
  expectTypeOf<{
    kind: 'secret';
    connections: string[];
    person: string;
    expiresAt: string;
  }>().toExtend<NewKey>();
  expectTypeOf<
    Pick<Issuer, 'name' | 'issuer' | 'clientId' | 'domains' | 'mfa' | 'private'> & {
      newRoles: ['developer'] | null;
      reason: string;
    }
  >().toExtend<NewIssuer>();
  expectTypeOf<Pick<Issuer, 'name' | 'clientId' | 'domains' | 'mfa' | 'private'>>().toExtend<IssuerChange>();
  expectTypeOf<
    Pick<Workload, 'name' | 'issuer' | 'audience' | 'subject' | 'connections' | 'minutes' | 'private'>
  >().toExtend<NewWorkload>();
  expectTypeOf<{ perMinute: number | null; perDay: DayBudget | null }>().toExtend<KeyCapsChange>();
});
