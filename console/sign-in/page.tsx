import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { CodeBlock } from '../design/copy.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { takeWhereTo } from '../shell/return.ts';

/** Uses the token of a one-time link up, or says where to find a link. */
export function SignInPage() {
  const { token } = useSearch({ from: '/sign-in' });
  const client = useQueryClient();
  const navigate = useNavigate();
  const used = useRef<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  useEffect(() => {
    if (token === undefined || used.current === token) return;
    used.current = token;
    // Out of the address first: it must not stay in the history or be copied with it.
    window.history.replaceState(window.history.state, '', '/sign-in');
    write('POST', '/session', { body: { token } })
      .then(() => client.resetQueries({ queryKey: queries.session().queryKey }))
      .then(() => navigate({ href: takeWhereTo(), replace: true }))
      .catch(setProblem);
  }, [token, client, navigate]);

  return (
    <main className="mx-auto flex min-h-dvh max-w-[640px] flex-col justify-center gap-8 px-6 py-12">
      <p className="text-head font-strong">Drawbridge</p>
      {token !== undefined && problem === null ? (
        <PageFrame title={m.signIn.signingIn} tab={m.signIn.tab}>
          <Bones lines={2} />
        </PageFrame>
      ) : (
        <PageFrame title={m.signIn.title} tab={m.signIn.tab} lead={m.signIn.where}>
          {problem === null ? null : <Trouble error={problem} />}
          <div className="flex flex-col gap-2">
            <p>{m.signIn.command}</p>
            <CodeBlock label={m.common.terminal} code="npm run drawbridge sign-in" />
          </div>
          <p className="text-small text-soft">{m.signIn.why}</p>
        </PageFrame>
      )}
    </main>
  );
}
