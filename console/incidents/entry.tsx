import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { incidents as words } from '../messages/pages/incidents.ts';
import { useDraft } from '../shell/draft.ts';
import { deviceZone } from './moment.ts';

/** One field of a sheet. `error`: what the API calls it, where that is another name. */
export interface EntryField {
  name: string;
  label: string;
  kind?: 'text' | 'long' | 'moment' | 'file' | 'check';
  options?: readonly (readonly [value: string, label: string])[];
  hint?: string;
  required?: boolean;
  error?: string;
}
export type Entered = Readonly<Record<string, string>>;

export interface EntryCall {
  method?: 'POST' | 'PUT' | 'PATCH';
  path: string;
  body: object;
}

/** A sheet that enters something, kept through a reload; one key for one try, so that nothing is entered twice. */
export function EntrySheet({
  title,
  submit,
  draftName,
  fields,
  before,
  initial = {},
  withReason = false,
  weight = 'main',
  call,
  onClose,
}: {
  title: string;
  submit?: string;
  draftName: string;
  /** A function: what is asked for hangs on what was entered. */
  fields: readonly EntryField[] | ((entered: Entered) => readonly EntryField[]);
  /** Before the fields: how what they offer is found. */
  before?: ReactNode;
  initial?: Entered;
  withReason?: boolean;
  weight?: 'main' | 'danger';
  /** What is sent. A file goes as it is, in place of the body. */
  call: (entered: Entered, file: File | null) => EntryCall;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [file, setFile] = useState<File | null>(null);
  const [draft, edit, forget] = useDraft<Record<string, string>>(draftName, { ...initial, reason: '' });
  const save = useMutation({
    mutationFn: () => {
      const { method = 'POST', path, body } = call(draft, file);
      const reason = (draft.reason ?? '').trim();
      return write<unknown>(method, path, {
        ...(file === null ? { body } : { file }),
        ...(withReason ? { reason } : {}),
        ...(method === 'POST' ? { idempotencyKey: attempt.key() } : {}),
      });
    },
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {before}
        {(typeof fields === 'function' ? fields(draft) : fields).map((field) => (
          <Field
            key={field.name}
            field={field}
            value={draft[field.name] ?? ''}
            error={wrong(field.error ?? field.name)}
            onChange={(value) => edit({ [field.name]: value })}
            onFile={setFile}
          />
        ))}
        {withReason ? (
          <ReasonField
            value={draft.reason ?? ''}
            onChange={(reason) => edit({ reason })}
            error={wrong('reason')}
          />
        ) : null}
        <FormActs error={save.error} weight={weight} disabled={save.isPending} onCancel={onClose}>
          {submit ?? title}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** One field, as its kind asks for it. */
export function Field({
  field: { label, kind = 'text', options, hint, required = false },
  value,
  error,
  onChange,
  onFile,
}: {
  field: EntryField;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  onFile?: (file: File | null) => void;
}) {
  const given = { label, hint, required, error };
  if (options !== undefined) {
    return (
      <SelectField {...given} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </SelectField>
    );
  }
  if (kind === 'check') {
    return (
      <label className="flex gap-2">
        <input
          type="checkbox"
          checked={value === 'yes'}
          onChange={(event) => onChange(event.target.checked ? 'yes' : '')}
        />
        <span>{label}</span>
      </label>
    );
  }
  if (kind === 'file') {
    return (
      <TextField {...given} type="file" onChange={(event) => onFile?.(event.target.files?.[0] ?? null)} />
    );
  }
  if (kind === 'long') {
    return <TextArea {...given} rows={4} value={value} onChange={(event) => onChange(event.target.value)} />;
  }
  return (
    <TextField
      {...given}
      type={kind === 'moment' ? 'datetime-local' : 'text'}
      hint={kind === 'moment' ? (hint ?? words.zone(deviceZone())) : hint}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
