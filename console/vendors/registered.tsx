import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { Section } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { register as words } from '../messages/pages/register.ts';
import { exchange as more } from '../messages/pages/register-exchange.ts';
import { Permitted } from '../shell/permitted.tsx';
import type { Kept } from '../shell/search.ts';
import { RegisterExports } from './register/export.tsx';
import { ImportSheet } from './register/import.tsx';

interface Row {
  id: string;
  name: string;
  status: keyof typeof words.statuses;
  owner: string | null;
  criticality: keyof typeof words.criticalities;
  tier: string | null;
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
    id: 'tier',
    head: words.tier,
    width: '120px',
    csv: (row) => row.tier ?? '',
    cell: (row) => row.tier ?? unknown,
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

const dues = { overdue: 0, days30: 30, days90: 90 } as const;
const DAY_MS = 86_400_000;
/** Stands in the address for those of whom nobody said it. */
const NOBODY = '?';
type Filters = Kept<'q' | 'status' | 'tier' | 'owner' | 'due'>;

/** What the API is asked for by what the address says. */
function askedBy({ q, status, tier, owner, due }: Filters) {
  const days = Object.entries(dues).find(([name]) => name === due)?.[1];
  const lacks = [tier === NOBODY ? 'tier' : '', owner === NOBODY ? 'owner' : ''].filter((one) => one !== '');
  return {
    search: q,
    status,
    tier: tier === NOBODY ? undefined : tier,
    owner: owner === NOBODY ? undefined : owner,
    lacks: lacks.length === 0 ? undefined : lacks.join('_and_'),
    dueBy: days === undefined ? undefined : new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10),
  };
}

/** The vendors of ours: what each is to us, and when it is looked at next. */
export function Registered() {
  const search = useSearch({ from: '/signed-in/vendors' });
  const { q, status, tier, owner, due } = search;
  const navigate = useNavigate({ from: '/vendors' });
  const list = useInfiniteQuery({ ...queries.register(askedBy(search)), placeholderData: keepPreviousData });
  const rules = useQuery(queries.registerRules()).data;
  const first = list.data?.pages[0];
  const isWhole = [q, status, tier, owner, due].every((one) => one === undefined);
  const rows = useMemo(() => {
    const entered = list.data?.pages.flatMap((page): Row[] => page.items);
    if (entered === undefined || first === undefined) return undefined;
    const others = isWhole ? first.notEntered : [];
    const nothing = { owner: null, criticality: 'unknown' as const, tier: null, nextReview: null };
    return [
      ...others.map(({ id, name }): Row => ({ id, name, status: 'not_entered', ...nothing })),
      ...entered,
    ];
  }, [list.data, first, isWhole]);
  const set = (patch: { [Name in keyof typeof search]?: string | undefined }): void =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  const inAll = Object.values(first?.counts ?? {}).reduce((sum: number, count) => sum + (count ?? 0), 0);
  const isEmpty = isWhole && rows?.length === 0;
  const owners = [
    { value: NOBODY, label: more.nobody },
    ...(first?.owners ?? []).map((one) => ({ value: one, label: one })),
  ];
  const tiers = [
    { value: NOBODY, label: more.noTier },
    ...(rules?.tiers ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ];
  const take = (
    <Permitted action="register.change">
      <Button slim onClick={() => set({ act: 'import' })}>
        {more.import}
      </Button>
    </Permitted>
  );
  return (
    <Section
      title={words.title}
      lead={first === undefined ? undefined : words.listLead(inAll, first.notEntered.length)}
      acts={
        <>
          {isEmpty ? null : take}
          <ButtonLink to="/vendors/tiers" slim>
            {more.tiers}
          </ButtonLink>
          <ButtonLink to="/vendors/calendar" slim>
            {words.calendar}
          </ButtonLink>
        </>
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
          isEmpty ? null : (
            <>
              <SearchFilter label={words.search} value={q} onChange={(text) => set({ q: text })} />
              <Filter
                label={words.status}
                value={status}
                options={states}
                onChoose={(value) => set({ status: value })}
              />
              <Filter
                label={words.tier}
                value={tier}
                options={tiers}
                onChoose={(value) => set({ tier: value })}
              />
              <Filter
                label={words.owner}
                value={owner}
                options={owners}
                onChoose={(value) => set({ owner: value })}
              />
              <Filter
                label={more.due}
                value={due}
                options={Object.entries(more.dueBy).map(([value, label]) => ({ value, label }))}
                onChoose={(value) => set({ due: value })}
              />
            </>
          )
        }
        empty={
          isWhole ? (
            <Empty
              title={words.none}
              example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
              act={take}
            >
              {words.noneLead}
            </Empty>
          ) : (
            <Empty title={more.notFound}>{more.notFoundLead}</Empty>
          )
        }
      />
      {isEmpty ? null : <RegisterExports />}
      {search.act === 'import' ? <ImportSheet onClose={() => set({ act: undefined })} /> : null}
    </Section>
  );
}
