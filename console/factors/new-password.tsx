import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { PasswordField } from './password-field.tsx';

const words = m.factors.password;
const shortest = 12;

/** Chooses a password. `email` is for the browser's own store of passwords alone. */
export function NewPassword({ email, onSet }: { email: string; onSet: () => Promise<void> | void }) {
  const [password, setPassword] = useState('');
  const [tooShort, setTooShort] = useState(false);
  const set = useMutation({
    mutationFn: () => write<null>('PUT', '/me/password', { body: { password } }),
    onSuccess: onSet,
  });
  const refused = set.error instanceof ApiError ? set.error.field('password') : undefined;

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setTooShort(password.length < shortest);
    if (password.length >= shortest) set.mutate();
  }

  return (
    <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField
        fresh
        label={words.label}
        hint={words.hint}
        value={password}
        onChange={setPassword}
        error={tooShort ? words.short : refused}
      />
      {set.error && refused === undefined ? <Trouble error={set.error} /> : null}
      <div>
        <Button type="submit" weight="main" disabled={set.isPending}>
          {words.set}
        </Button>
      </div>
    </form>
  );
}
