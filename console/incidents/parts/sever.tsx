import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries.ts';
import type { Incident } from '../../api/room-types.ts';
import type { SeveranceRow } from '../../api/sever-types.ts';
import { Button, TextLink } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Bones, Trouble } from '../../design/state.tsx';
import { Exact } from '../../design/time.tsx';
import { severWords as words } from '../../messages/pages/incident-parts.ts';
import { incidents } from '../../messages/pages/incidents.ts';
import { ReopenButton, SeveranceParts, titleOf, whatOf } from '../../sever/index.ts';
import { Permitted } from '../../shell/permitted.tsx';

/** What is cut in an incident, or of its party. */
export function useSeverances(incident: Pick<Incident, 'id' | 'party'>) {
  const all = useQuery(queries.severances({}));
  const mine = all.data?.items.filter(
    (one) => one.incident?.id === incident.id || (one.ended === null && one.target.id === incident.party?.id),
  );
  return { ...all, data: mine };
}

export const isCut = ({ state }: SeveranceRow): boolean => state === 'in_force' || state === 'partly';

/** What is cut, in one line each. */
export function CutLines({ incident }: { incident: Pick<Incident, 'id' | 'party'> }) {
  const cut = useSeverances(incident);
  if (cut.data === undefined) {
    return cut.error === null ? (
      <Bones lines={1} />
    ) : (
      <Trouble error={cut.error} onRetry={() => void cut.refetch()} />
    );
  }
  if (cut.data.length === 0) return <p className="text-soft">{words.nothing}</p>;
  return (
    <ul>
      {cut.data.map((one) => (
        <li key={one.id}>
          <TextLink to="/incidents/$incident" params={{ incident: incident.id }} search={{ tab: 'cut' }}>
            {whatOf(one)}
          </TextLink>
          : {words.states[one.state]}, {words.since} <Exact at={one.since} />.
        </li>
      ))}
    </ul>
  );
}

/** All that is cut, with what people still have to do at the vendor. */
export function SeverancesOfIncident({ incident, onSever }: { incident: Incident; onSever: () => void }) {
  const cut = useSeverances(incident);
  return (
    <Section
      title={incidents.one.tabNames.cut}
      lead={words.lead}
      acts={<SeverButton incident={incident} onSever={onSever} />}
    >
      {cut.data === undefined ? (
        cut.error === null ? (
          <Bones lines={4} />
        ) : (
          <Trouble error={cut.error} onRetry={() => void cut.refetch()} />
        )
      ) : cut.data.length === 0 ? (
        <p className="text-soft">{words.nothing}</p>
      ) : (
        cut.data.map((one) => <OneSeverance key={one.id} row={one} />)
      )}
    </Section>
  );
}

function OneSeverance({ row }: { row: SeveranceRow }) {
  const one = useQuery(queries.severance(row.id));
  return (
    <article aria-label={whatOf(row)} className="flex flex-col gap-4 border-t border-line-strong pt-3">
      {one.data === undefined ? (
        one.error === null ? (
          <Bones lines={6} />
        ) : (
          <Trouble error={one.error} onRetry={() => void one.refetch()} />
        )
      ) : (
        <>
          <div className="flex flex-wrap items-start justify-between gap-4">
            <h3 className="font-strong">
              <TextLink to="/severances/$severance" params={{ severance: row.id }}>
                {titleOf(one.data)}
              </TextLink>
            </h3>
            <ReopenButton severance={one.data} />
          </div>
          <SeveranceParts severance={one.data} />
        </>
      )}
    </article>
  );
}

/** Within reach on every screen of an incident that names a party. */
export function SeverButton({ incident, onSever }: { incident: Incident; onSever: () => void }) {
  if (incident.party === null || incident.state === 'merged') return null;
  return (
    <Permitted action="severance.run">
      <Button weight="danger" onClick={onSever}>
        {words.act} {incident.party.name}
      </Button>
    </Permitted>
  );
}
