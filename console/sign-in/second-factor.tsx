import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { passkeyAbility } from '../api/passkey.ts';
import type { Session } from '../api/types.ts';
import { Button, TextButton } from '../design/button.tsx';
import { Trouble } from '../design/state.tsx';
import { CodeField, plainCode } from '../factors/code-field.tsx';
import { factorTrouble } from '../factors/trouble.ts';
import { m } from '../messages/en.ts';
import { useSignOut } from '../shell/sign-out.ts';
import { EntryTitle } from './entry.tsx';
import { PasskeyButton } from './passkey-button.tsx';

const words = m.signIn;

/** After a password, or after a sign-in elsewhere that proved one factor only. */
export function SecondFactor({
  session,
  onEnter,
  onRecovery,
}: {
  session: Session;
  onEnter: () => Promise<void>;
  onRecovery: () => void;
}) {
  const withPasskey = session.factors.includes('passkey') && passkeyAbility() === 'able';
  const signOut = useSignOut();
  return (
    <>
      <EntryTitle title={words.secondTitle} lead={words.secondLead} />
      {session.factors.includes('totp') ? <CodeForm onEnter={onEnter} /> : null}
      {withPasskey ? (
        <PasskeyButton onEnter={onEnter} weight={session.factors.includes('totp') ? 'plain' : 'main'}>
          {session.factors.includes('totp') ? words.orPasskey : words.passkey}
        </PasskeyButton>
      ) : null}
      <div className="flex flex-wrap justify-between gap-2 border-t border-line pt-4">
        {session.factors.includes('recovery') ? (
          <TextButton onClick={onRecovery}>{words.useRecovery}</TextButton>
        ) : null}
        <TextButton onClick={() => signOut.mutate()}>{words.startAgain}</TextButton>
      </div>
      {signOut.error ? <Trouble error={signOut.error} /> : null}
    </>
  );
}

function CodeForm({ onEnter }: { onEnter: () => Promise<void> }) {
  const [code, setCode] = useState('');
  const send = useMutation({
    mutationFn: () => write<null>('POST', '/session/totp', { body: { code: plainCode(code) } }),
    onSuccess: onEnter,
    onError: () => setCode(''),
  });
  const trouble = factorTrouble(send.error);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <CodeField label={words.code} hint={words.codeHint} value={code} onChange={setCode} error={trouble} />
      {send.error && trouble === undefined ? <Trouble error={send.error} /> : null}
      <div className="grid">
        <Button type="submit" weight="main" disabled={send.isPending}>
          {words.submitCode}
        </Button>
      </div>
    </form>
  );
}
