import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { Invited } from '../api/identity-types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { RoleChoice } from './role-choice.tsx';
import { LinkToGive } from './shown-link.tsx';
import { calledBy } from './state.ts';
import { endOf } from './words.ts';

const words = m.people;
const empty = { email: '', name: '', roles: [] as string[], until: '', reason: '' };

/** Asks who, as what, until when and why; then shows the link, once. */
export function Invite({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft('invite', empty);
  const [noRole, setNoRole] = useState(false);
  const attempt = useAttempt();
  const invite = useMutation({
    mutationFn: () => {
      const ends = endOf(draft.until);
      return write<Invited>('POST', '/people', {
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
        body: {
          email: draft.email.trim(),
          ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
          roles: draft.roles,
          ...(ends === null ? {} : { accessEnds: ends }),
        },
      });
    },
    onError: attempt.answered,
    onSuccess: async () => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
    },
  });

  if (invite.data !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.linkTitle(calledBy(invite.data.person))}>
        <LinkToGive link={invite.data.link} onDone={onClose} />
      </Sheet>
    );
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setNoRole(draft.roles.length === 0);
    if (draft.roles.length > 0) invite.mutate();
  }

  const refused = invite.error instanceof ApiError ? invite.error : null;
  return (
    <Sheet open onClose={onClose} title={words.inviteTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.inviteEmail}
          hint={words.inviteEmailHint}
          type="email"
          required
          maxLength={254}
          autoComplete="off"
          value={draft.email}
          onChange={(event) => change({ email: event.target.value })}
          error={refused?.field('email')}
        />
        <TextField
          label={words.inviteName}
          hint={words.inviteNameHint}
          maxLength={100}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          error={refused?.field('name')}
        />
        <RoleChoice
          roles={draft.roles}
          onChange={(roles) => change({ roles })}
          error={noRole && draft.roles.length === 0 ? words.chooseRole : refused?.field('roles')}
        />
        <TextField
          label={words.outside}
          hint={words.outsideHint}
          type="date"
          min={new Date().toISOString().slice(0, 10)}
          value={draft.until}
          onChange={(event) => change({ until: event.target.value })}
          error={refused?.field('accessEnds')}
        />
        <ReasonField
          value={draft.reason}
          onChange={(reason) => change({ reason })}
          error={refused?.field('reason')}
        />
        <FormActs error={invite.error} disabled={invite.isPending} onCancel={onClose}>
          {words.makeLink}
        </FormActs>
      </form>
    </Sheet>
  );
}
