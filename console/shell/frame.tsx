import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { listen } from '../api/live.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { BreakGlassBanner } from './break-glass.tsx';
import { Connectivity } from './connectivity.tsx';
import { KeyList } from './key-list.tsx';
import { PersonLinks } from './person-links.tsx';
import { usePlaces } from './places.ts';
import { product } from './product.ts';
import { Pulse } from './pulse.tsx';
import { useShortcuts } from './shortcuts.ts';
import { StepUp } from './step-up.tsx';
import { useWaitingForMe } from './waiting.ts';

const Palette = lazy(() => import('./palette.tsx').then((module) => ({ default: module.Palette })));

/** How many places stand at the foot of a phone, beside the one button for the others. */
const onPhone = 3;

/** What stands around every page: the rail, or two bars on a phone; the palette; whether all this is live. */
export function Frame() {
  const client = useQueryClient();
  const session = useQuery(queries.session());
  const places = usePlaces();
  const mayConnect = useMay('connection.create');
  const [opened, setOpened] = useState<'palette' | 'keys' | 'menu' | null>(null);
  const close = (): void => setOpened(null);

  useEffect(() => listen(client), [client]);
  useShortcuts({ onPalette: () => setOpened('palette'), onKeys: () => setOpened('keys') });
  useFocusOnNewPage();

  return (
    <div className="lg:grid lg:grid-cols-[208px_minmax(0,1fr)]">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-30 focus:bg-panel focus:px-4 focus:py-2"
      >
        {m.rail.skip}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col justify-between gap-5 overflow-y-auto border-r border-line bg-sunken py-5 lg:flex">
        <div className="flex flex-col gap-5">
          <div className="px-5">
            <p className="text-head font-strong">Drawbridge</p>
            <p className="truncate text-small text-soft">{nameBeside(session.data?.deployment.name)}</p>
          </div>
          <RailLinks />
          {mayConnect ? (
            <div className="px-5">
              <Link to="/connect" className="number-link font-strong text-act">
                {m.rail.connect}
              </Link>
            </div>
          ) : null}
        </div>
        <div className="flex flex-col gap-3 px-5 text-small text-soft">
          <PersonLinks />
          <Pulse />
          <button type="button" className="text-left hover:text-ink" onClick={() => setOpened('palette')}>
            {m.rail.palette} <kbd className="font-mono">⌘K</kbd>
          </button>
          <button type="button" className="text-left hover:text-ink" onClick={() => setOpened('keys')}>
            {m.rail.keys} <kbd className="font-mono">?</kbd>
          </button>
        </div>
      </aside>

      <header className="sticky top-0 z-20 flex h-12 items-center justify-between gap-4 border-b border-line bg-sunken px-4 lg:hidden">
        <Link to="/" className="text-head font-strong no-underline">
          Drawbridge
        </Link>
        <Button weight="quiet" slim onClick={() => setOpened('palette')}>
          {m.rail.search}
        </Button>
      </header>

      <div className="min-w-0">
        <Connectivity />
        <BreakGlassBanner />
        <main id="page" className="mx-auto max-w-[1160px] px-4 pt-6 pb-24 sm:px-8 lg:px-10 lg:pt-10">
          <Outlet />
        </main>
      </div>

      <nav
        aria-label={m.rail.label}
        className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-4 border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)] lg:hidden"
      >
        {places.slice(0, onPhone).map((place) => (
          <Link
            key={place.to}
            to={place.to}
            activeOptions={{ exact: place.to === '/' }}
            className="flex h-13 items-center justify-center border-t-2 border-transparent text-small no-underline aria-[current=page]:border-act aria-[current=page]:font-strong"
          >
            {place.name}
          </Link>
        ))}
        <button
          type="button"
          className="h-13 border-t-2 border-transparent text-small"
          onClick={() => setOpened('menu')}
        >
          {m.rail.more}
          <Waiting />
        </button>
      </nav>

      <Sheet open={opened === 'menu'} onClose={close} title={m.rail.label}>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: follows the click that its links take from the keyboard too */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: closes the sheet when one of its links was followed */}
        <div onClick={close} className="flex flex-col gap-4">
          <RailLinks />
          {mayConnect ? (
            <Link to="/connect" className="number-link px-5 font-strong text-act">
              {m.rail.connect}
            </Link>
          ) : null}
          <div className="flex flex-col gap-3 px-5 text-small text-soft">
            <PersonLinks />
            <Pulse />
          </div>
        </div>
      </Sheet>
      <Sheet open={opened === 'keys'} onClose={close} title={m.keys.title}>
        <KeyList />
      </Sheet>
      <StepUp />
      {opened === 'palette' ? (
        <Suspense fallback={null}>
          <Palette onClose={close} onKeys={() => setOpened('keys')} />
        </Suspense>
      ) : null}
    </div>
  );
}

/** The deployment's name, unless nobody gave it one of its own. */
function nameBeside(name: string | undefined): string {
  return name === undefined || name === product ? '' : name;
}

function RailLinks() {
  const places = usePlaces();
  return (
    <nav aria-label={m.rail.label} className="flex flex-col">
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          activeOptions={{ exact: place.to === '/', includeSearch: false }}
          className="border-l-3 border-transparent py-1.5 pr-4 pl-[17px] no-underline hover:bg-panel aria-[current=page]:border-act aria-[current=page]:bg-panel aria-[current=page]:font-strong"
        >
          {place.name}
          {place.to === '/approvals' ? <Waiting /> : null}
        </Link>
      ))}
    </nav>
  );
}

/** How many changes wait for whoever is signed in; nothing for none. */
function Waiting() {
  const waiting = useWaitingForMe();
  if (waiting === 0) return null;
  return (
    <>
      {' '}
      <span className="ml-1 inline-block min-w-5 rounded-sm bg-alert-wash px-1 text-center text-small font-strong text-alert">
        <span aria-hidden="true">{waiting}</span>
        <span className="sr-only">{m.rail.waitForYou(waiting)}</span>
      </span>
    </>
  );
}

/** A new page starts at its heading, for the keyboard and for screen readers alike. The first one starts at the top. */
function useFocusOnNewPage(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const shown = useRef<string | undefined>(undefined);
  useEffect(() => {
    const before = shown.current;
    shown.current = path;
    if (before === undefined || path === undefined || before === path) return;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [path]);
}
