import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { Severance, SeverLine } from '../api/sever-types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { useDraft } from '../shell/draft.ts';

/** Says that a line was done elsewhere, with what shows it; or that it was not after all. */
export function MarkSheet({
  severance,
  line,
  onClose,
}: {
  severance: string;
  line: SeverLine;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const isDone = line.done !== null;
  const [draft, change, forget] = useDraft(`sever.line.${severance}.${line.id}`, { proof: '', reason: '' });
  const mark = useMutation({
    mutationFn: () =>
      write<Severance>(
        'POST',
        `/severances/${encodeURIComponent(severance)}/lines/${encodeURIComponent(line.id)}`,
        {
          body: isDone ? { done: false } : { done: true, proof: draft.proof.trim() },
          reason: draft.reason.trim(),
          idempotencyKey: attempt.key(),
        },
      ),
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    mark.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={isDone ? words.unmark : words.mark}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="break-words">{line.what}</p>
        {isDone ? null : (
          <TextField
            label={words.proof}
            hint={words.proofHint}
            required
            maxLength={2000}
            value={draft.proof}
            onChange={(event) => change({ proof: event.target.value })}
            error={mark.error instanceof ApiError ? mark.error.field('proof') : undefined}
          />
        )}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={mark.error} disabled={mark.isPending} onCancel={onClose}>
          {isDone ? words.unmark : words.mark}
        </FormActs>
      </form>
    </Sheet>
  );
}
