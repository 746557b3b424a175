import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { Incident } from '../../api/room-types.ts';
import type { Severance, SeveranceLine, SeveranceTarget } from '../../api/sever-types.ts';
import { Button, TextLink } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Bones, Trouble } from '../../design/state.tsx';
import { Ago, Exact } from '../../design/time.tsx';
import { severWords as words } from '../../messages/pages/incident-parts.ts';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';

const listNames = ['cutNow', 'revokeThere', 'notOurs', 'unknown'] as const;

/** What is cut in an incident, or of its party. */
export function useSeverances(incident: Pick<Incident, 'id' | 'party'>) {
  const all = useQuery(queries.severances());
  const mine = all.data?.filter(
    (one) => one.incident === incident.id || one.target.id === incident.party?.id,
  );
  return { ...all, data: mine };
}

export const isCut = ({ state }: Severance): boolean => state === 'in_force' || state === 'partly';

/** The four lists of a plan or of a severance. */
export function SeveranceLists({
  of,
  onDone,
}: {
  of: Pick<Severance, (typeof listNames)[number]>;
  onDone?: (line: SeveranceLine) => void;
}) {
  return (
    <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
      {listNames.map((name) => (
        <section key={name} aria-label={words[name]}>
          <h4 className="font-strong">{words[name]}</h4>
          <p className="text-small text-soft">{words.lists[name]}</p>
          {of[name].length === 0 ? (
            <p className="text-soft">{words.none}</p>
          ) : (
            <ul>
              {of[name].map((line) => (
                <li key={line.id} className="flex flex-col items-start gap-1 border-t border-line py-2">
                  <span>{line.what}</span>
                  <span className="text-small text-soft">
                    {line.owner ?? words.nobody}
                    {line.done === null ? null : (
                      <>
                        . {words.doneBy(line.done.by)}, <Ago at={line.done.at} />
                        {line.done.proof === null ? '' : `: ${line.done.proof}`}
                      </>
                    )}
                    {line.proof === null ? null : `. ${line.proof.text}`}
                  </span>
                  {line.done === null && onDone !== undefined && name === 'revokeThere' ? (
                    <Permitted action="incident.work">
                      <Button slim onClick={() => onDone(line)}>
                        {words.done}
                      </Button>
                    </Permitted>
                  ) : null}
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </div>
  );
}

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
            {targetText(one.target)}
          </TextLink>
          : {words.states[one.state]}, {words.since} <Exact at={one.since} />.{' '}
          <span className="text-soft">{inForce(one)}</span>
        </li>
      ))}
    </ul>
  );
}

const targetText = ({ id, fieldClass }: SeveranceTarget): string =>
  fieldClass === undefined ? id : `${id}, ${words.fieldClass(fieldClass)}`;
const inForce = (one: Severance): string =>
  words.inForce(one.inForce.filter(({ at }) => at !== null).length, one.inForce.length);

/** All that is cut, with what people still have to do at the vendor. */
export function SeverancesOfIncident({ incident, onSever }: { incident: Incident; onSever: () => void }) {
  const cut = useSeverances(incident);
  const [sheet, setSheet] = useState<{ of: Severance; line: SeveranceLine | null } | null>(null);
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
        cut.data.map((one) => (
          <article
            key={one.id}
            aria-label={targetText(one.target)}
            className="flex flex-col gap-3 border-t border-line-strong pt-3"
          >
            <div className="flex flex-wrap items-start justify-between gap-4">
              <div>
                <h3 className="font-strong">
                  {targetText(one.target)}: {words.states[one.state]}
                </h3>
                <p className="text-soft">
                  {words.since} <Exact at={one.since} />, {words.by} {one.by}: {one.reason}
                  {one.until === null ? null : (
                    <>
                      , {words.until_} <Exact at={one.until} />
                    </>
                  )}
                  . {inForce(one)}.
                </p>
              </div>
              {isCut(one) ? (
                <Permitted action="incident.work">
                  <Button onClick={() => setSheet({ of: one, line: null })}>{words.reopen}</Button>
                </Permitted>
              ) : null}
            </div>
            <SeveranceLists of={one} onDone={(line) => setSheet({ of: one, line })} />
          </article>
        ))
      )}
      {sheet === null ? null : sheet.line === null ? (
        <EntrySheet
          title={words.reopenTitle}
          draftName={`severance.${sheet.of.id}.reopen`}
          fields={[]}
          withReason
          call={() => ({ path: `/severances/${encodeURIComponent(sheet.of.id)}/reopen`, body: {} })}
          onClose={() => setSheet(null)}
        />
      ) : (
        <EntrySheet
          title={words.doneTitle}
          draftName={`severance.${sheet.of.id}.${sheet.line.id}`}
          fields={[{ name: 'proof', label: words.proof }]}
          withReason
          call={({ proof = '' }) => ({
            path: `/severances/${encodeURIComponent(sheet.of.id)}/lines/${encodeURIComponent(sheet.line?.id ?? '')}`,
            body: { done: true, ...(proof.trim() === '' ? {} : { proof: proof.trim() }) },
          })}
          onClose={() => setSheet(null)}
        />
      )}
    </Section>
  );
}

/** Within reach on every screen of an incident that names a party. */
export function SeverButton({ incident, onSever }: { incident: Incident; onSever: () => void }) {
  if (incident.party === null || incident.state === 'merged') return null;
  return (
    <Permitted action="incident.work">
      <Button weight="danger" onClick={onSever}>
        {words.act} {incident.party.name}
      </Button>
    </Permitted>
  );
}
