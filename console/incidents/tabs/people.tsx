import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '../../api/may.ts';
import { queries } from '../../api/queries.ts';
import type { Incident, IncidentMember, IncidentRole } from '../../api/room-types.ts';
import { Button } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Ago } from '../../design/time.tsx';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';

const words = incidents.members;
const roleNames = Object.keys(incidents.roles) as IncidentRole[];

/** Whom something can be given to: everybody, for who may see people, else those who are in the incident, and oneself. */
export function usePeople(incident: Incident): readonly (readonly [id: string, name: string])[] {
  const people = useQuery({ ...queries.people(), enabled: useMay('person.read') }).data ?? [];
  const self = useQuery(queries.session()).data?.actor;
  const all = new Map<string, string>();
  if (self != null) all.set(self.id, self.name);
  for (const { person, name } of incident.members) all.set(person, name);
  for (const one of people) if (one.state === 'active') all.set(one.id, one.name);
  return [...all];
}

/** Who is in it, and as what. */
export function Members({ incident }: { incident: Incident }) {
  const [sheet, setSheet] = useState<IncidentMember | 'add' | null>(null);
  const people = usePeople(incident);
  return (
    <Section
      title={incidents.one.tabNames.people}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setSheet('add')}>
            {words.add}
          </Button>
        </Permitted>
      }
    >
      <ul>
        {incident.members.map((member) => (
          <li
            key={member.person}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 border-t border-line py-2"
          >
            <span>
              <span className="font-strong">{member.name}</span>{' '}
              {member.roles.map((role) => incidents.roles[role]).join(', ') || words.none}{' '}
              <span className="text-small text-soft">
                {words.since} <Ago at={member.since} />
              </span>
            </span>
            <Permitted action="incident.work">
              <Button
                slim
                weight="quiet"
                onClick={() => setSheet(member)}
                aria-label={`${words.change}: ${member.name}`}
              >
                {words.change}
              </Button>
            </Permitted>
          </li>
        ))}
      </ul>
      {sheet === null ? null : (
        <EntrySheet
          title={sheet === 'add' ? words.add : words.change}
          draftName={`incident.${incident.id}.member.${sheet === 'add' ? '' : sheet.person}`}
          initial={
            sheet === 'add'
              ? { person: people[0]?.[0] ?? '' }
              : { person: sheet.person, ...Object.fromEntries(sheet.roles.map((role) => [role, 'yes'])) }
          }
          fields={[
            ...(sheet === 'add' ? [{ name: 'person', label: words.person, options: people }] : []),
            ...roleNames.map((role) => ({
              name: role,
              label: incidents.roles[role],
              kind: 'check' as const,
            })),
          ]}
          withReason
          call={(entered) => ({
            method: 'PUT',
            path: `/incidents/${incident.id}/members`,
            body: { person: entered.person, roles: roleNames.filter((role) => entered[role] === 'yes') },
          })}
          onClose={() => setSheet(null)}
        />
      )}
    </Section>
  );
}
