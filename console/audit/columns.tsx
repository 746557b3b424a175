import { Link } from '@tanstack/react-router';
import type { Change } from '../api/audit-types.ts';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { actText, kindText, SubjectLink } from './subject.tsx';

const words = m.audit;

/** `nameOf` gives what was changed a name, `actorText` who changed it. */
export function changeColumns(
  nameOf: (subject: Change['subject']) => string,
  actorText: (actor: string) => string,
): readonly Column<Change>[] {
  return [
    {
      id: 'at',
      head: words.when,
      fixed: true,
      phone: true,
      width: '100px',
      phoneWidth: '76px',
      csv: (row) => row.at,
      cell: (row) => (
        <Link to="/audit/changes/$change" params={{ change: row.id }} className="row-link no-underline">
          <Ago at={row.at} />
        </Link>
      ),
    },
    {
      id: 'what',
      head: words.what,
      phone: true,
      width: '21%',
      phoneWidth: '44%',
      csv: (row) => row.act,
      cell: (row) => (
        <span className="font-strong" title={row.act}>
          {actText(row.act)}
        </span>
      ),
    },
    {
      id: 'on',
      head: words.on,
      phone: true,
      width: '20%',
      csv: (row) => `${row.subject.kind}:${row.subject.id}`,
      cell: (row) => (
        <span className="above-row" title={`${row.subject.kind} ${row.subject.id}`}>
          <SubjectLink subject={row.subject}>{nameOf(row.subject) || kindText(row.subject.kind)}</SubjectLink>
        </span>
      ),
    },
    {
      id: 'why',
      head: words.why,
      csv: (row) => row.reason,
      cell: (row) => row.reason,
    },
    {
      id: 'who',
      head: words.who,
      width: '16%',
      csv: (row) => row.actor,
      cell: (row) => actorText(row.actor),
    },
    {
      id: 'entry',
      head: words.entry,
      numeric: true,
      width: '84px',
      csv: (row) => row.index ?? '',
      cell: (row) =>
        row.index === null ? (
          <span className="text-soft" title={words.waits}>
            …
          </span>
        ) : (
          count(row.index)
        ),
    },
  ];
}
