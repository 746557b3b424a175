import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type AccountsImported, accountSources } from '../api/account-types.ts';
import { ApiError, write } from '../api/client.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.accounts;

const start = {
  source: 'openai_users',
  vendor: '',
  made: '',
  email: '',
  factor: '',
  yes: '',
  no: '',
};
type Draft = typeof start;

/** The columns of a table, as the person named them. */
function mappingOf({ email, factor, yes, no }: Draft) {
  const means = {
    ...(yes.trim() === '' ? {} : { enrolled: [yes.trim()] }),
    ...(no.trim() === '' ? {} : { none: [no.trim()] }),
  };
  const column = factor.trim();
  return { email: email.trim(), ...(column === '' ? {} : { secondFactor: { column, is: means } }) };
}

/** Takes an export in: first it is said what it would do, then it is done with the same file. */
export function ImportSheet({
  open,
  onClose,
  vendor,
}: {
  open: boolean;
  onClose: () => void;
  vendor?: string;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`accounts.${vendor ?? ''}`, { ...start, vendor: vendor ?? '' });
  const [file, setFile] = useState<File | null>(null);
  const [shown, setShown] = useState<AccountsImported | null>(null);
  const edit = (patch: Partial<Draft>): void => {
    setShown(null);
    change(patch);
  };
  const take = useMutation({
    mutationFn: async (preview: boolean) => {
      const answer = await write<AccountsImported>('POST', '/accounts/imports', {
        reason: words.reasonImport(draft.vendor.trim()),
        body: {
          vendor: draft.vendor.trim(),
          source: draft.source,
          content: file === null ? '' : await file.text(),
          asOf: new Date(`${draft.made}T00:00:00Z`).toISOString(),
          preview,
          ...(draft.source === 'table' ? { mapping: mappingOf(draft) } : {}),
        },
      });
      return { answer, preview };
    },
    onSuccess: async ({ answer, preview }) => {
      setShown(answer);
      if (preview) return;
      setShown(null);
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (take.error instanceof ApiError ? take.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    take.mutate(shown === null);
  };
  return (
    <Sheet open={open} onClose={onClose} title={words.importTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <SelectField
          label={words.source}
          value={draft.source}
          onChange={(event) => edit({ source: event.target.value })}
          error={wrong('source')}
        >
          {accountSources.map((source) => (
            <option key={source} value={source}>
              {words.sources[source]}
            </option>
          ))}
        </SelectField>
        <TextField
          label={words.vendorField}
          hint={words.vendorHint}
          required
          maxLength={60}
          value={draft.vendor}
          onChange={(event) => edit({ vendor: event.target.value })}
          error={wrong('vendor')}
        />
        <TextField
          label={words.file}
          hint={words.fileHint}
          type="file"
          required
          onChange={(event) => {
            setShown(null);
            setFile(event.target.files?.[0] ?? null);
          }}
          error={wrong('content')}
        />
        <TextField
          label={words.madeOn}
          type="date"
          required
          value={draft.made}
          onChange={(event) => edit({ made: event.target.value })}
          error={wrong('asOf')}
        />
        {draft.source === 'table' ? <TableColumns draft={draft} edit={edit} wrong={wrong} /> : null}
        {shown === null ? null : (
          <div role="status">
            <Note>{words.found(shown.accounts, shown.added, shown.gone, shown.complete)}</Note>
          </div>
        )}
        <FormActs error={take.error} disabled={take.isPending} onCancel={onClose}>
          {shown === null ? words.preview : words.takeIn}
        </FormActs>
      </form>
    </Sheet>
  );
}

function TableColumns({
  draft,
  edit,
  wrong,
}: {
  draft: Draft;
  edit: (patch: Partial<Draft>) => void;
  wrong: (field: string) => string | undefined;
}) {
  return (
    <>
      <TextField
        label={words.emailColumn}
        required
        maxLength={200}
        value={draft.email}
        onChange={(event) => edit({ email: event.target.value })}
        error={wrong('mapping.email')}
      />
      <TextField
        label={words.factorColumn}
        hint={words.factorHint}
        maxLength={200}
        value={draft.factor}
        onChange={(event) => edit({ factor: event.target.value })}
        error={wrong('mapping.secondFactor')}
      />
      {draft.factor.trim() === '' ? null : (
        <>
          <TextField
            label={words.factorYes}
            maxLength={200}
            value={draft.yes}
            onChange={(event) => edit({ yes: event.target.value })}
          />
          <TextField
            label={words.factorNo}
            maxLength={200}
            value={draft.no}
            onChange={(event) => edit({ no: event.target.value })}
          />
        </>
      )}
    </>
  );
}
