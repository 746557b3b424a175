import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { RotationDue } from '../api/rotation-types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.rotation.admin;

/** Takes the credential for the vendor's API for keys, which lives in this component alone, and what that API asks for. */
export function AdminSheet({
  row,
  admin,
  onClose,
}: {
  row: RotationDue;
  admin: NonNullable<RotationDue['admin']>;
  onClose: () => void;
}) {
  const { connection } = row;
  const client = useQueryClient();
  const [value, setValue] = useState('');
  const [given, setGiven] = useState<Record<string, string>>({});
  const [draft, change, forget] = useDraft(`rotation.admin.${connection.id}`, { reason: '' });
  const keep = useMutation({
    mutationFn: () =>
      write<null>('PUT', `/connections/${encodeURIComponent(connection.id)}/vendor-admin`, {
        body: { value: value.trim(), parameters: given },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      setValue('');
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string): string | undefined =>
    keep.error instanceof ApiError ? keep.error.field(field) : undefined;

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    keep.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(connection.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        {admin.entered === null ? null : (
          <p className="text-soft">{words.entered(admin.entered.by, admin.entered.host)}</p>
        )}
        <TextField
          label={words.value}
          hint={admin.credential}
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={value}
          onChange={(event) => setValue(event.target.value)}
          error={wrong('value')}
        />
        {admin.parameters.map((parameter) => (
          <TextField
            key={parameter.id}
            label={parameter.label}
            placeholder={parameter.example}
            required
            value={given[parameter.id] ?? ''}
            onChange={(event) => setGiven({ ...given, [parameter.id]: event.target.value.trim() })}
            error={wrong(`parameters.${parameter.id}`)}
          />
        ))}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={keep.error} disabled={keep.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
