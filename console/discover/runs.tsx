import { useInfiniteQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { discover } from '../messages/pages/discover.ts';

const words = discover.runs;
const cell = 'border-b border-line px-3 py-2';

/** What was read, and what each run found new and gone. */
export function Runs() {
  const list = useInfiniteQuery(queries.evidenceRuns());
  const rows = list.data?.pages.flatMap((page) => page.items);
  return (
    <Section title={words.title} lead={words.lead}>
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {rows === undefined && !list.error ? <Bones lines={4} /> : null}
      {rows?.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {rows === undefined || rows.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[words.source, words.by, words.state]}
          numeric={[words.files, words.fresh, words.gone, words.changed, words.at]}
        >
          {rows.map((run) => (
            <tr key={run.id}>
              <td className={cell}>
                <TextLink to="/discover/runs/$run" params={{ run: run.id }}>
                  {words.one(run.source, run.number)}
                </TextLink>
              </td>
              <td className={cell}>{run.by}</td>
              <td className={cell}>{words.states[run.state]}</td>
              <td className={`${cell} text-right`}>
                {count(run.files)}
                {words.refused(run.refused)}
              </td>
              <td className={`${cell} text-right`}>{count(run.fresh)}</td>
              <td className={`${cell} text-right`}>{count(run.gone)}</td>
              <td className={`${cell} text-right`}>{count(run.changed)}</td>
              <td className={`${cell} text-right whitespace-nowrap`}>
                <Ago at={run.startedAt} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {list.hasNextPage ? (
        <Button slim disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </Button>
      ) : null}
    </Section>
  );
}
