import type { Leak } from '../api/leak-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { leaks } from '../messages/pages/leaks.ts';
import { Permitted } from '../shell/permitted.tsx';
import { canRotate, nameOf } from './words.ts';

const words = leaks;
const ranks = { critical: 3, high: 2, medium: 1, low: 0 } as const;

/** Columns of the list of leaks. */
export function leakColumns(onRotate: (leak: Leak) => void): readonly Column<Leak>[] {
  return [
    {
      id: 'severity',
      head: words.severity,
      width: '84px',
      sort: (leak) => ranks[leak.severity],
      csv: (leak) => leak.severity,
      cell: (leak) => (
        <span
          className={leak.severity === 'critical' && leak.state === 'open' ? 'font-strong text-alert' : ''}
        >
          {words.severities[leak.severity]}
        </span>
      ),
    },
    {
      id: 'which',
      head: words.which,
      fixed: true,
      phone: true,
      width: '21%',
      phoneWidth: '44%',
      sort: nameOf,
      csv: nameOf,
      cell: (leak) => (
        <span title={nameOf(leak)}>
          <TextLink to="/leaks/$leak" params={{ leak: leak.id }}>
            {nameOf(leak)}
          </TextLink>
        </span>
      ),
    },
    {
      id: 'where',
      head: words.where,
      phone: true,
      csv: (leak) => leak.place ?? '',
      cell: (leak) => (
        <span title={leak.place ?? ''}>
          {leak.places + leak.prompts === 0 ? `${words.gone}: ` : ''}
          <span className="font-mono text-small">{leak.place}</span> {words.places(leak.places)}
        </span>
      ),
    },
    {
      id: 'since',
      head: words.since,
      numeric: true,
      width: '124px',
      sort: (leak) => leak.since?.at ?? '',
      csv: (leak) => leak.since?.at ?? '',
      cell: (leak) =>
        leak.since === null ? (
          <span className="text-soft">{words.sinceUnknown}</span>
        ) : (
          <Ago at={leak.since.at} />
        ),
    },
    {
      id: 'owner',
      head: words.owner,
      width: '12%',
      sort: (leak) => leak.owner ?? '',
      csv: (leak) => leak.owner ?? '',
      cell: (leak) => leak.owner ?? <span className="text-soft">{words.ownerUnknown}</span>,
    },
    {
      id: 'state',
      head: words.state,
      width: '84px',
      sort: (leak) => leak.state,
      csv: (leak) => leak.state,
      cell: (leak) => words.states[leak.state],
    },
    {
      id: 'act',
      head: words.act,
      fixed: true,
      numeric: true,
      width: '116px',
      cell: (leak) =>
        canRotate(leak) ? (
          <Permitted action={leak.kind === 'credential' ? 'rotation.run' : 'key.write'}>
            <Button slim aria-label={words.rotateOf(nameOf(leak))} onClick={() => onRotate(leak)}>
              {words.rotate}
            </Button>
          </Permitted>
        ) : null,
    },
  ];
}
