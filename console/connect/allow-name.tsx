import { type FieldClass, fieldClasses } from '@drawbridge/protocol/vocabulary';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { ContractVersion } from '../api/types.ts';
import { choicesFor, mutable, treatmentOf } from '../contract/rules.ts';
import { Button } from '../design/button.tsx';
import { classLabel, classNames } from '../design/classes.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';

const words = m.connect.wait;

/** Lets a name that no rule knows cross from now on: one new contract version. */
export function AllowName({ connection }: { connection: string }) {
  const client = useQueryClient();
  const [kind, setKind] = useState<'event_name' | 'property'>('property');
  const [name, setName] = useState('');
  const [fieldClass, setFieldClass] = useState<FieldClass>('event.property');
  const [treatment, setTreatment] = useState('pass');

  const allow = useMutation({
    mutationFn: () =>
      write<ContractVersion>('POST', `/connections/${encodeURIComponent(connection)}/contract/allow`, {
        reason: words.allowReason(name.trim()),
        body: {
          kind,
          name: name.trim(),
          ...(kind === 'property'
            ? { class: fieldClass, treatment: mutable(treatmentOf(treatment, { do: 'drop' })) }
            : {}),
        },
      }),
    onSuccess: () => {
      void client.invalidateQueries();
      setName('');
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
          onChange={(event) => setKind(event.target.value === 'event_name' ? 'event_name' : 'property')}
        >
          <option value="property">{words.allowKinds.property}</option>
          <option value="event_name">{words.allowKinds.event_name}</option>
        </SelectField>
        <TextField
          label={words.allowName}
          required
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={allow.error instanceof ApiError ? allow.error.field('name') : undefined}
        />
        {kind === 'property' ? (
          <>
            <SelectField
              label={words.allowClass}
              value={fieldClass}
              onChange={(event) => setFieldClass(event.target.value as FieldClass)}
            >
              {classNames
                .filter((candidate) => fieldClasses[candidate].about !== 'secret')
                .map((candidate) => (
                  <option key={candidate} value={candidate}>
                    {classLabel(candidate)}
                  </option>
                ))}
            </SelectField>
            <SelectField
              label={words.allowTreatment}
              value={treatment}
              onChange={(event) => setTreatment(event.target.value)}
            >
              {choicesFor(fieldClass, { do: 'pass' })
                .filter((choice) => choice !== 'drop' && choice !== 'refuse')
                .map((choice) => (
                  <option key={choice} value={choice}>
                    {m.connect.choiceNames[choice] ?? choice}
                  </option>
                ))}
            </SelectField>
          </>
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
