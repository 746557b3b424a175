import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../api/client.ts';
import type { ProviderRanges } from '../api/residency-types.ts';
import { type Sending, sendJson } from '../api/send-file.ts';
import { Button } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { residency } from '../messages/pages/residency.ts';
import { useDraft } from '../shell/draft.ts';
import { linesAround, MOST_CHARACTERS } from './lines-around.ts';

const words = residency.ranges;

/** A table of providers' networks, brought in: how far it is, and the line of the file that is wrong. */
export function BringSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft('residency.ranges', { reason: '' });
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const [state, setState] = useState<Sending | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  async function textOf(chosen: File): Promise<string | null> {
    try {
      return await chosen.text();
    } catch {
      // It was moved or changed since it was chosen: the browser reads it no longer.
      setSaid(words.notText);
      return null;
    }
  }

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (file === null) return;
    setError(null);
    setSaid(null);
    const table = file.size > MOST_CHARACTERS * 3 ? null : await textOf(file);
    if (table === null || table.length > MOST_CHARACTERS) {
      if (file.size > MOST_CHARACTERS) setSaid(words.tooLong(MOST_CHARACTERS));
      return;
    }
    setText(table);
    const stop = new AbortController();
    stopping.current = stop;
    try {
      const body = { table, reason: draft.reason.trim() };
      const made = await sendJson<ProviderRanges>('/residency/ranges', body, setState, stop.signal);
      setSaid(words.done(made.ranges, made.sources.length));
      forget();
    } catch (failure) {
      if (stop.signal.aborted) setSaid(words.stopped);
      else setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setState(null);
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/residency'),
      });
    }
  }

  return (
    <Sheet open onClose={onClose} title={words.bringTitle}>
      <form onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <p className="text-soft">{words.bringLead}</p>
        <label className="flex flex-col gap-1 font-strong">
          {words.file}
          <input
            type="file"
            required
            className="font-normal"
            disabled={state !== null}
            onChange={({ target }) => {
              setFile(target.files?.[0] ?? null);
              setSaid(null);
              setError(null);
            }}
          />
        </label>
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <p role="status" className="text-soft">
          {state === null
            ? said
            : state.at === 'reading'
              ? words.reading
              : words.sent(state.sent, file?.size ?? 0)}
        </p>
        {state === null ? null : <Button onClick={() => stopping.current?.abort()}>{words.stop}</Button>}
        {error instanceof ApiError ? <WrongLine error={error} text={text} /> : null}
        <FormActs error={error} disabled={state !== null || file === null} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** The line that the answer names, with those beside it, out of the file that was sent. */
function WrongLine({ error, text }: { error: ApiError; text: string }) {
  const said = error.field('table') ?? error.message;
  const line = Number(/line (\d+)/.exec(said)?.[1] ?? 0);
  const lines = linesAround(text, line);
  if (lines.length === 0) return null;
  return (
    <figure className="flex flex-col gap-1">
      <figcaption className="font-strong">{words.line(line)}</figcaption>
      <ol className="overflow-x-auto border-l-3 border-alert bg-sunken px-3 py-2 font-mono text-small">
        {lines.map((one) => (
          <li key={one.number} className={one.number === line ? 'font-strong' : 'text-soft'}>
            <span className="inline-block w-16 text-right tabular-nums">{one.number}</span>{' '}
            <span className="whitespace-pre">{one.text}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}
