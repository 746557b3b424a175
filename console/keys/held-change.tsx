import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { HeldKey } from '../api/key-types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.keysEverywhere;

/** Writes down what the source does not say. */
export function HeldChange({ held, onClose }: { held: HeldKey; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`held.${held.id}`, {
    owner: held.owner ?? '',
    place: held.place ?? '',
    reason: '',
  });
  const save = useMutation({
    mutationFn: () =>
      write('PATCH', `/held-keys/${encodeURIComponent(held.id)}`, {
        reason: draft.reason.trim(),
        body: { owner: draft.owner.trim() || null, place: draft.place.trim() || null },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.heldSheet.title(held.label)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.heldSheet.lead}</p>
        <TextField
          label={words.owner}
          maxLength={200}
          value={draft.owner}
          onChange={(event) => change({ owner: event.target.value })}
        />
        <TextField
          label={words.place}
          hint={words.heldSheet.placeHint}
          maxLength={200}
          value={draft.place}
          onChange={(event) => change({ place: event.target.value })}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.heldSheet.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
