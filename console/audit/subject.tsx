import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Change } from '../api/audit-types.ts';
import { queries } from '../api/queries.ts';
import { TextLink } from '../design/button.tsx';
import { shortId } from '../design/format.ts';
import { m } from '../messages/en.ts';
import { usePersonName } from '../people/names.ts';

const words = m.audit;

type Subject = Change['subject'];

export const actText = (act: string): string => words.acts[act] ?? act;
export const kindText = (kind: string): string => words.kinds[kind] ?? kind;

/** What those are called who changed something: people, and the parts of this deployment. */
export function useActorText(): (actor: string) => string {
  const nameOf = usePersonName();
  return (actor) => words.actors[actor] ?? nameOf(actor) ?? actor;
}

/** How what was changed is called, where this page knows; else its id, cut short. */
export function useSubjectName(): (subject: Subject) => string {
  const connections = useQuery(queries.connections());
  const apps = useQuery(queries.apps());
  const vendors = useQuery(queries.vendors());
  const personName = usePersonName();
  return ({ kind, id }) => {
    const known =
      kind === 'connection'
        ? connections.data?.find((row) => row.id === id)?.name
        : kind === 'app'
          ? apps.data?.find((row) => row.id === id)?.name
          : kind === 'vendor' || kind === 'pack'
            ? vendors.data?.find((row) => row.vendor === id)?.name
            : kind === 'policy'
              ? id
              : kind === 'person'
                ? personName(id)
                : kind === 'deployment'
                  ? ''
                  : undefined;
    return known ?? shortId(id);
  };
}

/** The way to what was changed; plain words where it has no page. */
export function SubjectLink({ subject, children }: { subject: Subject; children: ReactNode }) {
  const { kind, id } = subject;
  switch (kind) {
    case 'connection':
      return (
        <TextLink to="/connections/$connection" params={{ connection: id }}>
          {children}
        </TextLink>
      );
    case 'app':
      return (
        <TextLink to="/apps/$app" params={{ app: id }}>
          {children}
        </TextLink>
      );
    case 'key':
      return <TextLink to="/apps">{children}</TextLink>;
    case 'person':
      return (
        <TextLink to="/people/$person" params={{ person: id }}>
          {children}
        </TextLink>
      );
    case 'vendor':
      return (
        <TextLink to="/vendors/$vendor" params={{ vendor: id }}>
          {children}
        </TextLink>
      );
    case 'snapshot':
      return (
        <TextLink to="/settings/configuration/$version" params={{ version: id }}>
          {children}
        </TextLink>
      );
    case 'gateway':
      return (
        <TextLink to="/settings" hash="gateways">
          {children}
        </TextLink>
      );
    case 'policy':
      return (
        <TextLink to="/policies/$policy" params={{ policy: id }}>
          {children}
        </TextLink>
      );
    case 'access_request':
    case 'policy_grant':
      return <TextLink to="/policies">{children}</TextLink>;
    case 'names':
      return <TextLink to="/review">{children}</TextLink>;
    case 'setting':
    case 'deployment':
      return <TextLink to="/settings">{children}</TextLink>;
    default:
      return <span>{children}</span>;
  }
}
