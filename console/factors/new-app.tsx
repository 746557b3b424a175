import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { CodeField, plainCode } from './code-field.tsx';
import { QrCode } from './qr.tsx';
import { factorTrouble } from './trouble.ts';

const words = m.factors.app;

/** That a secret was shown in this tab, and not confirmed yet. */
const shownPlace = 'drawbridge.app-shown';

interface Pending {
  secret: string;
  /** `otpauth://…`, as the app reads it from the picture. */
  uri: string;
}

/** Sets an authenticator app up: the secret as a picture and as text, then a code that proves it arrived. */
export function NewAuthenticatorApp({ onConfirmed }: { onConfirmed: () => Promise<void> | void }) {
  const [code, setCode] = useState('');
  // Asked for once per visit, and never kept: it is a secret. That one was shown is.
  const [shownBefore] = useState(() => sessionStorage.getItem(shownPlace) !== null);
  const pending = useQuery({
    queryKey: ['/me/totp', 'pending'],
    queryFn: async () => {
      const made = await write<Pending>('POST', '/me/totp', { body: {} });
      sessionStorage.setItem(shownPlace, 'yes');
      return made;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const confirm = useMutation({
    mutationFn: () => write<null>('POST', '/me/totp/confirm', { body: { code: plainCode(code) } }),
    onSuccess: () => {
      sessionStorage.removeItem(shownPlace);
      return onConfirmed();
    },
  });
  if (pending.data === undefined) {
    return pending.error ? (
      <Trouble error={pending.error} onRetry={() => void pending.refetch()} />
    ) : (
      <Bones lines={5} />
    );
  }
  const { secret, uri } = pending.data;
  const trouble = factorTrouble(confirm.error);
  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      {shownBefore ? <Note>{words.shownBefore}</Note> : null}
      <div className="flex flex-col gap-2">
        <p className="font-strong">{words.scan}</p>
        <p className="text-soft">{words.scanHint}</p>
        <QrCode text={uri} label={words.picture} />
        <p>
          <a href={uri} className="number-link">
            {words.onThisPhone}
          </a>
        </p>
      </div>
      <div className="flex flex-col gap-2">
        <p>{words.byHand}</p>
        <p className="flex flex-wrap items-center gap-2">
          <span className="sr-only">{words.secret}</span>
          <code className="font-mono break-all">{inFours(secret)}</code>
          <CopyButton text={secret} />
        </p>
      </div>
      <CodeField label={words.code} hint={words.codeHint} value={code} onChange={setCode} error={trouble} />
      {confirm.error && trouble === undefined ? <Trouble error={confirm.error} /> : null}
      <div>
        <Button type="submit" weight="main" disabled={confirm.isPending}>
          {words.confirm}
        </Button>
      </div>
    </form>
  );
}

function inFours(text: string): string {
  return text.match(/.{1,4}/g)?.join(' ') ?? text;
}
