import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '../api/client.ts';
import type { ConsoleVisit } from '../api/holding-types.ts';
import { type Sending, sendFile } from '../api/send-file.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { meantBy, useNamedVendors, VendorField } from '../map/vendor-field.tsx';
import { holdings } from '../messages/pages/holdings.ts';
import { useDraft } from '../shell/draft.ts';

const words = holdings.handIn;
const empty = { whose: '', day: '', reason: '' };

/** A recording of a visit to a vendor's console, handed in as it is, with how far it is. `vendor`: null, it is asked for. */
export function VisitSheet({ vendor: given, onClose }: { vendor: string | null; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`holdings.visit.${given ?? ''}`, empty);
  const vendors = useNamedVendors();
  const vendor = given ?? meantBy(draft.whose, vendors)?.id ?? null;
  const [file, setFile] = useState<File | null>(null);
  const [state, setState] = useState<Sending | null>(null);
  const [done, setDone] = useState<{ visit: ConsoleVisit; again: boolean } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stopping = useRef<AbortController | null>(null);

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (file === null || vendor === null) return;
    const stop = new AbortController();
    stopping.current = stop;
    setError(null);
    setDone(null);
    const query = new URLSearchParams({ name: file.name, day: draft.day });
    const path = `/holdings/vendors/${encodeURIComponent(vendor)}/visits?${query}`;
    try {
      setDone(await sendFile(path, file, draft.reason.trim(), setState, stop.signal));
      forget();
      await client.invalidateQueries({
        predicate: ({ queryKey }) => /^\/(?:holdings|chain)/.test(String(queryKey[0])),
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
        <p>{words.dropped}</p>
        {given === null ? (
          <VendorField
            label={words.vendor}
            value={draft.whose}
            onChange={(whose) => edit({ whose })}
            vendors={vendors}
            error={error instanceof ApiError ? error.field('vendor') : undefined}
          />
        ) : null}
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
              if (chosen !== null && draft.day === '')
                edit({ day: new Date(chosen.lastModified).toISOString().slice(0, 10) });
            }}
          />
        </label>
        <TextField
          label={words.day}
          hint={words.dayHint}
          type="date"
          required
          value={draft.day}
          onChange={(event) => edit({ day: event.target.value })}
          error={error instanceof ApiError ? error.field('day') : undefined}
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
              : words.done(done.visit.hosts, done.visit.entries, done.visit.unread)}
        </p>
        {state === null ? null : <Button onClick={() => stopping.current?.abort()}>{words.stop}</Button>}
        <FormActs error={error} disabled={state !== null || file === null} onCancel={onClose}>
          {words.send}
        </FormActs>
      </form>
    </Sheet>
  );
}
