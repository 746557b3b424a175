import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { MyFactors } from '../api/identity-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { roleNames } from '../people/words.ts';
import { useSignOut } from '../shell/sign-out.ts';
import { ProfileAct } from './acts.tsx';
import { MySessions } from './my-sessions.tsx';
import { MyTokens } from './my-tokens.tsx';
import { Passkeys } from './passkeys.tsx';

const words = m.profile;
export type SetAct = (act: string | undefined, passkey?: string) => void;

/** One's own name, factors, recovery codes and sessions. */
export function ProfilePage() {
  const session = useQuery(queries.session());
  const factors = useQuery(queries.myFactors());
  const search = useSearch({ from: '/signed-in/profile' });
  const navigate = useNavigate({ from: '/profile' });
  const person = session.data?.person;
  if (!person || factors.data === undefined || session.data === undefined) {
    const error = session.error ?? factors.error;
    return (
      <PageFrame tab={words.tab} title={words.titlePlain}>
        {error ? <Trouble error={error} onRetry={() => void factors.refetch()} /> : <Bones lines={6} />}
      </PageFrame>
    );
  }
  const set: SetAct = (act, passkey) =>
    void navigate({
      search: (previous) => ({ ...previous, act, passkey }),
      replace: true,
      resetScroll: false,
    });
  const { passkeys, totp, password } = factors.data;
  return (
    <PageFrame
      tab={words.tab}
      title={words.title(person.name, words.ways(passkeys.length, password && totp !== null))}
      acts={<SignOut />}
    >
      <You session={session.data} onChange={() => set('name')} />
      <Passkeys factors={factors.data} set={set} />
      <PasswordAndApp factors={factors.data} set={set} />
      <Codes left={factors.data.recoveryCodesLeft} onNew={() => set('codes')} />
      <MySessions />
      <MyTokens onMake={() => set('token')} />
      <ProfileAct
        act={search.act}
        passkey={passkeys.find((one) => one.id === search.passkey)}
        person={person}
        factors={factors.data}
        onClose={() => set(undefined)}
      />
    </PageFrame>
  );
}

function You({ session, onChange }: { session: Session; onChange: () => void }) {
  const { person } = session;
  const mayRead = useMay('person.read');
  if (person === null) return null;
  return (
    <Section
      title={words.you}
      acts={
        <Button slim onClick={onChange}>
          {words.nameChange}
        </Button>
      }
    >
      <Facts
        facts={[
          [words.name, person.name],
          [words.email, person.email],
          [
            words.roles,
            <span key="roles">
              {roleNames(person.roles)}
              {mayRead ? (
                <>
                  {' · '}
                  <TextLink to="/roles">{words.rolesLink}</TextLink>
                </>
              ) : null}
            </span>,
          ],
        ]}
      />
    </Section>
  );
}

function PasswordAndApp({ factors, set }: { factors: MyFactors; set: SetAct }) {
  const { totp, password, passkeys } = factors;
  const isOnly = passkeys.length === 0;
  return (
    <Section
      title={words.app}
      acts={
        totp === null ? (
          <Button slim onClick={() => set('app')}>
            {words.setUp}
          </Button>
        ) : (
          <>
            <Button slim onClick={() => set('password')}>
              {words.changePassword}
            </Button>
            <Button slim onClick={() => set('app')}>
              {words.newApp}
            </Button>
            {isOnly ? null : (
              <Button slim weight="danger" onClick={() => set('no-app')}>
                {words.removeApp}
              </Button>
            )}
          </>
        )
      }
    >
      {totp === null ? (
        <p className="text-soft">{password ? words.passwordOnly : words.appOff}</p>
      ) : (
        <p>
          {words.appOn} {words.since} <Ago at={totp.since} />.
          {isOnly ? <span className="text-soft"> {words.lastOne}</span> : null}
        </p>
      )}
    </Section>
  );
}

function Codes({ left, onNew }: { left: number; onNew: () => void }) {
  return (
    <Section
      title={words.codes}
      acts={
        <Button slim onClick={onNew}>
          {words.codesNew}
        </Button>
      }
    >
      {left > 2 ? (
        <p>{words.codesLeft(left)}</p>
      ) : (
        <Note urgent>
          {words.codesLeft(left)} {words.codesFew}
        </Note>
      )}
    </Section>
  );
}

function SignOut() {
  const signOut = useSignOut();
  return (
    <>
      {signOut.error ? <Note urgent>{m.settings.stillSignedIn}</Note> : null}
      <Button disabled={signOut.isPending} onClick={() => signOut.mutate()}>
        {words.signOut}
      </Button>
    </>
  );
}
