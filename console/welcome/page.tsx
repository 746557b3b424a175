import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queries } from '../api/queries.ts';
import { TextButton } from '../design/button.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useSignOut } from '../shell/sign-out.ts';
import { Elsewhere, placeFor, useEnter } from '../sign-in/enter.tsx';
import { Entry, EntryTitle } from '../sign-in/entry.tsx';
import { useHeadingOf } from '../sign-in/heading.ts';
import { KeepCodes } from './codes-step.tsx';
import { ChooseFactor } from './factor-step.tsx';
import { SayWho } from './profile-step.tsx';
import { Steps, stepAt } from './steps.tsx';

const words = m.welcome;

/** From an invitation to an account: who one is, how one signs in, and codes for when that is lost. */
export function WelcomePage() {
  const session = useQuery({ ...queries.session(), staleTime: 0 });
  const enter = useEnter();
  const at = stepAt(session.data?.needsEnrolment ?? []);
  useHeadingOf(session.data === undefined ? '' : at);
  useEffect(() => {
    document.title = `${words.tab} · Drawbridge`;
  }, []);

  if (session.data === undefined) {
    return (
      <Entry>
        <EntryTitle title={words.helloPlain} />
        {session.error ? (
          <Trouble error={session.error} onRetry={() => void session.refetch()} />
        ) : (
          <Bones lines={4} />
        )}
      </Entry>
    );
  }
  if (placeFor(session.data) !== '/welcome') return <Elsewhere session={session.data} />;
  const goOn = async (): Promise<void> => {
    await session.refetch();
  };
  return (
    <Entry>
      <Steps at={at} />
      {at === 'profile' ? <SayWho session={session.data} onSaid={goOn} /> : null}
      {at === 'factor' ? <ChooseFactor session={session.data} onMade={goOn} /> : null}
      {at === 'recovery_codes' ? (
        <KeepCodes shownBefore={!session.data.needsEnrolment.includes('recovery_codes')} onFinished={enter} />
      ) : null}
      <StopHere />
    </Entry>
  );
}

function StopHere() {
  const signOut = useSignOut();
  return (
    <div className="flex flex-col items-start gap-2 border-t border-line pt-4">
      {signOut.error ? <Trouble error={signOut.error} /> : null}
      <TextButton disabled={signOut.isPending} onClick={() => signOut.mutate()}>
        {words.signOut}
      </TextButton>
    </div>
  );
}
