import type { Verdict } from '../api/residency-types.ts';
import { m } from '../messages/en.ts';

/** A verdict as mark and word; its colour says nothing that these do not. */
export function VerdictMark({ verdict, times }: { verdict: Verdict | null; times?: number }) {
  if (verdict === null) return <span className="text-soft">{m.world.noVerdict}</span>;
  const { mark, text } = m.world.verdict[verdict];
  return (
    <span className={`whitespace-nowrap ${verdict === 'contradicts' ? 'font-strong text-alert' : ''}`}>
      <span aria-hidden="true">{mark}</span> {times === undefined ? null : `${times} `}
      {text}
    </span>
  );
}
