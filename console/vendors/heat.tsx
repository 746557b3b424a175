import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { TreatmentName, VendorDetail } from '../api/types.ts';
import { classLabel, strongest, vendorGot } from '../design/classes.ts';
import { day as dayName } from '../design/format.ts';
import { TreatmentLegend, TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { afterKey, type Place, startOf } from './heat-cursor.ts';

/** Steps of the colour: fine enough to compare, coarse enough to tell apart. */
const levels = 5;

/** 0 to 1 by the logarithm, so that ten people and ten thousand can be told from one. */
function levelOf(people: number, max: number): number {
  return Math.ceil((levels * Math.log(1 + people)) / Math.log(1 + max)) / levels;
}

function dayAfter(bucket: string): string {
  return new Date(Date.parse(`${bucket}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** The treatment with which a class was got, where there was only one: then a list can show just that. */
function onlyTreatment(holdings: VendorDetail['holdings'], name: string): TreatmentName | undefined {
  const got = holdings.filter((item) => item.class === name && vendorGot(item.treatment));
  return got.length === 1 ? got[0]?.treatment : undefined;
}

/** Field class × day: what the vendor got when, in the colour of the form it got it in. */
export function HoldingsHeat({ vendor }: { vendor: VendorDetail }) {
  const { days, heat, holdings } = vendor;
  const body = useRef<HTMLTableSectionElement>(null);
  const [focused, setFocused] = useState<Place | null>(null);
  const cells = useMemo(() => new Map(heat.map((cell) => [`${cell.class} ${cell.day}`, cell])), [heat]);
  const rows = useMemo(
    () => strongest(holdings).filter((item) => heat.some((cell) => cell.class === item.class)),
    [holdings, heat],
  );
  const max = Math.max(1, ...heat.map((cell) => cell.people));

  if (rows.length === 0) return <p className="text-soft">{m.vendors.heatNone}</p>;

  const filled = rows.map((item) =>
    days.map((bucket) => (cells.get(`${item.class} ${bucket}`)?.crossings ?? 0) > 0),
  );
  // Squares come and go while one looks: the one that had the focus may be empty by now.
  const cursor = focused !== null && filled[focused[0]]?.[focused[1]] ? focused : startOf(filled);

  function move(event: KeyboardEvent): void {
    const next = cursor === null ? null : afterKey(event.key, cursor, filled);
    if (next === null) return;
    event.preventDefault();
    setFocused(next);
    body.current?.querySelector<HTMLElement>(`[data-cell="${next[0]}-${next[1]}"]`)?.focus();
  }

  return (
    <div className="flex flex-col gap-3">
      <table
        className="w-full table-fixed border-separate border-spacing-x-px border-spacing-y-[3px]"
        aria-label={m.vendors.heatTitle}
      >
        <caption className="sr-only">{m.vendors.heatKeys}</caption>
        <colgroup>
          <col className="w-28 sm:w-56" />
        </colgroup>
        <thead>
          <tr>
            <td />
            {days.map((bucket, index) => (
              <th key={bucket} scope="col" className="relative h-4 text-small font-normal text-soft">
                <span className="sr-only">{dayName(bucket)}</span>
                {(days.length - 1 - index) % 7 === 0 ? (
                  <span
                    aria-hidden="true"
                    className={`absolute top-0 whitespace-nowrap ${index === days.length - 1 ? 'right-0' : 'left-0'} ${(days.length - 1 - index) % 14 === 0 ? '' : 'max-sm:hidden'}`}
                  >
                    {dayName(bucket)}
                  </span>
                ) : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {rows.map((item, row) => (
            <tr key={item.class}>
              <th
                scope="row"
                className="truncate pr-2 text-left font-normal max-sm:text-small"
                title={classLabel(item.class)}
              >
                <span className="inline-flex max-w-full items-center gap-2">
                  <TreatmentMark treatment={item.treatment} titled />
                  <span className="truncate">{classLabel(item.class)}</span>
                </span>
              </th>
              {days.map((bucket, column) => {
                const cell = cells.get(`${item.class} ${bucket}`);
                if (cell === undefined || cell.crossings === 0) {
                  return <td key={bucket} className="heat-none h-5" />;
                }
                const text = m.vendors.heatCell(
                  classLabel(item.class),
                  dayName(bucket),
                  cell.people,
                  cell.crossings,
                );
                return (
                  <td key={bucket} className="p-0">
                    <Link
                      to="/crossings"
                      search={{
                        vendor: vendor.vendor,
                        class: item.class,
                        treatment: onlyTreatment(holdings, item.class),
                        decision: 'forwarded',
                        from: bucket,
                        to: dayAfter(bucket),
                      }}
                      data-cell={`${row}-${column}`}
                      data-treatment={item.treatment}
                      tabIndex={row === cursor?.[0] && column === cursor[1] ? 0 : -1}
                      onFocus={() => setFocused([row, column])}
                      className="woven heat-cell block"
                      style={{ '--level': levelOf(cell.people, max) } as React.CSSProperties}
                      title={text}
                      aria-label={text}
                    />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="flex flex-wrap items-center justify-between gap-x-8 gap-y-2">
        <TreatmentLegend treatments={[...new Set(rows.map((item) => item.treatment))] as TreatmentName[]} />
        <p className="flex items-center gap-2 text-small text-soft">
          <span aria-hidden="true" className="flex gap-px">
            {Array.from({ length: levels }, (_, index) => (index + 1) / levels).map((level) => (
              <span
                key={level}
                data-treatment="pass"
                className="woven inline-block size-3"
                style={{ '--level': level, '--t': 'var(--ink-soft)' } as React.CSSProperties}
              />
            ))}
          </span>
          {m.vendors.heatScale(max)}
        </p>
      </div>
    </div>
  );
}
