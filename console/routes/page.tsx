import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import type { AppRoute } from '../api/route-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { routes as words } from '../messages/pages/routes.ts';
import { Permitted } from '../shell/permitted.tsx';
import { Drills } from './drills.tsx';
import { RouteSheet } from './edit.tsx';
import { RemoveSheet } from './remove.tsx';
import { RouteSection } from './route.tsx';

const from = '/signed-in/apps/$app/routes';

/** Where an app's requests go when a vendor is lost, and whether that was ever tried. */
export function RoutesPage() {
  const { app: id } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/apps/$app/routes' });
  const apps = useQuery(queries.apps());
  const found = useQuery(queries.appRoutes(id));
  const app = apps.data?.find((row) => row.id === id);
  const show = (act?: string, route?: AppRoute): void =>
    void navigate({
      search: (previous) => ({ ...previous, act, route: route?.id }),
      replace: true,
      resetScroll: false,
    });
  if (app === undefined || found.data === undefined) {
    const error = apps.error ?? found.error;
    const isNone = apps.data !== undefined && app === undefined;
    const rest = error ? <Trouble error={error} onRetry={() => void found.refetch()} /> : <Bones lines={8} />;
    return (
      <PageFrame tab={words.tab(app?.name ?? '')} title={isNone ? words.noApp : words.tab(app?.name ?? '')}>
        {isNone ? <ButtonLink to="/apps">{words.all}</ButtonLink> : rest}
      </PageFrame>
    );
  }
  const mine = found.data;
  const alone = mine.filter(({ members, oneWay }) => members.length < 2 && oneWay.do !== 'hold').length;
  const chosen = mine.find((route) => route.id === search.route);
  const make = (
    <Permitted action="app.write" own="own">
      <Button weight="main" onClick={() => show('new')}>
        {words.make}
      </Button>
    </Permitted>
  );
  return (
    <PageFrame
      tab={words.tab(app.name)}
      title={mine.length === 0 ? words.titleNone(app.name) : words.title(app.name, mine.length, alone)}
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/apps/$app" params={{ app: id }}>
            {words.back(app.name)}
          </ButtonLink>
          {mine.length === 0 ? null : make}
        </>
      }
    >
      {mine.length === 0 ? (
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={make}
        >
          {words.emptyLead}
        </Empty>
      ) : null}
      {mine.map((route) => (
        <RouteSection
          key={route.id}
          route={route}
          onChange={() => show('change', route)}
          onRemove={() => show('remove', route)}
        />
      ))}
      <Drills app={app} routes={mine} isOpen={search.act === 'drill'} onShow={(act) => show(act)} />
      {search.act === 'new' ? <RouteSheet app={app} route={null} onClose={() => show()} /> : null}
      {search.act === 'change' && chosen !== undefined ? (
        <RouteSheet key={chosen.revision} app={app} route={chosen} onClose={() => show()} />
      ) : null}
      {search.act === 'remove' && chosen !== undefined ? (
        <RemoveSheet route={chosen} onClose={() => show()} />
      ) : null}
    </PageFrame>
  );
}
