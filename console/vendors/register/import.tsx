import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../../api/client.ts';
import type { RegisterImported } from '../../api/register-types.ts';
import { Button, TextLink } from '../../design/button.tsx';
import { SelectField, TextField } from '../../design/field.tsx';
import { FormActs, ReasonField } from '../../design/form.tsx';
import { bytes } from '../../design/format.ts';
import { PlainTable } from '../../design/plain-table.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Note } from '../../design/state.tsx';
import { exchange as words } from '../../messages/pages/register-exchange.ts';
import { useDraft } from '../../shell/draft.ts';

const formats = ['csv', 'json', 'probo'] as const;
type Format = (typeof formats)[number];
/** Characters that the API takes. */
const LONGEST = 32 * 1024 * 1024;
const cell = 'border-b border-line px-3 py-2 align-top';
const MOST_SHOWN = 200;

interface Given {
  name: string;
  size: number;
  content: string;
}

/** Takes vendors in from a file: it is read, what it would change is shown, and it is done when somebody says so. */
export function ImportSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft('register.import', {
    format: 'csv' as Format,
    source: '',
    asOf: new Date().toISOString().slice(0, 10),
    reason: '',
  });
  const [given, setGiven] = useState<Given | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const ask = (preview: boolean) =>
    write<RegisterImported>('POST', '/register/imports', {
      body: {
        format: draft.format,
        content: given?.content ?? '',
        source: draft.source.trim(),
        asOf: draft.asOf,
        preview,
      },
      reason: preview ? words.previewReason : draft.reason.trim(),
    });
  const look = useMutation({ mutationFn: () => ask(true) });
  const take = useMutation({
    mutationFn: () => ask(false),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
    },
  });
  const change = (patch: Partial<typeof draft>): void => {
    edit(patch);
    look.reset();
  };
  async function choose(file: File): Promise<void> {
    setFailure(null);
    setGiven(null);
    look.reset();
    if (file.size > 4 * LONGEST) throw new Error(words.tooLarge(bytes(file.size)));
    const content = await file.text();
    setGiven({ name: file.name, size: file.size, content });
    const format = formatOf(file.name, content);
    edit({ ...(format === null ? {} : { format }), ...(draft.source === '' ? { source: file.name } : {}) });
  }
  if (take.data !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.import}>
        <div role="status">
          <Note>{words.done(take.data.counts)}</Note>
        </div>
        <Missing files={take.data.missingFiles} />
        <div>
          <Button weight="main" onClick={onClose}>
            {words.close}
          </Button>
        </div>
      </Sheet>
    );
  }
  const preview = look.data;
  if (preview !== undefined && given !== null) {
    const changes = preview.counts.new + preview.counts.changed;
    return (
      <Sheet open onClose={onClose} title={words.would(given.name)}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            take.mutate();
          }}
        >
          <div role="status">
            <Note>{words.wouldDo(preview.counts)}</Note>
          </div>
          {preview.unread.length === 0 ? null : <p>{words.unread(preview.unread)}</p>}
          <Effects effects={preview.effects} />
          {changes === 0 ? null : (
            <>
              <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
              <Wrong error={take.error} />
              <FormActs error={take.error} disabled={take.isPending} onCancel={onClose}>
                {take.isPending ? words.taking(changes) : words.take(changes)}
              </FormActs>
            </>
          )}
          <div>
            <Button slim disabled={take.isPending} onClick={() => look.reset()}>
              {words.back}
            </Button>
          </div>
        </form>
      </Sheet>
    );
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (given !== null) look.mutate();
  }
  return (
    <Sheet open onClose={onClose} title={words.import}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.file}
          hint={words.fileHint}
          type="file"
          required
          accept=".csv,.json,text/csv,application/json"
          error={failure?.message}
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) choose(file).catch(setFailure);
          }}
        />
        <p role="status" className="text-small text-soft">
          {given === null
            ? ''
            : look.isPending
              ? words.looking(given.name)
              : words.given(given.name, bytes(given.size))}
        </p>
        <SelectField
          label={words.format}
          hint={words.formatHints[draft.format]}
          value={draft.format}
          onChange={({ target }) => change({ format: formats.find((one) => one === target.value) ?? 'csv' })}
        >
          {formats.map((format) => (
            <option key={format} value={format}>
              {words.formats[format]}
            </option>
          ))}
        </SelectField>
        <TextField
          label={words.source}
          hint={words.sourceHint}
          required
          maxLength={500}
          value={draft.source}
          onChange={({ target }) => change({ source: target.value })}
        />
        <TextField
          label={words.asOf}
          type="date"
          required
          value={draft.asOf}
          onChange={({ target }) => change({ asOf: target.value })}
        />
        <Wrong error={look.error} />
        <FormActs error={look.error} disabled={look.isPending || given === null} onCancel={onClose}>
          {words.preview}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** By the file's name, and for JSON by what it is at its beginning. Null: it does not tell. */
function formatOf(name: string, content: string): Format | null {
  if (/\.csv$/i.test(name)) return 'csv';
  if (!/\.json$/i.test(name)) return null;
  return /^\s*\[/.test(content.slice(0, 200)) ? 'probo' : 'json';
}

/** Where in the file something is wrong: its line and column, or its member, each by itself. */
function Wrong({ error }: { error: Error | null }) {
  if (!(error instanceof ApiError) || error.fields.length === 0) return null;
  return (
    <ul className="text-alert" aria-label={words.wrong}>
      {error.fields.map(({ field, message }) => (
        <li key={`${field} ${message}`}>
          <code className="font-mono text-small">{field.replace(/^content\.?/, '') || words.inFile}</code>:{' '}
          {message}
        </li>
      ))}
    </ul>
  );
}

function Effects({ effects }: { effects: RegisterImported['effects'] }) {
  if (effects.length === 0) return null;
  const shown = effects.slice(0, MOST_SHOWN);
  return (
    <>
      <PlainTable label={words.effects} heads={[words.vendor, words.effect, words.changes]}>
        {shown.map(({ id, name, effect, changes, kept }) => (
          <tr key={id}>
            <td className={cell}>
              {effect === 'new' ? (
                name
              ) : (
                <TextLink to="/vendors/$vendor" params={{ vendor: id }}>
                  {name}
                </TextLink>
              )}
              <span className="block font-mono text-small text-soft">{id}</span>
            </td>
            <td className={cell}>{words.effectNames[effect]}</td>
            <td className={cell}>
              {changes.join(', ')}
              {kept.length === 0 ? null : (
                <span className="block text-small text-soft">{words.kept(kept)}</span>
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      {effects.length > shown.length ? (
        <p className="text-soft">{words.more(effects.length - shown.length)}</p>
      ) : null}
    </>
  );
}

function Missing({ files }: { files: readonly string[] }) {
  if (files.length === 0) return null;
  return (
    <div>
      <p>{words.missing(files.length)}</p>
      <ul className="font-mono text-small break-all">
        {files.slice(0, MOST_SHOWN).map((hash) => (
          <li key={hash}>{hash}</li>
        ))}
      </ul>
    </div>
  );
}
