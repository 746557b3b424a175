import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { ReviewRow } from '../api/types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { count, shortId } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Decide } from './decide.tsx';
import { DecideAll } from './decide-all.tsx';

const words = m.review;
const from = '/signed-in/review';
/** In the place of a row's id: all that are chosen. */
const severalAtOnce = 'chosen';

const shapesOf = (row: ReviewRow): string =>
  row.shapes.map((shape) => m.crossings.one.shapes[shape] ?? shape).join(', ');
const appsOf = (row: ReviewRow): string => row.apps.map((app) => app.name).join(', ');

function pickColumn(
  chosen: ReadonlySet<string>,
  onPick: (id: string, picked: boolean) => void,
): Column<ReviewRow> {
  return {
    id: 'pick',
    head: words.pickHead,
    fixed: true,
    phone: true,
    width: '72px',
    phoneWidth: '60px',
    cell: (row) => (
      <span className="above-row">
        <input
          type="checkbox"
          aria-label={words.pick(row.name ?? `${words.hidden} ${shortId(row.hash)}`)}
          checked={chosen.has(row.id)}
          onChange={(event) => onPick(row.id, event.target.checked)}
        />
      </span>
    ),
  };
}

const columns: readonly Column<ReviewRow>[] = [
  {
    id: 'name',
    head: words.name,
    fixed: true,
    phone: true,
    csv: (row) => row.name ?? row.hash,
    cell: (row) => (
      <Link
        to="/review"
        search={(previous) => ({ ...previous, open: row.id })}
        resetScroll={false}
        className="row-link no-underline"
      >
        {row.name === null ? (
          <>
            <span className="font-mono text-small">{shortId(row.hash)}</span>{' '}
            <span className="text-small text-soft" title={words.hiddenMeans}>
              {words.hidden}
            </span>
          </>
        ) : (
          <span className="font-mono text-small font-strong">{row.name}</span>
        )}
      </Link>
    ),
  },
  {
    id: 'kind',
    head: words.kind,
    phone: true,
    width: '104px',
    phoneWidth: '104px',
    csv: (row) => row.kind,
    cell: (row) => words.kinds[row.kind] ?? row.kind,
  },
  {
    id: 'shape',
    head: words.shape,
    width: '92px',
    csv: shapesOf,
    cell: shapesOf,
  },
  {
    id: 'connection',
    head: words.connection,
    width: '11%',
    csv: (row) => row.connection.name,
    cell: (row) => row.connection.name,
  },
  {
    id: 'apps',
    head: words.apps,
    width: '11%',
    csv: appsOf,
    cell: appsOf,
  },
  {
    id: 'subjects',
    head: words.subjects,
    numeric: true,
    phone: true,
    width: '92px',
    phoneWidth: '72px',
    csv: (row) => row.subjects,
    cell: (row) => (row.subjects >= 5 ? words.fiveOrMore : count(row.subjects)),
  },
  {
    id: 'count',
    head: words.count,
    numeric: true,
    width: '80px',
    csv: (row) => row.count,
    cell: (row) => count(row.count),
  },
  {
    id: 'first',
    head: words.first,
    numeric: true,
    width: '100px',
    csv: (row) => row.firstSeenAt,
    cell: (row) => <Ago at={row.firstSeenAt} />,
  },
  {
    id: 'last',
    head: words.last,
    numeric: true,
    width: '100px',
    csv: (row) => row.lastSeenAt,
    cell: (row) => <Ago at={row.lastSeenAt} />,
  },
];

/** Names that no rule knows, for a person to decide about. */
export function ReviewPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/review' });
  const { vendor, app, connection } = search;
  const filtered = vendor !== undefined || app !== undefined || connection !== undefined;
  const review = useInfiniteQuery(queries.review({ vendor, app, connection }));
  const connections = useQuery(queries.connections());
  const vendors = useQuery(queries.vendors());
  const apps = useQuery(queries.apps());
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => review.data?.pages.flatMap((page) => page.items), [review.data]);
  const opened = rows?.find((row) => row.id === search.open);
  // What left the queue meanwhile is not decided about again.
  const chosen = useMemo(() => (rows ?? []).filter((row) => picked.has(row.id)), [rows, picked]);
  const withPick = useMemo(
    () => [
      pickColumn(picked, (id, is) =>
        setPicked((before) => new Set(is ? [...before, id] : [...before].filter((one) => one !== id))),
      ),
      ...columns,
    ],
    [picked],
  );
  function choose(
    patch: Partial<Record<'vendor' | 'app' | 'connection' | 'open', string | undefined>>,
  ): void {
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  }

  const close = (): void => choose({ open: undefined });
  return (
    <PageFrame
      tab={words.tab}
      title={
        rows === undefined
          ? words.tab
          : rows.length === 0
            ? filtered
              ? words.noneFits
              : words.none
            : words.title(rows.length, review.hasNextPage)
      }
      lead={rows?.length === 0 ? undefined : words.lead}
    >
      <DataTable
        label={words.tab}
        csvName="review-queue"
        columns={withPick}
        rows={rows}
        rowId={(row) => row.id}
        error={review.error}
        onRetry={() => void review.refetch()}
        more={moreOf(review)}
        tools={
          <>
            <Filter
              label={words.vendor}
              value={vendor}
              options={(vendors.data ?? []).map((row) => ({ value: row.vendor, label: row.name }))}
              onChoose={(value) => choose({ vendor: value })}
            />
            <Filter
              label={words.app}
              value={app}
              options={(apps.data ?? []).map((row) => ({ value: row.id, label: row.name }))}
              onChoose={(value) => choose({ app: value })}
            />
            <Filter
              label={words.connection}
              value={connection}
              options={(connections.data ?? []).map((row) => ({ value: row.id, label: row.name }))}
              onChoose={(value) => choose({ connection: value })}
            />
            <Button slim disabled={chosen.length === 0} onClick={() => choose({ open: severalAtOnce })}>
              {chosen.length === 0 ? words.chosenNone : words.chosen(chosen.length)}
            </Button>
          </>
        }
        empty={
          filtered ? (
            <Empty title={words.noneFits} act={<ButtonLink to="/review">{m.crossings.clear}</ButtonLink>}>
              {words.noneFitsLead}
            </Empty>
          ) : (
            <Empty
              title={words.none}
              example={
                <p className="border-l-3 border-line pl-4">
                  <span className="font-mono text-small">{words.exampleName}</span>: {words.exampleText}
                </p>
              }
              act={<ButtonLink to="/crossings">{m.rail.crossings}</ButtonLink>}
            >
              {words.noneLead}
            </Empty>
          )
        }
      />
      {opened?.name === null ? <Decide key={opened.id} row={opened} onClose={close} /> : null}
      {opened !== undefined && opened.name !== null ? (
        <DecideAll key={opened.id} rows={[opened]} onClose={close} />
      ) : null}
      {search.open === severalAtOnce && chosen.length > 0 ? (
        <DecideAll
          rows={chosen}
          onClose={(done) => {
            close();
            if (done) setPicked(new Set());
          }}
        />
      ) : null}
    </PageFrame>
  );
}
