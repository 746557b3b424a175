import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { KnownEntry, KnownList } from '../api/detector-types.ts';
import type { Page } from '../api/types.ts';
import { Button, TextButton } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { detectors } from '../messages/pages/detectors.ts';

const words = detectors.lists;

/** Shows what a list holds, for a reason, which goes on record with each look. Nothing of it stays in the browser. */
export function Look({ list, onClose }: { list: KnownList; onClose: () => void }) {
  const client = useQueryClient();
  const [find, setFind] = useState('');
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<Page<KnownEntry> | null>(null);
  const path = `/known-lists/${encodeURIComponent(list.id)}`;
  const look = useMutation({
    mutationFn: (cursor: string | null) =>
      write<Page<KnownEntry>>('POST', `${path}/looks`, {
        reason: reason.trim(),
        body: {
          ...(find.trim() === '' ? {} : { find: find.trim() }),
          ...(cursor === null ? {} : { cursor }),
        },
      }),
    onSuccess: setShown,
  });
  const remove = useMutation({
    mutationFn: (entry: string) => write('DELETE', `${path}/entries/${entry}`, { reason: reason.trim() }),
    onSuccess: async (_, entry) => {
      setShown((now) => now && { ...now, items: now.items.filter(({ id }) => id !== entry) });
      await client.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    look.mutate(null);
  };
  const next = shown?.next ?? null;
  return (
    <Sheet open onClose={onClose} title={words.showTitle(list.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.showLead}</p>
        <TextField
          label={words.find}
          hint={words.findHint}
          maxLength={300}
          autoComplete="off"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={look.error ?? remove.error} disabled={look.isPending} onCancel={onClose}>
          {words.look}
        </FormActs>
      </form>
      {shown?.items.length === 0 ? (
        <div role="status">
          <Note>{words.nothing}</Note>
        </div>
      ) : null}
      {shown === null || shown.items.length === 0 ? null : (
        <PlainTable
          label={words.showTitle(list.name)}
          heads={[words.entry, words.address, words.employer, words.place, detectors.acts]}
        >
          {shown.items.map((entry) => (
            <tr key={entry.id} className="border-b border-line">
              <th scope="row" className="px-3 py-1.5 font-normal">
                {[entry.name, entry.alias].filter(Boolean).join(' · ')}
              </th>
              <td className="px-3 py-1.5">{[entry.email, entry.phone].filter(Boolean).join(' · ')}</td>
              <td className="px-3 py-1.5">{entry.employer}</td>
              <td className="px-3 py-1.5">{[entry.country, entry.language].filter(Boolean).join(' · ')}</td>
              <td className="px-3 py-1.5 text-right">
                <TextButton onClick={() => remove.mutate(entry.id)} disabled={remove.isPending}>
                  {words.removeEntry}
                </TextButton>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {next === null ? null : (
        <div>
          <Button slim onClick={() => look.mutate(next)} disabled={look.isPending}>
            {words.next}
          </Button>
        </div>
      )}
    </Sheet>
  );
}
