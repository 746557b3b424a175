import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ShippedDetector } from '../api/detector-types.ts';
import { queries } from '../api/queries.ts';
import { classLabel } from '../design/classes.ts';
import { Section } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { detectors } from '../messages/pages/detectors.ts';
import type { DetectorsPatch } from './page.tsx';

const words = detectors.shipped;

/** A page outside: documents of ours have no address there. */
function Outside({ url, children }: { url: string; children: string }) {
  if (!url.startsWith('https://')) return <span className="text-soft">{children}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer" className="underline">
      {children}
    </a>
  );
}

const columns: readonly Column<ShippedDetector>[] = [
  {
    id: 'vendor',
    head: words.vendor,
    fixed: true,
    phone: true,
    width: '17%',
    phoneWidth: '40%',
    sort: (row) => row.vendor.toLowerCase(),
    csv: (row) => row.vendor,
    cell: (row) => row.vendor,
  },
  {
    id: 'name',
    head: words.name,
    phone: true,
    sort: (row) => row.name,
    csv: (row) => row.name,
    cell: (row) => row.name,
  },
  {
    id: 'class',
    head: detectors.fieldClass,
    width: '14%',
    sort: (row) => row.class,
    csv: (row) => row.class,
    cell: (row) => classLabel(row.class),
  },
  {
    id: 'sure',
    head: words.sure,
    width: '17%',
    sort: (row) => row.sure,
    csv: (row) => row.sure,
    cell: (row) => words.sures[row.sure],
  },
  {
    id: 'source',
    head: words.source,
    width: '17%',
    csv: (row) => row.source,
    cell: (row) => <Outside url={row.source}>{words.at(row.source)}</Outside>,
  },
  {
    id: 'revoke',
    head: words.revoke,
    width: '110px',
    csv: (row) => row.revoke ?? '',
    cell: (row) => (row.revoke === null ? '' : <Outside url={row.revoke}>{words.revokeAt}</Outside>),
  },
];

/** The kinds of secrets that come with the release, searched by vendor and kind. */
export function Shipped({
  text,
  onSet,
}: {
  text: string | undefined;
  onSet: (patch: DetectorsPatch) => void;
}) {
  const shipped = useQuery(queries.shippedDetectors());
  const all = shipped.data?.items;
  const rows = useMemo(() => {
    const sought = text?.trim().toLowerCase() ?? '';
    return all?.filter(({ vendor, name, id }) => `${vendor} ${name} ${id}`.toLowerCase().includes(sought));
  }, [all, text]);
  return (
    <Section
      title={detectors.tabNames.shipped}
      lead={
        all === undefined ? undefined : words.lead(all.length, new Set(all.map(({ vendor }) => vendor)).size)
      }
      acts={<SearchFilter label={words.search} value={text} onChange={(q) => onSet({ q })} />}
    >
      <DataTable
        label={detectors.tabNames.shipped}
        csvName="shipped-detectors"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        error={shipped.error}
        onRetry={() => void shipped.refetch()}
        empty={<Empty title={words.none}>{words.noneWhy}</Empty>}
      />
    </Section>
  );
}
