import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Filter } from '../design/filter.tsx';
import { PageFrame } from '../design/page.tsx';
import { Empty, Note, Trouble } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { egress as words } from '../messages/pages/egress.ts';
import { Permitted } from '../shell/permitted.tsx';
import { hostColumns } from './columns.tsx';
import { EditSheet } from './edit-sheet.tsx';
import { isListName } from './lists.ts';
import { AppsSheet, SniSheet } from './more-sheets.tsx';
import { RulesPart } from './rules.tsx';
import { AppSheet, ListSheet, ModeSheet } from './sheets.tsx';

const from = '/signed-in/egress';

/** What apps talk to without a connection, and what the lists make of it. */
export function EgressPage() {
  const { unknown, act, host, list: edited } = useSearch({ from });
  const navigate = useNavigate({ from: '/egress' });
  const inForce = useQuery(queries.egress());
  const rules = inForce.data;
  const list = useInfiniteQuery(queries.egressHosts({ unknown }));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const set = useCallback(
    (patch: Partial<Record<'unknown' | 'act' | 'host' | 'list', string | undefined>>) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useMemo(() => hostColumns((name, onto) => set({ act: onto, host: name })), [set]);
  const close = (): void => set({ act: undefined, host: undefined, list: undefined });
  const isNew = rows !== undefined && rows.length === 0 && unknown === undefined;
  return (
    <PageFrame
      tab={words.tab}
      title={
        rules === undefined
          ? words.tab
          : isNew
            ? words.titleEmpty
            : words.title(rules.consequence.hosts, rules.consequence.days)
      }
      lead={words.lead}
      acts={
        <Permitted action="egress.change">
          <Button onClick={() => set({ act: 'app' })}>{words.letIn}</Button>
          <Button onClick={() => set({ act: 'mode' })}>{words.changeMode}</Button>
        </Permitted>
      }
    >
      {inForce.error !== null && rules === undefined ? (
        <Trouble error={inForce.error} onRetry={() => void inForce.refetch()} />
      ) : null}
      {rules === undefined || isNew ? null : (
        <Note urgent={rules.mode === 'enforce' && rules.consequence.refused > 0}>
          {words.consequence(rules.mode, rules.consequence)} {words.severs}
        </Note>
      )}
      {isNew ? (
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
        >
          <div className="flex flex-col gap-3">
            <p>{words.emptyLead}</p>
            <CodeBlock code={words.shell(window.location.hostname)} label={words.shellLabel} />
          </div>
        </Empty>
      ) : (
        <DataTable
          label={words.table}
          csvName="egress-hosts"
          columns={columns}
          rows={rows}
          rowId={(row) => row.host}
          error={list.error}
          onRetry={() => void list.refetch()}
          more={moreOf(list)}
          tools={
            <Filter
              label={words.which}
              value={unknown}
              options={[{ value: 'true', label: words.whichOptions.unknown }]}
              onChoose={(value) => set({ unknown: value })}
            />
          }
          empty={<Empty title={words.none} />}
        />
      )}
      {rules === undefined || rules.version === 0 ? null : (
        <RulesPart rules={rules} onEdit={(what) => set({ act: 'edit', list: what })} />
      )}
      {isNew ? null : <CodeBlock code={words.shell(window.location.hostname)} label={words.shellLabel} />}
      {rules !== undefined && act === 'mode' ? <ModeSheet rules={rules} onClose={close} /> : null}
      {rules !== undefined && act === 'app' ? <AppSheet rules={rules} onClose={close} /> : null}
      {rules !== undefined && act === 'edit' ? (
        isListName(edited) ? (
          <EditSheet key={edited} rules={rules} list={edited} onClose={close} />
        ) : edited === 'apps' ? (
          <AppsSheet rules={rules} onClose={close} />
        ) : edited === 'sni' ? (
          <SniSheet rules={rules} onClose={close} />
        ) : null
      ) : null}
      {host !== undefined && (act === 'allow' || act === 'deny') ? (
        <ListSheet host={host} list={act} onClose={close} />
      ) : null}
    </PageFrame>
  );
}
