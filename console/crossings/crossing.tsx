import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ApiError } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { CrossingDetail } from '../api/types.ts';
import { TextLink } from '../design/button.tsx';
import { vendorGot } from '../design/classes.ts';
import { bytes } from '../design/format.ts';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { AskForAccess, RefusalPage } from '../policies/ask.tsx';
import { CrossingFlow } from './flow.tsx';
import { ShownProof } from './proof.tsx';
import { StageStrip } from './strip.tsx';
import { Would } from './would.tsx';

const words = m.crossings.one;

/** One crossing: its walk through the stages, and what became of each kind of data. */
export function CrossingPage() {
  const { crossing: id } = useParams({ from: '/signed-in/crossings/$crossing' });
  const crossing = useQuery(queries.crossing(id));
  if (crossing.error instanceof ApiError && crossing.error.code === 'not_permitted') {
    return <RefusalPage id={id} error={crossing.error} />;
  }
  if (crossing.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {crossing.error ? (
          <Trouble error={crossing.error} onRetry={() => void crossing.refetch()} />
        ) : (
          <Bones lines={10} />
        )}
      </PageFrame>
    );
  }
  return <Known key={id} crossing={crossing.data} />;
}

function Known({ crossing }: { crossing: CrossingDetail }) {
  const vendors = useQuery(queries.vendors());
  const vendor = vendors.data?.find((row) => row.vendor === crossing.vendor)?.name ?? crossing.vendor;
  const gotClasses = new Set(
    crossing.fields.filter(([, treatment]) => vendorGot(treatment)).map(([name]) => name),
  );
  return (
    <PageFrame
      tab={words.tab}
      title={
        crossing.decision === 'refused'
          ? words.refused(crossing.app.name, vendor)
          : words.forwarded(crossing.app.name, vendor, gotClasses.size)
      }
      lead={
        <>
          <Ago at={crossing.at} />, {crossing.method} {crossing.endpoint}. {words.notHeld}{' '}
          <TextLink to="/crossings">{words.back}</TextLink>
        </>
      }
    >
      {crossing.refusal === null ? null : (
        <Note urgent>
          <p className="font-strong">
            {words.refusal} <span className="font-mono text-small font-normal">{crossing.refusal.code}</span>
          </p>
          <p>{crossing.refusal.text}</p>
          {crossing.stage ? <p className="text-soft">{words.refusalStage(crossing.stage)}</p> : null}
        </Note>
      )}
      {crossing.refusal?.code === 'policy_denied' ? <AskForAccess crossing={crossing} /> : null}
      <StageStrip crossing={crossing} />
      <CrossingFlow crossing={crossing} />
      {crossing.mode === 'enforce' ? null : <Would crossing={crossing} />}
      <Section title={words.facts}>
        <CrossingFacts crossing={crossing} />
      </Section>
      <ShownProof crossing={crossing} />
    </PageFrame>
  );
}

function CrossingFacts({ crossing }: { crossing: CrossingDetail }) {
  const { settlement } = crossing;
  return (
    <Facts
      facts={[
        [words.at, <Exact key="at" at={crossing.at} />],
        ...(crossing.egress === null
          ? ([
              [
                m.crossings.connection,
                <TextLink
                  key="connection"
                  to="/connections/$connection"
                  params={{ connection: crossing.connection.id }}
                >
                  {crossing.connection.name}
                </TextLink>,
              ],
              [
                words.contract,
                <TextLink
                  key="contract"
                  to="/connections/$connection"
                  params={{ connection: crossing.connection.id }}
                  search={{ version: String(crossing.contract.version) }}
                >
                  {words.version(crossing.contract.version)}
                </TextLink>,
              ],
            ] as const)
          : ([
              [
                m.crossings.connection,
                `${crossing.connection.name}: ${crossing.egress.host}:${crossing.egress.port}`,
              ],
            ] as const)),
        [m.modes.state, m.modes.names[crossing.mode] ?? crossing.mode],
        [words.bytes, words.bytesText(bytes(crossing.bytes.received), bytes(crossing.bytes.sent))],
        [
          words.answer,
          settlement === null
            ? words.notSettled
            : `${settlement.status ?? ''} ${words.outcomes[settlement.outcome] ?? settlement.outcome}`,
        ],
        ...(settlement?.remote
          ? [
              [
                words.remote,
                <span key="remote" className="font-mono text-small">
                  {settlement.remote}
                </span>,
              ] as const,
            ]
          : []),
        ...(settlement?.usage
          ? [[words.usage, words.usageText(settlement.usage.input, settlement.usage.output)] as const]
          : []),
        ...(crossing.kept.length > 0
          ? [
              [
                words.kept,
                <span key="kept" className="font-mono text-small">
                  {crossing.kept.join(', ')}
                </span>,
              ] as const,
            ]
          : []),
        ...(crossing.imitated > 0 ? [[words.imitated, words.imitatedText(crossing.imitated)] as const] : []),
        ...(settlement?.tokens
          ? [[words.tokens, words.tokensText(settlement.tokens.restored, settlement.tokens.unknown)] as const]
          : []),
        [
          words.log,
          <span key="log">
            {words.logEntry(crossing.log.index)}
            <span className="font-mono text-small">{crossing.log.origin}</span>
          </span>,
        ],
        [words.snapshot, crossing.snapshot],
        [
          words.id,
          <span key="id" className="font-mono text-small">
            {crossing.id}
          </span>,
        ],
      ]}
    />
  );
}
