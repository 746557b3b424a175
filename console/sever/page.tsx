import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Severance, SeverLine } from '../api/sever-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { Facts, PageFrame } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { Permitted } from '../shell/permitted.tsx';
import { Lists } from './lists.tsx';
import { MarkSheet } from './mark-sheet.tsx';
import { ReopenSheet } from './reopen-sheet.tsx';

/** What is cut off, where that is in force, and what people still have to do elsewhere. It is live. */
export function SeverancePage() {
  const { severance: id } = useParams({ from: '/signed-in/severances/$severance' });
  const found = useQuery(queries.severance(id));
  if (found.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {found.error === null ? (
          <Bones lines={10} />
        ) : (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        )}
      </PageFrame>
    );
  }
  return <Whole key={id} severance={found.data} />;
}

export function whatOf({ target, vendors }: Severance): string {
  if (target.kind === 'field_class')
    return words.page.classOf(classLabel(target.fieldClass ?? ''), target.name);
  if (target.kind === 'party')
    return words.page.behind(
      target.name,
      vendors.map(({ name }) => name),
    );
  return target.name;
}

function titleOf(severance: Severance): string {
  const what = whatOf(severance);
  const missing = severance.inForce.filter(({ at }) => at === null).map(({ gateway }) => gateway);
  switch (severance.state) {
    case 'in_force':
      return words.page.inForce(what);
    case 'partly':
      return words.page.partly(what, missing);
    case 'reopened':
      return words.page.reopened(what);
    case 'ended':
      return words.page.timeOver(what);
    case 'rehearsal':
      return words.page.rehearsal(what);
  }
}

function Whole({ severance }: { severance: Severance }) {
  const [act, setAct] = useState<SeverLine | 'reopen' | null>(null);
  const mayMark = useMay('severance.mark');
  const { ended, heldBy, waits, incident, target } = severance;
  return (
    <PageFrame
      tab={target.name}
      title={titleOf(severance)}
      lead={severance.reason}
      acts={
        ended !== null ? null : (
          <Permitted action="severance.run">
            <Button onClick={() => setAct('reopen')}>{words.reopen}</Button>
          </Permitted>
        )
      }
    >
      {waits === null ? null : (
        <Note urgent>
          {words.page.waits}{' '}
          {waits.contracts
            .map(({ connection, was, now }) => words.page.contract(connection.name, was, now))
            .join('; ')}
          .
        </Note>
      )}
      {heldBy.length === 0 ? null : (
        <Note>
          {words.page.heldBy}{' '}
          {heldBy.map((one) => (
            <span key={one.id}>
              <TextLink to="/severances/$severance" params={{ severance: one.id }}>
                {words.page.open(one.by)}
              </TextLink>{' '}
              <Ago at={one.since} />.{' '}
            </span>
          ))}
        </Note>
      )}
      <Facts
        facts={[
          [words.page.gateways, <InForce key="gateways" severance={severance} />],
          [words.page.since, <Exact key="since" at={severance.since} />],
          [
            words.page.until,
            severance.until === null ? words.page.nobodyReopens : <Exact key="until" at={severance.until} />,
          ],
          [words.page.by, severance.by],
          ...(incident === null
            ? []
            : [
                [
                  words.page.incident,
                  <TextLink key="incident" to="/incidents/$incident" params={{ incident: incident.id }}>
                    {`${incident.number}: ${incident.title}`}
                  </TextLink>,
                ] as const,
              ]),
          ...(severance.pseudonyms.length === 0
            ? []
            : [
                [
                  words.page.pseudonyms,
                  severance.pseudonyms
                    .map(({ vendor, epoch, destroyedAt }) =>
                      destroyedAt === null
                        ? words.page.destroying(vendor.name, epoch)
                        : words.page.destroyed(vendor.name, epoch),
                    )
                    .join('; '),
                ] as const,
              ]),
          ...(ended === null
            ? []
            : [
                [
                  words.page.ended,
                  <span key="ended">
                    <Exact at={ended.at} />, {ended.by}: {ended.reason}
                  </span>,
                ] as const,
              ]),
        ]}
      />
      <Lists
        lists={severance}
        act={(line, list) =>
          list === 'cutNow' || !mayMark ? null : (
            <div>
              <Button
                slim
                aria-label={line.done === null ? words.markOf(line.what) : `${words.unmark}: ${line.what}`}
                onClick={() => setAct(line)}
              >
                {line.done === null ? words.mark : words.unmark}
              </Button>
            </div>
          )
        }
      />
      {act === 'reopen' ? <ReopenSheet severance={severance} onClose={() => setAct(null)} /> : null}
      {act !== null && act !== 'reopen' ? (
        <MarkSheet severance={severance.id} line={act} onClose={() => setAct(null)} />
      ) : null}
    </PageFrame>
  );
}

function InForce({ severance }: { severance: Severance }) {
  if (severance.state === 'rehearsal') return words.drillLead;
  if (severance.inForce.length === 0) return words.page.noGateway;
  return (
    <ul>
      {severance.inForce.map(({ gateway, workers, at, lastSeenAt }) => (
        <li key={gateway}>
          {words.page.at(gateway, workers)}:{' '}
          {at === null ? (
            <span className={severance.ended === null ? 'text-alert' : 'text-soft'}>
              {words.page.notYet} {lastSeenAt === null ? words.page.never : <Ago at={lastSeenAt} />}
            </span>
          ) : (
            <Exact at={at} />
          )}
        </li>
      ))}
    </ul>
  );
}
