import type { BlastRadius, BlastRow } from '../api/incident-types.ts';
import { NumberLink } from '../design/button.tsx';
import { classLabel, isTreatment } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { whatIf as words } from '../messages/pages/what-if.ts';

const heads = words.dataHeads;

const columns: readonly Column<BlastRow>[] = [
  {
    id: 'class',
    head: heads.class,
    fixed: true,
    phone: true,
    width: '21%',
    phoneWidth: '60%',
    sort: (row) => classLabel(row.class),
    csv: (row) => row.class,
    cell: (row) => <span className="font-strong">{classLabel(row.class)}</span>,
  },
  {
    id: 'treatment',
    head: heads.treatment,
    width: '15%',
    sort: (row) => row.treatment,
    csv: (row) => row.treatment,
    cell: (row) => (isTreatment(row.treatment) ? <Treatment treatment={row.treatment} /> : m.common.unknown),
  },
  {
    id: 'layer',
    head: heads.layer,
    width: '104px',
    sort: (row) => row.layer,
    csv: (row) => row.layer,
    cell: (row) => <span title={row.source}>{words.layers[row.layer]}</span>,
  },
  {
    id: 'by',
    head: heads.by,
    width: '12%',
    sort: (row) => row.vendor.name,
    csv: (row) => row.vendor.id,
    cell: (row) => row.vendor.name,
  },
  {
    id: 'people',
    head: heads.people,
    numeric: true,
    phone: true,
    width: '96px',
    sort: (row) => row.people ?? -1,
    csv: (row) => row.people ?? 'unknown',
    cell: (row) => <People row={row} />,
  },
  {
    id: 'span',
    head: heads.span,
    numeric: true,
    width: '208px',
    sort: (row) => row.lastSeenAt ?? '',
    csv: (row) => `${row.firstSeenAt ?? 'unknown'} to ${row.lastSeenAt ?? 'unknown'}`,
    cell: (row) =>
      row.lastSeenAt === null ? (
        m.common.unknown
      ) : (
        <>
          <Ago at={row.firstSeenAt} /> – <Ago at={row.lastSeenAt} />
        </>
      ),
  },
  {
    id: 'retention',
    head: heads.retention,
    csv: keptText,
    cell: (row) => (
      <span
        title={row.deletion?.source ?? row.retention?.source ?? words.noRetentionMeans}
        className={row.retention === null ? 'text-soft' : ''}
      >
        {keptText(row)}
      </span>
    ),
  },
  {
    id: 'places',
    head: heads.places,
    width: '14%',
    csv: (row) =>
      row.places.map(({ kind, place, layer }) => `${kind} ${place} (${layer})`).join('; ') || 'unknown',
    cell: (row) =>
      row.places.length === 0 ? (
        <span className="text-soft">? {m.common.unknown}</span>
      ) : (
        <ul>
          {row.places.map((one) => (
            <li key={`${one.layer} ${one.kind} ${one.place}`} title={`${one.kind}: ${one.source}`}>
              <span aria-hidden="true">{one.layer === 'observed' ? '●' : '○'} </span>
              <span className="sr-only">{words.layers[one.layer]}: </span>
              {words.placed(one.place, one.jurisdiction)}
            </li>
          ))}
        </ul>
      ),
  },
];

function keptText({ deletion, retention }: BlastRow): string {
  if (deletion !== null) return words.deleted(deletion.on, deletion.isProven);
  return retention === null ? words.noRetention : words.retention(retention.days);
}

/** Every number opens the ledger's rows that it was counted from. */
function People({ row }: { row: BlastRow }) {
  if (row.people === null) return <span className="text-soft">{m.common.unknown}</span>;
  return (
    <NumberLink
      to="/vendors/$vendor/exposures"
      params={{ vendor: row.vendor.id }}
      search={{ class: row.class, treatment: row.treatment }}
    >
      {count(row.people)}
    </NumberLink>
  );
}

export function DataHeld({ blast }: { blast: BlastRadius }) {
  return (
    <DataTable
      label={words.dataTable}
      csvName={`blast-radius-${blast.party.id}`}
      columns={columns}
      rows={blast.data}
      rowId={(row) => `${row.vendor.id} ${row.class} ${row.treatment}`}
      error={null}
      empty={<Empty title={words.noData} />}
    />
  );
}
