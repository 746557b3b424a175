import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { KnownList, KnownListImported } from '../api/detector-types.ts';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { detectors } from '../messages/pages/detectors.ts';

const words = detectors.lists;
const SHOWN = 8;

type Format = keyof typeof words.formats;

/** Takes a list in: first it is said what it would do, then it is done with the same text. Not kept in the browser. */
export function TakeSheet({ list, onClose }: { list: KnownList; onClose: () => void }) {
  const client = useQueryClient();
  const [format, setFormat] = useState<Format>(list.kind === 'people' ? 'csv' : 'lines');
  const [content, setContent] = useState('');
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<KnownListImported | null>(null);
  const take = useMutation({
    mutationFn: async (preview: boolean) => {
      const answer = await write<KnownListImported>(
        'POST',
        `/known-lists/${encodeURIComponent(list.id)}/imports`,
        {
          reason: reason.trim(),
          body: { format, content, preview, skipRefused: (shown?.refused ?? 0) > 0 },
        },
      );
      return { answer, preview };
    },
    onSuccess: async ({ answer, preview }) => {
      setShown(answer);
      if (preview) return;
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (take.error instanceof ApiError ? take.error.field(field) : undefined);
  const edit = (text: string): void => {
    setShown(null);
    setContent(text);
  };
  const onFile = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0];
    if (file === undefined) return;
    if (file.name.endsWith('.json')) setFormat('json');
    else if (file.name.endsWith('.csv')) setFormat('csv');
    edit(await file.text());
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    take.mutate(shown === null);
  };
  return (
    <Sheet open onClose={onClose} title={words.takeTitle(list.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.takeLead}</p>
        <TextField
          label={words.file}
          hint={words.fileHint}
          type="file"
          accept=".csv,.json,.txt"
          onChange={(event) => void onFile(event)}
        />
        <SelectField
          label={words.format}
          value={format}
          onChange={(event) => {
            setShown(null);
            setFormat(event.target.value as Format);
          }}
        >
          {(list.kind === 'people' ? (['csv', 'json'] as const) : (['lines', 'csv', 'json'] as const)).map(
            (one) => (
              <option key={one} value={one}>
                {words.formats[one]}
              </option>
            ),
          )}
        </SelectField>
        <TextArea
          label={words.paste}
          hint={list.kind === 'people' ? words.columnsHint : undefined}
          required
          rows={6}
          spellCheck={false}
          value={content}
          onChange={(event) => edit(event.target.value)}
          error={wrong('content')}
        />
        <ReasonField value={reason} onChange={setReason} error={wrong('reason')} />
        {shown === null ? null : <Would would={shown} />}
        <FormActs error={take.error} disabled={take.isPending} onCancel={onClose}>
          {shown === null
            ? words.preview
            : shown.refused === 0
              ? words.confirm(shown.entries)
              : words.confirmWithout(shown.entries, shown.refused)}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** What an import would do, with the rows that it refuses. */
function Would({ would }: { would: KnownListImported }) {
  const rest = would.refused - Math.min(SHOWN, would.rows.length);
  return (
    <div role="status">
      <Note urgent={would.refused > 0}>
        <p>{words.would(would.added, would.changed, would.gone, would.forms)}</p>
        {would.refused === 0 ? null : (
          <>
            <p>{words.refused(would.refused)}</p>
            <ul className="list-disc pl-5">
              {would.rows.slice(0, SHOWN).map(({ line, field, message }) => (
                <li key={`${line} ${field}`}>{words.refusedRow(line, field, message)}</li>
              ))}
              {rest > 0 ? <li>{words.more(rest)}</li> : null}
            </ul>
          </>
        )}
        {would.ignored.length === 0 ? null : <p>{words.ignored(would.ignored.join(', '))}</p>}
      </Note>
    </div>
  );
}
