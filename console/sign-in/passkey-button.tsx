import { useMutation } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import { answerWithPasskey } from '../api/passkey.ts';
import { Button } from '../design/button.tsx';
import { Trouble } from '../design/state.tsx';
import { factorTrouble } from '../factors/trouble.ts';
import { m } from '../messages/en.ts';

/** Asks for a challenge, lets the device answer it, hands the answer in. With `filling` as `answerWithPasskey`. */
export async function signInWithPasskey(filling?: AbortSignal): Promise<void> {
  const { options } = await write<{ options: PublicKeyCredentialRequestOptionsJSON }>(
    'POST',
    '/session/passkey/options',
    { body: {} },
  );
  const response = await answerWithPasskey(options, filling);
  await write<null>('POST', '/session/passkey', { body: { response } });
}

/** One button: the browser shows which passkeys there are. */
export function PasskeyButton({
  onEnter,
  onBegin,
  weight = 'main',
  children,
}: {
  onEnter: () => Promise<void>;
  /** Before the device is asked: a browser asks one thing at a time. */
  onBegin?: () => void;
  weight?: 'main' | 'plain';
  children: string;
}) {
  const use = useMutation({ mutationFn: () => signInWithPasskey(), onSuccess: onEnter });
  const trouble = factorTrouble(use.error);
  return (
    <div className="grid gap-2">
      <Button
        weight={weight}
        disabled={use.isPending}
        onClick={() => {
          onBegin?.();
          use.mutate();
        }}
      >
        {use.isPending ? m.signIn.passkeyWaiting : children}
      </Button>
      {trouble ? (
        <p role="alert" className="text-alert">
          {trouble}
        </p>
      ) : use.error ? (
        <Trouble error={use.error} />
      ) : null}
    </div>
  );
}
