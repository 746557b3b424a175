import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { PartyBehindSummary } from '../api/holding-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { useNamedVendors } from '../map/vendor-field.tsx';
import { behindConsoles as words } from '../messages/pages/consoles.ts';
import { Permitted } from '../shell/permitted.tsx';
import { VisitSheet } from '../vendors/visit-sheet.tsx';
import { partyColumns } from './columns.tsx';

/** Who stands behind the consoles that our people sign in to, those that touch the most of them first. */
export function ConsolesPage() {
  const { act } = useSearch({ from: '/signed-in/vendors/consoles' });
  const navigate = useNavigate({ from: '/vendors/consoles' });
  const list = useInfiniteQuery(queries.consoleParties());
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const vendors = useNamedVendors();
  const columns = useMemo(() => {
    const names = new Map(vendors.map(({ id, name }) => [id, name]));
    return partyColumns((vendor) => names.get(vendor) ?? vendor);
  }, [vendors]);
  const show = (next: 'visit' | undefined): void =>
    void navigate({
      search: (previous) => ({ ...previous, act: next }),
      replace: true,
      resetScroll: false,
    });
  const isEmpty = rows?.length === 0;
  const handIn = (
    <Permitted action="account.import" told={isEmpty}>
      <Button weight={isEmpty ? 'main' : 'plain'} onClick={() => show('visit')}>
        {words.handIn}
      </Button>
    </Permitted>
  );
  return (
    <PageFrame
      tab={words.tab}
      title={rows === undefined ? words.tab : titleOf(rows, list.hasNextPage)}
      lead={rows === undefined || isEmpty ? undefined : leadOf(rows)}
      acts={isEmpty ? null : handIn}
    >
      <DataTable
        label={words.table}
        csvName="behind-consoles"
        columns={columns}
        rows={rows}
        rowId={(row) => row.party}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        empty={
          <Empty
            title={words.emptyTitle}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
            act={handIn}
          >
            {words.empty}
          </Empty>
        }
      />
      {act === 'visit' ? <VisitSheet vendor={null} onClose={() => show(undefined)} /> : null}
    </PageFrame>
  );
}

function titleOf(rows: readonly PartyBehindSummary[], hasMore: boolean): string {
  if (rows.length === 0) return words.emptyTitle;
  if (hasMore) return words.titleSome(rows.length);
  return words.title(
    rows.length,
    new Set(rows.flatMap(({ observed, declared }) => [...observed, ...declared])).size,
  );
}

function leadOf(rows: readonly PartyBehindSummary[]): string {
  const [first] = rows;
  return first === undefined || first.people === 0
    ? words.lead
    : `${words.most(first.name, first.people)} ${words.lead}`;
}
