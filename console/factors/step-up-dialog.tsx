import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { answerWithPasskey, passkeyAbility } from '../api/passkey.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { CodeField, plainCode } from './code-field.tsx';
import { factorTrouble } from './trouble.ts';

const words = m.factors.stepUp;

async function confirmWithPasskey(): Promise<void> {
  const { options } = await write<{ options: PublicKeyCredentialRequestOptionsJSON }>(
    'POST',
    '/session/step-up/options',
    { body: {} },
  );
  const passkey = await answerWithPasskey(options);
  await write<null>('POST', '/session/step-up', { body: { passkey } });
}

/** Asks for a passkey or a code, and says which of both there is. Closing it is an answer, too. */
export function StepUpDialog({ onAnswer }: { onAnswer: (confirmed: boolean) => void }) {
  const client = useQueryClient();
  const session = useQuery(queries.session());
  const [code, setCode] = useState('');
  const confirmed = async (): Promise<void> => {
    onAnswer(true);
    await client.invalidateQueries({ queryKey: queries.session().queryKey });
  };
  const passkey = useMutation({ mutationFn: confirmWithPasskey, onSuccess: confirmed });
  const totp = useMutation({
    mutationFn: () => write<null>('POST', '/session/step-up', { body: { totp: plainCode(code) } }),
    onSuccess: confirmed,
    onError: () => setCode(''),
  });
  const factors = session.data?.factors ?? [];
  const withPasskey = factors.includes('passkey') && passkeyAbility() === 'able';
  const withCode = factors.includes('totp');
  const passkeyTrouble = factorTrouble(passkey.error);
  const codeTrouble = factorTrouble(totp.error);
  const busy = passkey.isPending || totp.isPending;

  return (
    <Sheet open onClose={() => onAnswer(false)} title={words.title}>
      <div className="flex flex-col gap-5">
        <p>{words.lead}</p>
        {session.data === undefined ? <Bones lines={2} /> : null}
        {withPasskey ? (
          <div className="grid gap-2">
            <Button weight="main" disabled={busy} autoFocus onClick={() => passkey.mutate()}>
              {passkey.isPending ? m.factors.passkey.waiting : words.passkey}
            </Button>
            {passkeyTrouble ? (
              <p role="alert" className="text-alert">
                {passkeyTrouble}
              </p>
            ) : passkey.error ? (
              <Trouble error={passkey.error} />
            ) : null}
          </div>
        ) : null}
        {withPasskey && withCode ? <p className="text-soft">{words.or}</p> : null}
        {withCode ? (
          <form
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              totp.mutate();
            }}
          >
            <CodeField
              label={words.code}
              hint={m.signIn.codeHint}
              value={code}
              onChange={setCode}
              error={codeTrouble}
            />
            {totp.error && codeTrouble === undefined ? <Trouble error={totp.error} /> : null}
            <div>
              <Button type="submit" weight={withPasskey ? 'plain' : 'main'} disabled={busy}>
                {words.confirm}
              </Button>
            </div>
          </form>
        ) : null}
        {session.data !== undefined && !withPasskey && !withCode ? <p>{words.none}</p> : null}
        <div>
          <Button weight="quiet" slim onClick={() => onAnswer(false)}>
            {m.common.cancel}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
