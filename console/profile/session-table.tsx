import type { SessionRow } from '../api/identity-types.ts';
import { Button } from '../design/button.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.profile;

/** Where somebody is signed in: browser, address, how, since when; with a button to end each, where that is offered. */
export function SessionTable({
  label,
  sessions,
  onEnd,
  ending,
}: {
  label: string;
  sessions: readonly SessionRow[];
  onEnd?: (session: SessionRow) => void;
  ending?: boolean;
}) {
  const acts = onEnd === undefined ? [] : [words.act];
  return (
    <PlainTable
      label={label}
      heads={[words.where, words.from, words.by]}
      numeric={[words.began, words.seen, ...acts]}
    >
      {sessions.map((session) => (
        <tr key={session.id} className="border-b border-line">
          <th scope="row" className="px-3 py-2 font-normal whitespace-nowrap">
            {session.browser}
            {session.current ? <span className="text-soft"> ({words.thisOne})</span> : null}
          </th>
          <td className="px-3 py-2 font-mono text-small">{session.address}</td>
          <td className="px-3 py-2">
            {session.methods.map((method) => words.methods[method] ?? method).join(', ')}
          </td>
          <td className="px-3 py-2 text-right">
            <Ago at={session.createdAt} />
          </td>
          <td className="px-3 py-2 text-right">
            <Ago at={session.lastSeenAt} />
          </td>
          {onEnd === undefined ? null : (
            <td className="px-3 py-1 text-right">
              {session.current ? null : (
                <Button
                  weight="quiet"
                  slim
                  disabled={ending ?? false}
                  aria-label={words.endOne(session.browser)}
                  onClick={() => onEnd(session)}
                >
                  {words.end}
                </Button>
              )}
            </td>
          )}
        </tr>
      ))}
    </PlainTable>
  );
}
