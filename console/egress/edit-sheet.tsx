import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { EgressRules } from '../api/egress-types.ts';
import { Button } from '../design/button.tsx';
import { TextArea } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { meantBy, useNamedVendors, VendorField } from '../map/vendor-field.tsx';
import { egressRules as words } from '../messages/pages/egress-rules.ts';
import { useDraft } from '../shell/draft.ts';
import {
  changeOf,
  differenceOf,
  entriesOf,
  type ListName,
  readEntries,
  wrongLines,
  wrongPorts,
} from './lists.ts';
import { Preview, usePreview } from './preview.tsx';

/** Milliseconds without a key until what was typed is looked at. */
const SETTLED = 400;

/** One list of the rules as a text, what would be different with it, and a reason. */
export function EditSheet({
  rules: given,
  list,
  onClose,
}: {
  rules: EgressRules;
  list: ListName;
  onClose: () => void;
}) {
  // As they were read when the form was opened: what others change meanwhile is a conflict, and no silent overwriting.
  const [rules] = useState(given);
  const was = entriesOf(rules, list);
  const [draft, edit, forget] = useDraft(`egress.${list}.${rules.version}`, {
    text: was.join('\n'),
    reason: '',
  });
  const entries = readEntries(list, draft.text);
  const will = entries.map(({ text }) => text);
  const { added, gone } = differenceOf(was, will);
  const isSame = added.length + gone.length === 0;
  const ports = wrongPorts(list, entries);
  const change = isSame || ports.length > 0 ? null : changeOf(rules, list, will);
  const settled = useSettled(JSON.stringify(change));
  const preview = usePreview(rules.version, JSON.parse(settled) as object | null);
  const save = useSaving(rules, forget, onClose);
  const failed = [preview.error, save.error].find((error) => error instanceof ApiError);
  const wrong =
    ports.length > 0
      ? ports.map((one) => ({ ...one, message: words.wrongPort }))
      : failed === undefined
        ? null
        : wrongLines(failed, list, entries);
  const isLooking = JSON.stringify(change) !== settled || (preview.isFetching && preview.data === undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (change !== null) save.mutate({ change, reason: draft.reason });
  };
  return (
    <Sheet open onClose={onClose} title={words.names[list]}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.means[list]}</p>
        <TextArea
          label={words.names[list]}
          hint={words.hints[list]}
          rows={Math.min(14, Math.max(5, was.length + 2))}
          spellCheck={false}
          autoComplete="off"
          value={draft.text}
          onChange={({ target }) => edit({ text: target.value })}
          error={
            wrong === null
              ? undefined
              : wrong.map(({ line, text, message }) => words.line(line, text, message)).join(' ')
          }
        />
        {list === 'allow_vendors' || list === 'deny_vendors' ? (
          <AddVendor onAdd={(id) => edit({ text: [...will, id].join('\n') })} />
        ) : null}
        <div role="status" className="flex flex-col gap-1">
          {isSame ? <p className="text-soft">{words.same}</p> : null}
          {added.length === 0 ? null : <p className="break-words">{words.added(added)}</p>}
          {gone.length === 0 ? null : <p className="break-words">{words.gone(gone)}</p>}
          {isLooking && change !== null ? <p className="text-soft">{words.preview.looking}</p> : null}
        </div>
        {change === null || wrong !== null ? null : preview.data !== undefined ? (
          <Preview preview={preview.data} />
        ) : preview.error === null ? null : (
          <Trouble error={preview.error} onRetry={() => void preview.refetch()} />
        )}
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={save.error} disabled={save.isPending || change === null} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** A vendor by its name: only ids stand on the list. */
function AddVendor({ onAdd }: { onAdd: (id: string) => void }): ReactNode {
  const vendors = useNamedVendors();
  const [name, setName] = useState('');
  const meant = meantBy(name, vendors);
  const isKnown = meant !== null && !meant.isNew;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <VendorField
        label={words.vendor}
        isOptional
        value={name}
        onChange={setName}
        vendors={vendors}
        unknown={words.vendorHint}
      />
      <Button
        disabled={!isKnown}
        onClick={() => {
          if (meant === null) return;
          onAdd(meant.id);
          setName('');
        }}
      >
        {words.add}
      </Button>
    </div>
  );
}

/** A change of the rules, sent with the version that was looked at. */
export function useSaving(rules: EgressRules, forget: () => void, onClose: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ change, reason }: { change: object; reason: string }) =>
      write<EgressRules>('PATCH', '/egress', {
        body: { basedOn: rules.version, ...change },
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
}

/** A value as it is once it stays the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
