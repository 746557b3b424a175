import { verify as words } from '../messages/pages/verify.ts';
import type { Judged, Verdict } from './shapes.ts';

const looks: Record<Verdict, string> = {
  'verified-authentic': 'bg-act-wash text-act',
  unverified: 'bg-sunken text-ink',
  'likely-impersonation': 'bg-alert-wash text-alert',
};

/** The verdict as a sign and words; its colour says nothing that they don't. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <span
      className={`inline-block rounded-sm px-1.5 text-small font-strong whitespace-nowrap ${looks[verdict]}`}
    >
      <span aria-hidden="true">{words.verdictSigns[verdict]}</span> {words.verdicts[verdict]}
    </span>
  );
}

/** What became of it, in two or three words. */
export function becameOf({ state, closed, answer }: Judged): string {
  if (state === 'closed' && closed !== null) return words.closedAs[closed.as];
  if (answer === null) return words.waiting;
  return answer.there ? words.answered.there : words.answered.notThere;
}

/** The name of a message in lists: its subject, else who it says it is from. */
export const nameOf = ({ subject, from }: Judged): string =>
  subject.trim() || from?.name || from?.address || words.noSubject;
