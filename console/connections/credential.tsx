import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { placementName } from '../connect/placement.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.connection;

/** What is known of the credential, and a way to put another in its place. The value lives in this component alone. */
export function Credential({ connection }: { connection: Connection }) {
  const client = useQueryClient();
  const service = useQuery(queries.service(connection.vendor, connection.service));
  const { credential } = connection;
  const [value, setValue] = useState('');
  const [placement, setPlacement] = useState(credential?.placement ?? 0);
  const [reason, setReason] = useState('');

  const enter = useMutation({
    mutationFn: () =>
      write<Connection>('PUT', `/connections/${encodeURIComponent(connection.id)}/credential`, {
        reason: reason.trim(),
        body: { value: value.trim(), placement },
      }),
    onSuccess: () => {
      setValue('');
      setReason('');
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    enter.mutate();
  }

  const wrong = (field: string): string | undefined =>
    enter.error instanceof ApiError ? enter.error.field(field) : undefined;
  const placements = service.data?.auth ?? [];

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <p>
        {credential === null ? (
          <span className="text-alert">{words.credentialNone}</span>
        ) : (
          <>
            {words.credentialIs(credential.version, credential.enteredBy)}, <Ago at={credential.enteredAt} />
          </>
        )}
      </p>
      <TextField
        label={words.credentialNew}
        hint={words.credentialHint}
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        value={value}
        onChange={(event) => setValue(event.target.value)}
        error={wrong('value')}
      />
      {placements.length > 1 ? (
        <SelectField
          label={m.connect.placement}
          value={placement}
          onChange={(event) => setPlacement(Number(event.target.value))}
        >
          {placements.map((candidate, index) => (
            <option key={placementName(candidate)} value={index}>
              {placementName(candidate)}
            </option>
          ))}
        </SelectField>
      ) : null}
      <TextField
        label={m.common.reason}
        hint={m.common.reasonHint}
        required
        minLength={3}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        error={wrong('reason')}
      />
      {enter.error ? <Trouble error={enter.error} /> : null}
      {enter.isSuccess ? <Note>{words.credentialDone}</Note> : null}
      <div>
        <Button type="submit" disabled={enter.isPending}>
          {credential === null ? words.credentialEnter : words.credentialReplace}
        </Button>
      </div>
    </form>
  );
}
