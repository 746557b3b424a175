import type { ReactNode } from 'react';
import { ScrollRegion } from './scroll-region.tsx';

/** A few rows that are neither sorted nor filtered; it scrolls by itself where it is wider than the page. */
export function PlainTable({
  label,
  heads,
  numeric = [],
  children,
}: {
  label: string;
  heads: readonly string[];
  /** Heads of numbers and times, which stand on the right. */
  numeric?: readonly string[];
  /** Rows. */
  children: ReactNode;
}) {
  return (
    <ScrollRegion label={label}>
      <table className="w-full text-left" aria-label={label}>
        <thead>
          <tr>
            {[...heads, ...numeric].map((head) => (
              <th
                key={head}
                scope="col"
                className={`h-9 border-b border-line-strong px-3 text-small font-strong whitespace-nowrap ${numeric.includes(head) ? 'text-right' : ''}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </ScrollRegion>
  );
}
