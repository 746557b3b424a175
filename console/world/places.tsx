import { Link } from '@tanstack/react-router';
import type { Verdict, World } from '../api/residency-types.ts';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { placeName } from './names.ts';
import { VerdictMark } from './verdict.tsx';

type Spot = World['places'][number];
const words = m.world;
const order: readonly Verdict[] = ['contradicts', 'unknown', 'not_provable', 'consistent'];
const SHOWN = 6;

function verdictText({ verdicts }: Spot): string {
  return order
    .filter((verdict) => (verdicts[verdict] ?? 0) > 0)
    .map((verdict) => `${verdicts[verdict]} ${words.verdict[verdict].text}`)
    .join(', ');
}

function numbered(id: string, head: string, of: (row: Spot) => number): Column<Spot> {
  return { id, head, numeric: true, width: '112px', sort: of, csv: of, cell: (row) => count(of(row)) };
}

const columns: readonly Column<Spot>[] = [
  {
    id: 'place',
    head: words.place,
    fixed: true,
    phone: true,
    width: '20%',
    phoneWidth: '36%',
    sort: (row) => placeName(row.place),
    csv: (row) => row.place,
    cell: (row) => <span className="font-strong">{placeName(row.place)}</span>,
  },
  {
    id: 'verdicts',
    head: words.verdicts,
    phone: true,
    width: '17%',
    csv: verdictText,
    cell: (row) => {
      const shown = order.filter((verdict) => (row.verdicts[verdict] ?? 0) > 0);
      return shown.length === 0 ? (
        <VerdictMark verdict={null} />
      ) : (
        <span className="flex flex-wrap gap-x-3">
          {shown.map((verdict) => (
            <VerdictMark key={verdict} verdict={verdict} times={row.verdicts[verdict] ?? 0} />
          ))}
        </span>
      );
    },
  },
  numbered('observed', words.observed, (row) => row.observed),
  numbered('declared', words.declared, (row) => row.declared),
  numbered('crossings', words.crossings, (row) => row.crossings),
  {
    id: 'vendors',
    head: words.vendors,
    csv: (row) => row.vendors.map(({ vendor }) => vendor).join(' '),
    cell: (row) => (
      <span>
        {row.vendors.slice(0, SHOWN).map(({ vendor, name }, index) => (
          <span key={vendor}>
            {index === 0 ? null : ', '}
            <Link to="/vendors/$vendor" params={{ vendor }} className="underline underline-offset-4">
              {name}
            </Link>
          </span>
        ))}
        {row.vendors.length > SHOWN ? words.moreVendors(row.vendors.length - SHOWN) : null}
      </span>
    ),
  },
];

/** What the map shows, as rows. */
export function Places({ world }: { world: World }) {
  return (
    <DataTable
      label={words.places}
      csvName="places"
      columns={columns}
      rows={world.places}
      rowId={(row) => row.place}
      error={null}
      onRetry={() => undefined}
      empty={null}
    />
  );
}
