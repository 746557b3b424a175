import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { keep } from '../shell/search.ts';
import { queryClient, signedIn, tableState } from './base.ts';

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  validateSearch: keep(...tableState),
  // Who may only check messages has no overview to begin with.
  beforeLoad: async () => {
    const { actions } = await queryClient.ensureQueryData(queries.session());
    if (!actions.includes('overview.read') && actions.includes('message.report'))
      throw redirect({ to: '/messages' });
  },
  component: lazyRouteComponent(() => import('../overview/page.tsx'), 'OverviewPage'),
});

const vendors = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors',
  validateSearch: keep('act', 'due', 'owner', 'q', 'status', 'tier', ...tableState),
  component: lazyRouteComponent(() => import('../vendors/list.tsx'), 'VendorsPage'),
});

const vendorTiers = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/tiers',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('../vendors/tiers.tsx'), 'TiersPage'),
});

const vendor = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/$vendor',
  validateSearch: keep('act', 'of', 'declare', 'span', ...tableState),
  component: lazyRouteComponent(() => import('../vendors/vendor.tsx'), 'VendorPage'),
});

const vendorCalendar = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/calendar',
  component: lazyRouteComponent(() => import('../vendors/calendar.tsx'), 'VendorCalendarPage'),
});

const vendorConsoles = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/consoles',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('../consoles/list.tsx'), 'ConsolesPage'),
});

const consoleParty = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/consoles/$party',
  component: lazyRouteComponent(() => import('../consoles/party.tsx'), 'ConsolePartyPage'),
});

const map = createRoute({
  getParentRoute: () => signedIn,
  path: '/map',
  validateSearch: keep('act', 'at', 'focus', 'layers', 'lost', 'of', 'show', ...tableState),
  component: lazyRouteComponent(() => import('../map/page.tsx'), 'MapPage'),
});

const world = createRoute({
  getParentRoute: () => signedIn,
  path: '/world',
  validateSearch: keep('falls', 'act', ...tableState),
  component: lazyRouteComponent(() => import('../world/page.tsx'), 'WorldPage'),
});

const exposures = createRoute({
  getParentRoute: () => signedIn,
  path: '/vendors/$vendor/exposures',
  validateSearch: keep('class', 'treatment', 'held', 'about', ...tableState),
  component: lazyRouteComponent(() => import('../vendors/exposures.tsx'), 'ExposuresPage'),
});

const whatIf = createRoute({
  getParentRoute: () => signedIn,
  path: '/what-if',
  validateSearch: keep('q', ...tableState),
  component: lazyRouteComponent(() => import('../what-if/page.tsx'), 'WhatIfPage'),
});

const blast = createRoute({
  getParentRoute: () => signedIn,
  path: '/what-if/$party',
  validateSearch: keep('from', 'to', ...tableState),
  component: lazyRouteComponent(() => import('../what-if/blast.tsx'), 'BlastPage'),
});

const discover = createRoute({
  getParentRoute: () => signedIn,
  path: '/discover',
  validateSearch: keep('state', 'known', 'kind', 'q', 'fresh', 'act', 'candidate', ...tableState),
  component: lazyRouteComponent(() => import('../discover/page.tsx'), 'DiscoverPage'),
});

const discoverRun = createRoute({
  getParentRoute: () => signedIn,
  path: '/discover/runs/$run',
  validateSearch: keep('file', 'line', ...tableState),
  component: lazyRouteComponent(() => import('../discover/run.tsx'), 'RunPage'),
});

/** Pages of who gets data: overview, vendors, maps, and what would be lost with one. */
export const vendorsPages = [
  overview,
  vendors,
  vendorTiers,
  vendor,
  vendorCalendar,
  vendorConsoles,
  consoleParty,
  map,
  world,
  exposures,
  whatIf,
  blast,
  discover,
  discoverRun,
] as const;
