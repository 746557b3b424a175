import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { keep } from '../shell/search.ts';
import { signedIn, tableState } from './base.ts';

const connect = createRoute({
  getParentRoute: () => signedIn,
  path: '/connect',
  validateSearch: keep('vendor', 'service', 'region', 'contract'),
  component: lazyRouteComponent(() => import('../connect/page.tsx'), 'ConnectPage'),
});

const firstCrossing = createRoute({
  getParentRoute: () => signedIn,
  path: '/connect/$connection',
  validateSearch: keep('lines'),
  component: lazyRouteComponent(() => import('../connect/waiting.tsx'), 'WaitingPage'),
});

const connection = createRoute({
  getParentRoute: () => signedIn,
  path: '/connections/$connection',
  validateSearch: keep('version', 'act'),
  component: lazyRouteComponent(() => import('../connections/page.tsx'), 'ConnectionPage'),
});

const workbench = createRoute({
  getParentRoute: () => signedIn,
  path: '/connections/$connection/workbench',
  component: lazyRouteComponent(() => import('../workbench/page.tsx'), 'WorkbenchPage'),
});

const apps = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps',
  validateSearch: keep('app', 'state', 'new', 'act', 'key', ...tableState),
  component: lazyRouteComponent(() => import('../apps/page.tsx'), 'AppsPage'),
});

const app = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$app',
  validateSearch: keep('act', 'key', ...tableState),
  component: lazyRouteComponent(() => import('../apps/app.tsx'), 'AppPage'),
});

const appPrivacy = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$app/privacy',
  validateSearch: keep('days', ...tableState),
  component: lazyRouteComponent(() => import('../apps/privacy.tsx'), 'PrivacyPage'),
});

const appRoutes = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$app/routes',
  validateSearch: keep('act', 'route'),
  component: lazyRouteComponent(() => import('../routes/page.tsx'), 'RoutesPage'),
});

const recoveryDrill = createRoute({
  getParentRoute: () => signedIn,
  path: '/recovery-drills/$drill',
  component: lazyRouteComponent(() => import('../routes/drill.tsx'), 'RecoveryDrillPage'),
});

const egress = createRoute({
  getParentRoute: () => signedIn,
  path: '/egress',
  validateSearch: keep('unknown', 'act', 'host', 'list', ...tableState),
  component: lazyRouteComponent(() => import('../egress/page.tsx'), 'EgressPage'),
});

const crossingFilters = [
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
  component: lazyRouteComponent(() => import('../crossings/list.tsx'), 'CrossingsPage'),
});

const crossing = createRoute({
  getParentRoute: () => signedIn,
  path: '/crossings/$crossing',
  validateSearch: keep('proof', 'act'),
  component: lazyRouteComponent(() => import('../crossings/crossing.tsx'), 'CrossingPage'),
});

const severance = createRoute({
  getParentRoute: () => signedIn,
  path: '/severances/$severance',
  component: lazyRouteComponent(() => import('../sever/page.tsx'), 'SeverancePage'),
});

const policies = createRoute({
  getParentRoute: () => signedIn,
  path: '/policies',
  validateSearch: keep('act', 'of', ...tableState),
  component: lazyRouteComponent(() => import('../policies/list.tsx'), 'PoliciesPage'),
});

const newPolicy = createRoute({
  getParentRoute: () => signedIn,
  path: '/new-policy',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('../policies/new.tsx'), 'NewPolicyPage'),
});

const policy = createRoute({
  getParentRoute: () => signedIn,
  path: '/policies/$policy',
  validateSearch: keep('act', 'version'),
  component: lazyRouteComponent(() => import('../policies/policy.tsx'), 'PolicyPage'),
});

const policyFacts = createRoute({
  getParentRoute: () => signedIn,
  path: '/policy-facts',
  validateSearch: keep('act', 'of', ...tableState),
  component: lazyRouteComponent(() => import('../policies/known.tsx'), 'KnownPage'),
});

const detectors = createRoute({
  getParentRoute: () => signedIn,
  path: '/detectors',
  validateSearch: keep('tab', 'q', 'act', 'of', ...tableState),
  component: lazyRouteComponent(() => import('../detectors/page.tsx'), 'DetectorsPage'),
});

const review = createRoute({
  getParentRoute: () => signedIn,
  path: '/review',
  validateSearch: keep('vendor', 'app', 'connection', 'open', ...tableState),
  component: lazyRouteComponent(() => import('../review/page.tsx'), 'ReviewPage'),
});

const replay = createRoute({
  getParentRoute: () => signedIn,
  path: '/replay',
  component: lazyRouteComponent(() => import('../replay/page.tsx'), 'ReplayPage'),
});

/** Pages of what crosses and by which rules: connections, apps, policies, crossings. */
export const trafficPages = [
  connect,
  firstCrossing,
  connection,
  workbench,
  apps,
  app,
  appPrivacy,
  appRoutes,
  recoveryDrill,
  egress,
  crossings,
  crossing,
  severance,
  policies,
  newPolicy,
  policy,
  policyFacts,
  detectors,
  review,
  replay,
] as const;
