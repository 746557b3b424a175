import { createRouter } from '@tanstack/react-router';
import { ApiError } from './api/client.ts';
import { queries } from './api/queries.ts';
import { Bones, Trouble } from './design/state.tsx';
import { queryClient, root, signedIn, signIn, welcome } from './routing/base.ts';
import { incidentsPages } from './routing/incidents.ts';
import { organisationPages } from './routing/organisation.ts';
import { trafficPages } from './routing/traffic.ts';
import { vendorsPages } from './routing/vendors.ts';
import { MissingPage } from './shell/missing.tsx';
import { rememberWhereTo } from './shell/return.ts';
import { parseSearch, stringifySearch } from './shell/search.ts';

const pages = [...vendorsPages, ...trafficPages, ...incidentsPages, ...organisationPages] as const;

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
