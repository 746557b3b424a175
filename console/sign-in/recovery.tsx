import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { TextField } from '../design/field.tsx';
import { Trouble } from '../design/state.tsx';
import { factorTrouble } from '../factors/trouble.ts';
import { m } from '../messages/en.ts';
import { EntryTitle } from './entry.tsx';

const words = m.signIn;

/** For somebody who lost their device. `askEmail`: it is not known yet whose codes these are. */
export function Recovery({
  askEmail,
  onEnter,
  onBack,
}: {
  askEmail: boolean;
  onEnter: () => Promise<void>;
  onBack: () => void;
}) {
  const [email, setEmail] = useState('');
  const [code, setCode] = useState('');
  const send = useMutation({
    mutationFn: () =>
      write<null>('POST', '/session/recovery', {
        body: { code: code.trim(), ...(askEmail ? { email: email.trim() } : {}) },
      }),
    onSuccess: onEnter,
  });
  const trouble = factorTrouble(send.error);
  return (
    <>
      <EntryTitle title={words.recoveryTitle} lead={words.recoveryLead} />
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        {askEmail ? (
          <TextField
            label={words.email}
            name="email"
            type="email"
            required
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        ) : null}
        <TextField
          label={words.recoveryCode}
          hint={words.recoveryHint}
          name="recovery-code"
          required
          maxLength={60}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          error={trouble}
        />
        {send.error && trouble === undefined ? <Trouble error={send.error} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" weight="main" disabled={send.isPending}>
            {words.submitCode}
          </Button>
          <Button onClick={onBack}>{words.useCode}</Button>
        </div>
      </form>
      <div className="flex flex-col gap-2 border-t border-line pt-4 text-soft">
        <p>{words.noCodes}</p>
        <CodeBlock label={m.common.terminal} code="npm run drawbridge sign-in -- --email you@example.com" />
      </div>
    </>
  );
}
