import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { AffectedFlow, TransferLaw } from '../api/residency-types.ts';
import { classLabel } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { placeName } from './names.ts';

const words = m.world.falls;

const columns: readonly Column<AffectedFlow>[] = [
  {
    id: 'vendor',
    head: words.vendor,
    fixed: true,
    phone: true,
    width: '14%',
    phoneWidth: '34%',
    sort: (row) => row.name,
    csv: (row) => row.vendor,
    cell: (row) => (
      <Link
        to="/vendors/$vendor"
        params={{ vendor: row.vendor }}
        className="row-link font-strong no-underline"
      >
        {row.name}
      </Link>
    ),
  },
  {
    id: 'service',
    head: words.service,
    width: '12%',
    sort: (row) => row.service ?? '',
    csv: (row) => row.service ?? '',
    cell: (row) => row.service ?? words.allServices,
  },
  {
    id: 'what',
    head: words.what,
    width: '12%',
    csv: (row) => row.kind ?? 'endpoint',
    cell: (row) => (row.kind === null ? words.endpoint : m.world.kinds[row.kind]),
  },
  {
    id: 'place',
    head: words.place,
    width: '12%',
    sort: (row) => row.place,
    csv: (row) => row.place,
    cell: (row) => placeName(row.place),
  },
  {
    id: 'layer',
    head: words.layer,
    width: '104px',
    csv: (row) => row.layer,
    cell: (row) => m.world.layers[row.layer],
  },
  {
    id: 'classes',
    head: words.classes,
    csv: (row) => row.classes.join(' '),
    cell: (row) => row.classes.map(classLabel).join(', ') || m.common.unknown,
  },
  {
    id: 'people',
    head: words.people,
    numeric: true,
    width: '80px',
    sort: (row) => row.people,
    csv: (row) => row.people,
    cell: (row) => count(row.people),
  },
  {
    id: 'carries',
    head: words.carries,
    phone: true,
    width: '15%',
    csv: (row) => row.fallback ?? 'nothing',
    cell: (row) =>
      row.fallback === null ? (
        <span className="font-strong text-alert">{words.nothing}</span>
      ) : (
        words.carriers[row.fallback]
      ),
  },
];

export function useAffected(falls: string | undefined) {
  return useInfiniteQuery({ ...queries.affected(falls ?? 'dpf'), enabled: falls !== undefined });
}

/** One basis is switched off: which flows lose it, and what would carry them. */
export function Falls({
  falls,
  law,
  onChoose,
}: {
  falls: string | undefined;
  law: TransferLaw;
  onChoose: (falls: string | undefined) => void;
}) {
  const list = useAffected(falls);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const sum = list.data?.pages[0];
  const framework = law.adequacy.find(({ country }) => country === 'US');
  return (
    <Section title={words.title} lead={words.lead} id="falls">
      <div className="flex max-w-[420px] flex-col gap-1">
        <label htmlFor="falls-choice" className="text-small text-soft">
          {words.label}
        </label>
        <select
          id="falls-choice"
          className="control"
          value={falls ?? ''}
          onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
        >
          <option value="">{words.none}</option>
          <option value="dpf">{words.dpf}</option>
          <option value="scc">{words.scc}</option>
          <option value="bcr">{words.bcr}</option>
          <option value="derogation">{words.derogation}</option>
          {law.adequacy
            .filter(({ covers }) => covers === 'whole')
            .map(({ country, name }) => (
              <option key={country} value={`adequacy:${country}`}>
                {words.adequacy(name)}
              </option>
            ))}
        </select>
      </div>
      {falls === 'dpf' && framework?.status === 'challenged' ? (
        <p className="max-w-[72ch] text-soft">
          {words.challenged}
          {framework.note}
        </p>
      ) : null}
      {falls === undefined ? null : (
        <>
          <p role="status" className="max-w-[72ch] font-strong">
            {sum === undefined ? m.common.loading : words.answer(sum.affected, sum.vendors, sum.uncovered)}
          </p>
          {sum?.affected === 0 ? null : (
            <DataTable
              label={words.table}
              csvName={`flows-without-${falls.replace(':', '-')}`}
              columns={columns}
              rows={rows}
              rowId={(row) => `${row.vendor} ${row.statement ?? `${row.service} ${row.place}`}`}
              error={list.error}
              onRetry={() => void list.refetch()}
              more={moreOf(list)}
              empty={null}
            />
          )}
        </>
      )}
    </Section>
  );
}
