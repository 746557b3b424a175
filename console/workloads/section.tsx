import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { Workload } from '../api/trust-types.ts';
import type { App } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Facts, Section } from '../design/page.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useMayWithApp } from '../my-keys/own.ts';
import { EndWorkload } from './end.tsx';
import { Lines } from './lines.tsx';
import { NewWorkload } from './new.tsx';

const words = m.workloads;

/** Whose tokens an app exchanges for short-lived keys, how often they did, and what was refused. */
export function Workloads({
  app,
  act,
  of,
  onAct,
}: {
  app: App;
  act: string | undefined;
  /** The workload that the address names. */
  of: string | undefined;
  onAct: (act: string | undefined, workload?: string) => void;
}) {
  const workloads = useQuery(queries.workloads(app.id));
  const connections = useQuery(queries.connections());
  const mayChange = useMayWithApp('workload.change')(app);
  const items = workloads.data?.items;
  const chosen = items?.find(({ id }) => id === of);
  const close = (): void => onAct(undefined);
  const names = new Map(connections.data?.map(({ id, name }) => [id, name]));
  const add = mayChange ? (
    <Button slim={items?.length !== 0} onClick={() => onAct('workload')}>
      {words.add}
    </Button>
  ) : null;
  return (
    <Section
      title={words.title}
      lead={<span className="block max-w-[72ch]">{words.lead}</span>}
      acts={items === undefined || items.length === 0 ? null : add}
    >
      {workloads.error ? <Trouble error={workloads.error} onRetry={() => void workloads.refetch()} /> : null}
      {items === undefined && !workloads.error ? <Bones lines={3} /> : null}
      {items?.length === 0 ? (
        <Empty
          title={words.none}
          example={<p className="border-l-3 border-line pl-4 break-words">{words.example}</p>}
          act={add}
        >
          {words.noneText}
        </Empty>
      ) : null}
      {items?.map((one) => (
        <One key={one.id} workload={one} names={names} mayChange={mayChange} onAct={onAct} />
      ))}
      {act === 'workload' && mayChange ? (
        <NewWorkload app={app} onClose={close} onMade={(made) => onAct('lines', made.id)} />
      ) : null}
      {act === 'lines' && chosen !== undefined ? <Lines workload={chosen} onClose={close} /> : null}
      {act === 'end' && mayChange && chosen !== undefined ? (
        <EndWorkload workload={chosen} onClose={close} />
      ) : null}
    </Section>
  );
}

function One({
  workload,
  names,
  mayChange,
  onAct,
}: {
  workload: Workload;
  names: ReadonlyMap<string, string>;
  mayChange: boolean;
  onAct: (act: string, workload: string) => void;
}) {
  const { id, name, lastUsedAt, lastRefusedAt, lastRefusedWhy } = workload;
  // What was refused before it worked is mended.
  const isRefused = lastRefusedAt !== null && (lastUsedAt === null || lastRefusedAt > lastUsedAt);
  return (
    <article aria-label={name} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-strong">{name}</h3>
        <div className="flex flex-wrap gap-2">
          <Button slim aria-label={words.linesNamed(name)} onClick={() => onAct('lines', id)}>
            {words.lines}
          </Button>
          {mayChange ? (
            <Button slim weight="danger" aria-label={words.endNamed(name)} onClick={() => onAct('end', id)}>
              {words.end}
            </Button>
          ) : null}
        </div>
      </div>
      {isRefused ? (
        <Note urgent>
          {words.refused} <Ago at={lastRefusedAt} />: {lastRefusedWhy}
        </Note>
      ) : null}
      <Facts
        facts={[
          [words.subject, <Mono key="subject" text={workload.subject} />],
          [words.issuer, <Mono key="issuer" text={workload.issuer} />],
          [words.audience, <Mono key="audience" text={workload.audience} />],
          [words.connections, workload.connections.map((one) => names.get(one) ?? one).join(', ')],
          [words.minutes, words.minutesOf(workload.minutes)],
          [words.issuerKeys, words.keysOf[workload.keys]],
          [
            words.used,
            <span key="used">
              {words.usedTimes(workload.exchanges)}
              {lastUsedAt === null ? null : (
                <>
                  , {words.lastUsed} <Ago at={lastUsedAt} />
                </>
              )}
            </span>,
          ],
          [
            words.by,
            <span key="by">
              {workload.createdBy}, <Ago at={workload.createdAt} />
            </span>,
          ],
        ]}
      />
    </article>
  );
}

const Mono = ({ text }: { text: string }) => <span className="font-mono text-small break-all">{text}</span>;
