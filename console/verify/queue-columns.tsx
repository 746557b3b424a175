import { Link } from '@tanstack/react-router';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { MESSAGE } from './chosen.ts';
import { becameOf, nameOf, VerdictMark } from './marks.tsx';
import type { Judged } from './shapes.ts';

const { heads, choose, unknownReporter } = desk.queue;

/** Columns of the queue, in the order in which it comes: none is sorted here. With `toggle`, rows can be chosen. */
export function queueColumns(
  chosen: ReadonlySet<string>,
  toggle: ((id: string) => void) | null,
): readonly Column<Judged>[] {
  const select: Column<Judged> = {
    id: 'select',
    head: heads.select,
    fixed: true,
    phone: true,
    width: '72px',
    phoneWidth: '18%',
    cell: (one) => (
      <input
        type="checkbox"
        className="above-row relative block size-6"
        tabIndex={-1}
        aria-label={choose(nameOf(one))}
        checked={chosen.has(one.id)}
        onChange={() => toggle?.(one.id)}
      />
    ),
  };
  return [
    ...(toggle === null ? [] : [select]),
    {
      id: 'message',
      head: heads.message,
      fixed: true,
      phone: true,
      phoneWidth: '42%',
      csv: nameOf,
      cell: (one) => (
        <span title={nameOf(one)}>
          <Link
            to="/messages/$message"
            params={{ message: one.id }}
            className="row-link font-strong no-underline"
            {...{ [MESSAGE]: one.id }}
          >
            {nameOf(one)}
          </Link>
          {one.from === null ? null : (
            <span className="ml-2 text-small text-soft">{one.from.address || one.from.name}</span>
          )}
        </span>
      ),
    },
    {
      id: 'verdict',
      head: heads.verdict,
      phone: true,
      width: '170px',
      phoneWidth: '40%',
      csv: (one) => verify.verdicts[one.verdict],
      cell: (one) => <VerdictMark verdict={one.verdict} />,
    },
    {
      id: 'harm',
      head: heads.harm,
      numeric: true,
      width: '60px',
      csv: (one) => one.harm,
      cell: (one) => String(Math.round(one.harm)),
    },
    {
      id: 'vendor',
      head: heads.vendor,
      width: '88px',
      csv: (one) => one.vendor?.name ?? '',
      cell: (one) => one.vendor?.name ?? '',
    },
    {
      id: 'alike',
      head: heads.alike,
      numeric: true,
      width: '60px',
      csv: (one) => one.alike,
      cell: (one) => count(one.alike),
    },
    {
      id: 'by',
      head: heads.by,
      width: '108px',
      csv: (one) => one.by?.name ?? unknownReporter,
      cell: (one) => one.by?.name ?? unknownReporter,
    },
    {
      id: 'state',
      head: heads.state,
      width: '112px',
      csv: becameOf,
      cell: becameOf,
    },
    {
      id: 'when',
      head: heads.when,
      numeric: true,
      width: '96px',
      csv: (one) => one.at,
      cell: (one) => <Ago at={one.at} />,
    },
  ];
}
