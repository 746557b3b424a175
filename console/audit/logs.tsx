import { useQuery } from '@tanstack/react-query';
import type { LogRow } from '../api/audit-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { bytes, duration } from '../design/format.ts';
import { Facts, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { type Checking, cancelCheck, startCheck, useChecking } from './checks.ts';
import { LogResult } from './log-result.tsx';
import { RootParts } from './root.tsx';

const words = m.audit;

/** The logs: how far each is signed, by what, what is wrong, and what verifying it here comes to. */
export function Logs() {
  const logs = useQuery(queries.logs());
  return (
    <Section title={words.logs} lead={words.logsLead}>
      {logs.data === undefined ? (
        logs.error ? (
          <Trouble error={logs.error} onRetry={() => void logs.refetch()} />
        ) : (
          <Bones lines={2} />
        )
      ) : logs.data.items.length === 0 ? (
        <p className="text-soft">{words.noLogs}</p>
      ) : (
        <ul className="border-t border-line-strong">
          {logs.data.items.map((log) => (
            <Log key={log.origin} log={log} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function logName(name: string): string {
  const [, log = name, epoch] = /^([a-z]+)-(\d+)$/.exec(name) ?? [];
  const shown = words.names[log] ?? log;
  return epoch === undefined ? shown : words.epoch(shown, Number(epoch));
}

function Log({ log }: { log: LogRow }) {
  const checking = useChecking(log.origin);
  const { running, result, error } = checking;
  return (
    <li className="flex flex-col gap-3 border-b border-line py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h3 className="font-strong">{logName(log.name)}</h3>
          <p className="max-w-none text-soft">
            <span className="text-ink">{words.entries(log.size)}</span>
            {' · '}
            {log.checkpoint === null ? (
              log.root === null ? (
                words.notSigned
              ) : (
                words.notPublished
              )
            ) : (
              <>
                {words.signed} <Ago at={log.checkpoint.signedAt} />,{' '}
                {words.signedOver(log.checkpoint.size, keyIdOf(log.verifierKey))}
              </>
            )}
            {log.isCurrent ? '' : ` · ${words.over}`}
            {log.waiting > 0 ? ` · ${words.waiting(log.waiting)}` : ''}
          </p>
        </div>
        {log.checkpoint === null ? null : running === null ? (
          <Button onClick={() => void startCheck(log)} title={words.verifyHint}>
            {result === null ? words.verify : words.verifyAgain}
          </Button>
        ) : (
          <Button onClick={() => cancelCheck(log.origin)}>{m.common.cancel}</Button>
        )}
      </div>
      {log.trouble === null ? null : (
        <div role="alert">
          <Note urgent>
            <p>{log.trouble.text}</p>
            <p className="text-soft">
              {words.troubleSince} <Ago at={log.trouble.since} />
            </p>
          </Note>
        </div>
      )}
      {log.root === null ? null : <RootParts root={log.root} />}
      {running === null ? null : <Running running={running} />}
      {error === null || error === undefined ? null : (
        <Trouble error={error} onRetry={() => void startCheck(log)} />
      )}
      {result === null ? null : <LogResult result={result} />}
      <details>
        <summary className="w-fit text-soft">{words.about}</summary>
        <div className="pt-2">
          <Facts
            facts={[
              [words.origin, <Mono key="origin" text={log.origin} />],
              [
                words.key,
                <span key="key" className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <Mono text={log.verifierKey} />
                  <CopyButton text={log.verifierKey} />
                  <span className="basis-full text-small text-soft">{words.keyHint}</span>
                </span>,
              ],
              ...(log.checkpoint === null
                ? []
                : [[words.root, <Mono key="root" text={log.checkpoint.root} />] as const]),
              ...(log.root === null ? [[words.witnesses, words.witnessedByRoot] as const] : []),
            ]}
          />
        </div>
      </details>
    </li>
  );
}

/** The ID in `name+id+key`. */
export const keyIdOf = (verifierKey: string): string => verifierKey.split('+')[1] ?? '';

export function Mono({ text }: { text: string }) {
  return <span className="min-w-0 font-mono text-small break-all">{text}</span>;
}

/** A count, and an estimate once there is enough to make one from. */
export function Running({ running }: { running: NonNullable<Checking['running']> }) {
  const { entries, of, startedAt } = running;
  const spent = Date.now() - startedAt;
  const share = of === null || of === 0 ? 0 : Math.min(1, entries / of);
  const left = spent > 2000 && share > 0.02 ? (spent / share) * (1 - share) : null;
  return (
    <div className="flex max-w-[480px] flex-col gap-1">
      <progress className="progress" aria-label={words.verify} value={share} max={1} />
      <p className="text-small text-soft" aria-live="off">
        {words.progress(entries, of, bytes(running.bytes))}
        {left === null ? '' : `, ${words.left(duration(left * 1000))}`}
      </p>
    </div>
  );
}
