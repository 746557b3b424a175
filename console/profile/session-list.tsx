import type { SessionRow } from '../api/identity-types.ts';
import { Button } from '../design/button.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.profile;

/** Where somebody is signed in: browser, address, how, since when; with a button to end each, where that is offered. */
export function SessionList({
  label,
  sessions,
  onEnd,
  ending = false,
}: {
  label: string;
  sessions: readonly SessionRow[];
  onEnd?: (session: SessionRow) => void;
  ending?: boolean;
}) {
  return (
    <ul aria-label={label} className="border-t border-line">
      {sessions.map((session) => (
        <li key={session.id} className="flex items-center justify-between gap-6 border-b border-line py-2">
          <div className="min-w-0">
            <p className="font-strong break-words">
              {session.browser}
              {session.current ? <span className="font-normal text-soft"> ({words.thisOne})</span> : null}
            </p>
            <p className="text-small text-soft">
              <span className="font-mono">{session.address}</span> · {words.seen}{' '}
              <Ago at={session.lastSeenAt} /> · {words.began} <Ago at={session.createdAt} /> ·{' '}
              {words.by(session.methods.map((method) => words.methods[method] ?? method).join(', '))}
            </p>
          </div>
          {onEnd === undefined || session.current ? null : (
            <Button
              slim
              disabled={ending}
              aria-label={words.endOne(session.browser)}
              onClick={() => onEnd(session)}
            >
              {words.end}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
