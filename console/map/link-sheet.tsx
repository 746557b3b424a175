import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ChainEdge, ChainLayer } from '../api/chain-types.ts';
import { ApiError, write } from '../api/client.ts';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { map } from '../messages/pages/map.ts';
import { useDraft } from '../shell/draft.ts';
import { US } from './layout.ts';
import { draftOf, emptyLink, type LinkDraft, readConditions, saidOf } from './link-form.ts';
import { type MeantVendor, meantBy, useNamedVendors, VendorField } from './vendor-field.tsx';

const words = map.link;
const layers: readonly ChainLayer[] = ['declared', 'observed', 'inferred'];
const kinds = ['url', 'file', 'evidence'] as const;

type Ends = { from: string; to: string };
type Draft = LinkDraft & Ends & { reason: string };

/** Enters a link. `from`: whose page it is; null: it is asked for. */
export function EnterLink({
  from,
  onClose,
}: {
  from: { id: string; name: string } | null;
  onClose: () => void;
}) {
  const vendors = useNamedVendors();
  const start: Draft = { ...emptyLink, from: '', to: '', reason: '' };
  const [draft, change, forget] = useDraft<Draft>(`chain.link.${from?.id ?? ''}`, start);
  const meant = (text: string): MeantVendor | null => meantBy(text, vendors);
  const [begin, end] = [from === null ? meant(draft.from) : { ...from, isNew: false }, meant(draft.to)];
  return (
    <LinkForm
      title={words.enter}
      draft={draft}
      change={change}
      was={null}
      onClose={onClose}
      onDone={forget}
      isReady={begin !== null && end !== null}
      send={(said) => {
        const ends = [begin, end].filter((one) => one !== null);
        const names = ends.filter(({ isNew }) => isNew).map(({ id, name }) => [id, name]);
        return write<ChainEdge>('POST', '/chain/edges', {
          body: {
            from: begin?.id,
            to: end?.id,
            layer: draft.layer,
            ...said,
            names: Object.fromEntries(names),
          },
          reason: draft.reason.trim(),
          idempotencyKey: crypto.randomUUID(),
        });
      }}
    >
      {(wrong) => (
        <>
          {from === null ? (
            <VendorField
              label={words.from}
              value={draft.from}
              onChange={(text) => change({ from: text })}
              vendors={vendors}
              error={wrong('from')}
            />
          ) : (
            <p>{words.fromIs(from.name)}</p>
          )}
          <VendorField
            label={words.to}
            value={draft.to}
            onChange={(text) => change({ to: text })}
            vendors={vendors}
            error={wrong('to')}
          />
          <SelectField
            label={map.layer}
            hint={words.layerHint[draft.layer]}
            value={draft.layer}
            onChange={({ target }) =>
              change({ layer: layers.find((one) => one === target.value) ?? 'declared' })
            }
          >
            {layers.map((layer) => (
              <option key={layer} value={layer}>
                {map.layers[layer]}
              </option>
            ))}
          </SelectField>
        </>
      )}
    </LinkForm>
  );
}

/** Says anew what a link is, or that it ended. `names`: of its ends. */
export function ChangeLink({
  edge,
  names,
  isEnd,
  onClose,
}: {
  edge: ChainEdge;
  names: Ends;
  /** It ended: asks for the day first. */
  isEnd: boolean;
  onClose: () => void;
}) {
  const [today] = useState(() => new Date().toISOString().slice(0, 10));
  const is = draftOf(edge);
  const start: Draft = {
    ...is,
    ...names,
    validUntil: isEnd && is.validUntil === '' ? today : is.validUntil,
    reason: '',
  };
  const [draft, change, forget] = useDraft<Draft>(`chain.${isEnd ? 'end' : 'change'}.${edge.id}`, start);
  return (
    <LinkForm
      title={isEnd ? words.endOne(names.from, names.to) : words.changeOne(names.from, names.to)}
      draft={draft}
      change={change}
      was={edge}
      isEnd={isEnd}
      onClose={onClose}
      onDone={forget}
      isReady
      send={(said) => {
        // A link that began today ends after it began.
        const endsNow = isEnd && draft.validUntil === today;
        const body = endsNow ? { ...said, validUntil: new Date().toISOString() } : said;
        return write<ChainEdge>('POST', `/chain/edges/${edge.id}/changes`, {
          body,
          reason: draft.reason.trim(),
        });
      }}
    >
      {() => (
        <p>
          {words.is(names.from, names.to)} <span className="whitespace-nowrap">{map.marks[edge.layer]}</span>
          {edge.source.kind === 'list' ? <span className="block text-soft">{words.ofList}</span> : null}
        </p>
      )}
    </LinkForm>
  );
}

