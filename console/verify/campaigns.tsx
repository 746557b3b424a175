import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ButtonLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { messageQueries } from './queries.ts';
import type { Campaign } from './shapes.ts';

const words = desk.campaigns;
const { heads } = words;

const columns: readonly Column<Campaign>[] = [
  {
    id: 'name',
    head: heads.name,
    fixed: true,
    phone: true,
    phoneWidth: '64%',
    sort: (one) => one.name,
    csv: (one) => one.name,
    cell: (one) => (
      <span title={one.name}>
        <Link
          to="/messages/campaigns/$campaign"
          params={{ campaign: one.id }}
          className="row-link font-strong no-underline"
        >
          {one.name}
        </Link>
      </span>
    ),
  },
  {
    id: 'vendor',
    head: heads.vendor,
    width: '150px',
    sort: (one) => one.vendor?.name ?? '',
    csv: (one) => one.vendor?.name ?? '',
    cell: (one) => one.vendor?.name ?? words.nobody,
  },
  ...(['messages', 'people', 'open'] as const).map(
    (id): Column<Campaign> => ({
      id,
      head: heads[id],
      numeric: true,
      width: '100px',
      phoneWidth: '36%',
      phone: id === 'open',
      sort: (one) => one[id],
      csv: (one) => one[id],
      cell: (one) => count(one[id]),
    }),
  ),
  ...(['first', 'last'] as const).map(
    (id): Column<Campaign> => ({
      id,
      head: heads[id],
      numeric: true,
      width: '112px',
      sort: (one) => one[id],
      csv: (one) => one[id],
      cell: (one) => <Ago at={one[id]} />,
    }),
  ),
];

/** Messages that belong together, as one row each. */
export function CampaignsPage() {
  const list = useInfiniteQuery(messageQueries.campaigns());
  const rows = list.data?.pages.flatMap(({ items }) => items);
  return (
    <PageFrame
      tab={words.tab}
      title={rows === undefined ? words.tab : words.title(rows.length)}
      lead={words.lead}
      acts={<ButtonLink to="/messages/queue">{verify.queueLink}</ButtonLink>}
    >
      <DataTable
        label={words.table}
        csvName="campaigns"
        columns={columns}
        rows={rows}
        rowId={(one) => one.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        empty={
          <Empty
            title={words.empty}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          >
            {words.teach}
          </Empty>
        }
      />
    </PageFrame>
  );
}
