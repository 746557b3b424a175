import { Link } from '@tanstack/react-router';
import type { AccountHolders, PartyBehindSummary } from '../api/holding-types.ts';
import { NumberLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { behindConsoles as words } from '../messages/pages/consoles.ts';

const SHOWN = 3;

/** Columns of the list of parties. */
export function partyColumns(nameOf: (vendor: string) => string): readonly Column<PartyBehindSummary>[] {
  const names = (vendors: readonly string[]): string => vendors.map(nameOf).join(', ');
  return [
    {
      id: 'party',
      head: words.party,
      fixed: true,
      phone: true,
      width: '28%',
      phoneWidth: '50%',
      sort: (row) => row.name,
      csv: (row) => row.party,
      cell: (row) => (
        <>
          <Link
            to="/vendors/consoles/$party"
            params={{ party: row.party }}
            className="row-link font-strong no-underline"
            title={row.name}
          >
            {row.name}
          </Link>
          {row.known ? null : <span className="block truncate text-small text-soft">{words.whose}</span>}
        </>
      ),
    },
    {
      id: 'people',
      head: words.people,
      numeric: true,
      phone: true,
      width: '112px',
      phoneWidth: '24%',
      sort: atMost,
      csv: (row) => (row.accounts === 0 ? '?' : row.people),
      cell: (row) => (
        <NumberLink to="/vendors/consoles/$party" params={{ party: row.party }}>
          <People holders={row} />
        </NumberLink>
      ),
    },
    {
      id: 'observed',
      head: words.observed,
      csv: (row) => row.observed.join(' '),
      cell: (row) => <Vendors ids={row.observed} title={names(row.observed)} nameOf={nameOf} />,
    },
    {
      id: 'declared',
      head: words.declared,
      width: '22%',
      csv: (row) => row.declared.join(' '),
      cell: (row) => <Vendors ids={row.declared} title={names(row.declared)} nameOf={nameOf} />,
    },
    {
      id: 'lastSeen',
      head: words.lastSeen,
      numeric: true,
      phone: true,
      width: '120px',
      phoneWidth: '26%',
      sort: (row) => row.lastSeen ?? '',
      csv: (row) => row.lastSeen ?? '',
      cell: (row) =>
        row.lastSeen === null ? <span className="text-soft">{words.neverSeen}</span> : row.lastSeen,
    },
  ];
}

/** How many it may be. Where no export names accounts it is unknown, and that is never few. */
const atMost = ({ people, accounts, unnamed }: AccountHolders): number =>
  accounts === 0 ? Number.MAX_SAFE_INTEGER : people + unnamed;

/** Distinct people; `+` says that there are accounts of which nobody knows whose they are. */
export function People({ holders: { people, accounts, unnamed } }: { holders: AccountHolders }) {
  if (accounts === 0) return <span title={words.peopleUnknownWhy}>? {words.peopleUnknown}</span>;
  return unnamed === 0 ? (
    count(people)
  ) : (
    <span title={words.unnamed(unnamed)}>
      {count(people)} + {count(unnamed)} ?
    </span>
  );
}

function Vendors({
  ids,
  title,
  nameOf,
}: {
  ids: readonly string[];
  title: string;
  nameOf: (vendor: string) => string;
}) {
  return (
    <span title={title}>
      {ids.slice(0, SHOWN).map((vendor, index) => (
        <span key={vendor}>
          {index === 0 ? null : ', '}
          <NumberLink to="/vendors/$vendor" params={{ vendor }} hash="console">
            {nameOf(vendor)}
          </NumberLink>
        </span>
      ))}
      {ids.length > SHOWN ? words.and(ids.length - SHOWN) : null}
    </span>
  );
}
