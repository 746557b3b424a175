import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { passkeyAbility } from '../api/passkey.ts';
import { queries } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { TextButton } from '../design/button.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { NewAuthenticatorApp } from '../factors/new-app.tsx';
import { NewPasskey, PasskeyHindrance } from '../factors/new-passkey.tsx';
import { NewPassword } from '../factors/new-password.tsx';
import { m } from '../messages/en.ts';
import { EntryTitle } from '../sign-in/entry.tsx';

const words = m.welcome;

const ways = [
  { way: 'passkey', name: words.passkey, why: words.passkeyWhy },
  { way: 'app', name: words.app, why: words.appWhy },
] as const;

/** A passkey, or a password and an authenticator app. Which of them is in the address. */
export function ChooseFactor({ session, onMade }: { session: Session; onMade: () => Promise<void> }) {
  const { way } = useSearch({ from: '/welcome' });
  const navigate = useNavigate({ from: '/welcome' });
  const choose = (next: 'passkey' | 'app' | undefined): void =>
    void navigate({ search: { way: next }, resetScroll: false });
  const able = passkeyAbility() === 'able';

  if (way === undefined || (way === 'passkey' && !able)) {
    return (
      <>
        <EntryTitle title={words.factorTitle} lead={words.factorLead} />
        <PasskeyHindrance />
        <ul aria-label={words.ways} className="flex flex-col gap-3">
          {ways
            .filter((one) => able || one.way !== 'passkey')
            .map((one) => (
              <li key={one.way}>
                <button
                  type="button"
                  onClick={() => choose(one.way)}
                  className="flex w-full flex-col gap-1 rounded-md border border-line-strong bg-panel px-4 py-3 text-left hover:border-act hover:bg-act-wash"
                >
                  <span className="flex flex-wrap items-baseline justify-between gap-x-4">
                    <span className="font-strong">{one.name}</span>
                    {one.way === 'passkey' ? (
                      <span className="text-small font-strong text-act">{words.recommended}</span>
                    ) : null}
                  </span>
                  <span className="text-soft">{one.why}</span>
                </button>
              </li>
            ))}
        </ul>
      </>
    );
  }
  return (
    <>
      <EntryTitle title={way === 'passkey' ? words.passkey : words.app} />
      {way === 'passkey' ? (
        <NewPasskey onMade={onMade} />
      ) : (
        <PasswordAndApp email={session.person?.email ?? ''} onMade={onMade} />
      )}
      <TextButton onClick={() => choose(undefined)}>{words.back}</TextButton>
    </>
  );
}

/** The password first; once it is kept, a reload goes on with the app. */
function PasswordAndApp({ email, onMade }: { email: string; onMade: () => Promise<void> }) {
  const factors = useQuery(queries.myFactors());
  const { again } = useSearch({ from: '/welcome' });
  const navigate = useNavigate({ from: '/welcome' });
  const setAgain = (next: '1' | undefined): void =>
    void navigate({ search: (before) => ({ ...before, again: next }), replace: true });
  if (factors.data === undefined) {
    return factors.error ? (
      <Trouble error={factors.error} onRetry={() => void factors.refetch()} />
    ) : (
      <Bones lines={3} />
    );
  }
  if (!factors.data.password || again === '1') {
    return (
      <NewPassword
        email={email}
        onSet={async () => {
          await factors.refetch();
          setAgain(undefined);
        }}
      />
    );
  }
  return (
    <>
      <p>
        {words.passwordKept} <TextButton onClick={() => setAgain('1')}>{words.changePassword}</TextButton>
      </p>
      <NewAuthenticatorApp onConfirmed={onMade} />
    </>
  );
}
