import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { VendorPosture } from '../api/account-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, NumberLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { behindConsoles } from '../messages/pages/consoles.ts';
import { ImportSheet } from './import.tsx';
import { LevelsBar, LevelsLegend } from './levels.tsx';

const words = m.accounts;

function numbered(
  id: string,
  head: string,
  of: (row: VendorPosture) => number,
  urgent: boolean,
): Column<VendorPosture> {
  return {
    id,
    head,
    numeric: true,
    width: '118px',
    sort: of,
    csv: of,
    cell: (row) => (
      <span className={urgent && of(row) > 0 ? 'text-alert' : ''}>
        <NumberLink to="/accounts/$vendor" params={{ vendor: row.vendor }}>
          {count(of(row))}
        </NumberLink>
      </span>
    ),
  };
}

const columns: readonly Column<VendorPosture>[] = [
  {
    id: 'vendor',
    head: words.vendor,
    fixed: true,
    phone: true,
    width: '20%',
    phoneWidth: '38%',
    sort: (row) => row.vendor,
    csv: (row) => row.vendor,
    cell: (row) => (
      <Link
        to="/accounts/$vendor"
        params={{ vendor: row.vendor }}
        className="row-link font-strong no-underline"
      >
        {row.vendor}
      </Link>
    ),
  },
  {
    id: 'levels',
    head: words.levelsHead,
    phone: true,
    csv: (row) => JSON.stringify(row.levels),
    cell: (row) => <LevelsBar levels={row.levels} />,
  },
  numbered('accounts', words.accountsHead, (row) => row.accounts, false),
  numbered('without', words.without, (row) => row.withoutSecondFactor, true),
  numbered('left', words.left, (row) => row.left, true),
  numbered('admins', words.admins, (row) => row.admins, false),
  {
    id: 'asOf',
    head: words.asOf,
    numeric: true,
    width: '116px',
    sort: (row) => row.lastImport?.asOf ?? '',
    csv: (row) => row.lastImport?.asOf ?? '',
    cell: (row) => <Ago at={row.lastImport?.asOf} />,
  },
];

/** Who of us can sign in where, and what guards it. */
export function AccountsPage() {
  const search = useSearch({ from: '/signed-in/accounts' });
  const navigate = useNavigate({ from: '/accounts' });
  const vendors = useQuery(queries.accounts());
  const rows = vendors.data?.items;
  const sum = (of: (row: VendorPosture) => number) => rows?.reduce((total, row) => total + of(row), 0) ?? 0;
  const show = (act: 'import' | undefined) =>
    void navigate({ search: (previous) => ({ ...previous, act }), replace: true, resetScroll: false });
  const take = (
    <Button weight="main" onClick={() => show('import')}>
      {words.take}
    </Button>
  );
  const none = rows?.length === 0;
  return (
    <PageFrame
      tab={words.tab}
      title={
        rows === undefined
          ? words.tab
          : none
            ? words.emptyTitle
            : words.title(
                sum((row) => row.withoutSecondFactor),
                sum((row) => row.accounts),
                rows.length,
              )
      }
      lead={rows === undefined || none ? undefined : words.lead(sum((row) => row.levels.unknown))}
      acts={
        <>
          <ButtonLink to="/vendors/consoles">{behindConsoles.tab}</ButtonLink>
          {none ? null : take}
        </>
      }
    >
      {rows !== undefined && !none ? <LevelsLegend /> : null}
      <DataTable
        label={words.tab}
        csvName="accounts-at-vendors"
        columns={columns}
        rows={rows}
        rowId={(row) => row.vendor}
        error={vendors.error}
        onRetry={() => void vendors.refetch()}
        empty={
          <Empty
            title={words.emptyTitle}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
            act={take}
          >
            {words.empty}
          </Empty>
        }
      />
      <ImportSheet open={search.act === 'import'} onClose={() => show(undefined)} />
    </PageFrame>
  );
}
