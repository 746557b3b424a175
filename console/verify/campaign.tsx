import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Button, ButtonLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Exact } from '../design/time.tsx';
import { desk } from '../messages/pages/verify-desk.ts';
import { Permitted } from '../shell/permitted.tsx';
import { CloseSheet, ClosingOutcome, useClosing } from './closing.tsx';
import { messageQueries } from './queries.ts';
import { queueColumns } from './queue-columns.tsx';

const words = desk.campaigns;
const none: ReadonlySet<string> = new Set();
const columns = queueColumns(none, null);

/** One campaign: what its messages have in common, and all of them. */
export function CampaignPage() {
  const { campaign: id } = useParams({ from: '/signed-in/messages/campaigns/$campaign' });
  const found = useQuery(messageQueries.campaign(id));
  const list = useInfiniteQuery(messageQueries.list({ campaign: id, order: 'newest' }));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items), [list.data]);
  const open = (rows ?? []).filter(({ state }) => state === 'open').map((one) => one.id);
  const closing = useClosing();
  const [isClosing, close] = useState(false);
  const campaign = found.data;
  if (campaign === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {found.error ? (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  return (
    <PageFrame
      tab={campaign.name}
      title={words.oneTitle(campaign.name, campaign.messages, campaign.people)}
      acts={
        <>
          <Permitted action="message.decide">
            <Button weight="main" disabled={open.length === 0} onClick={() => close(true)}>
              {words.closeAll}
            </Button>
          </Permitted>
          <ButtonLink to="/messages/campaigns">{words.tab}</ButtonLink>
        </>
      }
    >
      <ClosingOutcome closing={closing} />
      <Facts
        facts={[
          [words.heads.vendor, campaign.vendor?.name ?? words.nobody],
          [words.shape, campaign.shape],
          [
            words.infrastructure,
            <ul key="where" className="font-mono text-small break-all">
              {campaign.infrastructure.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>,
          ],
          [words.heads.first, <Exact key="first" at={campaign.first} />],
          [words.heads.last, <Exact key="last" at={campaign.last} />],
        ]}
      />
      <Section title={words.messages}>
        <DataTable
          label={words.messages}
          csvName="messages-of-campaign"
          columns={columns}
          rows={rows}
          rowId={(one) => one.id}
          error={list.error}
          onRetry={() => void list.refetch()}
          more={moreOf(list)}
          empty={<Empty title={desk.queue.none} />}
        />
      </Section>
      {isClosing ? (
        <CloseSheet
          messages={open}
          closing={closing}
          onClose={() => close(false)}
          onDone={() => close(false)}
        />
      ) : null}
    </PageFrame>
  );
}
