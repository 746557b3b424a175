import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ConfigurationVersion } from '../api/fleet-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.configuration;

/** The first difference in words, and how many more there are. */
function summaryOf(row: ConfigurationVersion): string {
  const first = row.differences[0]?.text;
  if (first === undefined) return row.before === null ? words.first : words.same;
  return row.differencesInAll > 1 ? `${first} ${words.more(row.differencesInAll - 1)}` : first;
}

const columns: readonly Column<ConfigurationVersion>[] = [
  {
    id: 'version',
    head: words.version,
    fixed: true,
    phone: true,
    width: '132px',
    phoneWidth: '76px',
    csv: (row) => row.version,
    cell: (row) => (
      <Link
        to="/settings/configuration/$version"
        params={{ version: String(row.version) }}
        className="row-link no-underline"
      >
        {row.version}
        {row.inForce ? (
          <span className="ml-2 text-small text-soft max-sm:hidden">{words.inForce}</span>
        ) : null}
      </Link>
    ),
  },
  {
    id: 'what',
    head: words.what,
    phone: true,
    csv: summaryOf,
    cell: summaryOf,
  },
  {
    id: 'why',
    head: words.why,
    width: '24%',
    csv: (row) => row.changes.map((change) => change.reason).join('; '),
    cell: (row) => row.changes[0]?.reason ?? <span className="text-soft">{words.noCause}</span>,
  },
  {
    id: 'who',
    head: words.who,
    width: '15%',
    csv: (row) => row.changes.map((change) => change.actor).join('; '),
    cell: (row) => row.changes[0]?.actor ?? '',
  },
  {
    id: 'published',
    head: words.published,
    numeric: true,
    phone: true,
    width: '108px',
    phoneWidth: '88px',
    csv: (row) => row.publishedAt,
    cell: (row) => <Ago at={row.publishedAt} />,
  },
];

/** Every configuration that gateways were given. */
export function ConfigurationsPage() {
  const versions = useInfiniteQuery(queries.configurations());
  const rows = useMemo(() => versions.data?.pages.flatMap((page) => page.items), [versions.data]);
  const inForce = rows?.find((row) => row.inForce);
  return (
    <PageFrame
      tab={words.tab}
      title={inForce === undefined ? words.tab : words.title(inForce.version)}
      lead={words.lead}
      acts={
        <ButtonLink to="/settings" hash="gateways">
          {words.gateways}
        </ButtonLink>
      }
    >
      <DataTable
        label={words.tab}
        csvName="configuration-history"
        columns={columns}
        rows={rows}
        rowId={(row) => String(row.version)}
        error={versions.error}
        onRetry={() => void versions.refetch()}
        more={moreOf(versions)}
        empty={
          <Empty
            title={words.none}
            example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
            act={<ButtonLink to="/settings">{m.rail.settings}</ButtonLink>}
          >
            {words.noneLead}
          </Empty>
        }
      />
    </PageFrame>
  );
}
