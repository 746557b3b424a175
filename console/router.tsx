import { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type SearchMiddleware,
} from '@tanstack/react-router';
import { ApiError, UnreachableError } from './api/client.ts';
import { queries } from './api/queries.ts';
import { Bones, Trouble } from './design/state.tsx';
import { Frame } from './shell/frame.tsx';
import { MissingPage } from './shell/missing.tsx';
import { rememberWhereTo } from './shell/return.ts';
import { type Kept, keep, parseSearch, stringifySearch } from './shell/search.ts';

/** An answer that is wrong today is wrong in a second too: only what did not arrive is asked for again. */
function askAgain(failures: number, error: Error): boolean {
  return error instanceof UnreachableError && failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: askAgain, retryDelay: 600 },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** The time zone stays in the address from page to page until it is changed. */
const keepZone: SearchMiddleware<Kept<'tz'>> = ({ search, next }) => {
  const result = next(search);
  return search.tz === undefined || 'tz' in result ? result : { ...result, tz: search.tz };
};

const root = createRootRoute({
  component: Outlet,
  validateSearch: keep('tz'),
  search: { middlewares: [keepZone] },
  notFoundComponent: MissingPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: keep('by', 'problem'),
  component: lazyRouteComponent(() => import('./sign-in/page.tsx'), 'SignInPage'),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  validateSearch: keep('way', 'again'),
  component: lazyRouteComponent(() => import('./welcome/page.tsx'), 'WelcomePage'),
});

