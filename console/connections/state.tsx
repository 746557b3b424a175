import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { isLostRace, useConnectionChange } from './change.ts';

const words = m.connection;

/** Severing and opening again: says what will happen and to how many, and asks why. */
export function State({ connection }: { connection: Connection }) {
  const severed = connection.state === 'severed';
  const act = severed ? 'reopen' : 'sever';
  const search = useSearch({ from: '/signed-in/connections/$connection' });
  const navigate = useNavigate({ from: '/connections/$connection' });
  const [draft, edit, forget] = useDraft(`${act}.${connection.id}`, { reason: '' });
  const change = useConnectionChange(connection);
  const keys = useQuery(queries.keys());
  const touched = (keys.data ?? []).filter(
    (key) => key.revokedAt === null && key.connections.includes(connection.id),
  );
  const apps = new Set(touched.map((key) => key.app.id)).size;

  function show(next: 'sever' | 'reopen' | undefined): void {
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
      {
        patch: { state: severed ? 'open' : 'severed' },
        reason: draft.reason.trim(),
        basedOn: connection.etag,
      },
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
      <p className="max-w-[72ch] text-soft">{severed ? words.reopenLead : words.severLead}</p>
      <Button weight={severed ? 'plain' : 'danger'} onClick={() => show(act)}>
        {severed ? words.reopen : words.sever}
      </Button>
      {/* The address names the act: a sheet that was opened to sever never turns into one that opens again. */}
      <Sheet
        open={search.act === act}
        onClose={() => show(undefined)}
        title={severed ? words.reopenTitle(connection.name) : words.severTitle(connection.name)}
      >
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <p>{severed ? words.reopenLead : words.severLead}</p>
          {severed ? null : <p className="font-strong">{words.severKeys(touched.length, apps)}</p>}
          <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
          {change.error && !isLostRace(change.error) ? <Trouble error={change.error} /> : null}
          {isLostRace(change.error) ? <Note urgent>{words.meanwhile}</Note> : null}
          <div className="flex gap-2">
            <Button type="submit" weight={severed ? 'main' : 'danger'} disabled={change.isPending}>
              {severed ? words.reopenTitle(connection.name) : words.severTitle(connection.name)}
            </Button>
            <Button onClick={() => show(undefined)}>{m.common.cancel}</Button>
          </div>
        </form>
      </Sheet>
    </div>
  );
}
