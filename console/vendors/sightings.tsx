import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { Sighting } from '../api/types.ts';
import { NumberLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const columns: readonly Column<Sighting>[] = [
  {
    id: 'asked',
    head: m.vendors.sightings.asked,
    fixed: true,
    phone: true,
    sort: (row) => row.path,
    csv: (row) => `${row.method} ${row.path}`,
    cell: (row) => (
      <span className="font-mono text-small">
        {row.reason === 'upgrade_not_supported' ? m.vendors.sightings.webSocket : row.method} {row.path}
      </span>
    ),
  },
  {
    id: 'times',
    head: m.vendors.sightings.times,
    numeric: true,
    phone: true,
    width: '88px',
    phoneWidth: '60px',
    sort: (row) => row.times,
    csv: (row) => row.times,
    cell: (row) => (
      <NumberLink
        to="/crossings"
        search={{
          connection: row.connection.id,
          app: row.app.id,
          endpoint: row.path,
          decision: 'refused',
        }}
      >
        {count(row.times)}
      </NumberLink>
    ),
  },
  {
    id: 'app',
    head: m.vendors.sightings.app,
    width: '18%',
    sort: (row) => row.app.name,
    csv: (row) => row.app.name,
    cell: (row) => row.app.name,
  },
  {
    id: 'since',
    head: m.vendors.since,
    numeric: true,
    width: '108px',
    sort: (row) => row.firstAt,
    csv: (row) => row.firstAt,
    cell: (row) => <Ago at={row.firstAt} />,
  },
  {
    id: 'last',
    head: m.vendors.lastSeen,
    numeric: true,
    width: '100px',
    sort: (row) => row.lastAt,
    csv: (row) => row.lastAt,
    cell: (row) => <Ago at={row.lastAt} />,
  },
];

/** What apps asked this vendor for, and the gateway does not serve. Nothing where there is none. */
export function Sightings({ vendor }: { vendor: string }) {
  const { data, error, refetch } = useQuery(queries.sightings(vendor));
  if (data === undefined ? error === null : data.length === 0) return null;
  return (
    <Section title={m.vendors.sightings.title} lead={m.vendors.sightings.lead}>
      <DataTable
        label={m.vendors.sightings.title}
        csvName={`${vendor}-sightings`}
        columns={columns}
        rows={data}
        error={error}
        onRetry={() => void refetch()}
        rowId={(row) => `${row.connection.id} ${row.app.id} ${row.reason} ${row.method} ${row.path}`}
        empty={null}
      />
    </Section>
  );
}
