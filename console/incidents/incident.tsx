import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import type { Incident } from '../api/room-types.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { incidents } from '../messages/pages/incidents.ts';
import { NoticesOfIncident } from '../notices/index.ts';
import { Permitted } from '../shell/permitted.tsx';
import { ChangeSheet } from './change.tsx';
import { DrillMark } from './marks.tsx';
import { Now } from './now.tsx';
import { ClocksOfIncident } from './parts/clocks.tsx';
import { SeverancesOfIncident, SeverTheParty } from './parts/sever.tsx';
import { RelateSheet } from './relate.tsx';
import { Attachments } from './tabs/attachments.tsx';
import { Decisions } from './tabs/decisions.tsx';
import { Claims } from './tabs/facts.tsx';
import { Members } from './tabs/people.tsx';
import { Questions } from './tabs/questions.tsx';
import { Review, Tasks } from './tabs/tasks.tsx';
import { Timeline } from './tabs/timeline.tsx';

const words = incidents.one;
const from = '/signed-in/incidents/$incident';
const tabs = [
  'now',
  'tasks',
  'facts',
  'questions',
  'decisions',
  'timeline',
  'clocks',
  'cut',
  'notices',
  'files',
  'people',
  'review',
] as const;
type Tab = (typeof tabs)[number];
const tabOf = (name: string | undefined): Tab => tabs.find((tab) => tab === name) ?? 'now';

/** One incident: what is known, due, cut and to decide; then its parts. */
export function IncidentPage() {
  const { incident: id } = useParams({ from });
  const incident = useQuery(queries.incident(id));
  const { data } = incident;
  if (data === undefined || data === null) {
    return (
      <PageFrame tab={incidents.tab} title={data === null ? words.missing : incidents.tab}>
        {incident.error ? <Trouble error={incident.error} onRetry={() => void incident.refetch()} /> : null}
        {data === null ? (
          <p>
            <ButtonLink to="/incidents">{words.back}</ButtonLink>
          </p>
        ) : incident.error ? null : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  return <Room key={data.id} incident={data} />;
}

function Room({ incident }: { incident: Incident }) {
  const { act, tab: asked } = useSearch({ from });
  const navigate = useNavigate({ from: '/incidents/$incident' });
  const tab = tabOf(asked);
  const set = (to: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: to }), replace: true, resetScroll: false });
  const close = (): void => set(undefined);
  return (
    <PageFrame
      tab={`${incident.number}: ${incident.title}`}
      title={
        <>
          {incident.drill ? <DrillMark /> : null}
          {words.title(incident.number, incident.title)}
        </>
      }
      lead={<Lead incident={incident} />}
      acts={
        <>
          <SeverTheParty incident={incident} />
          <Permitted action="incident.work">
            {incident.mergedInto === null ? (
              <Button onClick={() => set('relate')}>{words.relate}</Button>
            ) : null}
            <Button onClick={() => set('change')}>{words.change}</Button>
          </Permitted>
        </>
      }
    >
      {incident.drill ? <Note>{incidents.drillMeans}</Note> : null}
      {incident.mergedInto === null ? null : (
        <Note urgent>
          {words.mergedInto}{' '}
          <TextLink to="/incidents/$incident" params={{ incident: incident.mergedInto }}>
            {words.goOn}
          </TextLink>
        </Note>
      )}
      <nav
        aria-label={words.tabs}
        className="-mx-4 flex gap-x-5 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:flex-wrap sm:px-0"
      >
        {tabs.map((name) => (
          <Link
            key={name}
            to="/incidents/$incident"
            params={{ incident: incident.id }}
            search={(previous) => ({ tz: previous.tz, ...(name === 'now' ? {} : { tab: name }) })}
            resetScroll={false}
            aria-current={name === tab ? 'page' : undefined}
            className={`-mb-px border-b-2 py-2 whitespace-nowrap no-underline ${name === tab ? 'border-act font-strong' : 'border-transparent text-soft'}`}
          >
            {words.tabNames[name]}
          </Link>
        ))}
      </nav>
      <Part tab={tab} incident={incident} />
      {act === 'relate' ? <RelateSheet incident={incident} onClose={close} /> : null}
      {act === 'change' ? <ChangeSheet incident={incident} onClose={close} /> : null}
    </PageFrame>
  );
}

function Part({ tab, incident }: { tab: Tab; incident: Incident }) {
  switch (tab) {
    case 'now':
      return <Now incident={incident} />;
    case 'tasks':
      return <Tasks incident={incident} />;
    case 'facts':
      return <Claims incident={incident} />;
    case 'questions':
      return <Questions incident={incident} />;
    case 'decisions':
      return <Decisions incident={incident} />;
    case 'timeline':
      return <Timeline incident={incident} />;
    case 'clocks':
      return <ClocksOfIncident incident={incident.id} />;
    case 'cut':
      return <SeverancesOfIncident incident={incident} />;
    case 'notices':
      return <NoticesOfIncident incident={incident.id} />;
    case 'files':
      return <Attachments incident={incident} />;
    case 'people':
      return <Members incident={incident} />;
    case 'review':
      return <Review incident={incident} />;
  }
}

function Lead({ incident }: { incident: Incident }) {
  const leads = incident.members.filter(({ roles }) => roles.includes('lead'));
  const { occurredFrom, occurredTo } = incident;
  return (
    <>
      <span className="font-strong text-ink">
        {incidents.states[incident.state]}
        {incident.restricted ? `, ${incidents.restricted}` : ''}
      </span>
      , {incidents.heads.severity.toLowerCase()}: {incidents.severities[incident.severity]}. {words.since}{' '}
      <Ago at={incident.openedAt} /> {words.by} {incident.openedBy}.{' '}
      {leads.length === 0 ? words.nobodyLeads : `${words.led} ${leads.map(({ name }) => name).join(', ')}.`}{' '}
      {words.occurred}:{' '}
      {occurredFrom === null && occurredTo === null ? (
        `? ${words.occurredUnknown}`
      ) : (
        <>
          {occurredFrom === null ? '?' : <Exact at={occurredFrom} />} –{' '}
          {occurredTo === null ? '?' : <Exact at={occurredTo} />}
        </>
      )}
      {incident.related.length === 0 ? null : (
        <>
          . {words.related}:{' '}
          {incident.related.map((one) => (
            <TextLink key={one.id} to="/incidents/$incident" params={{ incident: one.id }}>
              {words.numbered(one.number)}
            </TextLink>
          ))}
        </>
      )}
    </>
  );
}
