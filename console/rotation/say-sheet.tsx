import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { Rotation } from '../api/rotation-types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

export type Saying = 'retry' | 'go_on' | 'roll_back' | 'deleted';

/** Says what it means, asks why, and tells the rotation. */
export function SaySheet({
  rotation,
  says,
  onClose,
}: {
  rotation: Rotation;
  says: Saying;
  onClose: () => void;
}) {
  const words = m.rotation.says[says];
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`rotation.${rotation.id}.${says}`, { reason: '' });
  const tell = useMutation({
    mutationFn: () =>
      write<Rotation>('POST', `/rotations/${encodeURIComponent(rotation.id)}/say`, {
        body: { says },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    tell.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs
          error={tell.error}
          weight={says === 'roll_back' ? 'danger' : 'main'}
          disabled={tell.isPending}
          onCancel={onClose}
        >
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
