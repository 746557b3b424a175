import { Link } from '@tanstack/react-router';
import type { AppPrivacy } from '../api/privacy-types.ts';
import type { TreatmentName } from '../api/types.ts';
import { classLabel } from '../design/classes.ts';
import { count, day as dayName } from '../design/format.ts';
import { TreatmentLegend } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { privacy } from '../messages/pages/privacy.ts';
import { type Bar, dayAfter, type KindRow, kindRows, type LookedState, lookedState } from './privacy-sums.ts';

const words = privacy;
/** Pixels. */
const HEIGHT = 40;
const LEAST = 2;

/** One row of bars for each kind of data, and below them on which days anything was looked for at all. */
export function PrivacyBars({ app, of }: { app: string; of: AppPrivacy }) {
  const { rows, most } = kindRows(of);
  const treatments = [
    ...new Set(
      rows.flatMap(({ bars }) => [...bars.values()].flatMap(({ parts }) => parts.map((p) => p.treatment))),
    ),
  ];
  return (
    <div className="flex flex-col gap-3">
      <table
        className="w-full table-fixed border-separate border-spacing-x-px border-spacing-y-2"
        aria-label={words.kinds}
      >
        <colgroup>
          <col className="w-28 sm:w-56" />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" className="sr-only">
              {words.kind}
            </th>
            {of.days.map(({ day }, index) => (
              <th key={day} scope="col" className="relative h-4 text-small font-normal text-soft">
                <span className="sr-only">{dayName(day)}</span>
                {(of.days.length - 1 - index) % 7 === 0 ? (
                  <span
                    aria-hidden="true"
                    className={`absolute top-0 whitespace-nowrap ${index === of.days.length - 1 ? 'right-0' : 'left-0'} ${(of.days.length - 1 - index) % 14 === 0 ? '' : 'max-sm:hidden'}`}
                  >
                    {dayName(day)}
                  </span>
                ) : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.kind} app={app} row={row} days={of.days} most={most} />
          ))}
          <LookedRow days={of.days} />
        </tbody>
      </table>
      <p className="text-small text-soft">{words.lookedLegend}</p>
      <div className="flex flex-wrap items-center justify-between gap-x-8 gap-y-2">
        <TreatmentLegend treatments={treatments} />
        {most > 0 ? <p className="text-small text-soft">{words.scale(most)}</p> : null}
      </div>
    </div>
  );
}

function Row({
  app,
  row,
  days,
  most,
}: {
  app: string;
  row: KindRow;
  days: AppPrivacy['days'];
  most: number;
}) {
  const label = classLabel(row.kind);
  return (
    <tr>
      <th scope="row" className="pr-2 text-left align-bottom font-normal max-sm:text-small">
        <span className="block truncate" title={label}>
          {label}
        </span>
        <span className="text-small text-soft">{count(row.total)}</span>
      </th>
      {days.map(({ day }) => (
        <td key={day} className="border-b border-line p-0 align-bottom" style={{ height: `${HEIGHT + 2}px` }}>
          <DayBar app={app} kind={row.kind} bar={row.bars.get(day)} most={most} />
        </td>
      ))}
    </tr>
  );
}

function DayBar({ app, kind, bar, most }: { app: string; kind: string; bar: Bar | undefined; most: number }) {
  if (bar === undefined) return null;
  const parts = bar.parts.map(({ treatment, crossings }) =>
    words.part(crossings, m.treatment[treatment].got.toLowerCase()),
  );
  const text = words.bar(classLabel(kind), dayName(bar.day), parts.join(', '));
  const [only] = bar.parts.length === 1 ? bar.parts : [];
  return (
    <Link
      to="/crossings"
      search={{ app, class: kind, treatment: only?.treatment, from: bar.day, to: dayAfter(bar.day) }}
      // The table below has the same links, one for each number.
      tabIndex={-1}
      className="flex flex-col-reverse"
      title={text}
      aria-label={text}
    >
      {bar.parts.map(({ treatment, crossings }) => (
        <Part key={treatment} treatment={treatment} height={Math.max(LEAST, (HEIGHT * crossings) / most)} />
      ))}
    </Link>
  );
}

function Part({ treatment, height }: { treatment: TreatmentName; height: number }) {
  return (
    <span
      aria-hidden="true"
      data-treatment={treatment}
      className="woven block w-full"
      style={{ height: `${height}px`, '--level': 1 } as React.CSSProperties}
    />
  );
}

/** A line under the days that were looked through, half of one under those that were in part. */
const marks: Record<LookedState, React.ReactNode> = {
  none: null,
  yes: <span className="block h-1 bg-soft" />,
  partly: <span className="block h-1 w-1/2 bg-soft" />,
  no: '?',
  unread: '–',
};

/** Days without bars: nothing found, nothing crossed, or nothing looked for. */
function LookedRow({ days }: { days: AppPrivacy['days'] }) {
  return (
    <tr>
      <th scope="row" className="truncate pr-2 text-left font-normal text-soft max-sm:text-small">
        {words.looked}
      </th>
      {days.map((one) => {
        const state = lookedState(one);
        const text = words.lookedDay(dayName(one.day), words.lookedStates[state], one.crossings);
        return (
          <td key={one.day} className="p-0 text-center align-middle text-small text-soft" title={text}>
            <span aria-hidden="true">{marks[state]}</span>
            <span className="sr-only">{words.lookedStates[state]}</span>
          </td>
        );
      })}
    </tr>
  );
}