function LinkForm({
  title,
  draft,
  change,
  was,
  isEnd = false,
  isReady,
  send,
  onClose,
  onDone,
  children,
}: {
  title: string;
  draft: Draft;
  change: (patch: Partial<Draft>) => void;
  was: ChainEdge | null;
  isEnd?: boolean;
  isReady: boolean;
  send: (said: ReturnType<typeof saidOf>) => Promise<ChainEdge>;
  onClose: () => void;
  onDone: () => void;
  children: (wrong: (field: string) => string | undefined) => React.ReactNode;
}) {
  const client = useQueryClient();
  const read = readConditions(draft.conditions);
  const save = useMutation({
    mutationFn: () => send(saidOf(draft, was, 'conditions' in read ? read.conditions : [])),
    onSuccess: async () => {
      onDone();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (isReady && 'conditions' in read) save.mutate();
  }
  const until = (
    <TextField
      label={isEnd ? words.endedOn : words.validUntil}
      hint={isEnd ? words.endedOnHint : words.validUntilHint}
      type="date"
      required={isEnd}
      value={draft.validUntil}
      onChange={({ target }) => change({ validUntil: target.value })}
      error={wrong('validUntil')}
    />
  );
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children(wrong)}
        {isEnd ? (
          until
        ) : (
          <>
            <Scopes draft={draft} change={change} />
            <SelectField
              label={words.shownBy}
              value={draft.kind}
              onChange={({ target }) =>
                change({ kind: kinds.find((one) => one === target.value) ?? 'evidence' })
              }
            >
              {kinds.map((kind) => (
                <option key={kind} value={kind}>
                  {words.sourceKinds[kind]}
                </option>
              ))}
            </SelectField>
            <TextField
              label={words.source}
              hint={words.sourceHint[draft.kind]}
              required
              maxLength={500}
              value={draft.source}
              onChange={({ target }) => change({ source: target.value })}
              error={wrong('source')}
            />
            <TextField
              label={words.validFrom}
              hint={words.validFromHint}
              type="date"
              value={draft.validFrom}
              onChange={({ target }) => change({ validFrom: target.value })}
              error={wrong('validFrom')}
            />
            {until}
            <TextArea
              label={words.conditions}
              hint={words.conditionsHint}
              rows={3}
              value={draft.conditions}
              onChange={({ target }) => change({ conditions: target.value })}
              error={'wrongLine' in read ? words.conditionsWrong(read.wrongLine) : wrong('conditions')}
            />
            <TextField
              label={words.conditionsText}
              maxLength={500}
              value={draft.conditionsText}
              onChange={({ target }) => change({ conditionsText: target.value })}
              error={wrong('conditionsText')}
            />
            <TextField
              label={words.note}
              maxLength={1000}
              value={draft.note}
              onChange={({ target }) => change({ note: target.value })}
              error={wrong('note')}
            />
          </>
        )}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {isEnd ? words.end : words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}

const scopes = ['content', 'account_metadata', 'telemetry', 'support', 'billing'] as const;

function Scopes({ draft, change }: { draft: Draft; change: (patch: Partial<Draft>) => void }) {
  return (
    <fieldset>
      <legend className="mb-1 font-strong">{map.scopes}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {scopes.map((scope) => (
          <label key={scope} className="flex min-h-8 items-center gap-2">
            <input
              type="checkbox"
              checked={draft.scopes.includes(scope)}
              onChange={({ target }) =>
                change({
                  scopes: scopes.filter((one) =>
                    one === scope ? target.checked : draft.scopes.includes(one),
                  ),
                })
              }
            />
            {map.scopeNames[scope]}
          </label>
        ))}
      </div>
      <p className="text-small text-soft">{draft.scopes.length === 0 ? words.scopesNone : null}</p>
    </fieldset>
  );
}

/** What an end is called: us, or its name. */
export const endName = (id: string, names: ReadonlyMap<string, string>): string =>
  id === US ? map.us : (names.get(id) ?? id);
