import { type FieldClass, fieldClasses } from '@drawbridge/protocol/vocabulary';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { ReviewRow } from '../api/types.ts';
import { choicesFor, mutable, treatmentOf } from '../contract/rules.ts';
import { Button, TextLink } from '../design/button.tsx';
import { classLabel, classNames } from '../design/classes.ts';
import { ChoiceField, SelectField, TextField } from '../design/field.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
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
            <SelectField
              label={words.class}
              value={draft.class}
              onChange={(event) => change({ class: event.target.value as FieldClass })}
            >
              {classNames
                .filter((name) => fieldClasses[name].about !== 'secret')
                .map((name) => (
                  <option key={name} value={name}>
                    {classLabel(name)}
                  </option>
                ))}
            </SelectField>
            <SelectField
              label={words.treatment}
              value={draft.treatment}
              onChange={(event) => change({ treatment: event.target.value })}
            >
              {choicesFor(draft.class, { do: 'pass' }).map((choice) => (
                <option key={choice} value={choice}>
                  {m.connect.choiceNames[choice] ?? choice}
                </option>
              ))}
            </SelectField>
          </div>
        ) : null}
        <TextField
          label={m.common.reason}
          hint={m.common.reasonHint}
          required
          minLength={3}
          maxLength={500}
          value={draft.reason}
          onChange={(event) => change({ reason: event.target.value })}
        />
        {decide.error ? <Trouble error={decide.error} /> : null}
        <div className="flex gap-2">
          <Button type="submit" weight="main" disabled={decide.isPending}>
            {words.submit}
          </Button>
          <Button onClick={onClose}>{m.common.cancel}</Button>
        </div>
      </form>
    </Sheet>
  );
}
