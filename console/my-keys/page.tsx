import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { App, VirtualKey } from '../api/types.ts';
import { byAge, keyState, useKeyColumns } from '../apps/columns.tsx';
import { KeyAct } from '../apps/key-acts.tsx';
import { Button, ButtonLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { isForbidden, NotPermitted } from '../people/not-permitted.tsx';
import { Permitted } from '../shell/permitted.tsx';
import { OwnApps } from './apps.tsx';
import { NewOwnKey } from './new-key.tsx';
import { isOwnApp, useMayWithApp } from './own.ts';

const words = m.myKeys;
const from = '/signed-in/my-keys';

/** The keys that are one's own, and the apps that one answers for. */
export function MyKeysPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/my-keys' });
  const person = useQuery(queries.session()).data?.person;
  const apps = useQuery(queries.apps());
  const keys = useQuery(queries.keys());
  const lifetime = useQuery(queries.keyLifetime()).data?.person;
  const mayForAll = useMay('key.write');
  const set = useCallback(
    (patch: Partial<Record<'act' | 'key', string | undefined>>) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const mayWithApp = useMayWithApp('key.write');
  const mayChange = useCallback(
    (key: VirtualKey) => mayWithApp(apps.data?.find(({ id }) => id === key.app.id)),
    [mayWithApp, apps.data],
  );
  const columns = useKeyColumns(
    useCallback((key, act) => set({ key: key.id, act }), [set]),
    useMemo(() => ({ mayChange }), [mayChange]),
  );
  const own = useMemo(
    () => keys.data?.filter((key) => key.person !== null && key.person.id === person?.id).sort(byAge),
    [keys.data, person?.id],
  );
  const error = apps.error ?? keys.error;
  if (isForbidden(error)) return <NotPermitted tab={words.tab} title={m.problem.notPermitted} />;
  if (apps.data === undefined || own === undefined || !person)
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {error ? (
          <Trouble error={error} onRetry={() => void Promise.all([apps.refetch(), keys.refetch()])} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  const mine = apps.data.filter((app) => isOwnApp(app, person.email));
  const forKeys: readonly App[] = mayForAll
    ? [...mine, ...apps.data.filter((app) => !mine.includes(app))]
    : mine;
  const active = own.filter((key) => keyState(key, Date.now()) === 'active').length;
  const close = (): void => set({ act: undefined, key: undefined });
  const make =
    forKeys.length === 0 ? null : (
      <Button weight="main" onClick={() => set({ act: 'new' })}>
        {words.make}
      </Button>
    );
  return (
    <PageFrame
      tab={words.tab}
      title={active === 0 && mine.length === 0 ? words.titleNone : words.title(active, mine.length)}
      lead={words.lead(lifetime?.defaultDays ?? null, lifetime?.mostDays ?? null)}
      acts={own.length === 0 ? null : make}
    >
      {mine.length === 0 && own.length === 0 && forKeys.length === 0 ? (
        <Empty
          title={words.none}
          example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
          act={
            <Permitted action="app.write">
              <ButtonLink weight="main" to="/apps" search={{ new: 'app' }}>
                {words.nameApp}
              </ButtonLink>
            </Permitted>
          }
        >
          {words.noneText(person.email ?? m.common.unknown)}
        </Empty>
      ) : (
        <>
          <Section title={words.own}>
            <DataTable
              label={words.ownTable}
              csvName="own-keys"
              columns={columns}
              rows={own}
              rowId={(key) => key.id}
              empty={
                <Empty title={words.noneOwn} act={make}>
                  {words.noneOwnText}
                </Empty>
              }
            />
          </Section>
          <OwnApps apps={mine} keys={keys.data ?? []} email={person.email} />
        </>
      )}
      {search.act === 'new' && forKeys.length > 0 ? (
        <NewOwnKey person={person.id} apps={forKeys} lifetime={lifetime} onClose={close} />
      ) : null}
      <KeyAct act={search.act} virtualKey={own.find((key) => key.id === search.key)} onClose={close} />
    </PageFrame>
  );
}
