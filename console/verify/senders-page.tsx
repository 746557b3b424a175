import { useInfiniteQuery } from '@tanstack/react-query';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { VendorAddresses } from './addresses.tsx';
import { messageQueries } from './queries.ts';
import { Rejudging } from './rejudging.tsx';
import { SenderReviews } from './reviews.tsx';
import { OwnSenders } from './senders.tsx';

const words = desk.senders;

/** From where vendors write: what is to be reviewed, what is known, and at which addresses we are registered. */
export function SendersPage() {
  const list = useInfiniteQuery(messageQueries.reviews());
  const waiting = list.data?.pages.flatMap(({ items }) => items).filter(({ state }) => state === 'open');
  return (
    <PageFrame
      tab={words.tab}
      title={waiting === undefined ? words.tab : words.title(waiting.length)}
      lead={words.lead}
      acts={<ButtonLink to="/messages/queue">{verify.queueLink}</ButtonLink>}
    >
      <Rejudging />
      <SenderReviews list={list} rows={waiting} />
      <OwnSenders />
      <VendorAddresses />
    </PageFrame>
  );
}
