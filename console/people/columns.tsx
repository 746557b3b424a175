import { Link } from '@tanstack/react-router';
import type { PersonRow } from '../api/identity-types.ts';
import { day } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { calledBy, factorsText, personState } from './state.ts';
import { roleNames } from './words.ts';

const words = m.people;

function State({ person }: { person: PersonRow }) {
  const state = personState(person, Date.now());
  const text = words.states[state];
  return state === 'active' ? text : <span className="text-soft">{text}</span>;
}

export const peopleColumns: readonly Column<PersonRow>[] = [
  {
    id: 'name',
    head: words.name,
    fixed: true,
    phone: true,
    width: '18%',
    sort: calledBy,
    csv: (person) => person.name,
    cell: (person) => (
      <Link to="/people/$person" params={{ person: person.id }} className="row-link no-underline">
        {calledBy(person)}
        {person.isYou ? <span className="text-soft"> ({words.you})</span> : null}
      </Link>
    ),
  },
  {
    id: 'email',
    head: words.email,
    sort: (person) => person.email ?? '',
    csv: (person) => person.email ?? '',
    cell: (person) => <span title={person.email ?? undefined}>{person.email}</span>,
  },
  {
    id: 'roles',
    head: words.role,
    phone: true,
    width: '17%',
    phoneWidth: '34%',
    sort: (person) => roleNames(person.roles),
    csv: (person) => person.roles.join(' '),
    cell: (person) => <span title={roleNames(person.roles)}>{roleNames(person.roles)}</span>,
  },
  {
    id: 'state',
    head: words.state,
    phone: true,
    width: '104px',
    phoneWidth: '84px',
    sort: (person) => personState(person, Date.now()),
    csv: (person) => personState(person, Date.now()),
    cell: (person) => <State person={person} />,
  },
  {
    id: 'factors',
    head: words.factors,
    width: '17%',
    sort: factorsText,
    csv: factorsText,
    cell: (person) => <span title={factorsText(person)}>{factorsText(person)}</span>,
  },
  {
    id: 'seen',
    head: words.lastSeen,
    numeric: true,
    width: '104px',
    sort: (person) => person.lastSeenAt ?? '',
    csv: (person) => person.lastSeenAt ?? '',
    cell: (person) => <Ago at={person.lastSeenAt} />,
  },
  {
    id: 'ends',
    head: words.ends,
    numeric: true,
    width: '116px',
    sort: (person) => person.accessEnds ?? '9',
    csv: (person) => person.accessEnds ?? '',
    cell: (person) =>
      person.accessEnds === null ? (
        <span className="text-soft">{words.noEnd}</span>
      ) : (
        day(person.accessEnds.slice(0, 10))
      ),
  },
];
