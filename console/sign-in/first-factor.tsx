import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { write } from '../api/client.ts';
import { canAutofill, PasskeyError, passkeyAbility } from '../api/passkey.ts';
import type { Session } from '../api/types.ts';
import { Button, TextButton } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { PasskeyHindrance } from '../factors/new-passkey.tsx';
import { PasswordField } from '../factors/password-field.tsx';
import { factorTrouble } from '../factors/trouble.ts';
import { m } from '../messages/en.ts';
import { whereTo } from '../shell/return.ts';
import { EntryTitle } from './entry.tsx';
import { PasskeyButton, signInWithPasskey } from './passkey-button.tsx';

const words = m.signIn;

/** Where signing in begins: a passkey first, then the organisation's own sign-in, then a password. */
export function FirstFactor({
  session,
  problem,
  onEnter,
  onLost,
}: {
  session: Session;
  /** What went wrong at the organisation’s own sign-in, as a code. */
  problem: string | undefined;
  onEnter: () => Promise<void>;
  onLost: () => void;
}) {
  const stopFilling = usePasskeyInFields(onEnter);
  const elsewhere = useMutation({
    mutationFn: (issuer: string) =>
      write<{ url: string }>('POST', `/session/oidc/${encodeURIComponent(issuer)}`, {
        body: { path: whereTo() },
      }),
    onSuccess: ({ url }) => location.assign(url),
  });
  return (
    <>
      <EntryTitle title={words.title} />
      {problem === undefined ? null : (
        <div role="alert">
          <Note urgent>{words.problems[problem] ?? words.problem}</Note>
        </div>
      )}
      {passkeyAbility() === 'able' ? (
        <div className="flex flex-col gap-2">
          <PasskeyButton onEnter={onEnter} onBegin={stopFilling}>
            {words.passkey}
          </PasskeyButton>
          <p className="text-small text-soft">{words.passkeyHint}</p>
        </div>
      ) : (
        <PasskeyHindrance />
      )}
      {session.methods.oidc.length === 0 ? null : (
        <ul className="grid gap-2">
          {session.methods.oidc.map((issuer) => (
            <li key={issuer.id} className="grid">
              <Button disabled={elsewhere.isPending} onClick={() => elsewhere.mutate(issuer.id)}>
                {words.with(issuer.name)}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {elsewhere.error ? <Trouble error={elsewhere.error} /> : null}
      <PasswordForm onEnter={onEnter} />
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-t border-line pt-4 text-soft">
        <p>{words.help}</p>
        <TextButton onClick={onLost}>{words.lost}</TextButton>
      </div>
    </>
  );
}

function PasswordForm({ onEnter }: { onEnter: () => Promise<void> }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => write<null>('POST', '/session/password', { body: { email: email.trim(), password } }),
    onSuccess: onEnter,
  });
  const trouble = factorTrouble(signIn.error);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    signIn.mutate();
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4" aria-label={words.otherWay}>
      <p className="flex items-center gap-3 text-small text-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {words.otherWay}
      </p>
      <TextField
        label={words.email}
        name="email"
        type="email"
        required
        maxLength={254}
        autoComplete="username webauthn"
        autoCapitalize="none"
        spellCheck={false}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <PasswordField label={words.password} value={password} onChange={setPassword} error={trouble} />
      {signIn.error && trouble === undefined ? <Trouble error={signIn.error} /> : null}
      <div className="grid">
        <Button type="submit" disabled={signIn.isPending}>
          {words.next}
        </Button>
      </div>
    </form>
  );
}

/** Offers passkeys among what the browser fills into the e-mail field, where it can. Returns how to stop. */
function usePasskeyInFields(onEnter: () => Promise<void>): () => void {
  const filling = useRef<AbortController | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    filling.current = controller;
    async function offer(): Promise<void> {
      if (!(await canAutofill()) || controller.signal.aborted) return;
      await signInWithPasskey(controller.signal);
      await onEnter();
    }
    offer().catch((error: unknown) => {
      // An offer that nobody asked for: whoever wants a passkey presses the button, and hears there what is wrong.
      if (!(error instanceof PasskeyError)) console.warn('No passkey is offered in the fields.', error);
    });
    return () => controller.abort();
  }, [onEnter]);
  return () => filling.current?.abort();
}
