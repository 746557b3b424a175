import { useInfiniteQuery } from '@tanstack/react-query';
import type { ScanRun } from '../api/leak-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { leaks } from '../messages/pages/leaks.ts';

const words = leaks.runs;

/** What was scanned, and how far a scan is that goes on now. */
export function Runs() {
  const runs = useInfiniteQuery(queries.scanRuns());
  const rows = runs.data?.pages.flatMap((page) => page.items);
  return (
    <Section title={words.title} lead={words.lead}>
      {runs.error ? <Trouble error={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {rows === undefined && !runs.error ? <Bones lines={4} /> : null}
      {rows?.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {rows === undefined || rows.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[leaks.source, words.by, words.state, words.looked]}
          numeric={[words.found, words.fresh, words.gone, words.at]}
        >
          {rows.map((run) => (
            <Row key={run.id} run={run} />
          ))}
        </PlainTable>
      )}
      {runs.hasNextPage ? (
        <Button slim disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          {words.more}
        </Button>
      ) : null}
    </Section>
  );
}

function Row({ run }: { run: ScanRun }) {
  const { files, blobs, bytes } = run;
  return (
    <tr className="h-9 border-b border-line">
      <th scope="row" className="max-w-[280px] truncate px-3 font-normal" title={run.source}>
        {words.runOf(run.source, run.number)}
      </th>
      <td className="px-3 whitespace-nowrap">{run.by}</td>
      <td className="px-3">
        {run.state === 'ended' ? words.ended(run.whole === true) : words.states[run.state]}
        {run.revoked > 0 ? <span className="text-alert">, {words.revoked(run.revoked)}</span> : null}
      </td>
      <td className="px-3">{words.sum(files, blobs, bytes)}</td>
      <td className="px-3 text-right">{count(run.findings)}</td>
      <td className="px-3 text-right">{count(run.fresh)}</td>
      <td className="px-3 text-right">{run.whole === false ? '–' : count(run.gone)}</td>
      <td className="px-3 text-right">
        <Ago at={run.startedAt} />
      </td>
    </tr>
  );
}
