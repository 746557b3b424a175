import { useInfiniteQuery } from '@tanstack/react-query';
import type { Candidate, EvidenceTrace } from '../api/discovery-types.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { discover } from '../messages/pages/discover.ts';

const words = discover.evidence;
const { grades } = discover.queue;

/** The exact places that show a candidate. */
export function EvidenceSheet({
  candidate,
  known,
  onClose,
}: {
  candidate: string;
  known: Candidate | undefined;
  onClose: () => void;
}) {
  const list = useInfiniteQuery(queries.evidenceTraces({ candidate }));
  const rows = list.data?.pages.flatMap((page) => page.items);
  const decision = known?.decision ?? null;
  return (
    <Sheet open onClose={onClose} title={words.title(known?.name ?? candidate)}>
      {decision === null ? null : (
        <p>{words.decided(words.acts[decision.act], decision.by, decision.reason)}</p>
      )}
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {rows === undefined && !list.error ? <Bones lines={4} /> : null}
      {rows?.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {rows === undefined || rows.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[words.value, words.where, words.grade, words.by]}
          numeric={[words.count, words.last]}
        >
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </PlainTable>
      )}
      {list.hasNextPage ? (
        <Button slim disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </Button>
      ) : null}
    </Sheet>
  );
}

function Row({ row }: { row: EvidenceTrace }) {
  const cell = 'border-b border-line px-3 py-2 align-top';
  return (
    <tr className={row.gone ? 'text-soft' : ''}>
      <td className={`${cell} font-mono text-small break-all`}>
        {row.value}
        {row.fields.length === 0 ? null : <span className="block text-soft">{words.fields(row.fields)}</span>}
      </td>
      <td className={`${cell} text-small break-all`}>
        <span className="font-mono">
          <TextLink
            to="/discover/runs/$run"
            params={{ run: row.runId }}
            search={{ file: row.file, line: row.lines[0] === undefined ? undefined : String(row.lines[0]) }}
          >
            {words.line(row.file, row.lines[0])}
          </TextLink>
        </span>
        <span className="block text-soft">{words.run(row.source, row.run)}</span>
      </td>
      <td className={cell}>{row.gone ? words.gone : grades[row.grade]}</td>
      <td className={`${cell} break-words`}>
        {row.by === null ? words.unknown : words.grounds[row.by]}
        {row.perhaps === null ? null : (
          <span className="block text-small text-soft">
            {discover.queue.imported(row.perhaps.name)}: {row.perhaps.said}
          </span>
        )}
      </td>
      <td className={`${cell} text-right`}>{count(row.count)}</td>
      <td className={`${cell} text-right whitespace-nowrap`}>
        {row.last === null ? discover.queue.lastUnknown : <Ago at={row.last} />}
      </td>
    </tr>
  );
}
