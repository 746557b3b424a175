import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { WeakestLink } from '../api/incident-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { whatIf as words } from '../messages/pages/what-if.ts';

const number = (
  id: 'people' | 'reachable' | 'accounts' | 'credentials' | 'apps',
  phone = false,
): Column<WeakestLink> => ({
  id,
  head: words.heads[id],
  numeric: true,
  width: '112px',
  phone,
  sort: (row) => row[id] ?? -1,
  csv: (row) => row[id] ?? 'unknown',
  cell: (row) => <Amount of={row[id]} />,
});

function Amount({ of }: { of: number | null }) {
  if (of === null) return <span className="text-soft">? {m.common.unknown}</span>;
  return of === 0 ? <span className="text-soft">0</span> : count(of);
}

const columns: readonly Column<WeakestLink>[] = [
  {
    id: 'vendor',
    head: words.heads.vendor,
    fixed: true,
    phone: true,
    width: '20%',
    phoneWidth: '52%',
    sort: (row) => row.name,
    csv: (row) => row.id,
    cell: (row) => (
      <Link to="/what-if/$party" params={{ party: row.id }} className="row-link font-strong no-underline">
        {row.name}
      </Link>
    ),
  },
  number('reachable', true),
  number('people'),
  number('accounts'),
  {
    id: 'phishability',
    head: words.heads.phishability,
    numeric: true,
    width: '112px',
    sort: (row) => row.phishability ?? -1,
    csv: (row) => row.phishability ?? 'unknown',
    cell: (row) => (
      <span title={words.measure}>
        <Amount of={row.phishability === null ? null : Math.round(row.phishability)} />
      </span>
    ),
  },
  number('credentials'),
  number('apps'),
  {
    id: 'unknown',
    head: words.heads.unknown,
    csv: (row) => row.unknown.join(' '),
    cell: (row) => <span className="text-soft">{row.unknown.join(' ')}</span>,
  },
];

/** All vendors by what a breach at each would bring. */
export function WhatIfPage() {
  const { q } = useSearch({ from: '/signed-in/what-if' });
  const navigate = useNavigate({ from: '/what-if' });
  const list = useQuery(queries.weakestLinks());
  const rows = useMemo(() => {
    const sought = (q ?? '').trim().toLowerCase();
    return list.data?.filter(({ id, name }) => `${id} ${name.toLowerCase()}`.includes(sought));
  }, [list.data, q]);
  const [first] = list.data ?? [];
  if (list.data !== undefined && first === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.titleEmpty}>
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={
            <ButtonLink to="/connect" weight="main">
              {words.connect}
            </ButtonLink>
          }
        >
          {words.teach}
        </Empty>
      </PageFrame>
    );
  }
  return (
    <PageFrame
      tab={words.tab}
      title={first === undefined ? words.tab : words.title(first.name, first.reachable)}
      lead={words.lead}
    >
      <DataTable
        label={words.table}
        csvName="weakest-links"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        tools={
          <SearchFilter
            label={words.search}
            value={q}
            onChange={(value) =>
              void navigate({ search: (previous) => ({ ...previous, q: value }), replace: true })
            }
          />
        }
        empty={<Empty title={m.common.none} />}
      />
      <p className="max-w-[72ch] text-small text-soft">{words.measure}</p>
    </PageFrame>
  );
}
