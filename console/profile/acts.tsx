import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { MyFactors, Passkey, SignedInPerson } from '../api/identity-types.ts';
import { passkeyAbility } from '../api/passkey.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { RecoveryCodes } from '../factors/codes.tsx';
import { NewAuthenticatorApp } from '../factors/new-app.tsx';
import { NewPasskey, PasskeyHindrance } from '../factors/new-passkey.tsx';
import { NewPassword } from '../factors/new-password.tsx';
import { m } from '../messages/en.ts';
import { NewToken } from './new-token.tsx';

const words = m.profile;

interface Around {
  onClose: () => void;
}

/** The sheet of the act that the address names. */
export function ProfileAct({
  act,
  passkey,
  person,
  factors,
  onClose,
}: Around & {
  act: string | undefined;
  /** The one that the address names, for acts on one. */
  passkey: Passkey | undefined;
  person: SignedInPerson;
  factors: MyFactors;
}) {
  const done = useDone(onClose);
  if (act === 'name') return <ChangeName name={person.name} onClose={onClose} />;
  if (act === 'passkey') {
    return (
      <Sheet open onClose={onClose} title={words.addPasskey}>
        <PasskeyHindrance />
        {passkeyAbility() === 'able' ? <NewPasskey onMade={done} onCancel={onClose} /> : null}
      </Sheet>
    );
  }
  if (act === 'rename' && passkey !== undefined)
    return <Rename key={passkey.id} passkey={passkey} onClose={onClose} />;
  if (act === 'remove' && passkey !== undefined)
    return (
      <Remove
        title={words.removeOne(passkey.name)}
        text={words.removeText}
        path={`/me/passkeys/${encodeURIComponent(passkey.id)}`}
        onClose={onClose}
      />
    );
  if (act === 'no-app')
    return (
      <Remove title={words.removeAppTitle} text={words.removeAppText} path="/me/totp" onClose={onClose} />
    );
  if (act === 'password') {
    return (
      <Sheet open onClose={onClose} title={words.changePassword}>
        <NewPassword email={person.email ?? ''} onSet={done} />
      </Sheet>
    );
  }
  if (act === 'app') return <SetUpApp person={person} factors={factors} onClose={onClose} />;
  if (act === 'codes') return <NewCodes onClose={onClose} />;
  if (act === 'token') return <NewToken onClose={onClose} />;
  return null;
}

function useDone(onClose: () => void): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    onClose();
    await client.invalidateQueries();
  };
}

/** A password first where there is none, then the app. */
function SetUpApp({ person, factors, onClose }: Around & { person: SignedInPerson; factors: MyFactors }) {
  const client = useQueryClient();
  const done = useDone(onClose);
  return (
    <Sheet open onClose={onClose} title={factors.totp === null ? words.setUpTitle : words.newApp}>
      {factors.password ? (
        <NewAuthenticatorApp onConfirmed={done} />
      ) : (
        <NewPassword
          email={person.email ?? ''}
          onSet={() => client.invalidateQueries({ queryKey: queries.myFactors().queryKey })}
        />
      )}
    </Sheet>
  );
}

function ChangeForm({
  title,
  submit,
  send,
  danger,
  onClose,
  children,
}: Around & {
  title: string;
  submit: string;
  send: () => Promise<unknown>;
  danger?: boolean;
  children: (error: ApiError | null) => ReactNode;
}) {
  const done = useDone(onClose);
  const change = useMutation({ mutationFn: send, onSuccess: done });
  return (
    <Sheet open onClose={onClose} title={title}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        {children(change.error instanceof ApiError ? change.error : null)}
        <FormActs
          error={change.error}
          weight={danger ? 'danger' : 'main'}
          disabled={change.isPending}
          onCancel={onClose}
        >
          {submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

function ChangeName({ name, onClose }: Around & { name: string }) {
  const [next, setNext] = useState(name);
  return (
    <ChangeForm
      title={words.nameChange}
      submit={words.nameSubmit}
      send={() => write('PATCH', '/me', { body: { name: next.trim() } })}
      onClose={onClose}
    >
      {(error) => (
        <TextField
          label={words.name}
          required
          maxLength={100}
          autoComplete="name"
          value={next}
          onChange={(event) => setNext(event.target.value)}
          error={error?.field('name')}
        />
      )}
    </ChangeForm>
  );
}

function Rename({ passkey, onClose }: Around & { passkey: Passkey }) {
  const [next, setNext] = useState(passkey.name);
  return (
    <ChangeForm
      title={words.renameOne(passkey.name)}
      submit={words.rename}
      send={() =>
        write('PATCH', `/me/passkeys/${encodeURIComponent(passkey.id)}`, { body: { name: next.trim() } })
      }
      onClose={onClose}
    >
      {(error) => (
        <TextField
          label={m.factors.passkey.name}
          required
          maxLength={60}
          value={next}
          onChange={(event) => setNext(event.target.value)}
          error={error?.field('name')}
        />
      )}
    </ChangeForm>
  );
}

function Remove({ title, text, path, onClose }: Around & { title: string; text: string; path: string }) {
  return (
    <ChangeForm
      title={title}
      submit={words.remove}
      danger
      send={() => write<null>('DELETE', path, {})}
      onClose={onClose}
    >
      {() => <p>{text}</p>}
    </ChangeForm>
  );
}

function NewCodes({ onClose }: Around) {
  const done = useDone(onClose);
  const factors = useQuery(queries.myFactors());
  const make = useMutation({
    mutationFn: () => write<{ codes: string[] }>('POST', '/me/recovery-codes', { body: {} }),
  });
  const left = factors.data?.recoveryCodesLeft ?? 0;
  return (
    <Sheet open onClose={onClose} title={m.factors.codes.title}>
      <p>{m.factors.codes.what}</p>
      {make.data === undefined ? (
        <>
          {left === 0 ? null : <p>{m.factors.codes.voids}</p>}
          {make.error ? <Trouble error={make.error} /> : null}
          <div>
            <Button weight="main" disabled={make.isPending} onClick={() => make.mutate()}>
              {m.factors.codes.makeNew}
            </Button>
          </div>
        </>
      ) : (
        <RecoveryCodes codes={make.data.codes} done={words.codesDone} onKept={() => void done()} />
      )}
    </Sheet>
  );
}
