import type { ReactNode } from 'react';
import { NumberLink } from '../design/button.tsx';
import { dayAgo } from '../design/format.ts';
import { useNow } from '../design/now.ts';

/** A number of crossings of the last 24 hours; opens just these. */
export function LastDayLink({
  children,
  vendor,
  decision,
}: {
  children: ReactNode;
  vendor?: string;
  decision?: 'forwarded' | 'refused';
}) {
  const from = dayAgo(useNow());
  return (
    <NumberLink to="/crossings" search={{ vendor, decision, from }}>
      {children}
    </NumberLink>
  );
}
