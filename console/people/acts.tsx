import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { PersonRow, ShownLink } from '../api/identity-types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { RoleChoice } from './role-choice.tsx';
import { LinkToGive } from './shown-link.tsx';
import { calledBy } from './state.ts';
import { endOf } from './words.ts';

const words = m.people;

interface ActProps {
  person: PersonRow;
  onClose: () => void;
}

const pathOf = (person: PersonRow): string => `/people/${encodeURIComponent(person.id)}`;

/** An act on a person: what it does, why it is done, and where it makes a link, that link. */
function PersonAct<Answer>({
  title,
  submit,
  danger,
  send,
  linkOf,
  person,
  onClose,
  children,
  ready = () => true,
}: ActProps & {
  title: string;
  submit: string;
  danger?: boolean;
  send: (reason: string) => Promise<Answer>;
  /** The link in the answer, to be shown before the sheet closes. */
  linkOf?: (answer: Answer) => ShownLink;
  children: (error: ApiError | null) => ReactNode;
  /** False keeps it from being sent. */
  ready?: () => boolean;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () => send(reason.trim()),
    onSuccess: async () => {
      if (linkOf === undefined) onClose();
      await client.invalidateQueries();
    },
  });
  const refused = act.error instanceof ApiError ? act.error : null;
  if (act.data !== undefined && linkOf !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.linkTitle(calledBy(person))}>
        <LinkToGive link={linkOf(act.data)} onDone={onClose} />
      </Sheet>
    );
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (ready()) act.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children(refused)}
        <ReasonField value={reason} onChange={setReason} error={refused?.field('reason')} />
        <FormActs
          error={act.error}
          weight={danger ? 'danger' : 'main'}
          disabled={act.isPending}
          onCancel={onClose}
        >
          {submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

function List({ items }: { items: readonly string[] }) {
  return (
    <ul className="list-disc pl-5">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

export function Offboard({ person, onClose }: ActProps) {
  return (
    <PersonAct
      person={person}
      onClose={onClose}
      danger
      title={words.offboardTitle(calledBy(person))}
      submit={words.offboardSubmit}
      send={(reason) => write<null>('POST', `${pathOf(person)}/offboard`, { reason, body: {} })}
    >
      {() => (
        <>
          <p>{words.offboardLead}</p>
          <List items={[words.offboardSessions(person.sessions), ...words.offboardEnds]} />
          <p className="text-soft">{words.offboardKeeps}</p>
        </>
      )}
    </PersonAct>
  );
}

export function ResetFactors({ person, onClose }: ActProps) {
  return (
    <PersonAct
      person={person}
      onClose={onClose}
      danger
      title={words.resetTitle(calledBy(person))}
      submit={words.resetSubmit}
      linkOf={(answer: { link: ShownLink }) => answer.link}
      send={(reason) =>
        write<{ link: ShownLink }>('POST', `${pathOf(person)}/reset-factors`, { reason, body: {} })
      }
    >
      {() => <List items={words.resetEnds} />}
    </PersonAct>
  );
}

export function NewLink({ person, onClose }: ActProps) {
  return (
    <PersonAct
      person={person}
      onClose={onClose}
      title={words.newLinkTitle(calledBy(person))}
      submit={words.newLinkSubmit}
      linkOf={(answer: { link: ShownLink }) => answer.link}
      send={(reason) =>
        write<{ link: ShownLink }>('POST', `${pathOf(person)}/invitation`, { reason, body: {} })
      }
    >
      {() => <p>{words.newLinkText}</p>}
    </PersonAct>
  );
}

export function EndSessions({ person, onClose }: ActProps) {
  return (
    <PersonAct
      person={person}
      onClose={onClose}
      title={words.one.endAll}
      submit={words.one.endAll}
      send={(reason) => write<{ ended: number }>('DELETE', `${pathOf(person)}/sessions`, { reason })}
    >
      {() => <p>{words.one.endAllText}</p>}
    </PersonAct>
  );
}

export function ChangeAccess({ person, onClose }: ActProps) {
  const [roles, setRoles] = useState<readonly string[]>(person.roles);
  const [until, setUntil] = useState(person.accessEnds?.slice(0, 10) ?? '');
  const [noRole, setNoRole] = useState(false);
  const endsBefore = person.accessEnds?.slice(0, 10) ?? '';
  return (
    <PersonAct
      person={person}
      onClose={onClose}
      title={words.changeTitle(calledBy(person))}
      submit={words.changeSubmit}
      ready={() => {
        setNoRole(roles.length === 0);
        return roles.length > 0;
      }}
      send={(reason) =>
        write<PersonRow>('PATCH', pathOf(person), {
          reason,
          body: { roles, ...(until === endsBefore ? {} : { accessEnds: endOf(until) }) },
        })
      }
    >
      {(refused) => (
        <>
          <p>{words.changeAtOnce}</p>
          <RoleChoice
            roles={roles}
            onChange={setRoles}
            error={noRole && roles.length === 0 ? words.chooseRole : refused?.field('roles')}
          />
          <TextField
            label={words.outside}
            hint={words.outsideHint}
            type="date"
            value={until}
            onChange={(event) => setUntil(event.target.value)}
            error={refused?.field('accessEnds')}
          />
        </>
      )}
    </PersonAct>
  );
}
