import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { roleName } from '../people/words.ts';
import { useDraft } from '../shell/draft.ts';
import { product } from '../shell/product.ts';
import { EntryTitle } from '../sign-in/entry.tsx';

const words = m.welcome;

/** Who invited whom to what; the name; and the e-mail address of the very first person. */
export function SayWho({ session, onSaid }: { session: Session; onSaid: () => Promise<void> }) {
  const { person, deployment } = session;
  const isFirst = person === null || person.email === null;
  const [draft, change, forget] = useDraft('welcome', { name: person?.name ?? '', email: '' });
  const say = useMutation({
    mutationFn: () =>
      write<null>('PUT', '/session/profile', {
        body: { name: draft.name.trim(), ...(isFirst ? { email: draft.email.trim() } : {}) },
      }),
    onSuccess: async () => {
      await onSaid();
      forget();
    },
  });
  const refused = say.error instanceof ApiError ? say.error : null;
  const isBeside = refused !== null && (refused.field('name') ?? refused.field('email')) !== undefined;

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    say.mutate();
  }

  return (
    <>
      <EntryTitle
        title={deployment.name === product ? words.helloPlain : words.hello(deployment.name)}
        lead={isFirst ? words.first : session.invitedBy ? words.invitedBy(session.invitedBy) : words.invited}
      />
      {isFirst ? null : <Roles session={session} />}
      <p className="text-soft">{words.takes}</p>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.name}
          hint={words.nameHint}
          name="name"
          required
          maxLength={100}
          autoComplete="name"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          error={refused?.field('name')}
        />
        {isFirst ? (
          <TextField
            label={words.email}
            hint={words.emailHint}
            name="email"
            type="email"
            required
            maxLength={254}
            autoComplete="email"
            autoCapitalize="none"
            spellCheck={false}
            value={draft.email}
            onChange={(event) => change({ email: event.target.value })}
            error={refused?.field('email')}
          />
        ) : (
          <p className="text-soft">
            {words.email}: <span className="break-all text-ink">{person?.email}</span>
          </p>
        )}
        {say.error && !isBeside ? <Trouble error={say.error} /> : null}
        <div className="grid">
          <Button type="submit" weight="main" disabled={say.isPending}>
            {words.next}
          </Button>
        </div>
      </form>
    </>
  );
}

function Roles({ session }: { session: Session }) {
  return (
    <div className="flex flex-col gap-2 border-l-3 border-line-strong bg-sunken px-4 py-2">
      <p className="text-soft">{words.as}</p>
      <dl className="flex flex-col gap-2">
        {(session.person?.roles ?? []).map((role) => (
          <div key={role}>
            <dt className="font-strong">{roleName(role)}</dt>
            <dd>{m.people.roleTexts[role]}</dd>
          </div>
        ))}
      </dl>
      {session.accessEnds ? (
        <p>
          {words.until} <Exact at={session.accessEnds} />
        </p>
      ) : null}
    </div>
  );
}
