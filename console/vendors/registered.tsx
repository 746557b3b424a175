import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { ButtonLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { register as words } from '../messages/pages/register.ts';

interface Row {
  id: string;
  name: string;
  status: keyof typeof words.statuses;
  owner: string | null;
  criticality: keyof typeof words.criticalities;
  nextReview: string | null;
}

const unknown = <span className="text-soft">? {words.unknown}</span>;
const today = (): string => new Date().toISOString().slice(0, 10);
const states = Object.entries(words.statuses)
  .filter(([value]) => value !== 'not_entered')
  .map(([value, label]) => ({ value, label }));

const columns: readonly Column<Row>[] = [
  {
    id: 'vendor',
    head: words.vendor,
    fixed: true,
    phone: true,
    csv: (row) => row.name,
    cell: (row) => (
      <Link to="/vendors/$vendor" params={{ vendor: row.id }} className="row-link font-strong no-underline">
        {row.name}
      </Link>
    ),
  },
  {
    id: 'status',
    head: words.status,
    phone: true,
    width: '148px',
    phoneWidth: '120px',
    csv: (row) => row.status,
    cell: (row) => (
      <span className={row.status === 'not_entered' ? 'text-alert' : ''}>{words.statuses[row.status]}</span>
    ),
  },
  {
    id: 'owner',
    head: words.owner,
    csv: (row) => row.owner ?? '',
    cell: (row) => row.owner ?? unknown,
  },
  {
    id: 'criticality',
    head: words.criticality,
    width: '140px',
    csv: (row) => row.criticality,
    cell: (row) => (row.criticality === 'unknown' ? unknown : words.criticalities[row.criticality]),
  },
  {
    id: 'nextReview',
    head: words.nextReview,
    numeric: true,
    phone: true,
    width: '148px',
    phoneWidth: '112px',
    csv: (row) => row.nextReview ?? '',
    cell: (row) =>
      row.nextReview === null ? (
        unknown
      ) : (
        <span className={row.nextReview <= today() ? 'text-alert' : ''}>{row.nextReview}</span>
      ),
  },
];

/** The vendors of ours: what each is to us, and when it is looked at next. */
export function Registered() {
  const { q, status } = useSearch({ from: '/signed-in/vendors' });
  const navigate = useNavigate({ from: '/vendors' });
  const list = useInfiniteQuery(queries.register({ search: q, status }));
  const first = list.data?.pages[0];
  const isWhole = q === undefined && status === undefined;
  const rows = useMemo(() => {
    const entered = list.data?.pages.flatMap((page): Row[] => page.items);
    if (entered === undefined || first === undefined) return undefined;
    const others = isWhole ? first.notEntered : [];
    const nothing = { owner: null, criticality: 'unknown' as const, nextReview: null };
    return [
      ...others.map(({ id, name }): Row => ({ id, name, status: 'not_entered', ...nothing })),
      ...entered,
    ];
  }, [list.data, first, isWhole]);
  const set = (patch: { q?: string | undefined; status?: string | undefined }): void =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  const inAll = Object.values(first?.counts ?? {}).reduce((sum, count) => sum + count, 0);
  return (
    <Section
      title={words.title}
      lead={first === undefined ? undefined : words.listLead(inAll, first.notEntered.length)}
      acts={
        <ButtonLink to="/vendors/calendar" slim>
          {words.calendar}
        </ButtonLink>
      }
    >
      <DataTable
        label={words.title}
        csvName="register"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        tools={
          <Filter
            label={words.status}
            value={status}
            options={states}
            onChoose={(value) => set({ status: value })}
          />
        }
        empty={
          <Empty
            title={words.none}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          >
            {words.noneLead}
          </Empty>
        }
      />
    </Section>
  );
}
