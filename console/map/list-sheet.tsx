import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { ChainListTaken } from '../api/chain-types.ts';
import { ApiError, write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { bytes } from '../design/format.ts';
import { Sheet } from '../design/sheet.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { map } from '../messages/pages/map.ts';
import { useDraft } from '../shell/draft.ts';
import { ListChanges, ListRows } from './list-parts.tsx';
import { meantBy, type NamedVendor, useNamedVendors, VendorField } from './vendor-field.tsx';

const words = map.list;
const ways = ['paste', 'file', 'fetch'] as const;
type Way = (typeof ways)[number];
/** Characters that the API takes. */
const LONGEST = 1_000_000;
const start = {
  way: 'paste' as Way,
  vendor: '',
  content: '',
  source: '',
  url: '',
  days: '',
  asOf: '',
  reason: '',
};
type Draft = typeof start;

/**
 * Takes in a list of sub-processors that is pasted, chosen as a file or read from its page: what it says is shown first, against the
 * version before, and is kept when somebody says so.
 *
 * @param of whose list it is; null: it is asked for
 */
export function ListSheet({ of, onClose }: { of: NamedVendor | null; onClose: () => void }) {
  const client = useQueryClient();
  const vendors = useNamedVendors();
  const [draft, edit, forget] = useDraft<Draft>(`chain.list.${of?.id ?? ''}`, start);
  const [preview, setPreview] = useState<ChainListTaken | null>(null);
  const vendor = of ?? meantBy(draft.vendor, vendors);
  const ask = (isPreview: boolean) =>
    write<ChainListTaken>('POST', draft.way === 'fetch' ? '/chain/list-fetches' : '/chain/lists', {
      body: {
        vendor: vendor?.id,
        ...bodyOf(draft),
        preview: isPreview,
        // Why it was held is on the page that asks whether to keep it.
        ...(!isPreview && preview?.held ? { confirmed: true } : {}),
      },
      reason: isPreview ? words.previewReason : draft.reason.trim(),
    });
  const look = useMutation({ mutationFn: () => ask(true), onSuccess: setPreview });
  const keep = useMutation({
    mutationFn: () => ask(false),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (look.error instanceof ApiError ? look.error.field(field) : undefined);
  const change = (patch: Partial<Draft>): void => {
    edit(patch);
    setPreview(null);
    keep.reset();
  };
  const kept = keep.data;
  if (kept !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.title}>
        <div role="status">
          <Note>
            {kept.isNew ? words.done(kept.list.rows, kept.list.unmatched, kept.reviews) : words.same}
          </Note>
        </div>
        <div>
          <Button weight="main" onClick={onClose}>
            {words.close}
          </Button>
        </div>
      </Sheet>
    );
  }
  if (preview !== null) {
    const { list } = preview;
    return (
      <Sheet open onClose={onClose} title={words.previewTitle(list.name, list.rows)}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            keep.mutate();
          }}
        >
          <div role="status">
            <Note>
              {preview.isNew ? words.wouldDo(list.version, list.unmatched, preview.reviews) : words.same}
            </Note>
          </div>
          {preview.held === null ? null : <Note urgent>{words.held[preview.held]}</Note>}
          {preview.isNew ? <ListChanges list={list} /> : null}
          <ListRows list={list} />
          {preview.isNew ? (
            <>
              <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
              <FormActs error={keep.error} disabled={keep.isPending} onCancel={onClose}>
                {preview.held === null ? words.keep : words.confirm}
              </FormActs>
            </>
          ) : null}
          <div>
            <Button slim onClick={() => setPreview(null)}>
              {words.back}
            </Button>
          </div>
        </form>
      </Sheet>
    );
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (vendor !== null) look.mutate();
  }
  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {of === null ? (
          <VendorField
            label={words.vendor}
            value={draft.vendor}
            onChange={(text) => change({ vendor: text })}
            vendors={vendors}
            error={wrong('vendor')}
          />
        ) : (
          <p>{words.of(of.name)}</p>
        )}
        <ChoiceField
          label={words.way}
          name="way"
          value={draft.way}
          choices={ways.map((value) => ({ value, ...words.ways[value] }))}
          onChoose={(way) => change({ way: ways.find((one) => one === way) ?? 'paste' })}
        />
        <Given draft={draft} change={change} wrong={wrong} />
        <TextField
          label={words.days}
          hint={words.daysHint}
          inputMode="numeric"
          pattern="[0-9]{1,3}"
          value={draft.days}
          onChange={({ target }) => change({ days: target.value })}
          error={wrong('objectionDays')}
        />
        <FormActs error={look.error} disabled={look.isPending} onCancel={onClose}>
          {look.isPending && draft.way === 'fetch' ? words.fetching : words.preview}
        </FormActs>
      </form>
    </Sheet>
  );
}

function bodyOf({ way, content, source, url, days, asOf }: Draft) {
  const period = days.trim() === '' ? {} : { objectionDays: Number(days) };
  if (way === 'fetch') return { ...(url.trim() === '' ? {} : { url: url.trim() }), ...period };
  return {
    content,
    source: source.trim(),
    ...(asOf === '' ? {} : { asOf: `${asOf}T00:00:00Z` }),
    ...period,
  };
}

/** What the chosen way asks for. */
function Given({
  draft,
  change,
  wrong,
}: {
  draft: Draft;
  change: (patch: Partial<Draft>) => void;
  wrong: (field: string) => string | undefined;
}) {
  if (draft.way === 'fetch') {
    return (
      <TextField
        label={words.url}
        hint={words.urlHint}
        type="url"
        maxLength={500}
        value={draft.url}
        onChange={({ target }) => change({ url: target.value })}
        error={wrong('url')}
      />
    );
  }
  return (
    <>
      {draft.way === 'file' ? (
        <FileChoice draft={draft} change={change} error={wrong('content')} />
      ) : (
        <TextArea
          label={words.content}
          hint={words.contentHint}
          required
          rows={8}
          value={draft.content}
          onChange={({ target }) => change({ content: target.value })}
          error={wrong('content')}
        />
      )}
      <TextField
        label={words.source}
        hint={words.sourceHint}
        required
        maxLength={500}
        value={draft.source}
        onChange={({ target }) => change({ source: target.value })}
        error={wrong('source')}
      />
      <TextField
        label={words.asOf}
        hint={words.asOfHint}
        type="date"
        value={draft.asOf}
        onChange={({ target }) => change({ asOf: target.value })}
        error={wrong('asOf')}
      />
    </>
  );
}

function FileChoice({
  draft,
  change,
  error,
}: {
  draft: Draft;
  change: (patch: Partial<Draft>) => void;
  error: string | undefined;
}) {
  const status = useId();
  const [failure, setFailure] = useState<Error | null>(null);
  async function take(file: File): Promise<void> {
    setFailure(null);
    // A character has four bytes at most.
    if (file.size > 4 * LONGEST) throw new Error(words.tooLarge(bytes(file.size)));
    change({ content: await file.text(), source: file.name });
  }
  return (
    <>
      <TextField
        label={words.file}
        hint={words.fileHint}
        type="file"
        accept=".html,.htm,.md,.markdown,.csv,.txt,text/html,text/markdown,text/csv,text/plain"
        aria-details={status}
        error={error ?? failure?.message}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file !== undefined) take(file).catch(setFailure);
        }}
      />
      <p id={status} role="status" className="text-small text-soft">
        {draft.content === '' ? '' : words.fileRead(draft.content.length)}
      </p>
      {failure === null ? null : <Trouble error={failure} />}
    </>
  );
}
