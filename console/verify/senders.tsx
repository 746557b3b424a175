import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useMay } from '../api/may.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { messageQueries } from './queries.ts';
import { ReasonSheet } from './reason-sheet.tsx';
import { SenderSheet } from './sender-sheet.tsx';
import type { Sender } from './shapes.ts';
import { useVendorId } from './vendor-field.tsx';

const words = desk.senders;

/** Which domains and addresses vendors write from, and whose word that is. */
export function OwnSenders() {
  const { act, of, vendor } = useSearch({ from: '/signed-in/messages/senders' });
  const navigate = useNavigate({ from: '/messages/senders' });
  const vendorId = useVendorId(vendor ?? '');
  const list = useInfiniteQuery(messageQueries.senders(vendorId === '' ? undefined : vendorId));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items), [list.data]);
  const mayDecide = useMay('message.decide');
  const set = (patch: { act?: string | undefined; of?: string | undefined; vendor?: string | undefined }) =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  const close = (): void => set({ act: undefined, of: undefined });
  const columns = columnsOf(mayDecide ? (id) => set({ act: 'remove', of: id }) : null);
  const removing = rows?.find(({ id }) => id === of);
  const add = mayDecide ? <Button onClick={() => set({ act: 'add' })}>{words.add}</Button> : null;
  return (
    <Section title={words.own} lead={words.ownLead} acts={add}>
      <DataTable
        label={words.ownTable}
        csvName="senders"
        columns={columns}
        rows={rows}
        rowId={(one) => one.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        tools={
          <SearchFilter
            label={words.vendorFilter}
            value={vendor}
            onChange={(text) => set({ vendor: text })}
          />
        }
        empty={
          <Empty
            title={words.ownEmpty}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.ownExample}</p>}
          >
            {words.ownTeach}
          </Empty>
        }
      />
      {act === 'add' && mayDecide ? (
        <SenderSheet vendor={vendor ?? ''} is="" title={words.add} onClose={close} />
      ) : null}
      {act === 'remove' && removing !== undefined && mayDecide ? (
        <ReasonSheet
          title={words.removeOf(removing.is)}
          act={words.remove}
          path={`/senders/${encodeURIComponent(removing.id)}`}
          onClose={close}
        >
          <p className="text-soft">{words.removeDo}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}

function columnsOf(remove: ((id: string) => void) | null): readonly Column<Sender>[] {
  const heads = words.ownHeads;
  const source = ({ source: who, by }: Sender): string =>
    who === 'pack' ? words.sources.pack : (by ?? words.sources.organisation);
  const columns: Column<Sender>[] = [
    {
      id: 'is',
      head: heads.is,
      fixed: true,
      phone: true,
      phoneWidth: '42%',
      sort: (one) => one.is,
      csv: (one) => one.is,
      cell: (one) => (
        <span className="font-mono text-small" title={one.is}>
          {one.is}
        </span>
      ),
    },
    {
      id: 'vendor',
      head: heads.vendor,
      phone: true,
      width: '130px',
      phoneWidth: '26%',
      sort: (one) => one.vendor.name,
      csv: (one) => one.vendor.id,
      cell: (one) => one.vendor.name,
    },
    {
      id: 'class',
      head: heads.class,
      width: '300px',
      sort: (one) => one.class,
      csv: (one) => one.class,
      cell: (one) => verify.classes[one.class],
    },
    {
      id: 'source',
      head: heads.source,
      width: '190px',
      sort: source,
      csv: source,
      cell: (one) => (
        <span title={one.reason ?? undefined}>
          {source(one)}
          {one.at === null || one.source === 'pack' ? null : (
            <span className="text-soft">
              , <Ago at={one.at} />
            </span>
          )}
        </span>
      ),
    },
  ];
  if (remove === null) return columns;
  return [
    ...columns,
    {
      id: 'act',
      head: heads.act,
      fixed: true,
      phone: true,
      width: '100px',
      phoneWidth: '32%',
      cell: (one) =>
        one.source === 'pack' ? null : (
          <Button slim aria-label={words.removeOf(one.is)} onClick={() => remove(one.id)}>
            {words.remove}
          </Button>
        ),
    },
  ];
}
