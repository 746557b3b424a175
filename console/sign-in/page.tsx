import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { queries } from '../api/queries.ts';
import { CodeBlock } from '../design/copy.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { Elsewhere, placeFor, useEnter } from './enter.tsx';
import { Entry, EntryTitle } from './entry.tsx';
import { FirstFactor } from './first-factor.tsx';
import { useHeadingOf } from './heading.ts';
import { UsedLink } from './link.tsx';
import { Recovery } from './recovery.tsx';
import { SecondFactor } from './second-factor.tsx';
import { takeLinkToken } from './token.ts';

const words = m.signIn;

/** Everything between an address and the console: a link, a passkey, a password and what follows it. */
export function SignInPage() {
  const [token, setToken] = useState(takeLinkToken);
  const over = useCallback(() => setToken(null), []);
  useEffect(() => {
    document.title = `${words.tab} · Drawbridge`;
    // A link that is opened where this page already is only changes the fragment.
    const look = (): void => setToken((before) => takeLinkToken() ?? before);
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, []);
  return <Entry>{token === null ? <Known /> : <UsedLink key={token} token={token} onOver={over} />}</Entry>;
}

function Known() {
  const session = useQuery({ ...queries.session(), staleTime: 0 });
  const { by, problem } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const enter = useEnter();
  const stage = session.data?.stage;
  const way = by === 'recovery' ? 'recovery' : 'usual';
  useHeadingOf(`${stage} ${way}`);
  const take = (next: 'recovery' | undefined): void =>
    void navigate({ to: '/sign-in', search: { by: next }, replace: true });

  if (session.data === undefined) {
    return (
      <>
        <EntryTitle title={words.title} />
        {session.error ? (
          <Trouble error={session.error} onRetry={() => void session.refetch()} />
        ) : (
          <Bones lines={4} />
        )}
      </>
    );
  }
  if (placeFor(session.data) !== '/sign-in') return <Elsewhere session={session.data} />;
  if (session.data.firstStart) return <FirstStart />;
  const inSecond = stage === 'second_factor';
  if (way === 'recovery') {
    return <Recovery askEmail={!inSecond} onEnter={enter} onBack={() => take(undefined)} />;
  }
  return inSecond ? (
    <SecondFactor session={session.data} onEnter={enter} onRecovery={() => take('recovery')} />
  ) : (
    <FirstFactor session={session.data} problem={problem} onEnter={enter} onLost={() => take('recovery')} />
  );
}

function FirstStart() {
  return (
    <>
      <EntryTitle title={words.titleFirst} lead={words.first} />
      <div className="flex flex-col gap-2">
        <p>{words.command}</p>
        <CodeBlock label={m.common.terminal} code="npm run drawbridge sign-in" />
      </div>
    </>
  );
}
