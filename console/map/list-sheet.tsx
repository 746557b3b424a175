import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import type { ChainListTaken } from '../api/chain-types.ts';
import { ApiError, write } from '../api/client.ts';
import { TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { map } from '../messages/pages/map.ts';
import { useDraft } from '../shell/draft.ts';

const words = map.list;
const start = { vendor: '', content: '', source: '', days: '', reason: '' };

/** Takes in a list of sub-processors that somebody pasted. */
export function ListSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft<typeof start>('chain.list', start);
  const days = draft.days.trim();
  const take = useMutation({
    mutationFn: () =>
      write<ChainListTaken>('POST', '/chain/lists', {
        body: {
          vendor: draft.vendor.trim(),
          content: draft.content,
          source: draft.source.trim(),
          ...(days === '' ? {} : { objectionDays: Number(days) }),
          ...(isHeld ? { confirmed: true } : {}),
        },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
    },
  });
  const isHeld = take.error instanceof ApiError && /^list_(replaced|shrunk)$/.test(take.error.code);
  const wrong = (field: string) => (take.error instanceof ApiError ? take.error.field(field) : undefined);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    take.mutate();
  }
  const { data } = take;
  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {data === undefined ? null : (
          <Note>
            {data.isNew ? words.done(data.list.rows, data.list.unmatched, data.reviews) : words.same}
          </Note>
        )}
        <TextField
          label={words.vendor}
          hint={words.vendorHint}
          value={draft.vendor}
          onChange={({ target }) => change({ vendor: target.value })}
          error={wrong('vendor')}
        />
        <TextField
          label={words.source}
          hint={words.sourceHint}
          value={draft.source}
          onChange={({ target }) => change({ source: target.value })}
          error={wrong('source')}
        />
        <TextArea
          label={words.content}
          hint={words.contentHint}
          rows={8}
          value={draft.content}
          onChange={({ target }) => change({ content: target.value })}
          error={wrong('content')}
        />
        <TextField
          label={words.days}
          hint={words.daysHint}
          inputMode="numeric"
          value={draft.days}
          onChange={({ target }) => change({ days: target.value })}
          error={wrong('objectionDays')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={take.error} disabled={take.isPending} onCancel={onClose}>
          {isHeld ? words.confirm : words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
