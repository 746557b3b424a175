import type { EgressHost } from '../api/egress-types.ts';
import { Button } from '../design/button.tsx';
import { bytes, count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { egress as words } from '../messages/pages/egress.ts';
import { Permitted } from '../shell/permitted.tsx';

const appsOf = (row: EgressHost): string => row.apps.map(({ name }) => name).join(', ');
const judged = (row: EgressHost): string =>
  row.enforced === null ? words.passes : (words.refusedFor[row.enforced] ?? row.enforced);

/** Columns of the list of hosts. */
export function hostColumns(
  onList: (host: string, list: 'allow' | 'deny') => void,
): readonly Column<EgressHost>[] {
  return [
    {
      id: 'host',
      head: words.host,
      fixed: true,
      phone: true,
      width: '24%',
      phoneWidth: '56%',
      sort: (row) => row.host,
      csv: (row) => row.host,
      cell: (row) => (
        <span className="font-mono text-small" title={`${row.host} (${row.ports.join(', ')})`}>
          {row.host}
        </span>
      ),
    },
    {
      id: 'vendor',
      head: words.vendor,
      width: '10%',
      sort: (row) => row.vendor ?? '',
      csv: (row) => row.vendor ?? '',
      cell: (row) => row.vendor ?? <span className="font-strong">{words.unknownVendor}</span>,
    },
    {
      id: 'apps',
      head: words.apps,
      width: '10%',
      sort: appsOf,
      csv: appsOf,
      cell: (row) => <span title={appsOf(row)}>{appsOf(row)}</span>,
    },
    {
      id: 'last',
      head: words.last,
      numeric: true,
      width: '92px',
      sort: (row) => row.lastAt,
      csv: (row) => row.lastAt,
      cell: (row) => <Ago at={row.lastAt} />,
    },
    {
      id: 'crossings',
      head: words.crossings,
      numeric: true,
      width: '88px',
      sort: (row) => row.crossings,
      csv: (row) => row.crossings,
      cell: (row) => count(row.crossings),
    },
    {
      id: 'bytes',
      head: words.bytes,
      numeric: true,
      width: '132px',
      sort: (row) => row.sent + row.received,
      csv: (row) => row.sent + row.received,
      cell: (row) => `${bytes(row.sent)}, ${bytes(row.received)}`,
    },
    {
      id: 'enforced',
      head: words.enforced,
      phone: true,
      sort: judged,
      csv: judged,
      cell: (row) =>
        row.enforced === null ? judged(row) : <span className="font-strong">{judged(row)}</span>,
    },
    {
      id: 'act',
      head: words.act,
      fixed: true,
      numeric: true,
      width: '140px',
      cell: (row) => (
        <Permitted action="egress.change">
          <span className="inline-flex gap-2">
            {row.enforced === null ? null : (
              <Button slim aria-label={words.allowOf(row.host)} onClick={() => onList(row.host, 'allow')}>
                {words.allow}
              </Button>
            )}
            {row.enforced === 'egress_denied' ? null : (
              <Button slim aria-label={words.denyOf(row.host)} onClick={() => onList(row.host, 'deny')}>
                {words.deny}
              </Button>
            )}
          </span>
        </Permitted>
      ),
    },
  ];
}
