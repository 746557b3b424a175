import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '../api/client.ts';
import type { UsageImport } from '../api/coverage-types.ts';
import { type Sending, sendFile } from '../api/send-file.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { coverage } from '../messages/pages/coverage.ts';
import { useDraft } from '../shell/draft.ts';

const words = coverage.handIn;
const empty = { account: '', of: '', asOf: '', reason: '' };

/** `2026-11-22T10:00` as a field of time has it, in UTC. */
const fieldTime = (at: number): string => new Date(at).toISOString().slice(0, 16);

/** A report of use, handed in as it is, with how far it is. */
export function HandInSheet({ vendor, onClose }: { vendor: string; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`coverage.report.${vendor}`, empty);
  const [file, setFile] = useState<File | null>(null);
  const [state, setState] = useState<Sending | null>(null);
  const [done, setDone] = useState<{ import: UsageImport; again: boolean } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stopping = useRef<AbortController | null>(null);
  const wrong = (field: string) => (error instanceof ApiError ? error.field(field) : undefined);

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (file === null) return;
    const stop = new AbortController();
    stopping.current = stop;
    setError(null);
    setDone(null);
    const query = new URLSearchParams({ name: file.name, asOf: `${draft.asOf}:00Z` });
    if (draft.account.trim() !== '') query.set('account', draft.account.trim());
    if (draft.of.trim() !== '') query.set('of', draft.of.trim());
    const path = `/coverage/${encodeURIComponent(vendor)}/reports?${query}`;
    try {
      setDone(await sendFile(path, file, draft.reason.trim(), setState, stop.signal));
      forget();
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/coverage'),
      });
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setState(null);
    }
  }

  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <p className="text-soft">{words.lead}</p>
        <label className="flex flex-col gap-1 font-strong">
          {words.file}
          <input
            type="file"
            required
            className="font-normal"
            disabled={state !== null}
            onChange={({ target }) => {
              const chosen = target.files?.[0] ?? null;
              setFile(chosen);
              setDone(null);
              if (chosen !== null && draft.asOf === '') edit({ asOf: fieldTime(chosen.lastModified) });
            }}
          />
        </label>
        <TextField
          label={words.asOf}
          hint={words.asOfHint}
          type="datetime-local"
          required
          value={draft.asOf}
          onChange={(event) => edit({ asOf: event.target.value })}
          error={wrong('asOf')}
        />
        <TextField
          label={words.account}
          hint={words.accountHint}
          maxLength={100}
          value={draft.account}
          onChange={(event) => edit({ account: event.target.value })}
          error={wrong('account')}
        />
        <TextField
          label={words.of}
          hint={words.ofHint}
          maxLength={40}
          value={draft.of}
          onChange={(event) => edit({ of: event.target.value })}
          error={wrong('of')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <p role="status" className="text-soft">
          {state === null
            ? null
            : state.at === 'reading'
              ? words.reading
              : words.sent(state.sent, file?.size ?? 0)}
          {done === null
            ? null
            : done.again
              ? words.again
              : words.done(done.import.of, done.import.firstDay, done.import.lastDay)}
          {done?.import.more === true ? ` ${words.more}` : null}
        </p>
        {state === null ? null : <Button onClick={() => stopping.current?.abort()}>{words.stop}</Button>}
        <FormActs error={error} disabled={state !== null || file === null} onCancel={onClose}>
          {words.send}
        </FormActs>
      </form>
    </Sheet>
  );
}
