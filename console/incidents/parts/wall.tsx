import type { WallClock } from '../../api/clock-types.ts';
import { TextLink } from '../../design/button.tsx';
import { useNow } from '../../design/now.ts';
import { Ago } from '../../design/time.tsx';
import { clockWords as words } from '../../messages/pages/incident-parts.ts';
import { DrillMark } from '../marks.tsx';
import { Review } from './review.tsx';
import { NOW_AT, placeOf } from './scale.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

/** Each duty as a bar from what started it to when it is due, with now as one line through all. The words beside it say the same. */
export function Wall({ rows }: { rows: readonly WallClock[] }) {
  const now = useNow();
  const times = rows.flatMap(({ clock }) =>
    [clock.start, clock.due, clock.latest].flatMap((one) => one?.at ?? []),
  );
  const distances = times.map((at) => Date.parse(at) - now);
  const past = Math.max(0, ...distances.map((one) => -one));
  const ahead = Math.max(0, ...distances);
  const x = (at: string): number => placeOf(Date.parse(at), now, past, ahead);
  return (
    <ol aria-label={words.wall} className="border-b border-line">
      {rows.map(({ incident, clock }) => (
        <li
          key={`${incident.id} ${clock.rule}`}
          className="grid gap-x-6 gap-y-1 border-t border-line py-2 sm:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]"
        >
          <div className="min-w-0">
            {incident.drill ? <DrillMark /> : null}
            <TextLink to="/incidents/$incident" params={{ incident: incident.id }} search={{ tab: 'clocks' }}>
              {clock.title}
            </TextLink>
            <span className="block text-small text-soft">
              {incident.number}: {incident.title}. {clock.article}.
            </span>
            <span className="block text-small">
              <Review clock={clock} />
            </span>
          </div>
          <div className="flex min-w-0 flex-col gap-1">
            <div aria-hidden className="relative h-5 bg-sunken">
              {clock.start === null || clock.due === null ? null : (
                <Bar from={x(clock.start.at)} to={x(clock.due.at)} isLate={Date.parse(clock.due.at) < now} />
              )}
              {clock.latest === null || clock.due === null ? null : (
                <span
                  className="absolute top-2 h-1 border-t border-dashed border-line-strong"
                  style={{
                    left: percent(x(clock.due.at)),
                    width: percent(x(clock.latest.at) - x(clock.due.at)),
                  }}
                />
              )}
              <span
                className="absolute inset-y-0 w-0 border-l-2 border-ink"
                style={{ left: percent(NOW_AT) }}
              />
            </div>
            <p className="flex flex-wrap justify-between gap-x-4 text-small">
              <span className="text-soft">
                {words.starts}: {clock.start?.text ?? clock.waits_for?.text ?? words.notStarted}
              </span>
              <span
                className={
                  clock.state === 'late' || clock.state === 'due' ? 'font-strong text-alert' : 'font-strong'
                }
              >
                {clock.due === null ? (
                  (clock.no_number ?? words.states[clock.state])
                ) : (
                  <>
                    {words.due}: {clock.due.text} (<Ago at={clock.due.at} />)
                  </>
                )}
              </span>
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Bar({ from, to, isLate }: { from: number; to: number; isLate: boolean }) {
  return (
    <span
      className={`absolute inset-y-1 rounded-sm ${isLate ? 'bg-alert' : 'bg-act'}`}
      style={{ left: percent(from), width: percent(Math.max(0.004, to - from)) }}
    />
  );
}
