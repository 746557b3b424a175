import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { keep } from '../shell/search.ts';
import { signedIn, tableState } from './base.ts';

const accounts = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('../accounts/list.tsx'), 'AccountsPage'),
});

const accountsOfVendor = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts/$vendor',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('../accounts/vendor.tsx'), 'AccountsOfVendorPage'),
});

const keysEverywhere = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys',
  validateSearch: keep('days', 'finding', 'source', 'held', 'act', 'key', ...tableState),
  component: lazyRouteComponent(() => import('../keys/page.tsx'), 'KeysPage'),
});

const rotation = createRoute({
  getParentRoute: () => signedIn,
  path: '/rotation',
  component: lazyRouteComponent(() => import('../rotation/page.tsx'), 'RotationPage'),
});

const approvals = createRoute({
  getParentRoute: () => signedIn,
  path: '/approvals',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('../approvals/page.tsx'), 'ApprovalsPage'),
});

const vault = createRoute({
  getParentRoute: () => signedIn,
  path: '/vault',
  component: lazyRouteComponent(() => import('../vault/page.tsx'), 'VaultPage'),
});

const issuers = createRoute({
  getParentRoute: () => signedIn,
  path: '/issuers',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('../issuers/page.tsx'), 'IssuersPage'),
});

const myKeys = createRoute({
  getParentRoute: () => signedIn,
  path: '/my-keys',
  validateSearch: keep('act', 'key', 'app', ...tableState),
  component: lazyRouteComponent(() => import('../my-keys/page.tsx'), 'MyKeysPage'),
});

const changeFilters = ['act', 'actor', 'subject', 'from', 'to'] as const;

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: keep(...changeFilters, 'evidence', ...tableState),
  component: lazyRouteComponent(() => import('../audit/page.tsx'), 'AuditPage'),
});

const change = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit/changes/$change',
  component: lazyRouteComponent(() => import('../audit/change.tsx'), 'ChangePage'),
});

const people = createRoute({
  getParentRoute: () => signedIn,
  path: '/people',
  validateSearch: keep('q', 'role', 'state', 'act', ...tableState),
  component: lazyRouteComponent(() => import('../people/page.tsx'), 'PeoplePage'),
});

const person = createRoute({
  getParentRoute: () => signedIn,
  path: '/people/$person',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('../people/person.tsx'), 'PersonPage'),
});

const roles = createRoute({
  getParentRoute: () => signedIn,
  path: '/roles',
  component: lazyRouteComponent(() => import('../people/roles.tsx'), 'RolesPage'),
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profile',
  validateSearch: keep('act', 'passkey'),
  component: lazyRouteComponent(() => import('../profile/page.tsx'), 'ProfilePage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/page.tsx'), 'SettingsPage'),
});

const mail = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/mail',
  component: lazyRouteComponent(() => import('../notices/mail-page.tsx'), 'MailPage'),
});

const messageIntake = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/messages',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('../verify/settings.tsx'), 'MessageSettingsPage'),
});

const deadlines = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/deadlines',
  validateSearch: keep('act', 'of'),
  component: lazyRouteComponent(() => import('../obligations/page.tsx'), 'DeadlinesPage'),
});

const configurations = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/configuration',
  validateSearch: keep(...tableState),
  component: lazyRouteComponent(() => import('../configuration/list.tsx'), 'ConfigurationsPage'),
});

const configuration = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/configuration/$version',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('../configuration/version.tsx'), 'ConfigurationPage'),
});

/** Pages of the organisation itself: accounts, keys, people, audit, settings. */
export const organisationPages = [
  accounts,
  accountsOfVendor,
  keysEverywhere,
  rotation,
  approvals,
  vault,
  issuers,
  myKeys,
  audit,
  change,
  people,
  person,
  roles,
  profile,
  settings,
  mail,
  messageIntake,
  deadlines,
  configurations,
  configuration,
] as const;
