import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { RecoveryCodes } from '../factors/codes.tsx';
import { m } from '../messages/en.ts';
import { EntryTitle } from '../sign-in/entry.tsx';

const words = m.welcome;
const codeWords = m.factors.codes;

/** The last step. `shownBefore`: codes were made in this session, and a reload came between. */
export function KeepCodes({
  shownBefore,
  onFinished,
}: {
  shownBefore: boolean;
  onFinished: () => Promise<void>;
}) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const make = useMutation({
    mutationFn: () => write<{ codes: string[] }>('POST', '/me/recovery-codes', { body: {} }),
    onSuccess: (made) => setCodes(made.codes),
  });
  const finish = useMutation({
    mutationFn: () => write<null>('POST', '/session/finish', { body: {} }),
    onSuccess: onFinished,
  });
  const gone = shownBefore && codes === null;
  return (
    <>
      <EntryTitle title={words.codesTitle} lead={codeWords.what} />
      {gone ? <Note>{codeWords.gone}</Note> : null}
      {codes === null ? (
        <div className="flex flex-wrap gap-2">
          {gone ? (
            <Button weight="main" disabled={finish.isPending} onClick={() => finish.mutate()}>
              {codeWords.goneKept}
            </Button>
          ) : null}
          <Button weight={gone ? 'plain' : 'main'} disabled={make.isPending} onClick={() => make.mutate()}>
            {gone ? codeWords.makeNew : codeWords.make}
          </Button>
        </div>
      ) : (
        <RecoveryCodes codes={codes} done={words.finish} onKept={() => finish.mutate()} />
      )}
      {make.error ? <Trouble error={make.error} /> : null}
      {finish.error ? <Trouble error={finish.error} /> : null}
    </>
  );
}
