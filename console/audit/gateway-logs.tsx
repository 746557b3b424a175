import { useQuery } from '@tanstack/react-query';
import type { GatewayLog } from '../api/log-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { Facts, Section } from '../design/page.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { cancelCheck, startCheck, useChecking } from './checks.ts';
import { Contradictions } from './contradictions.tsx';
import { LogResult } from './log-result.tsx';
import { keyIdOf, Mono, Running } from './logs.tsx';

const words = m.audit;
const own = m.gatewayLogs;

/** The gateways' journals: what is verified of each, and an alarm where one contradicts what is stored. */
export function GatewayLogs() {
  const logs = useQuery(queries.logs()).data?.gateways;
  // The list above says why there is none; those that need a person come first.
  if (logs === undefined || logs.length === 0) return null;
  const ordered = logs.toSorted((a, b) => b.contradictions.open - a.contradictions.open);
  return (
    <Section title={own.title} lead={own.lead}>
      <ul className="border-t border-line-strong">
        {ordered.map((log) => (
          <Log key={log.origin} log={log} />
        ))}
      </ul>
    </Section>
  );
}

function Log({ log }: { log: GatewayLog }) {
  const { running, result, error } = useChecking(log.origin);
  const { name, origin, verifierKey, minimumIndex } = log;
  // Of a log whose last bundle was pruned there is nothing left to hash the root from.
  const isGone = minimumIndex > (log.checkpoint?.size ?? 0);
  const known =
    verifierKey === null || log.tiled === 0 || isGone ? null : { name, origin, verifierKey, minimumIndex };
  const { open, acknowledged } = log.contradictions;
  return (
    <li className="flex flex-col gap-3 border-b border-line py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h3 className="font-strong break-all">{own.name(log.gateway, log.origin)}</h3>
          <State log={log} />
        </div>
        {known === null ? null : running === null ? (
          <Button onClick={() => void startCheck(known)} title={words.verifyHint}>
            {result === null ? words.verify : words.verifyAgain}
          </Button>
        ) : (
          <Button onClick={() => cancelCheck(log.origin)}>{m.common.cancel}</Button>
        )}
      </div>
      {open > 0 && log.contradiction !== null ? (
        <div role="alert">
          <Note urgent>
            <p className="font-strong">{own.contradicts(open)}</p>
            <p>
              {log.contradiction.text} {own.last} <Ago at={log.contradiction.lastAt} />.
            </p>
            <p>{own.contradictsDo}</p>
          </Note>
        </div>
      ) : null}
      {open > 0 ? <Contradictions log={log} /> : null}
      {running === null ? null : <Running running={running} />}
      {error === null || error === undefined || known === null ? null : (
        <Trouble error={error} onRetry={() => void startCheck(known)} />
      )}
      {result === null ? null : <LogResult result={result} />}
      {open === 0 && acknowledged > 0 ? (
        <details>
          <summary className="w-fit py-1 text-soft">{own.acknowledged(acknowledged)}</summary>
          <div className="pt-2">
            <Contradictions log={log} />
          </div>
        </details>
      ) : null}
      <details>
        <summary className="w-fit py-1 text-soft">{words.about}</summary>
        <div className="pt-2">
          <About log={log} />
        </div>
      </details>
    </li>
  );
}

function State({ log: { entries, verifierKey, checkpoint, tiled, minimumIndex } }: { log: GatewayLog }) {
  return (
    <p className="max-w-none text-soft">
      <span className="text-ink">{words.entries(entries)}</span>
      {' · '}
      {checkpoint === null || verifierKey === null ? (
        own.notSigned
      ) : (
        <>
          {words.signed} {words.signedOver(checkpoint.size, keyIdOf(verifierKey))}
          {checkpoint.signedAt === null ? null : (
            <>
              , {own.signed} <Ago at={checkpoint.signedAt} />
            </>
          )}
          , {own.verified} <Ago at={checkpoint.verifiedAt} />
          {tiled < checkpoint.size ? ` · ${own.preparing(tiled, checkpoint.size)}` : ''}
          {minimumIndex > 0 ? ` · ${own.pruned(Math.min(minimumIndex, checkpoint.size))}` : ''}
        </>
      )}
    </p>
  );
}

function About({ log: { origin, verifierKey, checkpoint } }: { log: GatewayLog }) {
  return (
    <Facts
      facts={[
        [words.origin, <Mono key="origin" text={origin} />],
        ...(verifierKey === null
          ? []
          : [
              [
                words.key,
                <span key="key" className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <Mono text={verifierKey} />
                  <CopyButton text={verifierKey} />
                  <span className="basis-full text-small text-soft">{own.keyHint}</span>
                </span>,
              ] as const,
            ]),
        ...(checkpoint === null ? [] : [[words.root, <Mono key="root" text={checkpoint.root} />] as const]),
      ]}
    />
  );
}
