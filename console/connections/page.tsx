import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { upstreamText } from '../connect/upstream.ts';
import { ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { BreakGlass } from './break-glass.tsx';
import { ConnectionContract } from './contract.tsx';
import { Credential } from './credential.tsx';
import { Mode } from './mode.tsx';
import { ReachedOver } from './reached-over.tsx';
import { Settings } from './settings.tsx';
import { State } from './state.tsx';
import { Waits } from './waits.tsx';

const words = m.connection;

/** One configured use of a vendor: where it goes, under which contract, with which credential. */
export function ConnectionPage() {
  const { connection: id } = useParams({ from: '/signed-in/connections/$connection' });
  const connection = useQuery(queries.connection(id));
  if (connection.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {connection.error ? (
          <Trouble error={connection.error} onRetry={() => void connection.refetch()} />
        ) : (
          <Bones lines={10} />
        )}
      </PageFrame>
    );
  }
  return <Known key={id} connection={connection.data} />;
}

function Known({ connection }: { connection: Connection }) {
  const severed = connection.state === 'severed';
  const packs = useQuery(queries.packs());
  const pack = packs.data?.find((candidate) => candidate.vendor === connection.vendor);
  const region = pack?.services
    .find((service) => service.id === connection.service)
    ?.regions.find((candidate) => candidate.id === connection.region);
  return (
    <PageFrame
      tab={connection.name}
      title={
        severed ? words.titleSevered(connection.name) : words.title(connection.name, connection.upstream.host)
      }
      lead={
        <span className="inline-flex flex-wrap items-center gap-x-3">
          {words.lead('')}
          <code className="font-mono text-small text-ink">{connection.gatewayUrl}</code>
          <CopyButton text={connection.gatewayUrl} />
        </span>
      }
      acts={
        <>
          <ButtonLink to="/connect/$connection" params={{ connection: connection.id }}>
            {m.connect.wait.lines}
          </ButtonLink>
          <ButtonLink to="/connections/$connection/workbench" params={{ connection: connection.id }}>
            {m.workbench.open}
          </ButtonLink>
          <ButtonLink to="/crossings" search={{ connection: connection.id }}>
            {m.rail.crossings}
          </ButtonLink>
        </>
      }
    >
      <Waits connection={connection} />
      {connection.credential === null ? <Note urgent>{words.credentialNone}</Note> : null}
      <div className="grid gap-x-12 gap-y-8 lg:grid-cols-2">
        <Section title={words.facts}>
          <Facts
            facts={[
              [
                words.vendor,
                <TextLink key="vendor" to="/vendors/$vendor" params={{ vendor: connection.vendor }}>
                  {pack?.name ?? connection.vendor}
                </TextLink>,
              ],
              [
                words.region,
                region === undefined ? connection.region : `${region.name} (${region.jurisdiction})`,
              ],
              [
                words.upstream,
                <span key="upstream" className="font-mono text-small">
                  {upstreamText(connection.upstream)}
                </span>,
              ],
              [words.state, severed ? m.common.severed : m.common.open],
              [m.modes.state, m.modes.names[connection.mode] ?? connection.mode],
              [m.configuration.about.reached, <ReachedOver key="reached" />],
              [words.owner, connection.owner],
              [words.created, <Ago key="created" at={connection.createdAt} />],
            ]}
          />
        </Section>
        <Section title={words.credential}>
          <Credential connection={connection} />
        </Section>
      </div>
      <Section title={m.modes.title} lead={<span className="block max-w-[72ch]">{m.modes.lead}</span>}>
        <Mode connection={connection} />
      </Section>
      <Section
        id="contract"
        title={words.contract}
        acts={
          <ButtonLink slim to="/connections/$connection/workbench" params={{ connection: connection.id }}>
            {m.workbench.tryIt}
          </ButtonLink>
        }
      >
        <ConnectionContract connection={connection} />
      </Section>
      <Section title={words.keys}>
        <Keys connection={connection.id} />
      </Section>
      <Section title={words.settings}>
        <Permitted action="connection.change" told>
          <Settings connection={connection} />
        </Permitted>
      </Section>
      <Section title={m.modes.glass.title}>
        <BreakGlass connection={connection} />
      </Section>
      <Section title={severed ? words.reopen : words.sever}>
        <State connection={connection} />
      </Section>
    </PageFrame>
  );
}

function Keys({ connection }: { connection: string }) {
  const keys = useQuery(queries.keys());
  if (keys.data === undefined) return keys.error ? <Trouble error={keys.error} /> : <Bones lines={2} />;
  const mine = keys.data.filter((key) => key.connections.includes(connection) && key.revokedAt === null);
  if (mine.length === 0) {
    return (
      <p className="text-soft">
        {words.noKeys}{' '}
        <TextLink to="/apps" search={{ new: 'key' }}>
          {m.apps.newKey}
        </TextLink>
      </p>
    );
  }
  return (
    <ul className="border-t border-line">
      {mine.map((key) => (
        <li
          key={key.id}
          className="grid gap-x-6 sm:grid-cols-[minmax(0,1fr)_104px_168px] border-b border-line py-2"
        >
          <NumberLink to="/apps" search={{ app: key.app.id }}>
            {key.app.name}
          </NumberLink>
          <span className="text-soft">{m.apps.kinds[key.kind]}</span>
          <span className="text-soft sm:text-right">
            {m.apps.used.toLowerCase()} <Ago at={key.lastUsedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
