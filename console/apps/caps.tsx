import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { VirtualKey } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
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
        <TextField
          label={m.common.reason}
          hint={m.common.reasonHint}
          required
          minLength={3}
          maxLength={500}
          value={draft.reason}
          onChange={(event) => change({ reason: event.target.value })}
        />
        {save.error ? <Trouble error={save.error} /> : null}
        <div className="flex gap-2">
          <Button type="submit" weight="main" disabled={save.isPending}>
            {words.submit}
          </Button>
          <Button onClick={onClose}>{m.common.cancel}</Button>
        </div>
      </form>
    </Sheet>
  );
}