/** All that needs a session. Whoever is signed out goes to the sign-in page and comes back to where they were going. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(queries.session());
    if (session.stage !== 'signed_in') {
      rememberWhereTo(location.href);
      throw redirect({ to: session.stage === 'enrolling' ? '/welcome' : '/sign-in' });
    }
  },
  component: Frame,
});

const tableState = ['sort', 'hide'] as const;

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  validateSearch: keep(...tableState),
  component: lazyRouteComponent(() => import('./overview/page.tsx'), 'OverviewPage'),
});

const vendors = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors',
  validateSearch: keep('act', 'due', 'owner', 'q', 'status', 'tier', ...tableState),
  component: lazyRouteComponent(() => import('./vendors/list.tsx'), 'VendorsPage'),
});

const vendor = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/$vendor',
  validateSearch: keep('act', 'of', 'declare', 'span', ...tableState),
  component: lazyRouteComponent(() => import('./vendors/vendor.tsx'), 'VendorPage'),
});

const vendorCalendar = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/calendar',
  component: lazyRouteComponent(() => import('./vendors/calendar.tsx'), 'VendorCalendarPage'),
});

const vendorConsoles = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/consoles',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('./consoles/list.tsx'), 'ConsolesPage'),
});

const consoleParty = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/consoles/$party',
  component: lazyRouteComponent(() => import('./consoles/party.tsx'), 'ConsolePartyPage'),
});

const vendorTiers = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/tiers',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('./vendors/tiers.tsx'), 'TiersPage'),
});

const map = createRoute({
  getParentRoute: () => signedIn,
  path: '/map',
  validateSearch: keep('act', 'at', 'focus', 'layers', 'lost', 'of', 'show', ...tableState),
  component: lazyRouteComponent(() => import('./map/page.tsx'), 'MapPage'),
});

const world = createRoute({
  getParentRoute: () => signedIn,
  path: '/world',
  validateSearch: keep('falls', 'act', ...tableState),
  component: lazyRouteComponent(() => import('./world/page.tsx'), 'WorldPage'),
});

const whatIf = createRoute({
  getParentRoute: () => signedIn,
  path: '/what-if',
  validateSearch: keep('q', ...tableState),
  component: lazyRouteComponent(() => import('./what-if/page.tsx'), 'WhatIfPage'),
});

const blast = createRoute({
  getParentRoute: () => signedIn,
  path: '/what-if/$party',
  validateSearch: keep('from', 'to', ...tableState),
  component: lazyRouteComponent(() => import('./what-if/blast.tsx'), 'BlastPage'),
});

const incidents = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents',
  validateSearch: keep('act', 'from', 'party', 'state', 'to', ...tableState),
  component: lazyRouteComponent(() => import('./incidents/list.tsx'), 'IncidentsPage'),
});

const incident = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident',
  validateSearch: keep('act', 'of', 'tab'),
  component: lazyRouteComponent(() => import('./incidents/incident.tsx'), 'IncidentPage'),
});

const exercises = createRoute({
  getParentRoute: () => signedIn,
  path: '/exercises',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('./exercises/page.tsx'), 'ExercisesPage'),
});

const exerciseRun = createRoute({
  getParentRoute: () => signedIn,
  path: '/exercises/$run',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('./exercises/run.tsx'), 'ExerciseRunPage'),
});

const severance = createRoute({
  getParentRoute: () => signedIn,
  path: '/severances/$severance',
  component: lazyRouteComponent(() => import('./sever/page.tsx'), 'SeverancePage'),
});

const exposures = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/$vendor/exposures',
  validateSearch: keep('class', 'treatment', 'held', 'about', ...tableState),
  component: lazyRouteComponent(() => import('./vendors/exposures.tsx'), 'ExposuresPage'),
});

const connect = createRoute({
  getParentRoute: () => signedIn,
  path: '/connect',
  validateSearch: keep('vendor', 'service', 'region', 'contract'),
  component: lazyRouteComponent(() => import('./connect/page.tsx'), 'ConnectPage'),
});

const firstCrossing = createRoute({
  getParentRoute: () => signedIn,
  path: '/connect/$connection',
  validateSearch: keep('lines'),
  component: lazyRouteComponent(() => import('./connect/waiting.tsx'), 'WaitingPage'),
});

const connection = createRoute({
  getParentRoute: () => signedIn,
  path: '/connections/$connection',
  validateSearch: keep('version', 'act'),
  component: lazyRouteComponent(() => import('./connections/page.tsx'), 'ConnectionPage'),
});

const workbench = createRoute({
  getParentRoute: () => signedIn,
  path: '/connections/$connection/workbench',
  component: lazyRouteComponent(() => import('./workbench/page.tsx'), 'WorkbenchPage'),
});

const apps = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps',
  validateSearch: keep('app', 'state', 'new', 'act', 'key', ...tableState),
  component: lazyRouteComponent(() => import('./apps/page.tsx'), 'AppsPage'),
});

const app = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$app',
  validateSearch: keep('act', 'key', ...tableState),
  component: lazyRouteComponent(() => import('./apps/app.tsx'), 'AppPage'),
});

const appPrivacy = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$app/privacy',
  validateSearch: keep('days', ...tableState),
  component: lazyRouteComponent(() => import('./apps/privacy.tsx'), 'PrivacyPage'),
});

const accounts = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('./accounts/list.tsx'), 'AccountsPage'),
});

const accountsOfVendor = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts/$vendor',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('./accounts/vendor.tsx'), 'AccountsOfVendorPage'),
});

const keysEverywhere = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys',
  validateSearch: keep('days', 'finding', 'source', 'held', 'act', 'key', ...tableState),
  component: lazyRouteComponent(() => import('./keys/page.tsx'), 'KeysPage'),
});

const egress = createRoute({
  getParentRoute: () => signedIn,
  path: '/egress',
  validateSearch: keep('unknown', 'act', 'host', 'list', ...tableState),
  component: lazyRouteComponent(() => import('./egress/page.tsx'), 'EgressPage'),
});

const factSheet = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident/facts',
  component: lazyRouteComponent(() => import('./notices/sheet-page.tsx'), 'FactSheetPage'),
});

const noticesOfIncident = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident/notices',
  component: lazyRouteComponent(() => import('./notices/notices-page.tsx'), 'NoticesPage'),
});

const notice = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident/notices/$notice',
  component: lazyRouteComponent(() => import('./notices/notice-page.tsx'), 'NoticePage'),
});

const breachRegister = createRoute({
  getParentRoute: () => signedIn,
  path: '/breach-register',
  validateSearch: keep('of'),
  component: lazyRouteComponent(() => import('./notices/breach-register.tsx'), 'BreachRegisterPage'),
});

const mail = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/mail',
  component: lazyRouteComponent(() => import('./notices/mail-page.tsx'), 'MailPage'),
});

const leaks = createRoute({
  getParentRoute: () => signedIn,
  path: '/leaks',
  validateSearch: keep('state', 'kind', 'source', 'act', 'leak', ...tableState),
  component: lazyRouteComponent(() => import('./leaks/page.tsx'), 'LeaksPage'),
});

const discover = createRoute({
  getParentRoute: () => signedIn,
  path: '/discover',
  validateSearch: keep('state', 'known', 'kind', 'q', 'fresh', 'act', 'candidate', ...tableState),
  component: lazyRouteComponent(() => import('./discover/page.tsx'), 'DiscoverPage'),
});

const discoverRun = createRoute({
  getParentRoute: () => signedIn,
  path: '/discover/runs/$run',
  validateSearch: keep('file', 'line', ...tableState),
  component: lazyRouteComponent(() => import('./discover/run.tsx'), 'RunPage'),
});

const leak = createRoute({
  getParentRoute: () => signedIn,
  path: '/leaks/$leak',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('./leaks/leak.tsx'), 'LeakPage'),
});

export const crossingFilters = [
  'vendor',
  'connection',
  'app',
  'key',
  'decision',
  'endpoint',
  'class',
  'treatment',
  'subject',
  'from',
  'to',
] as const;

const crossings = createRoute({
  getParentRoute: () => signedIn,
  path: '/crossings',
  validateSearch: keep(...crossingFilters, 'live', ...tableState),
  component: lazyRouteComponent(() => import('./crossings/list.tsx'), 'CrossingsPage'),
});

const crossing = createRoute({
  getParentRoute: () => signedIn,
  path: '/crossings/$crossing',
  validateSearch: keep('proof', 'act'),
  component: lazyRouteComponent(() => import('./crossings/crossing.tsx'), 'CrossingPage'),
});

const policies = createRoute({
  getParentRoute: () => signedIn,
  path: '/policies',
  validateSearch: keep('act', 'of', ...tableState),
  component: lazyRouteComponent(() => import('./policies/list.tsx'), 'PoliciesPage'),
});

const newPolicy = createRoute({
  getParentRoute: () => signedIn,
  path: '/new-policy',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('./policies/new.tsx'), 'NewPolicyPage'),
});

const policy = createRoute({
  getParentRoute: () => signedIn,
  path: '/policies/$policy',
  validateSearch: keep('act', 'version'),
  component: lazyRouteComponent(() => import('./policies/policy.tsx'), 'PolicyPage'),
});

const policyFacts = createRoute({
  getParentRoute: () => signedIn,
  path: '/policy-facts',
  validateSearch: keep('act', 'of', ...tableState),
  component: lazyRouteComponent(() => import('./policies/known.tsx'), 'KnownPage'),
});

const detectors = createRoute({
  getParentRoute: () => signedIn,
  path: '/detectors',
  validateSearch: keep('tab', 'q', 'act', 'of', ...tableState),
  component: lazyRouteComponent(() => import('./detectors/page.tsx'), 'DetectorsPage'),
});

const review = createRoute({
  getParentRoute: () => signedIn,
  path: '/review',
  validateSearch: keep('vendor', 'app', 'connection', 'open', ...tableState),
  component: lazyRouteComponent(() => import('./review/page.tsx'), 'ReviewPage'),
});

const rotation = createRoute({
  getParentRoute: () => signedIn,
  path: '/rotation',
  component: lazyRouteComponent(() => import('./rotation/page.tsx'), 'RotationPage'),
});

const approvals = createRoute({
  getParentRoute: () => signedIn,
  path: '/approvals',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('./approvals/page.tsx'), 'ApprovalsPage'),
});

const vault = createRoute({
  getParentRoute: () => signedIn,
  path: '/vault',
  component: lazyRouteComponent(() => import('./vault/page.tsx'), 'VaultPage'),
});

const issuers = createRoute({
  getParentRoute: () => signedIn,
  path: '/issuers',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('./issuers/page.tsx'), 'IssuersPage'),
});

const myKeys = createRoute({
  getParentRoute: () => signedIn,
  path: '/my-keys',
  validateSearch: keep('act', 'key', 'app', ...tableState),
  component: lazyRouteComponent(() => import('./my-keys/page.tsx'), 'MyKeysPage'),
});

const replay = createRoute({
  getParentRoute: () => signedIn,
  path: '/replay',
  component: lazyRouteComponent(() => import('./replay/page.tsx'), 'ReplayPage'),
});

const changeFilters = ['act', 'actor', 'subject', 'from', 'to'] as const;

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: keep(...changeFilters, 'evidence', ...tableState),
  component: lazyRouteComponent(() => import('./audit/page.tsx'), 'AuditPage'),
});

const change = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit/changes/$change',
  component: lazyRouteComponent(() => import('./audit/change.tsx'), 'ChangePage'),
});

const people = createRoute({
  getParentRoute: () => signedIn,
  path: '/people',
  validateSearch: keep('q', 'role', 'state', 'act', ...tableState),
  component: lazyRouteComponent(() => import('./people/page.tsx'), 'PeoplePage'),
});

const person = createRoute({
  getParentRoute: () => signedIn,
  path: '/people/$person',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('./people/person.tsx'), 'PersonPage'),
});

const roles = createRoute({
  getParentRoute: () => signedIn,
  path: '/roles',
  component: lazyRouteComponent(() => import('./people/roles.tsx'), 'RolesPage'),
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profile',
  validateSearch: keep('act', 'passkey'),
  component: lazyRouteComponent(() => import('./profile/page.tsx'), 'ProfilePage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/page.tsx'), 'SettingsPage'),
});

const deadlines = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/deadlines',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('./obligations/page.tsx'), 'DeadlinesPage'),
});

const configurations = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/configuration',
  validateSearch: keep(...tableState),
  component: lazyRouteComponent(() => import('./configuration/list.tsx'), 'ConfigurationsPage'),
});

const configuration = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/configuration/$version',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('./configuration/version.tsx'), 'ConfigurationPage'),
});

const pages = [
  overview,
  vendors,
  vendorTiers,
  vendor,
  vendorCalendar,
  vendorConsoles,
  consoleParty,
  map,
  exposures,
  connect,
  firstCrossing,
  connection,
  workbench,
  apps,
  app,
  appPrivacy,
  accounts,
  accountsOfVendor,
  keysEverywhere,
  egress,
  discover,
  discoverRun,
  world,
  whatIf,
  blast,
  incidents,
  incident,
  factSheet,
  noticesOfIncident,
  notice,
  breachRegister,
  mail,
  exercises,
  exerciseRun,
  severance,
  leaks,
  leak,
  crossings,
  crossing,
  policies,
  newPolicy,
  policy,
  policyFacts,
  detectors,
  review,
  rotation,
  approvals,
  vault,
  issuers,
  myKeys,
  replay,
  audit,
  change,
  people,
  person,
  roles,
  profile,
  settings,
  deadlines,
  configurations,
  configuration,
] as const;

export const router = createRouter({
  routeTree: root.addChildren([signIn, welcome, signedIn.addChildren(pages)]),
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingComponent: () => <Bones lines={6} />,
  defaultErrorComponent: ({ error, reset }) => <Trouble error={error} onRetry={reset} />,
  defaultNotFoundComponent: MissingPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

queryClient.getQueryCache().subscribe((event) => {
  // A session can end while a page is open: the next answer says so.
  if (event.type !== 'updated' || event.action.type !== 'error') return;
  if (event.action.error instanceof ApiError && event.action.error.status === 401) {
    rememberWhereTo(router.state.location.href);
    queryClient.removeQueries({ queryKey: queries.session().queryKey });
    void router.navigate({ to: '/sign-in' });
  }
});
