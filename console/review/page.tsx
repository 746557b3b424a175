import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { ReviewRow } from '../api/types.ts';
import { ButtonLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { count, shortId } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Decide } from './decide.tsx';

const words = m.review;
const from = '/signed-in/review';

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
    width: '124px',
    phoneWidth: '104px',
    csv: (row) => row.kind,
    cell: (row) => words.kinds[row.kind] ?? row.kind,
  },
  {
    id: 'shape',
    head: words.shape,
    width: '120px',
    csv: (row) => row.shape,
    cell: (row) => m.crossings.one.shapes[row.shape] ?? row.shape,
  },
  {
    id: 'connection',
    head: words.connection,
    width: '14%',
    csv: (row) => row.connection.name,
    cell: (row) => row.connection.name,
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
    width: '84px',
    csv: (row) => row.count,
    cell: (row) => count(row.count),
  },
  {
    id: 'first',
    head: words.first,
    numeric: true,
    width: '108px',
    csv: (row) => row.firstSeenAt,
    cell: (row) => <Ago at={row.firstSeenAt} />,
  },
  {
    id: 'last',
    head: words.last,
    numeric: true,
    width: '108px',
    csv: (row) => row.lastSeenAt,
    cell: (row) => <Ago at={row.lastSeenAt} />,
  },
];

/** Names that no rule knows, for a person to decide about. */
export function ReviewPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/review' });
  const review = useInfiniteQuery(queries.review({ connection: search.connection }));
  const connections = useQuery(queries.connections());
  const rows = useMemo(() => review.data?.pages.flatMap((page) => page.items), [review.data]);
  const opened = rows?.find((row) => row.id === search.open);

  return (
    <PageFrame
      tab={words.tab}
      title={
        rows === undefined
          ? words.tab
          : rows.length === 0
            ? words.none
            : words.title(rows.length, review.hasNextPage)
      }
      lead={rows?.length === 0 ? undefined : words.lead}
    >
      <DataTable
        label={words.tab}
        csvName="review-queue"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        error={review.error}
        onRetry={() => void review.refetch()}
        more={moreOf(review)}
        tools={
          <Filter
            label={words.connection}
            value={search.connection}
            options={(connections.data ?? []).map((row) => ({ value: row.id, label: row.name }))}
            onChoose={(connection) =>
              void navigate({ search: (previous) => ({ ...previous, connection }), replace: true })
            }
          />
        }
        empty={
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
        }
      />
      {opened === undefined ? null : (
        <Decide
          key={opened.id}
          row={opened}
          onClose={() =>
            void navigate({ search: ({ open: _open, ...rest }) => rest, replace: true, resetScroll: false })
          }
        />
      )}
    </PageFrame>
  );
}
