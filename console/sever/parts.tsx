import { useState } from 'react';
import { useMay } from '../api/may.ts';
import type { Severance, SeverLine } from '../api/sever-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { Facts } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { Permitted } from '../shell/permitted.tsx';
import { Lists } from './lists.tsx';
import { MarkSheet } from './mark-sheet.tsx';
import { ReopenSheet } from './reopen-sheet.tsx';

/** Opens what was cut off, while it is. */
export function ReopenButton({ severance }: { severance: Severance }) {
  const [open, setOpen] = useState(false);
  if (severance.ended !== null) return null;
  return (
    <Permitted action="severance.run">
      <Button onClick={() => setOpen(true)}>{words.reopen}</Button>
      {open ? <ReopenSheet severance={severance} onClose={() => setOpen(false)} /> : null}
    </Permitted>
  );
}

/** Where a severance is in force, and its four lists, whose lines are marked here. */
export function SeveranceParts({ severance }: { severance: Severance }) {
  const [act, setAct] = useState<SeverLine | null>(null);
  const mayMark = useMay('severance.mark');
  const { ended, heldBy, waits, incident } = severance;
  return (
    <>
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
            : [[words.page.incident, `${incident.number}: ${incident.title}`] as const]),
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
      {act === null ? null : <MarkSheet severance={severance.id} line={act} onClose={() => setAct(null)} />}
    </>
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
