import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { privacy } from '../messages/pages/privacy.ts';
import { routes } from '../messages/pages/routes.ts';
import { Permitted } from '../shell/permitted.tsx';
import { Workloads } from '../workloads/section.tsx';
import { ChangeApp } from './change-app.tsx';
import { byAge, keyState, useKeyColumns } from './columns.tsx';
import { KeyAct } from './key-acts.tsx';
import { NewKey } from './new-key.tsx';
import { Places } from './places.tsx';

const words = m.apps;
const from = '/signed-in/apps/$app';
const ofOneApp = { ofOneApp: true };

/** One app: its keys, and where its requests went. */
export function AppPage() {
  const { app: id } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/apps/$app' });
  const apps = useQuery(queries.apps());
  const keys = useQuery(queries.keys());
  const use = useQuery(queries.useOfApp(id));
  const set = useCallback(
    (patch: Partial<Record<'act' | 'key', string | undefined>>) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useKeyColumns(
    useCallback((key, act) => set({ key: key.id, act }), [set]),
    ofOneApp,
  );
  const mine = useMemo(() => keys.data?.filter((key) => key.app.id === id).sort(byAge), [keys.data, id]);
  const app = apps.data?.find((row) => row.id === id);
  if (app === undefined || mine === undefined) {
    const error = apps.error ?? keys.error;
    const isNone = apps.data !== undefined && app === undefined;
    const rest = error ? <Trouble error={error} /> : <Bones lines={6} />;
    return (
      <PageFrame tab={words.app} title={isNone ? words.noApp : (app?.name ?? words.app)}>
        {isNone ? <ButtonLink to="/apps">{words.tab}</ButtonLink> : rest}
      </PageFrame>
    );
  }
  const active = mine.filter((key) => keyState(key, Date.now()) === 'active').length;
  // Where all was refused, nothing was sent.
  const sent = use.data?.items.filter((place) => place.crossings > place.refused);
  const vendors = sent && new Set(sent.map((place) => place.vendor)).size;
  const keyOfAct = mine.find((key) => key.id === search.key);
  const close = (): void => set({ act: undefined, key: undefined });
  return (
    <PageFrame
      tab={app.name}
      title={vendors === undefined ? app.name : words.one.title(app.name, active, vendors)}
      lead={words.one.lead}
      acts={
        <>
          <ButtonLink to="/crossings" search={{ app: id }}>
            {m.rail.crossings}
          </ButtonLink>
          <ButtonLink to="/apps/$app/routes" params={{ app: id }}>
            {routes.button}
          </ButtonLink>
          <ButtonLink to="/apps/$app/privacy" params={{ app: id }}>
            {privacy.button}
          </ButtonLink>
          <Permitted action="app.write" own="own">
            <Button onClick={() => set({ act: 'change' })}>{words.one.change}</Button>
          </Permitted>
          <Permitted action="key.write" own="own">
            <Button weight="main" onClick={() => set({ act: 'new' })}>
              {words.newKey}
            </Button>
          </Permitted>
        </>
      }
    >
      <Facts
        facts={[
          [words.owner, app.owner],
          [words.created, <Ago key="made" at={app.createdAt} />],
        ]}
      />
      <Section title={words.keys}>
        <DataTable
          label={words.keys}
          csvName="virtual-keys"
          columns={columns}
          rows={mine}
          rowId={(key) => key.id}
          error={keys.error}
          onRetry={() => void keys.refetch()}
          empty={<Empty title={words.one.noKeys}>{words.one.noKeysLead}</Empty>}
        />
      </Section>
      <Section title={words.one.vendors} lead={words.one.vendorsLead}>
        {use.error ? <Trouble error={use.error} onRetry={() => void use.refetch()} /> : null}
        {use.data === undefined && !use.error ? <Bones lines={3} /> : null}
        {use.data === undefined ? null : <Places places={use.data.items} of={{ app: id }} />}
      </Section>
      <Workloads
        app={app}
        act={search.act}
        of={search.key}
        onAct={(act, workload) => set({ act, key: workload })}
      />
      <NewKey open={search.act === 'new'} app={id} onClose={close} />
      {search.act === 'change' ? <ChangeApp app={app} onClose={close} /> : null}
      <KeyAct act={search.act} virtualKey={keyOfAct} onClose={close} />
    </PageFrame>
  );
}
