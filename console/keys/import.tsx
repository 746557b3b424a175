import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { HeldKeyImportAnswer } from '../api/key-types.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.keysEverywhere.importSheet;
const columns = Object.keys(words.columns);

/** Takes in a list of keys that are held elsewhere, and says what became of it. */
export function Import({ onClose }: { onClose: () => void }) {
  const [done, setDone] = useState<HeldKeyImportAnswer | null>(null);
  return (
    <Sheet open onClose={onClose} title={words.title}>
      {done === null ? (
        <ImportForm onDone={setDone} onClose={onClose} />
      ) : (
        <Done answer={done} onClose={onClose} />
      )}
    </Sheet>
  );
}

function ImportForm({
  onDone,
  onClose,
}: {
  onDone: (answer: HeldKeyImportAnswer) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  // The file itself is held in memory alone.
  const [file, setFile] = useState<File | null>(null);
  const [missing, setMissing] = useState(false);
  const [draft, change, forget] = useDraft('import-keys', {
    source: '',
    format: 'aws_credential_report',
    mapping: {} as Record<string, string>,
    reason: '',
  });
  const send = useMutation({
    mutationFn: async (given: File) => {
      const mapping = Object.fromEntries(
        Object.entries(draft.mapping).filter(([, column]) => column.trim() !== ''),
      );
      return write<HeldKeyImportAnswer>('POST', '/held-keys/imports', {
        reason: draft.reason.trim(),
        body: {
          source: draft.source.trim(),
          format: draft.format,
          content: await given.text(),
          ...(draft.format === 'csv' ? { mapping } : {}),
        },
      });
    },
    onSuccess: async (answer) => {
      forget();
      onDone(answer);
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setMissing(file === null);
    if (file !== null) send.mutate(file);
  }

  const wrong = (field: string): string | undefined =>
    send.error instanceof ApiError ? send.error.field(field) : undefined;
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <p>{words.lead}</p>
      <TextField
        label={words.source}
        hint={words.sourceHint}
        required
        maxLength={100}
        value={draft.source}
        onChange={(event) => change({ source: event.target.value })}
        error={wrong('source')}
      />
      <SelectField
        label={words.format}
        value={draft.format}
        onChange={(event) => change({ format: event.target.value })}
      >
        {Object.entries(words.formats).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextField
        label={words.file}
        hint={words.fileHint}
        type="file"
        accept=".csv,.json,.txt"
        onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        error={wrong('content') ?? (missing ? words.fileMissing : undefined)}
      />
      {draft.format === 'csv' ? (
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-1 font-strong">{words.mapping}</legend>
          <p className="text-small text-soft">{words.mappingHint}</p>
          <div className="grid max-w-[480px] gap-3 sm:grid-cols-2">
            {columns.map((column) => (
              <TextField
                key={column}
                label={words.columns[column] ?? column}
                required={column === 'id'}
                maxLength={100}
                value={draft.mapping[column] ?? ''}
                onChange={(event) => change({ mapping: { ...draft.mapping, [column]: event.target.value } })}
                error={wrong(`mapping.${column}`)}
              />
            ))}
          </div>
        </fieldset>
      ) : null}
      <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
      <FormActs error={send.error} disabled={send.isPending} onCancel={onClose}>
        {words.submit}
      </FormActs>
    </form>
  );
}

function Done({ answer, onClose }: { answer: HeldKeyImportAnswer; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4" role="status">
      <p>{words.done(answer.taken, answer.fresh, answer.gone)}</p>
      {answer.refused === 0 ? null : (
        <>
          <p className="font-strong">{words.refused(answer.refused)}</p>
          <ul className="list-disc pl-5">
            {answer.refusals.map(({ line, column }) => (
              <li key={`${line} ${column}`}>{words.row(line, column)}</li>
            ))}
          </ul>
        </>
      )}
      <div>
        <Button onClick={onClose}>{m.common.close}</Button>
      </div>
    </div>
  );
}
