import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { KnownList } from '../api/detector-types.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { detectors } from '../messages/pages/detectors.ts';

const words = detectors.lists;
const classes = ['business.term', 'business.marker', 'org.name'] as const;

/** Begins a list; what it holds is taken in next. */
export function BeginSheet({
  kind,
  onClose,
  onBegun,
}: {
  kind: KnownList['kind'];
  onClose: () => void;
  onBegun: (id: string) => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [wordClass, setWordClass] = useState<string>(classes[0]);
  const [reason, setReason] = useState('');
  const begin = useMutation({
    mutationFn: () =>
      write<KnownList>('POST', '/known-lists', {
        reason: reason.trim(),
        body: { name: name.trim(), kind, ...(kind === 'words' ? { class: wordClass } : {}) },
      }),
    onSuccess: async (list) => {
      await client.invalidateQueries();
      onBegun(list.id);
    },
  });
  const wrong = (field: string) => (begin.error instanceof ApiError ? begin.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={kind === 'people' ? words.beginPeople : words.beginWords}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.nameField}
          hint={words.nameHint}
          required
          maxLength={54}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={wrong('name')}
        />
        {kind === 'words' ? (
          <SelectField
            label={detectors.fieldClass}
            hint={words.classHint}
            value={wordClass}
            onChange={(event) => setWordClass(event.target.value)}
            error={wrong('class')}
          >
            {classes.map((one) => (
              <option key={one} value={one}>
                {words.classes[one]}
              </option>
            ))}
          </SelectField>
        ) : null}
        <ReasonField value={reason} onChange={setReason} error={wrong('reason')} />
        <FormActs error={begin.error} disabled={begin.isPending} onCancel={onClose}>
          {words.begin}
        </FormActs>
      </form>
    </Sheet>
  );
}
