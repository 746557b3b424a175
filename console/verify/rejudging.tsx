import { useQuery } from '@tanstack/react-query';
import { desk } from '../messages/pages/verify-desk.ts';
import { isRunning, messageQueries } from './queries.ts';

const words = desk.senders;

/** How far the messages of the past are judged again, and what the latest time changed; nothing where they never were. */
export function Rejudging() {
  const found = useQuery(messageQueries.rejudging()).data?.rejudging;
  if (found === undefined || found.begunAt === null) return null;
  const { total, done, changed } = found;
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      {isRunning(found) ? (
        <>
          <progress aria-label={words.rejudgingLabel} max={Math.max(1, total)} value={done} />
          <span>{words.rejudging(done, total)}</span>
        </>
      ) : (
        <span className="text-soft">{words.rejudged(done, changed)}</span>
      )}
    </div>
  );
}
