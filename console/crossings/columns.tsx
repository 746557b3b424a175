import { Link } from '@tanstack/react-router';
import type { CrossingRow, TreatmentName } from '../api/types.ts';
import { classLabel, treatmentOrder } from '../design/classes.ts';
import { count, duration } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const words = m.crossings;

/** Of what went through the egress proxy, which has no connection: the host. */
const wayOf = (row: CrossingRow): string => row.egress?.host ?? row.connection.name;

/** How many values met each fate, most revealing first. */
function fates(row: CrossingRow): { treatment: TreatmentName; values: number; classes: string[] }[] {
  const byTreatment = new Map<
    TreatmentName,
    { treatment: TreatmentName; values: number; classes: string[] }
  >();
  for (const [name, treatment, values] of row.fields) {
    const fate = byTreatment.get(treatment) ?? { treatment, values: 0, classes: [] };
    fate.values += values;
    fate.classes.push(classLabel(name));
    byTreatment.set(treatment, fate);
  }
  return [...byTreatment.values()].sort((a, b) => treatmentOrder(a.treatment) - treatmentOrder(b.treatment));
}

function Fates({ row }: { row: CrossingRow }) {
  return (
    <span className="flex gap-3">
      {fates(row).map((fate) => (
        <span
          key={fate.treatment}
          className="inline-flex items-center gap-1"
          title={`${m.treatment[fate.treatment].got}: ${fate.classes.join(', ')}`}
        >
          <TreatmentMark treatment={fate.treatment} titled />
          <span>{count(fate.values)}</span>
        </span>
      ))}
    </span>
  );
}

export const crossingColumns: readonly Column<CrossingRow>[] = [
  {
    id: 'at',
    head: words.at,
    fixed: true,
    phone: true,
    width: '100px',
    phoneWidth: '76px',
    csv: (row) => row.at,
    cell: (row) => (
      <Link to="/crossings/$crossing" params={{ crossing: row.id }} className="row-link no-underline">
        <Ago at={row.at} />
      </Link>
    ),
  },
  {
    id: 'app',
    head: words.app,
    phone: true,
    width: '13%',
    csv: (row) => row.app.name,
    cell: (row) => row.app.name,
  },
  {
    id: 'connection',
    head: words.connection,
    width: '13%',
    csv: wayOf,
    cell: (row) => <span title={wayOf(row)}>{wayOf(row)}</span>,
  },
  {
    id: 'endpoint',
    head: words.endpoint,
    width: '9%',
    csv: (row) => row.endpoint,
    cell: (row) => row.endpoint,
  },
  {
    id: 'decision',
    head: words.decision,
    width: '104px',
    csv: (row) => row.decision,
    cell: (row) =>
      row.decision === 'refused' ? (
        <span className="font-strong">{words.decisions.refused}</span>
      ) : (
        words.decisions.forwarded
      ),
  },
  {
    id: 'answer',
    head: words.answer,
    width: '16%',
    csv: (row) => row.reason ?? row.status ?? '',
    cell: (row) =>
      row.reason === null ? (
        (row.status ?? '')
      ) : (
        <span className="font-mono text-small" title={row.reason}>
          {row.reason}
        </span>
      ),
  },
  {
    id: 'fields',
    head: words.fields,
    phone: true,
    phoneWidth: '176px',
    csv: (row) => row.fields.map(([name, treatment, times]) => `${name}:${treatment}:${times}`).join(' '),
    cell: (row) => <Fates row={row} />,
  },
  {
    id: 'duration',
    head: words.duration,
    numeric: true,
    width: '84px',
    csv: (row) => row.durationMs ?? '',
    cell: (row) => (row.durationMs === null ? '' : duration(row.durationMs * 1000)),
  },
];
