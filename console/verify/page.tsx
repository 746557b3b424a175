import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { verify as words } from '../messages/pages/verify.ts';
import { Permitted } from '../shell/permitted.tsx';
import { HandIn } from './hand-in.tsx';
import { becameOf, nameOf, VerdictMark } from './marks.tsx';
import { messageQueries } from './queries.ts';
import type { Judged } from './shapes.ts';

const columns: readonly Column<Judged>[] = [
  {
    id: 'message',
    head: words.heads.message,
    fixed: true,
    phone: true,
    phoneWidth: '52%',
    csv: nameOf,
    cell: (one) => (
      <Link to="/messages/$message" params={{ message: one.id }} className="row-link no-underline">
        {nameOf(one)}
      </Link>
    ),
  },
  {
    id: 'verdict',
    head: words.heads.verdict,
    phone: true,
    width: '190px',
    phoneWidth: '48%',
    csv: (one) => words.verdicts[one.verdict],
    cell: (one) => <VerdictMark verdict={one.verdict} />,
  },
  {
    id: 'state',
    head: words.heads.state,
    width: '200px',
    csv: becameOf,
    cell: becameOf,
  },
  {
    id: 'when',
    head: words.heads.when,
    numeric: true,
    width: '112px',
    csv: (one) => one.at,
    cell: (one) => <Ago at={one.at} />,
  },
];

/** Where anybody hands in a message and has its answer; and what became of the ones before. */
export function MessagesPage() {
  const list = useInfiniteQuery(messageQueries.mine());
  const rows = list.data?.pages.flatMap(({ items }) => items);
  return (
    <PageFrame
      tab={words.tab}
      title={words.title}
      lead={words.lead}
      acts={
        <Permitted action="message.read">
          <ButtonLink to="/messages/queue">{words.queueLink}</ButtonLink>
        </Permitted>
      }
    >
      <HandIn />
      <Section title={words.mine}>
        <DataTable
          label={words.mineTable}
          csvName="messages"
          columns={columns}
          rows={rows}
          rowId={(one) => one.id}
          error={list.error}
          onRetry={() => void list.refetch()}
          more={moreOf(list)}
          empty={
            <Empty
              title={words.mineEmpty}
              example={<p className="border-l-3 border-line pl-4">{words.mineExample}</p>}
            >
              {words.mineTeach}
            </Empty>
          }
        />
      </Section>
    </PageFrame>
  );
}
