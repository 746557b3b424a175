import { useId } from 'react';
import type { Coverage, CoverageDay } from '../api/coverage-types.ts';
import { count, day as dayName } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { coverage as words } from '../messages/pages/coverage.ts';

const HEIGHT = 120;
const WIDTH = 10;
const cell = 'border-b border-line px-3 py-2';

/** A bar for each day: what crossed here, what may have, what went past us; a day that nobody measured is hatched. */
export function CoverageBars({ coverage }: { coverage: Coverage }) {
  const { days, from, to } = coverage;
  const hatch = useId();
  const most = Math.max(1, ...days.map(({ reported }) => reported ?? 0));
  const unknown = days.filter(({ reported }) => reported === null).length;
  const past = days.filter((one) => (one.past ?? 0) > 0).length;
  return (
    <figure className="flex flex-col gap-2">
      <svg
        role="img"
        aria-label={words.pictureOf(days.length, unknown, past)}
        viewBox={`0 0 ${days.length * WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-32 w-full border-b border-line-strong"
      >
        <Hatch id={hatch} />
        {days.map((one, at) => (
          <Bar key={one.day} day={one} at={at} most={most} hatch={hatch} />
        ))}
      </svg>
      <figcaption className="flex flex-wrap items-center gap-x-6 gap-y-1 text-small text-soft">
        <span>{words.picture(dayName(from), dayName(to))}</span>
        <Key fill="var(--ink-soft)">{words.legend.seen}</Key>
        <Key fill="var(--line-strong)" faint>
          {words.legend.unsure}
        </Key>
        <Key fill="var(--alert)">{words.legend.past}</Key>
        <Key fill={`url(#${hatch}-key)`} hatch={`${hatch}-key`}>
          {words.legend.unknown}
        </Key>
      </figcaption>
      <details>
        <summary className="cursor-pointer text-soft">{words.table}</summary>
        <DayTable days={days} />
      </details>
    </figure>
  );
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill="var(--sunken)" />
        <rect width="2" height="6" fill="var(--line)" />
      </pattern>
    </defs>
  );
}

function Bar({
  day: { day, reported, seen, unsure, past },
  at,
  most,
  hatch,
}: {
  day: CoverageDay;
  at: number;
  most: number;
  hatch: string;
}) {
  const x = at * WIDTH + 1;
  const width = WIDTH - 2;
  if (reported === null || seen === null || unsure === null || past === null) {
    return (
      <rect x={x} y={0} width={width} height={HEIGHT} fill={`url(#${hatch})`}>
        <title>{`${dayName(day)}: ${words.legend.unknown}`}</title>
      </rect>
    );
  }
  const tall = (amount: number) => (HEIGHT * amount) / most;
  const parts = [
    { amount: seen, fill: 'var(--ink-soft)', opacity: 1 },
    { amount: unsure, fill: 'var(--line-strong)', opacity: 0.45 },
    { amount: past, fill: 'var(--alert)', opacity: 1 },
  ];
  let top = HEIGHT;
  return (
    <g>
      <title>{`${dayName(day)}: ${words.legend.seen} ${count(seen)}, ${words.legend.unsure} ${count(unsure)}, ${words.legend.past} ${count(past)}`}</title>
      {parts.map(({ amount, fill, opacity }) => {
        top -= tall(amount);
        return amount === 0 ? null : (
          <rect
            key={fill}
            x={x}
            y={top}
            width={width}
            height={tall(amount)}
            fill={fill}
            fillOpacity={opacity}
          />
        );
      })}
    </g>
  );
}

function Key({
  fill,
  faint = false,
  hatch,
  children,
}: {
  fill: string;
  faint?: boolean;
  hatch?: string;
  children: string;
}) {
  return (
    <span className="inline-flex items-center gap-2">
      <svg aria-hidden="true" viewBox="0 0 12 12" className="size-3">
        {hatch === undefined ? null : <Hatch id={hatch} />}
        <rect width="12" height="12" fill={fill} fillOpacity={faint ? 0.45 : 1} />
      </svg>
      {children}
    </span>
  );
}

function DayTable({ days }: { days: readonly CoverageDay[] }) {
  const { head } = words;
  const number = (value: number | null) => (value === null ? '?' : count(value));
  return (
    <PlainTable
      label={words.table}
      heads={[head.day, head.known]}
      numeric={[head.crossings, head.reported, head.seen, head.unsure, head.past]}
    >
      {days.toReversed().map((one) => (
        <tr key={one.day}>
          <th scope="row" className={`${cell} text-left font-normal tabular-nums`}>
            {one.day}
          </th>
          <td className={cell}>{words.states[one.state]}</td>
          {[one.crossings, one.reported, one.seen, one.unsure, one.past].map((value, at) => (
            // The columns are always these.
            <td key={String(at)} className={`${cell} text-right`}>
              {number(value)}
            </td>
          ))}
        </tr>
      ))}
    </PlainTable>
  );
}
