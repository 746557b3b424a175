import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { NewVirtualKey, VirtualKey } from '../api/types.ts';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { exact } from '../design/format.ts';
import { useNow } from '../design/now.ts';
import { Sheet } from '../design/sheet.tsx';
import { useZone } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { ShownKey } from './shown-key.tsx';
import { UseSentence } from './use-sentence.tsx';

const words = m.apps.roll;
const hourMs = 3600_000;
const overlaps = ['0', '24', '168', '720'] as const;

/** Makes a key with the same rights; the one before works on for a while, and its use is shown until it is dead. */
export function Roll({ virtualKey, onClose }: { virtualKey: VirtualKey; onClose: () => void }) {
  const client = useQueryClient();
  const zone = useZone();
  const now = useNow();
  const attempt = useAttempt();
  const [draft, change, forget] = useDraft(`roll.${virtualKey.id}`, { hours: '24', reason: '' });
  const roll = useMutation({
    mutationFn: () =>
      write<NewVirtualKey>('POST', `/keys/${encodeURIComponent(virtualKey.id)}/roll`, {
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
        body: { overlapHours: Number(draft.hours) },
      }),
    onError: attempt.answered,
    onSuccess: () => {
      attempt.answered();
      forget();
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    roll.mutate();
  }

  if (roll.data !== undefined) {
    return (
      <Sheet open onClose={onClose} title={m.apps.keyTitle}>
        <ShownKey text={roll.data.key} onDone={onClose} />
      </Sheet>
    );
  }
  const wanted = now + Number(draft.hours) * hourMs;
  const end = Math.min(
    wanted,
    virtualKey.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(virtualKey.expiresAt),
  );
  return (
    <Sheet open onClose={onClose} title={words.title(virtualKey.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <UseSentence virtualKey={virtualKey} />
        <ChoiceField
          label={words.overlap}
          name="overlap"
          value={draft.hours}
          choices={overlaps.map((value) => ({ value, label: words.overlaps[value] }))}
          onChoose={(hours) => change({ hours })}
          columns={2}
        />
        <p role="status" className="text-soft">
          {draft.hours === '0' ? words.endsNow : words.ends(exact(new Date(end).toISOString(), zone))}
        </p>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={roll.error} disabled={roll.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
