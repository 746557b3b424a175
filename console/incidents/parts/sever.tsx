import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries.ts';
import type { Incident } from '../../api/room-types.ts';
import type { SeveranceRow } from '../../api/sever-types.ts';
import { TextLink } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Bones, Trouble } from '../../design/state.tsx';
import { Exact } from '../../design/time.tsx';
import { severWords as words } from '../../messages/pages/incident-parts.ts';
import { incidents } from '../../messages/pages/incidents.ts';
import { SeverDialog, SeveredNotes } from '../../sever/index.ts';

/** What was cut in an incident. */
export const useSeverances = (incident: Pick<Incident, 'id'>) =>
  useQuery(queries.severances({ incident: incident.id }));

/** A drill's rehearsal is as far as a drill goes. */
export const isCut = ({ state }: SeveranceRow): boolean =>
  state === 'in_force' || state === 'partly' || state === 'rehearsal';

/** What is cut, in one line each, with the way to its lists. */
export function CutLines({ incident }: { incident: Pick<Incident, 'id' | 'party'> }) {
  const cut = useSeverances(incident);
  if (cut.data === undefined) {
    return cut.error === null ? (
      <Bones lines={1} />
    ) : (
      <Trouble error={cut.error} onRetry={() => void cut.refetch()} />
    );
  }
  if (cut.data.items.length === 0) return <p className="text-soft">{words.nothing}</p>;
  return (
    <ul className="flex flex-col gap-2">
      {cut.data.items.map((one) => (
        <li key={one.id}>
          <TextLink to="/severances/$severance" params={{ severance: one.id }}>
            {one.target.name}
          </TextLink>
          : {words.states[one.state]}, {words.since} <Exact at={one.since} />, {words.by} {one.by}.{' '}
          <span className="text-soft">{one.reason}</span>
        </li>
      ))}
    </ul>
  );
}

/** All that is cut, and what of the party was cut elsewhere. */
export function SeverancesOfIncident({ incident }: { incident: Incident }) {
  return (
    <Section
      title={incidents.one.tabNames.cut}
      lead={words.lead}
      acts={<SeverTheParty incident={incident} />}
    >
      <CutLines incident={incident} />
      {incident.party === null ? null : <SeveredNotes vendor={incident.party.id} />}
    </Section>
  );
}

/** Within reach on every screen of an incident that names a party. What we send to is cut as a vendor; who stands behind one, as a party. */
export function SeverTheParty({ incident }: { incident: Incident }) {
  const connections = useQuery(queries.connections());
  const { party } = incident;
  if (party === null || incident.state === 'merged') return null;
  if (connections.data === undefined) {
    return connections.error === null ? null : <Trouble error={connections.error} />;
  }
  const isOurs = connections.data.some(({ vendor }) => vendor === party.id);
  return (
    <SeverDialog
      target={{ kind: isOurs ? 'vendor' : 'party', ...party }}
      incident={{ id: incident.id, drill: incident.drill }}
    />
  );
}
