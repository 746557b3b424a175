import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Clock } from '../api/clock-types.ts';
import { queries } from '../api/queries.ts';
import type { Incident } from '../api/room-types.ts';
import { TextLink } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { incidents } from '../messages/pages/incidents.ts';
import { ClaimText } from './claim.tsx';
import { DueClock } from './parts/clocks.tsx';
import { CutLines, isCut, useSeverances } from './parts/sever.tsx';

const words = incidents.now;
const DAY_MS = 86_400_000;
const FEW = 4;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What runs, or has no time left: of these a time is due next. */
const isRunning = ({ state }: Clock): boolean => ['running', 'due', 'late', 'unknown'].includes(state);

/** The first screen: what is due, what happened, what is held and who is touched, what is cut, what to decide. */
export function Now({ incident }: { incident: Incident }) {
  return (
    <div className="flex flex-col gap-8">
      <DueNext incident={incident} />
      <Decide incident={incident} />
      <div className="grid gap-8 md:grid-cols-2">
        <Held incident={incident} />
        <Happened incident={incident} />
      </div>
      <Section title={words.cut}>
        <CutLines incident={incident} />
      </Section>
    </div>
  );
}

function DueNext({ incident }: { incident: Incident }) {
  const clocks = useQuery(queries.incidentClocks(incident.id));
  const due: { key: string; at: string; late: boolean; text: ReactNode }[] = [
    ...(clocks.data?.result.clocks ?? []).filter(isRunning).flatMap((clock) =>
      clock.due === null
        ? []
        : [
            {
              key: clock.rule,
              at: clock.due.at,
              late: clock.state === 'late' || clock.state === 'due',
              text: <DueClock clock={clock} incident={incident.id} />,
            },
          ],
    ),
    ...incident.tasks
      .filter(({ state }) => state === 'open')
      .flatMap((task) =>
        task.dueAt === null
          ? []
          : [
              {
                key: task.id,
                at: task.dueAt,
                late: task.late,
                text: (
                  <>
                    <TextLink
                      to="/incidents/$incident"
                      params={{ incident: incident.id }}
                      search={{ tab: 'tasks' }}
                    >
                      {task.title}
                    </TextLink>{' '}
                    <span className="text-soft">{task.owner?.name ?? incidents.task.nobody}</span>
                  </>
                ),
              },
            ],
      ),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <Section title={words.due}>
      {clocks.error === null ? null : <Trouble error={clocks.error} onRetry={() => void clocks.refetch()} />}
      {clocks.isPending ? <Bones lines={2} /> : null}
      {due.length === 0 && clocks.isSuccess ? <p className="text-soft">{words.nothingDue}</p> : null}
      <ol>
        {due.slice(0, FEW).map(({ key, at, late, text }) => (
          <li key={key} className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 border-t border-line py-2">
            <span className={late ? 'font-strong text-alert' : 'font-strong'}>
              <Ago at={at} />
              {late ? <span className="block text-small">{words.late}</span> : null}
            </span>
            <span>
              {text}
              <span className="block text-small text-soft">
                <Exact at={at} />
              </span>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What only a person can decide, told from what stands here. */
function Decide({ incident }: { incident: Incident }) {
  const cut = useSeverances(incident).data;
  const clocks = useQuery(queries.incidentClocks(incident.id)).data;
  const severed = cut?.items.some(isCut) ?? true;
  const waits = [
    ...(incident.party !== null && !severed ? [['cut', words.decisions.sever] as const] : []),
    ...(incident.contradicted.length > 0 ? [['facts', words.decisions.contradiction] as const] : []),
    ...(incident.occurredFrom === null ? [['now', words.decisions.window] as const] : []),
    ...(incident.severity === 'unknown' ? [['now', words.decisions.severity] as const] : []),
    ...(incident.questions.some(({ silentSince }) => silentSince !== null)
      ? [['questions', words.decisions.silent] as const]
      : []),
    ...((clocks?.result.questions.length ?? 0) > 0 ? [['clocks', words.decisions.clocks] as const] : []),
  ];
  if (incident.state === 'closed' || incident.state === 'merged') return null;
  return (
    <Section title={words.decide}>
      {waits.length === 0 ? (
        <p className="text-soft">{words.nothingToDecide}</p>
      ) : (
        <ul className="flex list-disc flex-col gap-2 pl-5">
          {waits.map(([tab, text]) => (
            <li key={text}>
              <TextLink
                to="/incidents/$incident"
                params={{ incident: incident.id }}
                search={tab === 'now' ? { act: 'change' } : { tab }}
              >
                {text}
              </TextLink>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** The window that is asked about, as days: as it stands in the incident, else the month before it was opened. */
export function windowOf(incident: Pick<Incident, 'occurredFrom' | 'occurredTo' | 'openedAt'>) {
  const opened = Date.parse(incident.openedAt);
  const from = incident.occurredFrom === null ? opened - 30 * DAY_MS : Date.parse(incident.occurredFrom);
  const to = incident.occurredTo === null ? opened : Date.parse(incident.occurredTo);
  return { from: dayOf(Math.min(from, to)), to: dayOf(to), isGuess: incident.occurredFrom === null };
}

function Held({ incident }: { incident: Incident }) {
  return (
    <Section title={words.held}>
      {incident.party === null ? (
        <p className="text-soft">{words.noParty}</p>
      ) : (
        <Radius incident={incident} party={incident.party.id} />
      )}
    </Section>
  );
}

function Radius({ incident, party }: { incident: Incident; party: string }) {
  const { from, to, isGuess } = windowOf(incident);
  const blast = useQuery(queries.blastRadius(party, from, to));
  if (blast.data === undefined || blast.data.party.id !== party) {
    return blast.error === null ? (
      <Bones lines={4} />
    ) : (
      <Trouble error={blast.error} onRetry={() => void blast.refetch()} />
    );
  }
  const { people, data, accounts, credentials, dependents, unknown } = blast.data;
  const opens = { to: '/what-if/$party', params: { party }, search: { from, to } } as const;
  const classes = [...new Set(data.map((row) => classLabel(row.class)))];
  const ours = accounts.reduce((sum, one) => sum + one.accounts, 0);
  return (
    <>
      <ul className="flex flex-col gap-2">
        <li className={people.people === 0 ? 'text-soft' : 'font-strong'}>
          {people.people === 0 ? (
            words.noRecord
          ) : (
            <TextLink {...opens}>{words.people(count(people.people))}</TextLink>
          )}
        </li>
        {people.people === 0 ? null : (
          <li>
            <TextLink {...opens}>{words.inWindow(count(people.peopleInWindow))}</TextLink>
          </li>
        )}
        <li>
          {accounts.length === 0 ? (
            words.accountsUnknown
          ) : (
            <TextLink {...opens}>{words.accounts(ours)}</TextLink>
          )}
        </li>
        <li>
          <TextLink {...opens}>{words.credentials(credentials.length)}</TextLink>
        </li>
        <li>
          {words.classes}: {classes.join(', ') || m.common.unknown}
        </li>
        <li>
          {words.apps}: {[...new Set(dependents.map(({ app }) => app.name))].join(', ') || m.common.none}
        </li>
        {unknown.length === 0 ? null : <li className="text-soft">? {words.unknown(unknown.length)}</li>}
      </ul>
      {isGuess ? <p className="text-small text-soft">{words.windowGuess}</p> : null}
      <p>
        <TextLink {...opens}>{words.opens}</TextLink>
      </p>
    </>
  );
}

function Happened({ incident }: { incident: Incident }) {
  const live = incident.claims.filter(
    ({ replacedBy, withdrawnBy }) => replacedBy === null && withdrawnBy === null,
  );
  const contradicted = live.filter(({ about }) => incident.contradicted.includes(about ?? ''));
  const others = live.filter((claim) => !contradicted.includes(claim)).slice(-FEW);
  return (
    <Section title={words.happened}>
      {live.length === 0 ? <p className="text-soft">{words.noClaims}</p> : null}
      {incident.contradicted.map((about) => (
        <section
          key={about}
          aria-label={words.contradictedMeans(incidents.about[about] ?? about)}
          className="border-l-3 border-alert pl-3"
        >
          <p className="font-strong">{words.contradictedMeans(incidents.about[about] ?? about)}</p>
          <div className="grid gap-4 sm:grid-cols-2">
            {contradicted
              .filter((claim) => claim.about === about)
              .map((claim) => (
                <ClaimText key={claim.n} claim={claim} />
              ))}
          </div>
        </section>
      ))}
      {others.map((claim) => (
        <div key={claim.n}>
          <p className="text-small text-soft">{incidents.about[claim.about ?? ''] ?? claim.about}</p>
          <ClaimText claim={claim} />
        </div>
      ))}
      <p>
        <TextLink to="/incidents/$incident" params={{ incident: incident.id }} search={{ tab: 'facts' }}>
          {live.length === 0 ? words.enterClaim : words.allFacts}
        </TextLink>
      </p>
    </Section>
  );
}
