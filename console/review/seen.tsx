import type { ReviewRow } from '../api/types.ts';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.review;

/** How often a name was seen, when last, and its hash: what it is called in the journal. */
export function Seen({ row }: { row: ReviewRow }) {
  return (
    <p className="text-soft">
      {words.seen(row.subjects, row.count)} {words.last}: <Ago at={row.lastSeenAt} />. {words.hash}:{' '}
      <span className="font-mono text-small">{row.hash}</span>
    </p>
  );
}
