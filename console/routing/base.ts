import { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  lazyRouteComponent,
  Outlet,
  redirect,
  type SearchMiddleware,
} from '@tanstack/react-router';
import { UnreachableError } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Frame } from '../shell/frame.tsx';
import { MissingPage } from '../shell/missing.tsx';
import { rememberWhereTo } from '../shell/return.ts';
import { type Kept, keep } from '../shell/search.ts';

/** What every page hangs below: questions to the control plane, the root, and the two pages for whoever is signed out. */

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

export const root = createRootRoute({
  component: Outlet,
  validateSearch: keep('tz'),
  search: { middlewares: [keepZone] },
  notFoundComponent: MissingPage,
});

export const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: keep('by', 'problem'),
  component: lazyRouteComponent(() => import('../sign-in/page.tsx'), 'SignInPage'),
});

export const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  validateSearch: keep('way', 'again'),
  component: lazyRouteComponent(() => import('../welcome/page.tsx'), 'WelcomePage'),
});

/** All that needs a session. Whoever is signed out goes to the sign-in page and comes back to where they were going. */
export const signedIn = createRoute({
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

export const tableState = ['sort', 'hide'] as const;
