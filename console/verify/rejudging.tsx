import { desk } from '../messages/pages/verify-desk.ts';

const words = desk.senders;

/** How far the messages of the past are judged again; nothing when none is. */
export function Rejudging({ total, done }: { total: number; done: number }) {
  if (done >= total) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      <progress aria-label={words.rejudgingLabel} max={total} value={done} />
      <span>{words.rejudging(done, total)}</span>
    </div>
  );
}
