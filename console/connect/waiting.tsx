import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Tabs } from 'radix-ui';
import { useLiveness } from '../api/live.ts';
import { queries } from '../api/queries.ts';
import type { Connection, CrossingDetail, ServiceDetail } from '../api/types.ts';
import { CrossingFlow } from '../crossings/flow.tsx';
import { StageStrip } from '../crossings/strip.tsx';
import { TextLink } from '../design/button.tsx';
import { CodeBlock, CopyButton } from '../design/copy.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { AllowName } from './allow-name.tsx';
import { newKeyOf } from './new-key.ts';
import { filled } from './snippet.ts';

const words = m.connect.wait;
/** While no change can be heard of, it is looked for this often, in milliseconds. */
const lookEvery = 3000;

/** After connecting: the key, the lines, and the first real request as it arrives. */
export function WaitingPage() {
  const { connection: id } = useParams({ from: '/signed-in/connect/$connection' });
  const liveness = useLiveness();
  const connection = useQuery(queries.connection(id));
  const crossing = useQuery({
    ...queries.firstCrossing(id),
    refetchInterval: (query) => (query.state.data || liveness.state === 'live' ? false : lookEvery),
  });

  if (connection.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {connection.error ? (
          <Trouble error={connection.error} onRetry={() => void connection.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  const arrived = crossing.data ?? null;
  const { name } = connection.data;
  return (
    <PageFrame
      tab={words.tab}
      title={arrived === null ? words.waiting(name) : words.arrived(name)}
      lead={
        <>
          {words.lead}{' '}
          <TextLink to="/connections/$connection" params={{ connection: id }}>
            {words.page}
          </TextLink>
        </>
      }
    >
      <NewKey connection={id} />
      <Lines key={id} connection={connection.data} />
      {arrived === null ? (
        <p role="status" className="flex items-center gap-2">
          <span
            aria-hidden="true"
            className={`inline-block size-2 rounded-full ${liveness.state === 'live' ? 'live-dot bg-act' : 'border border-line-strong'}`}
          />
          {liveness.state === 'live' ? words.live : words.notLive}
        </p>
      ) : (
        <Arrived crossing={arrived} connection={connection.data} />
      )}
    </PageFrame>
  );
}

function NewKey({ connection }: { connection: string }) {
  const key = newKeyOf(connection);
  if (key === undefined) {
    return (
      <Note>
        {words.keyGone} <TextLink to="/apps">{m.rail.apps}</TextLink>
      </Note>
    );
  }
  return (
    <Section title={words.key} lead={words.keyLead}>
      <div className="flex max-w-full flex-wrap items-center gap-3">
        <code className="min-w-0 break-all rounded-md border border-line-strong bg-panel px-3 py-2 font-mono text-small">
          {key.key}
        </code>
        <CopyButton text={key.key} />
      </div>
    </Section>
  );
}

function Lines({ connection }: { connection: Connection }) {
  const service = useQuery(queries.service(connection.vendor, connection.service));
  if (service.data === undefined)
    return service.error ? <Trouble error={service.error} /> : <Bones lines={4} />;
  return <Snippets service={service.data} connection={connection} />;
}

function Snippets({ service, connection }: { service: ServiceDetail; connection: Connection }) {
  const { lines } = useSearch({ from: '/signed-in/connect/$connection' });
  const navigate = useNavigate({ from: '/connect/$connection' });
  const key = newKeyOf(connection.id);
  const first = firstFor(service, key?.kind);
  if (first === undefined) return null;
  const chosen = service.snippets.some((snippet) => snippet.id === lines) ? lines : first.id;
  return (
    <Section title={words.lines}>
      <Tabs.Root
        value={chosen ?? first.id}
        onValueChange={(next) =>
          void navigate({ search: { lines: next }, replace: true, resetScroll: false })
        }
      >
        <Tabs.List className="flex flex-wrap gap-x-5 border-b border-line" aria-label={words.lines}>
          {service.snippets.map((snippet) => (
            <Tabs.Trigger
              key={snippet.id}
              value={snippet.id}
              className="-mb-px border-b-2 border-transparent py-2 hover:border-line-strong data-[state=active]:border-act data-[state=active]:font-strong"
            >
              {snippet.label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {service.snippets.map((snippet) => (
          <Tabs.Content key={snippet.id} value={snippet.id} className="pt-3">
            <CodeBlock label={snippet.language} code={filled(snippet.code, connection, key?.key)} />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Section>
  );
}

/** Of the lines, those for where the key is to live: a publishable one in browsers, a secret one elsewhere. */
function firstFor(
  service: ServiceDetail,
  kind: 'secret' | 'publishable' = 'secret',
): ServiceDetail['snippets'][number] | undefined {
  const inBrowser = (id: string): boolean => id.includes('browser');
  return (
    service.snippets.find((snippet) => inBrowser(snippet.id) === (kind === 'publishable')) ??
    service.snippets[0]
  );
}

function Arrived({ crossing, connection }: { crossing: CrossingDetail; connection: Connection }) {
  const unknown = crossing.items.reduce((sum, item) => sum + item.review.length, 0);
  return (
    <div className="arrived flex flex-col gap-8">
      <p role="status">
        <TextLink to="/crossings/$crossing" params={{ crossing: crossing.id }}>
          {m.crossings.decisions[crossing.decision]}
        </TextLink>{' '}
        <Ago at={crossing.at} />, {crossing.method} {crossing.endpoint}.
      </p>
      {crossing.refusal === null ? null : (
        <Note urgent>
          <p className="font-strong">{m.crossings.one.refusal}</p>
          <p>{crossing.refusal.text}</p>
        </Note>
      )}
      <CrossingFlow crossing={crossing} />
      <StageStrip crossing={crossing} />
      {unknown === 0 ? null : (
        <Section title={words.allow} lead={`${words.unknownNames(unknown)} ${words.allowLead}`}>
          <AllowName key={connection.id} connection={connection.id} />
        </Section>
      )}
    </div>
  );
}
