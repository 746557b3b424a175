import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { Rotation } from '../api/rotation-types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.rotation.enter;

/** Takes the key that a person made at the vendor. It lives in this component alone. */
export function EnterSheet({ rotation, onClose }: { rotation: Rotation; onClose: () => void }) {
  const client = useQueryClient();
  const [value, setValue] = useState('');
  const [draft, change, forget] = useDraft(`rotation.${rotation.id}.key`, { reason: '' });
  const enter = useMutation({
    mutationFn: () =>
      write<Rotation>('PUT', `/rotations/${encodeURIComponent(rotation.id)}/credential`, {
        body: { value: value.trim() },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      setValue('');
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    enter.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <TextField
          label={words.value}
          hint={words.hint}
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={value}
          onChange={(event) => setValue(event.target.value)}
          error={enter.error instanceof ApiError ? enter.error.field('value') : undefined}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={enter.error} disabled={enter.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
