import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { VirtualKey } from '../api/types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { draftOfCaps, perDayOf, perMinuteOf } from './caps-draft.ts';
import { CapsFields } from './caps-fields.tsx';
import { UseSentence } from './use-sentence.tsx';

const words = m.apps.caps;

/** Changes what a key may use per minute and per day. */
export function Caps({ virtualKey, onClose }: { virtualKey: VirtualKey; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`caps.${virtualKey.id}`, {
    ...draftOfCaps(virtualKey),
    reason: '',
  });
  const save = useMutation({
    mutationFn: () =>
      write<VirtualKey>('PATCH', `/keys/${encodeURIComponent(virtualKey.id)}`, {
        reason: draft.reason.trim(),
        body: { perMinute: perMinuteOf(draft), perDay: perDayOf(draft) },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(virtualKey.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <UseSentence virtualKey={virtualKey} />
        <CapsFields
          caps={draft}
          publishable={virtualKey.kind === 'publishable'}
          onChange={change}
          error={save.error}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
