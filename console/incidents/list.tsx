import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import type { IncidentRow } from '../api/room-types.ts';
import { Button, ButtonLink, TextButton, TextLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { count } from '../design/format.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { incidents as words } from '../messages/pages/incidents.ts';
import { Permitted } from '../shell/permitted.tsx';
import { DrillMark } from './marks.tsx';
import { OpenSheet } from './open.tsx';
import { ClockWall } from './parts/clocks.tsx';

const columns: readonly Column<IncidentRow>[] = [
  {
    id: 'title',
    head: words.heads.title,
    fixed: true,
    phone: true,
    phoneWidth: '62%',
    csv: (row) => `${row.number} ${row.title}`,
    cell: (row) => (
      <>
        {row.drill ? <DrillMark /> : null}
        <Link
          to="/incidents/$incident"
          params={{ incident: row.id }}
          className="row-link font-strong no-underline"
        >
          {row.number}: {row.title}
        </Link>
      </>
    ),
  },
  {
    id: 'party',
    head: words.heads.party,
    width: '150px',
    sort: (row) => row.party?.name ?? '',
    csv: (row) => row.party?.id ?? '',
    cell: (row) => row.party?.name ?? '',
  },
  {
    id: 'state',
    head: words.heads.state,
    phone: true,
    width: '140px',
    sort: (row) => row.state,
    csv: (row) => row.state,
    cell: (row) => (
      <>
        {words.states[row.state]}
        {row.restricted ? <span className="text-soft">, {words.restricted}</span> : null}
      </>
    ),
  },
  {
    id: 'severity',
    head: words.heads.severity,
    width: '112px',
    sort: (row) => ['unknown', 'low', 'high', 'critical'].indexOf(row.severity),
    csv: (row) => row.severity,
    cell: (row) => words.severities[row.severity],
  },
  {
    id: 'tasks',
    head: words.heads.tasks,
    numeric: true,
    width: '104px',
    sort: (row) => row.openTasks,
    csv: (row) => row.openTasks,
    cell: (row) => count(row.openTasks),
  },
  {
    id: 'due',
    head: words.heads.due,
    numeric: true,
    width: '128px',
    sort: (row) => row.nextDueAt ?? '9',
    csv: (row) => row.nextDueAt ?? '',
    cell: (row) => (row.nextDueAt === null ? '' : <Ago at={row.nextDueAt} />),
  },
  {
    id: 'opened',
    head: words.heads.opened,
    numeric: true,
    width: '112px',
    sort: (row) => row.openedAt,
    csv: (row) => row.openedAt,
    cell: (row) => <Ago at={row.openedAt} />,
  },
];

const isOn = ({ state }: IncidentRow): boolean => state === 'open' || state === 'contained';

/** All incidents that who looks may know of, and what they make due together. */
export function IncidentsPage() {
  const { act, party, from, to, state } = useSearch({ from: '/signed-in/incidents' });
  const navigate = useNavigate({ from: '/incidents' });
  const list = useInfiniteQuery(queries.incidents({ state }));
  const rows = list.data?.pages.flatMap(({ items }) => items);
  const begin = (): void =>
    void navigate({ search: (previous) => ({ ...previous, act: 'open' }), replace: true });
  const close = (): void =>
    void navigate({
      search: ({ act: _, party: __, from: ___, to: ____, ...rest }) => rest,
      replace: true,
    });
  const openButton = (
    <Permitted action="incident.work">
      <Button weight="main" onClick={begin}>
        {words.open.title}
      </Button>
    </Permitted>
  );
  const sheet =
    act === 'open' ? (
      <Permitted action="incident.work">
        <OpenSheet key={party ?? ''} party={party} from={from} to={to} onClose={close} />
      </Permitted>
    ) : null;
  if (rows?.length === 0 && state === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.title(0, 0)}>
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={
            <>
              {openButton}
              <ButtonLink to="/exercises">{words.exercises}</ButtonLink>
            </>
          }
        >
          {words.teach}
        </Empty>
        {sheet}
      </PageFrame>
    );
  }
  const on = rows?.filter(isOn) ?? [];
  return (
    <PageFrame
      tab={words.tab}
      title={
        rows === undefined || state !== undefined
          ? words.tab
          : words.title(on.filter(({ drill }) => !drill).length, on.filter(({ drill }) => drill).length)
      }
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/exercises">{words.exercises}</ButtonLink>
          <ButtonLink to="/breach-register">{words.breaches}</ButtonLink>
          {openButton}
        </>
      }
    >
      <ClockWall />
      <DataTable
        label={words.table}
        csvName="incidents"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        tools={
          <Filter
            label={words.stateFilter}
            value={state}
            options={Object.entries(words.states).map(([value, label]) => ({ value, label }))}
            onChoose={(value) =>
              void navigate({ search: (previous) => ({ ...previous, state: value }), replace: true })
            }
          />
        }
        empty={<Empty title={words.none} />}
      />
      <Actions />
      {sheet}
    </PageFrame>
  );
}

/** What reviews asked for and nobody did yet. */
function Actions() {
  const actions = useInfiniteQuery(queries.incidentActions());
  const rows = actions.data?.pages.flatMap(({ items }) => items) ?? [];
  if (rows.length === 0) return null;
  const heads = words.actionHeads;
  return (
    <Section title={words.actions} lead={words.actionsLead}>
      <PlainTable
        label={words.actionsTable}
        heads={[heads.action, heads.incident, heads.owner]}
        numeric={[heads.due]}
      >
        {rows.map(({ incident, task }) => (
          <tr key={task.id} className="border-b border-line">
            <td className="px-3 py-2">{task.title}</td>
            <td className="px-3 py-2">
              {incident.drill ? <DrillMark /> : null}
              <TextLink
                to="/incidents/$incident"
                params={{ incident: incident.id }}
                search={{ tab: 'review' }}
              >
                {incident.number}: {incident.title}
              </TextLink>{' '}
              <span className="text-soft">({words.states[incident.state]})</span>
            </td>
            <td className="px-3 py-2">{task.owner?.name ?? words.task.nobody}</td>
            <td className="px-3 py-2 text-right">{task.dueAt === null ? '' : <Ago at={task.dueAt} />}</td>
          </tr>
        ))}
      </PlainTable>
      {actions.hasNextPage ? (
        <TextButton disabled={actions.isFetchingNextPage} onClick={() => void actions.fetchNextPage()}>
          {words.more}
        </TextButton>
      ) : null}
    </Section>
  );
}
