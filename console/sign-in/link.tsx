import { useEffect, useRef, useState } from 'react';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useEnter } from './enter.tsx';
import { EntryTitle } from './entry.tsx';

const words = m.signIn;

/** Uses a one-time link up, and goes on to what it opens; or says why it opens nothing. */
export function UsedLink({ token, onOver }: { token: string; onOver: () => void }) {
  const enter = useEnter();
  const sent = useRef(false);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    // Once: it works once.
    if (sent.current) return;
    sent.current = true;
    write<null>('POST', '/session/invitation', { body: { token } })
      .then(enter)
      .then(onOver)
      .catch(setProblem);
  }, [token, enter, onOver]);

  if (problem === null) {
    return (
      <>
        <EntryTitle title={words.linkUse} />
        <Bones lines={2} />
      </>
    );
  }
  return (
    <>
      <EntryTitle title={words.linkTitle} />
      <Trouble error={problem} />
      <p>{words.linkNew}</p>
      <div>
        <Button weight="main" onClick={onOver}>
          {words.toSignIn}
        </Button>
      </div>
      <div className="flex flex-col gap-2 text-soft">
        <p>{words.command}</p>
        <CodeBlock label={m.common.terminal} code="npm run drawbridge sign-in" />
      </div>
    </>
  );
}
