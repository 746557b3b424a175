import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { Rotation, RotationDue } from '../api/rotation-types.ts';
import { ChoiceField, SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.rotation.start;

/** Asks how, how carefully and why, and starts. */
export function StartSheet({ row, onClose }: { row: RotationDue; onClose: () => void }) {
  const { connection, admin } = row;
  const client = useQueryClient();
  const attempt = useAttempt();
  const hasAdmin = admin?.entered != null;
  const [draft, change, forget] = useDraft(`rotation.start.${connection.id}`, {
    how: hasAdmin ? 'api' : 'guided',
    share: '100',
    overlap: '86400',
    oldKey: '',
    reason: '',
  });
  const how = hasAdmin ? draft.how : 'guided';
  const [ref] = admin?.refs ?? [];
  const asksOldKey = how === 'api' && ref !== undefined && admin?.knowsOldKey === false;
  const oldKey = draft.oldKey.trim();
  const start = useMutation({
    mutationFn: () =>
      write<Rotation>('POST', `/connections/${encodeURIComponent(connection.id)}/rotations`, {
        body: {
          how,
          plan: { share: Number(draft.share), overlapSeconds: Number(draft.overlap) },
          ...(asksOldKey && oldKey !== '' ? { oldKey: { [ref.id]: oldKey } } : {}),
        },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    start.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(connection.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        {admin === null ? null : (
          <ChoiceField
            label={words.how}
            name="how"
            value={how}
            choices={[
              ...(hasAdmin ? [{ value: 'api', label: words.api }] : []),
              { value: 'guided', label: words.guided, ...(hasAdmin ? {} : { hint: words.apiMissing }) },
            ]}
            onChoose={(chosen) => change({ how: chosen })}
          />
        )}
        {asksOldKey ? (
          <TextField
            label={words.oldKey(ref.label)}
            hint={words.oldKeyHint}
            value={draft.oldKey}
            onChange={(event) => change({ oldKey: event.target.value })}
            error={start.error instanceof ApiError ? start.error.field('oldKey') : undefined}
          />
        ) : null}
        <SelectField
          label={words.share}
          value={draft.share}
          onChange={(event) => change({ share: event.target.value })}
        >
          {words.shares.map(([share, name]) => (
            <option key={share} value={share}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={words.overlap}
          value={draft.overlap}
          onChange={(event) => change({ overlap: event.target.value })}
        >
          {words.overlaps.map(([seconds, name]) => (
            <option key={seconds} value={seconds}>
              {name}
            </option>
          ))}
        </SelectField>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={start.error} disabled={start.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
