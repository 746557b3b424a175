import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Leak } from '../api/leak-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Filter } from '../design/filter.tsx';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { leaks } from '../messages/pages/leaks.ts';
import { Permitted } from '../shell/permitted.tsx';
import { leakColumns } from './columns.tsx';
import { PolicySheet } from './policy.tsx';
import { RotateNow } from './rotate.tsx';
import { Runs } from './runs.tsx';

const words = leaks;
const from = '/signed-in/leaks';
const kinds = Object.entries(words.kinds).map(([value, label]) => ({ value, label }));
const states = Object.entries(words.stateFilter).map(([value, label]) => ({ value, label }));

/** Leaked keys: which, where, since when, whose, and what is done about them. */
export function LeaksPage() {
  const { state, kind, source, act, leak } = useSearch({ from });
  const navigate = useNavigate({ from: '/leaks' });
  const list = useInfiniteQuery(queries.leaks({ state, kind, source }));
  const counts = useQuery(queries.leakCounts()).data;
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const set = useCallback(
    (patch: Partial<Record<'state' | 'kind' | 'source' | 'act' | 'leak', string | undefined>>) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useMemo(() => leakColumns((one: Leak) => set({ act: 'rotate', leak: one.id })), [set]);
  const close = (): void => set({ act: undefined, leak: undefined });
  const isNew = counts !== undefined && counts.sources.length === 0;
  return (
    <PageFrame
      tab={words.tab}
      title={
        counts === undefined
          ? words.tab
          : isNew
            ? words.titleEmpty
            : counts.critical > 0
              ? words.titleCritical(counts.open, counts.critical)
              : words.title(counts.open)
      }
      lead={words.lead}
      acts={
        <Permitted action="leak.decide">
          <Button onClick={() => set({ act: 'policy' })}>{words.policy.button}</Button>
        </Permitted>
      }
    >
      {isNew ? (
        <Teach />
      ) : (
        <>
          <DataTable
            label={words.table}
            csvName="leaks"
            columns={columns}
            rows={rows}
            rowId={(one) => one.id}
            error={list.error}
            onRetry={() => void list.refetch()}
            more={moreOf(list)}
            tools={
              <>
                <Filter
                  label={words.state}
                  value={state === 'all' ? undefined : (state ?? 'open')}
                  options={states}
                  onChoose={(value) => set({ state: value === 'open' ? undefined : (value ?? 'all') })}
                />
                <Filter
                  label={words.kind}
                  value={kind}
                  options={kinds}
                  onChoose={(value) => set({ kind: value })}
                />
                <Filter
                  label={words.source}
                  value={source}
                  options={(counts?.sources ?? []).map((name) => ({ value: name, label: name }))}
                  onChoose={(value) => set({ source: value })}
                />
              </>
            }
            empty={<Empty title={words.none} />}
          />
          <Runs />
        </>
      )}
      {act === 'policy' ? <PolicySheet onClose={close} /> : null}
      {act === 'rotate' && leak !== undefined ? <RotateNow leak={leak} onClose={close} /> : null}
    </PageFrame>
  );
}

/** How a first scan is reported, and how none comes in again. */
function Teach() {
  return (
    <Empty
      title={words.empty}
      example={<p className="border-l-3 border-line pl-4 font-strong">{words.exampleText}</p>}
      act={
        <ButtonLink to="/profile" weight="main">
          {words.makeToken}
        </ButtonLink>
      }
    >
      <div className="flex flex-col gap-3">
        <p>{words.emptyLead}</p>
        <CodeBlock code={words.command(window.location.origin)} label={words.commandLabel} />
        <p>{words.hookLead}</p>
        <CodeBlock code={words.hook} label={words.hookLabel} />
      </div>
    </Empty>
  );
}
