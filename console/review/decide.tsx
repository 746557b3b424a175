import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { ReviewRow } from '../api/types.ts';
import { ClassAndTreatment } from '../contract/class-treatment.tsx';
import { mutable, treatmentOf } from '../contract/rules.ts';
import { TextLink } from '../design/button.tsx';
import { ChoiceField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { Seen } from './seen.tsx';

const words = m.review;

interface Draft {
  decision: 'allow' | 'keep';
  class: FieldClass;
  treatment: string;
  name: string;
  reason: string;
}

/** One decision about a hidden name: it is allowed by whoever knows it, typed, and compared by its hash. */
export function Decide({ row, onClose }: { row: ReviewRow; onClose: () => void }) {
  const client = useQueryClient();
  const isName = row.kind === 'event_name' || row.kind === 'path_segment';
  const attempt = useAttempt();
  const [draft, change, forget] = useDraft<Draft>(`decide.${row.id}`, {
    decision: 'keep',
    class: row.suggestion ?? 'event.property',
    treatment: 'pass',
    name: '',
    reason: words.reasonKeep,
  });
  const { decision } = draft;

  const decide = useMutation({
    mutationFn: () =>
      write<unknown>('POST', `/review/${encodeURIComponent(row.id)}/decision`, {
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
        body: {
          decision,
          ...(decision === 'allow' ? { name: draft.name } : {}),
          ...(decision === 'allow' && !isName
            ? { class: draft.class, treatment: mutable(treatmentOf(draft.treatment, { do: 'drop' })) }
            : {}),
        },
      }),
    onError: attempt.answered,
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    decide.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.decideTitle(words.kinds[row.kind] ?? row.kind)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <Seen row={row} />
        <p>
          {words.connection}:{' '}
          <TextLink to="/connections/$connection" params={{ connection: row.connection.id }}>
            {row.connection.name}
          </TextLink>
        </p>
        <ChoiceField
          label={words.decision}
          name="decision"
          value={decision}
          choices={[
            { value: 'allow', ...words.allow },
            { value: 'keep', ...words.keep },
          ]}
          onChoose={(value) => change({ decision: value === 'keep' ? 'keep' : 'allow' })}
        />
        {decision === 'allow' ? (
          <TextField
            label={words.typeName}
            hint={words.typeNameHint}
            required
            spellCheck={false}
            autoComplete="off"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
            error={decide.error instanceof ApiError ? decide.error.field('name') : undefined}
          />
        ) : null}
        {decision === 'allow' && !isName ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <ClassAndTreatment labels={words} chosen={draft} onChoose={change} />
          </div>
        ) : null}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={decide.error} disabled={decide.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
