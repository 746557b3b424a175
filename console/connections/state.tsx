import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { SeverDialog } from '../sever/index.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';
import { isLostRace, useConnectionChange } from './change.ts';

const words = m.connection;

/** Severing, as everywhere: with its lists and a factor. Opening again: where it was closed. */
export function State({ connection }: { connection: Connection }) {
  if (connection.state === 'open') return <Sever connection={connection} />;
  if (connection.severances.length === 0) {
    return (
      <Permitted action="severance.run" told>
        <Reopen connection={connection} />
      </Permitted>
    );
  }
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-[72ch] text-soft">{words.heldLead}</p>
      <ul className="list-disc pl-5">
        {connection.severances.map((severance, at) => (
          <li key={severance}>
            <TextLink to="/severances/$severance" params={{ severance }}>
              {words.heldBy(at + 1)}
            </TextLink>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sever({ connection }: { connection: Connection }) {
  const search = useSearch({ from: '/signed-in/connections/$connection' });
  const navigate = useNavigate({ from: '/connections/$connection' });
  const keys = useQuery(queries.keys());
  const touched = (keys.data ?? []).filter(
    (key) => key.revokedAt === null && key.connections.includes(connection.id),
  );
  const apps = new Set(touched.map((key) => key.app.id)).size;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-[72ch] text-soft">{words.severLead}</p>
      <p className="font-strong">{words.severKeys(touched.length, apps)}</p>
      <SeverDialog
        target={{ kind: 'connection', id: connection.id, name: connection.name }}
        open={search.act === 'sever'}
        onShow={(isOpen) =>
          void navigate({
            search: (previous) => ({ ...previous, act: isOpen ? 'sever' : undefined }),
            replace: true,
            resetScroll: false,
          })
        }
      />
    </div>
  );
}

/** Of a connection that says of itself that it is severed: no severance holds it. */
function Reopen({ connection }: { connection: Connection }) {
  const search = useSearch({ from: '/signed-in/connections/$connection' });
  const navigate = useNavigate({ from: '/connections/$connection' });
  const [draft, edit, forget] = useDraft(`reopen.${connection.id}`, { reason: '' });
  const change = useConnectionChange(connection);

  function show(next: 'reopen' | undefined): void {
    change.reset();
    void navigate({
      search: (previous) => ({ ...previous, act: next }),
      replace: true,
      resetScroll: false,
    });
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    change.mutate(
      { patch: { state: 'open' }, reason: draft.reason.trim(), basedOn: connection.etag },
      {
        onSuccess: () => {
          forget();
          show(undefined);
        },
      },
    );
  }

  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-[72ch] text-soft">{words.reopenLead}</p>
      <Button onClick={() => show('reopen')}>{words.reopen}</Button>
      {/* The address names the act: a sheet that was opened to sever never turns into one that opens again. */}
      <Sheet
        open={search.act === 'reopen'}
        onClose={() => show(undefined)}
        title={words.reopenTitle(connection.name)}
      >
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <p>{words.reopenLead}</p>
          <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
          {change.error && !isLostRace(change.error) ? <Trouble error={change.error} /> : null}
          {isLostRace(change.error) ? <Note urgent>{words.meanwhile}</Note> : null}
          <div className="flex gap-2">
            <Button type="submit" weight="main" disabled={change.isPending}>
              {words.reopenTitle(connection.name)}
            </Button>
            <Button onClick={() => show(undefined)}>{m.common.cancel}</Button>
          </div>
        </form>
      </Sheet>
    </div>
  );
}
