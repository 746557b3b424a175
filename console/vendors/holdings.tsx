import { Link } from '@tanstack/react-router';
import type { Holding } from '../api/types.ts';
import { NumberLink } from '../design/button.tsx';
import { classLabel, isQuotable, treatmentOrder } from '../design/classes.ts';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

function columnsFor(vendor: string): readonly Column<Holding>[] {
  return [
    {
      id: 'class',
      head: m.vendors.field,
      fixed: true,
      phone: true,
      sort: (row) => classLabel(row.class),
      csv: (row) => row.class,
      cell: (row) => (
        <>
          <Link
            to="/vendors/$vendor/exposures"
            params={{ vendor }}
            search={{ class: row.class, treatment: row.treatment, about: 'person' }}
            className="row-link no-underline"
            title={row.class}
          >
            {classLabel(row.class)}
          </Link>
          {isQuotable(row.class) && row.treatment === 'pass' ? (
            <span className="ml-2 text-small text-soft" title={m.vendors.quotableMeans}>
              {m.vendors.quotable}
            </span>
          ) : null}
        </>
      ),
    },
    {
      id: 'treatment',
      head: m.vendors.treatment,
      phone: true,
      width: '148px',
      phoneWidth: '132px',
      sort: (row) => treatmentOrder(row.treatment),
      csv: (row) => row.treatment,
      cell: (row) => <Treatment treatment={row.treatment} />,
    },
    {
      id: 'people',
      head: m.vendors.people,
      numeric: true,
      phone: true,
      width: '88px',
      phoneWidth: '60px',
      sort: (row) => row.people,
      csv: (row) => row.people,
      cell: (row) => (
        <NumberLink
          to="/vendors/$vendor/exposures"
          params={{ vendor }}
          search={{ class: row.class, treatment: row.treatment, about: 'person' }}
        >
          {count(row.people)}
        </NumberLink>
      ),
    },
    {
      id: 'crossings',
      head: m.vendors.exposures.crossings,
      numeric: true,
      width: '104px',
      sort: (row) => row.crossings,
      csv: (row) => row.crossings,
      cell: (row) => (
        <NumberLink to="/crossings" search={{ vendor, class: row.class, treatment: row.treatment }}>
          {count(row.crossings)}
        </NumberLink>
      ),
    },
    {
      id: 'since',
      head: m.vendors.since,
      numeric: true,
      width: '108px',
      sort: (row) => row.firstSeenAt,
      csv: (row) => row.firstSeenAt,
      cell: (row) => <Ago at={row.firstSeenAt} />,
    },
    {
      id: 'last',
      head: m.vendors.lastSeen,
      numeric: true,
      width: '100px',
      sort: (row) => row.lastSeenAt,
      csv: (row) => row.lastSeenAt,
      cell: (row) => <Ago at={row.lastSeenAt} />,
    },
    {
      id: 'apps',
      head: m.vendors.apps,
      width: '18%',
      csv: (row) => row.apps.map((app) => app.name).join(' '),
      cell: (row) => row.apps.map((app) => app.name).join(', '),
    },
  ];
}

export function HoldingsTable({
  vendor,
  rows,
  label,
}: {
  vendor: string;
  rows: readonly Holding[];
  label: string;
}) {
  return (
    <DataTable
      label={label}
      csvName={`${vendor}-holdings`}
      columns={columnsFor(vendor)}
      rows={rows}
      rowId={(row) => `${row.class} ${row.treatment}`}
      empty={<p className="text-soft">{m.vendors.holdingsNone}</p>}
    />
  );
}
