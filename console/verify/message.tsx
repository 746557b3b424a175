import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMay } from '../api/may.ts';
import { TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { verify as words } from '../messages/pages/verify.ts';
import { Answer } from './answer.tsx';
import { nameOf, VerdictMark } from './marks.tsx';
import { messageQueries } from './queries.ts';

/** What only analysts see: whoever asks about a message on a phone does not wait for it. */
const Desk = lazy(() => import('./desk.tsx').then((module) => ({ default: module.Desk })));

/** The answer about one message; below it, for analysts, all that it rests on. */
export function MessagePage() {
  const { message: id } = useParams({ from: '/signed-in/messages/$message' });
  const found = useQuery(messageQueries.message(id));
  const isAnalyst = useMay('message.read');
  const message = found.data;
  if (message === undefined) {
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
      tab={nameOf(message)}
      title={message.sentence}
      lead={<VerdictMark verdict={message.verdict} />}
      acts={
        <>
          <TextLink to="/messages">{words.another}</TextLink>
          {isAnalyst ? <TextLink to="/messages/queue">{words.queueLink}</TextLink> : null}
        </>
      }
    >
      <Answer message={message} />
      {isAnalyst ? (
        <Suspense fallback={<Bones lines={6} />}>
          <Desk message={message} />
        </Suspense>
      ) : null}
    </PageFrame>
  );
}
