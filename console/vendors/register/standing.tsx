import type { RegisterEntry } from '../../api/register-types.ts';
import { Note } from '../../design/state.tsx';
import { register as words } from '../../messages/pages/register.ts';

const today = (): string => new Date().toISOString().slice(0, 10);

/** Where a vendor stands, in words: before anything else of its page. */
export function StandingWords({ entry }: { entry: RegisterEntry }) {
  const { name, status, owner, nextReview, undeleted, connections } = entry;
  const closed = connections.filter(({ standing }) => !standing.open);
  const ending = connections.flatMap(({ standing }) => standing.runsOut);
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-[72ch] text-head">
        {words.is(name, status)} {owner === null ? null : words.ownedBy(owner)}{' '}
        {nextReview === null
          ? null
          : nextReview <= today()
            ? words.reviewDue(nextReview)
            : words.reviewNext(nextReview)}
      </p>
      {undeleted.classes.length === 0 || (status !== 'ended' && status !== 'ending') ? null : (
        <Note urgent={status === 'ended'}>
          {words.undeleted(undeleted.classes.length, undeleted.people, status === 'ended')}
        </Note>
      )}
      {closed.map(({ connection, standing }) => (
        <Note key={connection.id} urgent>
          {words.closed(connection.name)} {standing.reasons.map(({ text }) => text).join(' ')}
        </Note>
      ))}
      {ending.map(({ text, on, code }) => (
        <Note key={`${code} ${on}`}>{words.runsOut(text, on)}</Note>
      ))}
    </div>
  );
}
