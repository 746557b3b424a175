import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { Button, NumberLink, TextLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { byAge, keyState, useKeyColumns } from './columns.tsx';
import { KeyAct } from './key-acts.tsx';
import { NewApp } from './new-app.tsx';
import { NewKey } from './new-key.tsx';

const words = m.apps;
const stateChoices = Object.entries(words.states).map(([value, label]) => ({ value, label }));

/** Who calls vendors, and with which keys. */
export function AppsPage() {
  const search = useSearch({ from: '/signed-in/apps' });
  const navigate = useNavigate({ from: '/apps' });
  const apps = useQuery(queries.apps());
  const keys = useQuery(queries.keys());
  const set = useCallback(
    (patch: Partial<Record<'app' | 'state' | 'new' | 'act' | 'key', string | undefined>>) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useKeyColumns(useCallback((key, act) => set({ key: key.id, act }), [set]));
  const rows = useMemo(
    () =>
      keys.data
        ?.filter(
          (key) =>
            (search.app === undefined || key.app.id === search.app) &&
            (search.state === undefined || keyState(key, Date.now()) === search.state),
        )
        .sort(byAge),
    [keys.data, search.app, search.state],
  );

  const noApps = apps.data?.length === 0;
  return (
    <PageFrame
      tab={words.tab}
      title={
        apps.data === undefined || keys.data === undefined
          ? words.tab
          : noApps
            ? words.emptyTitle
            : words.title(
                apps.data.length,
                keys.data.filter((key) => keyState(key, Date.now()) === 'active').length,
              )
      }
      lead={noApps ? undefined : words.lead}
      acts={
        noApps ? null : (
          <>
            <Permitted action="app.write">
              <Button onClick={() => set({ new: 'app' })}>{words.newApp}</Button>
            </Permitted>
            <Permitted action="key.write" own="own">
              <Button weight="main" onClick={() => set({ new: 'key' })}>
                {words.newKey}
              </Button>
            </Permitted>
          </>
        )
      }
    >
      {noApps ? (
        <Empty
          title={words.emptyTitle}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={
            <Permitted action="app.write" told>
              <Button weight="main" onClick={() => set({ new: 'app' })}>
                {words.newApp}
              </Button>
            </Permitted>
          }
        >
          {words.empty}
        </Empty>
      ) : (
        <>
          <Section title={words.keys}>
            <DataTable
              label={words.keys}
              csvName="virtual-keys"
              columns={columns}
              rows={rows}
              rowId={(key) => key.id}
              error={keys.error}
              onRetry={() => void keys.refetch()}
              tools={
                <>
                  <Filter
                    label={words.filterApp}
                    value={search.app}
                    options={(apps.data ?? []).map((app) => ({ value: app.id, label: app.name }))}
                    onChoose={(app) => set({ app })}
                  />
                  <Filter
                    label={words.filterState}
                    value={search.state}
                    options={stateChoices}
                    onChoose={(state) => set({ state })}
                  />
                </>
              }
              empty={
                <Empty
                  title={keys.data?.length === 0 ? words.title(apps.data?.length ?? 0, 0) : words.noKeys}
                  act={
                    <Permitted action="key.write" own="own">
                      <Button weight="main" onClick={() => set({ new: 'key' })}>
                        {words.newKey}
                      </Button>
                    </Permitted>
                  }
                />
              }
            />
          </Section>
          <Section title={words.apps}>
            <ul className="border-t border-line">
              {(apps.data ?? []).map((app) => (
                <li
                  key={app.id}
                  className="grid grid-cols-[1fr_1fr_auto_auto] gap-x-6 border-b border-line py-2"
                >
                  <TextLink to="/apps/$app" params={{ app: app.id }}>
                    <span className="font-strong">{app.name}</span>
                  </TextLink>
                  <span className="truncate text-soft">{app.owner}</span>
                  <NumberLink to="/apps" search={{ app: app.id }}>
                    {words.keysOf((keys.data ?? []).filter((key) => key.app.id === app.id).length)}
                  </NumberLink>
                  <NumberLink to="/crossings" search={{ app: app.id }}>
                    {m.rail.crossings}
                  </NumberLink>
                </li>
              ))}
            </ul>
          </Section>
        </>
      )}
      <NewApp
        open={search.new === 'app'}
        onClose={() => set({ new: undefined })}
        onMade={(app) => set({ new: 'key', app })}
      />
      <NewKey open={search.new === 'key'} app={search.app} onClose={() => set({ new: undefined })} />
      <KeyAct
        act={search.act}
        virtualKey={keys.data?.find((key) => key.id === search.key)}
        onClose={() => set({ act: undefined, key: undefined })}
      />
    </PageFrame>
  );
}
