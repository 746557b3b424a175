import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { write } from '../api/client.ts';
import type { ConsoleVisit } from '../api/holding-types.ts';
import { queries } from '../api/queries.ts';
import { useArrival } from '../design/arrive.ts';
import { Button } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { holdings } from '../messages/pages/holdings.ts';
import { ReasonSheet } from '../policies/reason-sheet.tsx';
import { Permitted } from '../shell/permitted.tsx';

const words = holdings.recorded;
const cell = 'border-b border-line px-3 py-2 align-top';

/** Recorded visits to one vendor's console; nothing where there is none. `withdrawing`: of which the sheet is open. */
export function Visits({
  vendor,
  withdrawing,
  onWithdraw,
}: {
  vendor: string;
  withdrawing: string | undefined;
  onWithdraw: (visit: string | undefined) => void;
}) {
  const visits = useInfiniteQuery(queries.consoleVisits(vendor));
  const rows = visits.data?.pages.flatMap(({ items }) => items) ?? [];
  const there = rows.length > 0;
  const part = useRef<HTMLDivElement>(null);
  useArrival(part, there ? 'visits' : undefined);
  if (visits.error) return <Trouble error={visits.error} onRetry={() => void visits.refetch()} />;
  if (!there) return null;
  const chosen = rows.find(({ id }) => id === withdrawing);
  return (
    <div ref={part} id="visits" className="flex flex-col gap-3">
      <h3 className="font-strong">{words.title}</h3>
      <PlainTable
        label={words.title}
        heads={[words.day, words.file, words.by]}
        numeric={[words.calls, words.hosts, words.unread, words.withdraw]}
      >
        {rows.map((visit) => (
          <Visit key={visit.id} visit={visit} onWithdraw={onWithdraw} />
        ))}
      </PlainTable>
      {visits.hasNextPage ? (
        <Button slim disabled={visits.isFetchingNextPage} onClick={() => void visits.fetchNextPage()}>
          {words.more}
        </Button>
      ) : null}
      {chosen === undefined ? null : (
        <ReasonSheet
          title={words.withdrawTitle}
          submit={words.withdraw}
          act={(reason) => write('POST', `/holdings/visits/${chosen.id}/withdraw`, { reason })}
          onClose={() => onWithdraw(undefined)}
        >
          <p>{words.withdrawLead(chosen.name, chosen.day)}</p>
        </ReasonSheet>
      )}
    </div>
  );
}

function Visit({ visit, onWithdraw }: { visit: ConsoleVisit; onWithdraw: (visit: string) => void }) {
  const { id, day, name, sha256, entries, hosts, unread, overflow, at, by } = visit;
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-normal whitespace-nowrap tabular-nums`}>
        {day}
      </th>
      <td className={`${cell} font-mono text-small break-all`}>
        {name}
        <span className="block text-soft" title={sha256}>
          {sha256.slice(0, 12)}
        </span>
      </td>
      <td className={cell}>
        {by}
        <span className="block text-small text-soft">
          <Exact at={at} />
        </span>
      </td>
      <td className={`${cell} text-right`}>{count(entries)}</td>
      <td className={`${cell} text-right`}>{count(hosts)}</td>
      <td className={`${cell} text-right`}>{count(unread + overflow)}</td>
      <td className={`${cell} text-right`}>
        <Permitted action="account.import">
          <Button slim aria-label={words.withdrawOf(name, day)} onClick={() => onWithdraw(id)}>
            {words.withdraw}
          </Button>
        </Permitted>
      </td>
    </tr>
  );
}
