import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { VendorRow } from '../api/types.ts';
import { LastDayLink } from '../crossings/last-day.tsx';
import { NumberLink } from '../design/button.tsx';
import { strongest, vendorGot } from '../design/classes.ts';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Marks } from './marks.tsx';

const columns: readonly Column<VendorRow>[] = [
  {
    id: 'vendor',
    head: m.vendors.vendor,
    fixed: true,
    phone: true,
    width: '20%',
    sort: (row) => row.name,
    csv: (row) => row.name,
    cell: (row) => (
      <>
        <Link
          to="/vendors/$vendor"
          params={{ vendor: row.vendor }}
          className="row-link font-strong no-underline"
        >
          {row.name}
        </Link>
        {row.modes.length === 0 ? null : (
          <span className="block truncate text-small text-soft">
            {m.modes.listed(row.modes.map((mode) => m.modes.names[mode] ?? mode))}
          </span>
        )}
      </>
    ),
  },
  {
    id: 'people',
    head: m.vendors.people,
    numeric: true,
    phone: true,
    width: '92px',
    phoneWidth: '80px',
    sort: (row) => row.people,
    csv: (row) => row.people,
    cell: (row) => (
      <NumberLink
        to="/vendors/$vendor/exposures"
        params={{ vendor: row.vendor }}
        search={{ held: 'true', about: 'person' }}
      >
        {count(row.people)}
      </NumberLink>
    ),
  },
  {
    id: 'classes',
    head: m.vendors.classes,
    sort: (row) => row.fieldClassesGot,
    csv: (row) => row.fieldClassesGot,
    cell: (row) => (
      <span className="flex items-center gap-3">
        <span className="w-5 text-right">
          <NumberLink to="/vendors/$vendor" params={{ vendor: row.vendor }}>
            {count(row.fieldClassesGot)}
          </NumberLink>
        </span>
        <Marks items={strongest(row.classes.filter((item) => vendorGot(item.treatment)))} />
      </span>
    ),
  },
  {
    id: 'crossings',
    head: m.vendors.crossings,
    numeric: true,
    width: '124px',
    sort: (row) => row.crossings24h,
    csv: (row) => row.crossings24h,
    cell: (row) => <LastDayLink vendor={row.vendor}>{count(row.crossings24h)}</LastDayLink>,
  },
  {
    id: 'refused',
    head: m.vendors.refused,
    numeric: true,
    width: '112px',
    sort: (row) => row.refused24h,
    csv: (row) => row.refused24h,
    cell: (row) => (
      <LastDayLink vendor={row.vendor} decision="refused">
        {count(row.refused24h)}
      </LastDayLink>
    ),
  },
  {
    id: 'last',
    head: m.vendors.last,
    numeric: true,
    phone: true,
    width: '116px',
    phoneWidth: '112px',
    sort: (row) => row.lastCrossingAt ?? '',
    csv: (row) => row.lastCrossingAt ?? '',
    cell: (row) => (row.state === 'severed' ? m.common.severed : <Ago at={row.lastCrossingAt} />),
  },
];

export function VendorTable({
  rows,
  extra,
  error,
  onRetry,
  empty,
}: {
  rows: readonly VendorRow[] | undefined;
  /** A column that not every list of vendors has; it stands before the last one. */
  extra?: Column<VendorRow> | null;
  error?: unknown;
  onRetry?: () => void;
  empty: ReactNode;
}) {
  const all = useMemo(
    () => (extra ? [...columns.slice(0, -1), extra, ...columns.slice(-1)] : columns),
    [extra],
  );
  return (
    <DataTable
      label={m.vendors.tab}
      csvName="vendors"
      columns={all}
      rows={rows}
      rowId={(row) => row.vendor}
      error={error}
      {...(onRetry ? { onRetry } : {})}
      empty={empty}
    />
  );
}
