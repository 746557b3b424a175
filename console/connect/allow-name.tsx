import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { ContractVersion } from '../api/types.ts';
import { ClassAndTreatment } from '../contract/class-treatment.tsx';
import { mutable, treatmentOf } from '../contract/rules.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.connect.wait;

interface Draft {
  kind: 'event_name' | 'property';
  name: string;
  class: FieldClass;
  treatment: string;
}

/** Lets a name that no rule knows cross from now on: one new contract version. */
export function AllowName({ connection }: { connection: string }) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [draft, change, forget] = useDraft<Draft>(`allow.${connection}`, {
    kind: 'property',
    name: '',
    class: 'event.property',
    treatment: 'pass',
  });
  const { kind, name } = draft;

  const allow = useMutation({
    mutationFn: () =>
      write<ContractVersion>('POST', `/connections/${encodeURIComponent(connection)}/contract/allow`, {
        reason: words.allowReason(name.trim()),
        idempotencyKey: attempt.key(),
        body: {
          kind,
          name: name.trim(),
          ...(kind === 'property'
            ? { class: draft.class, treatment: mutable(treatmentOf(draft.treatment, { do: 'drop' })) }
            : {}),
        },
      }),
    onError: attempt.answered,
    onSuccess: () => {
      attempt.answered();
      void client.invalidateQueries();
      forget();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    allow.mutate();
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <div className="grid max-w-[760px] gap-4 sm:grid-cols-2">
        <SelectField
          label={words.allowKind}
          value={kind}
          onChange={(event) =>
            change({ kind: event.target.value === 'event_name' ? 'event_name' : 'property' })
          }
        >
          <option value="property">{words.allowKinds.property}</option>
          <option value="event_name">{words.allowKinds.event_name}</option>
        </SelectField>
        <TextField
          label={words.allowName}
          required
          spellCheck={false}
          value={name}
          onChange={(event) => change({ name: event.target.value })}
          error={allow.error instanceof ApiError ? allow.error.field('name') : undefined}
        />
        {kind === 'property' ? (
          <ClassAndTreatment
            labels={{ class: words.allowClass, treatment: words.allowTreatment }}
            chosen={draft}
            mustCross
            onChoose={change}
          />
        ) : null}
      </div>
      {allow.error ? <Trouble error={allow.error} /> : null}
      {allow.data ? <Note>{m.connection.versionDone(allow.data.version)}</Note> : null}
      <div>
        <Button type="submit" disabled={allow.isPending}>
          {words.submitAllow}
        </Button>
      </div>
    </form>
  );
}
