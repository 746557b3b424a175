import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { Connection } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.connection;

/** What is known of the credential, and a way to put another in its place. The value lives in this component alone. */
export function Credential({ connection }: { connection: Connection }) {
  const client = useQueryClient();
  const { credential } = connection;
  const [value, setValue] = useState('');
  const [draft, edit, forget] = useDraft(`credential.${connection.id}`, { reason: '' });

  const enter = useMutation({
    mutationFn: () =>
      write<Connection>('PUT', `/connections/${encodeURIComponent(connection.id)}/credential`, {
        reason: draft.reason.trim(),
        body: { value: value.trim() },
      }),
    onSuccess: () => {
      setValue('');
      forget();
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    enter.mutate();
  }

  const wrong = (field: string): string | undefined =>
    enter.error instanceof ApiError ? enter.error.field(field) : undefined;

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
      {credential === null ? null : (
        <p>
          <Link to="/rotation">{m.rotation.see}</Link>
        </p>
      )}
      {credential?.covers === false ? <Note urgent>{words.credentialUncovered}</Note> : null}
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
      <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrong('reason')} />
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
