import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Connection } from '../api/types.ts';
import { upstreamOf, upstreamText } from '../connect/upstream.ts';
import { listOf } from '../contract/rules.ts';
import { Button } from '../design/button.tsx';
import { TextArea, TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { isLostRace, useConnectionChange } from './change.ts';

const words = m.connection;

interface Draft {
  name: string;
  origins: string;
  upstream: string;
  private: boolean;
  reason: string;
  /** What the connection was when editing began; null before. */
  basedOn: string | null;
}

function draftOf(connection: Connection): Draft {
  return {
    name: connection.name,
    origins: connection.origins.join('\n'),
    upstream: upstreamText(connection.upstream),
    private: connection.upstream.private,
    reason: '',
    basedOn: null,
  };
}

export function Settings({ connection }: { connection: Connection }) {
  const change = useConnectionChange(connection);
  const mayMove = useMay('connection.change_host');
  const [unchanged, setUnchanged] = useState(false);
  const now = draftOf(connection);
  const [draft, touch, forget] = useDraft<Draft>(`connection.${connection.id}`, now);
  const upstream = upstreamOf(draft.upstream, draft.private);
  const otherHost = upstream !== null && upstreamText(upstream) !== upstreamText(connection.upstream);
  const moved = draft.basedOn !== null && draft.basedOn !== connection.etag;
  const overtaken = !change.isPending && (moved || isLostRace(change.error));

  function edit(patch: Partial<Draft>): void {
    if (change.isSuccess || change.isError) change.reset();
    setUnchanged(false);
    touch({ basedOn: draft.basedOn ?? connection.etag, ...patch });
  }

  function patchOf(): Record<string, unknown> {
    const origins = listOf(draft.origins);
    return {
      ...(draft.name.trim() === connection.name ? {} : { name: draft.name.trim() }),
      ...(origins.join() === connection.origins.join() ? {} : { origins }),
      ...(otherHost || draft.private !== connection.upstream.private ? { upstream } : {}),
    };
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (upstream === null) return;
    const patch = patchOf();
    setUnchanged(Object.keys(patch).length === 0);
    if (Object.keys(patch).length === 0) return;
    change.mutate(
      { patch, reason: draft.reason.trim(), basedOn: draft.basedOn ?? connection.etag },
      { onSuccess: forget },
    );
  }

  const wrong = (field: string): string | undefined =>
    change.error instanceof ApiError ? change.error.field(field) : undefined;
  /** Beside what was typed, what is there now, once that moved. */
  const hint = (field: 'name' | 'origins' | 'upstream', usual?: string): string | undefined =>
    overtaken && draft[field] !== now[field] ? words.isNow(listOf(now[field]).join(', ')) : usual;

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <div className="grid max-w-[1000px] gap-x-8 gap-y-4 lg:grid-cols-2">
        <TextField
          label={words.name}
          hint={hint('name')}
          required
          value={draft.name}
          onChange={(event) => edit({ name: event.target.value })}
          error={wrong('name')}
        />
        <TextField
          label={words.upstream}
          hint={hint('upstream', mayMove ? words.upstreamHint : words.upstreamNotYours)}
          disabled={!mayMove}
          value={draft.upstream}
          onChange={(event) => edit({ upstream: event.target.value })}
          error={upstream === null ? m.connect.upstreamWrong : wrong('upstream')}
        />
        <TextArea
          label={words.origins}
          hint={hint('origins', words.originsHint)}
          rows={3}
          value={draft.origins}
          onChange={(event) => edit({ origins: event.target.value })}
          error={wrong('origins')}
        />
        <div className="flex flex-col gap-4">
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={draft.private}
              disabled={!mayMove}
              onChange={(event) => edit({ private: event.target.checked })}
            />
            {m.connect.upstreamPrivate}
          </label>
          <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrong('reason')} />
        </div>
      </div>
      {otherHost && connection.credential !== null ? <Note urgent>{words.upstreamHint}</Note> : null}
      {overtaken ? (
        <Overtaken
          onTheirs={() => {
            change.reset();
            forget();
          }}
          onMine={() => {
            change.reset();
            touch({ basedOn: connection.etag });
          }}
        />
      ) : null}
      {change.error && !isLostRace(change.error) ? <Trouble error={change.error} /> : null}
      {change.data?.notices?.map((notice) => (
        <Note key={notice.code} urgent>
          {notice.text}
        </Note>
      ))}
      {change.isSuccess ? <Note>{words.saved}</Note> : unchanged ? <Note>{words.nothingChanged}</Note> : null}
      <div>
        <Button type="submit" disabled={change.isPending || overtaken}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

/** It was changed since editing began: nothing is saved until it is said whose holds. */
function Overtaken({ onTheirs, onMine }: { onTheirs: () => void; onMine: () => void }) {
  return (
    <div role="alert" className="max-w-[72ch] border-l-3 border-alert bg-alert-wash px-4 py-3">
      <p className="font-strong">{words.overtaken}</p>
      <p>{words.overtakenLead}</p>
      <div className="mt-3 flex gap-2">
        <Button slim onClick={onTheirs}>
          {words.takeTheirs}
        </Button>
        <Button slim onClick={onMine}>
          {words.keepMine}
        </Button>
      </div>
    </div>
  );
}
