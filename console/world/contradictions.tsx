import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { ResidencyContradiction } from '../api/residency-types.ts';
import { NumberLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { residency } from '../messages/pages/residency.ts';
import { Permitted } from '../shell/permitted.tsx';
import { placeName } from './names.ts';

const words = m.world.contradictions;
const seenText = (row: ResidencyContradiction): string =>
  [...new Set(row.seen.map(({ found }) => placeName(found.place)))].join(', ');

const columns: readonly Column<ResidencyContradiction>[] = [
  {
    id: 'vendor',
    head: words.vendor,
    fixed: true,
    phone: true,
    width: '16%',
    phoneWidth: '32%',
    sort: (row) => row.name,
    csv: (row) => row.statement.vendor,
    cell: (row) => (
      <Link
        to="/vendors/$vendor"
        params={{ vendor: row.statement.vendor }}
        className="row-link font-strong no-underline"
      >
        {row.name}
      </Link>
    ),
  },
  {
    id: 'what',
    head: words.what,
    width: '14%',
    csv: (row) => row.statement.kind,
    cell: (row) => m.world.kinds[row.statement.kind],
  },
  {
    id: 'said',
    head: words.said,
    phone: true,
    csv: (row) => row.statement.place,
    cell: (row) => <>○ {placeName(row.statement.place)}</>,
  },
  { id: 'seen', head: words.seen, phone: true, csv: seenText, cell: (row) => <>● {seenText(row)}</> },
  {
    id: 'source',
    head: words.source,
    csv: (row) => row.statement.source,
    cell: (row) => row.statement.source,
  },
  {
    id: 'crossing',
    head: words.crossing,
    numeric: true,
    width: '128px',
    csv: (row) => row.seen[0]?.lastCrossing ?? '',
    cell: (row) => {
      const [latest] = row.seen;
      if (latest === undefined) return null;
      if (latest.lastCrossing === null) return <Ago at={latest.lastAt} />;
      return (
        <NumberLink to="/crossings/$crossing" params={{ crossing: latest.lastCrossing }}>
          <Ago at={latest.lastAt} />
        </NumberLink>
      );
    },
  },
  {
    id: 'act',
    head: residency.statement.act,
    fixed: true,
    numeric: true,
    width: '100px',
    cell: ({ name, statement }) => (
      <Permitted action="residency.change">
        <NumberLink
          to="/vendors/$vendor"
          params={{ vendor: statement.vendor }}
          search={{ act: 'restate', of: statement.id }}
          label={`${residency.statement.change}: ${name}, ${m.world.kinds[statement.kind]}`}
        >
          {residency.statement.change}
        </NumberLink>
      </Permitted>
    ),
  },
];

/** Statements that crossings contradict, each with the crossing that shows it. */
export function ContradictionList() {
  const list = useInfiniteQuery(queries.residencyContradictions());
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  return (
    <Section id="contradictions" title={words.title} lead={words.lead}>
      <DataTable
        label={words.title}
        csvName="contradictions"
        columns={columns}
        rows={rows}
        rowId={(row) => row.statement.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        empty={null}
      />
    </Section>
  );
}
