import { Link } from '@tanstack/react-router';
import type { Candidate } from '../api/discovery-types.ts';
import { Button } from '../design/button.tsx';
import { count, share } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { discover } from '../messages/pages/discover.ts';
import { Permitted } from '../shell/permitted.tsx';
import type { Decide } from './decider.ts';
import { CANDIDATE } from './keys.ts';

const words = discover.queue;
const strength = { observed: 3, configured: 2, capable: 1, transitive: 0 } as const;
const marks = { observed: '●', configured: '◐', capable: '○', transitive: '·' } as const;

/** Columns of the queue of candidates. */
export function candidateColumns(
  decide: Decide,
  open: (sheet: string, key: string) => void,
  nameOf: (vendor: string) => string,
): readonly Column<Candidate>[] {
  return [
    {
      id: 'name',
      head: words.name,
      fixed: true,
      phone: true,
      phoneWidth: '46%',
      sort: (one) => one.name,
      csv: (one) => one.name,
      cell: (one) => (
        <span title={one.key}>
          <Link
            to="/discover"
            search={(previous) => ({ ...previous, act: 'evidence', candidate: one.key })}
            resetScroll={false}
            className="row-link font-strong no-underline"
            {...{ [CANDIDATE]: one.key }}
          >
            {one.name}
          </Link>
          {one.vendor !== null && !one.sure ? (
            <span className="ml-2 text-small text-soft">{words.suggested(nameOf(one.vendor))}</span>
          ) : null}
          {one.perhaps === null ? null : (
            <span className="block truncate text-small text-soft" title={one.perhaps.said}>
              {words.imported(one.perhaps.name)}
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'grade',
      head: words.grade,
      phone: true,
      width: '120px',
      phoneWidth: '26%',
      sort: (one) => strength[one.grade],
      csv: (one) => one.grade,
      cell: (one) => (
        <span title={words.gradeMeans[one.grade]}>
          <span aria-hidden="true">{marks[one.grade]}</span> {words.grades[one.grade]}
        </span>
      ),
    },
    {
      id: 'sureness',
      head: words.sureness,
      numeric: true,
      width: '92px',
      sort: (one) => one.confidence,
      csv: (one) => one.confidence,
      cell: (one) => share(one.confidence),
    },
    {
      id: 'kinds',
      head: words.kinds,
      width: '20%',
      csv: (one) => one.kinds.join(' '),
      cell: (one) => one.kinds.map((kind) => words.kindNames[kind]).join(', '),
    },
    {
      id: 'sightings',
      head: words.sightings,
      numeric: true,
      width: '76px',
      sort: (one) => one.sightings,
      csv: (one) => one.sightings,
      cell: (one) => count(one.sightings),
    },
    {
      id: 'last',
      head: words.last,
      numeric: true,
      width: '120px',
      sort: (one) => one.last ?? '',
      csv: (one) => one.last ?? '',
      cell: (one) =>
        one.last === null ? <span className="text-soft">{words.lastUnknown}</span> : <Ago at={one.last} />,
    },
    {
      id: 'act',
      head: words.act,
      fixed: true,
      phone: true,
      width: '170px',
      phoneWidth: '28%',
      cell: (one) => (
        <Permitted action="discovery.decide">
          <span className="above-row flex gap-1">{actsOf(one, decide, open)}</span>
        </Permitted>
      ),
    },
  ];
}

function actsOf(one: Candidate, decide: Decide, open: (sheet: string, key: string) => void) {
  if (one.state !== 'open') {
    return (
      <Button
        slim
        aria-label={words.reopenOf(one.name)}
        onClick={() => decide({ candidate: one.key, act: 'reopen' })}
      >
        {words.reopen}
      </Button>
    );
  }
  return (
    <>
      {one.vendor === null ? (
        <Button slim aria-label={words.linkOf(one.name)} onClick={() => open('link', one.key)}>
          {words.link}
        </Button>
      ) : (
        <Button
          slim
          aria-label={words.confirmOf(one.name)}
          onClick={() => decide({ candidate: one.key, act: 'confirm' })}
        >
          {words.confirm}
        </Button>
      )}
      <Button
        slim
        weight="quiet"
        aria-label={words.rejectOf(one.name)}
        onClick={() => decide({ candidate: one.key, act: 'reject' })}
      >
        {words.reject}
      </Button>
    </>
  );
}
