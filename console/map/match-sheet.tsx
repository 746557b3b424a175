import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import type { ChainList, ChainMatchedRow } from '../api/chain-types.ts';
import { ApiError, write } from '../api/client.ts';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { map } from '../messages/pages/map.ts';
import { useDraft } from '../shell/draft.ts';
import { meantBy, useNamedVendors, VendorField } from './vendor-field.tsx';

const words = map.match;
const [OTHER, NONE, BACK] = ['?other', '?none', '?back'];

/** Asks which vendor a row of a list is; the answer holds for later versions too. */
export function MatchSheet({
  list,
  row,
  onClose,
}: {
  list: ChainList;
  row: ChainMatchedRow;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const vendors = useNamedVendors();
  const offered = [
    ...new Set([...(row.match.vendor === null ? [] : [row.match.vendor]), ...row.match.suggestions]),
  ];
  const [draft, change, forget] = useDraft(`chain.match.${list.vendor}.${row.key}`, {
    choice: offered[0] ?? OTHER,
    name: row.name,
    reason: '',
  });
  const other = meantBy(draft.name, vendors);
  const save = useMutation({
    mutationFn: () =>
      write<ChainList>('POST', `/chain/lists/${encodeURIComponent(list.vendor)}/matches`, {
        body: {
          key: row.key,
          ...(draft.choice === BACK
            ? {}
            : draft.choice === NONE
              ? { target: null }
              : draft.choice !== OTHER
                ? { target: draft.choice }
                : { target: other?.id, ...(other?.isNew === true ? { name: other.name } : {}) }),
        },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (draft.choice !== OTHER || other !== null) save.mutate();
  }
  return (
    <Sheet open onClose={onClose} title={words.title(row.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">
          {[row.purpose, row.location, row.url].filter((text) => text !== '').join(' · ')}
        </p>
        <ChoiceField
          label={words.choice}
          name="match"
          value={draft.choice}
          choices={[
            ...offered.map((id) => ({ value: id, label: list.names[id] ?? id, hint: id })),
            { value: OTHER, label: words.other, hint: words.otherHint },
            { value: NONE, label: words.none, hint: words.noneHint },
            ...(row.match.by === 'decision'
              ? [{ value: BACK, label: words.back, hint: words.backHint }]
              : []),
          ]}
          onChoose={(choice) => change({ choice })}
        />
        {draft.choice === OTHER ? (
          <VendorField
            label={words.vendor}
            value={draft.name}
            onChange={(name) => change({ name })}
            vendors={vendors}
            error={wrong('target') ?? wrong('name')}
          />
        ) : null}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
