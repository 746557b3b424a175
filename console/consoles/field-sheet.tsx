import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { holdings } from '../messages/pages/holdings.ts';
import { useDraft } from '../shell/draft.ts';

const words = holdings.state;
const empty = { field: '', source: '', asOf: '', reason: '' };

/** A field that a vendor's console collects, as somebody read it. */
export function FieldSheet({ vendor, onClose }: { vendor: string; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`holdings.field.${vendor}`, empty);
  const save = useMutation({
    mutationFn: () =>
      write('POST', `/holdings/vendors/${encodeURIComponent(vendor)}/fields`, {
        reason: draft.reason.trim(),
        body: { field: draft.field.trim(), source: draft.source.trim(), asOf: draft.asOf },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const text = (name: keyof typeof empty) => ({
    required: true,
    value: draft[name],
    onChange: (event: { target: { value: string } }) => edit({ [name]: event.target.value }),
    error: save.error instanceof ApiError ? save.error.field(name) : undefined,
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.lead}</p>
        <TextField
          label={words.field}
          hint={words.fieldHint}
          pattern="[A-Za-z_][\w.\-]*"
          maxLength={80}
          {...text('field')}
        />
        <TextField
          label={words.source}
          hint={words.sourceHint}
          minLength={3}
          maxLength={500}
          {...text('source')}
        />
        <TextField label={words.asOf} hint={words.asOfHint} type="date" {...text('asOf')} />
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
