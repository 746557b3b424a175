import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import type { DueItem } from '../api/register-types.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { register as words } from '../messages/pages/register.ts';

const DAY_MS = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What falls due with vendors: what is due already, then month by month for a year. */
export function VendorCalendarPage() {
  const [now] = useState(() => Date.now());
  const today = dayOf(now);
  // What is due for longer than two years stands on the vendors' own pages.
  const due = useQuery(queries.vendorDue(dayOf(now - 730 * DAY_MS), dayOf(now + 365 * DAY_MS)));
  if (due.data === undefined) {
    return (
      <PageFrame tab={words.calendar} title={words.calendar}>
        {due.error ? <Trouble error={due.error} onRetry={() => void due.refetch()} /> : <Bones lines={8} />}
      </PageFrame>
    );
  }
  const { items } = due.data;
  const over = items.filter(({ on }) => on < today);
  const months = Map.groupBy(
    items.filter(({ on }) => on >= today),
    ({ on }) => on.slice(0, 7),
  );
  return (
    <PageFrame
      tab={words.calendar}
      title={words.calendarTitle(items.length, over.length)}
      lead={words.calendarLead}
    >
      {over.length === 0 ? null : (
        <Section title={words.overdueTitle}>
          <Items items={over} urgent />
        </Section>
      )}
      {[...months].map(([month, those]) => (
        <Section key={month} title={words.month(month)}>
          <Items items={those} />
        </Section>
      ))}
    </PageFrame>
  );
}

function Items({ items, urgent = false }: { items: readonly DueItem[]; urgent?: boolean }) {
  return (
    <ul className="border-t border-line">
      {items.map((one) => (
        <li
          key={`${one.kind} ${one.vendor} ${one.id ?? ''}`}
          className="grid gap-x-6 border-b border-line py-2 sm:grid-cols-[120px_1fr_1fr]"
        >
          <time dateTime={one.on} className={urgent ? 'text-alert' : 'text-soft'}>
            {one.on}
          </time>
          <Link
            to="/vendors/$vendor"
            params={{ vendor: one.vendor }}
            className="number-link justify-self-start font-strong"
          >
            {one.vendorName}
          </Link>
          <span>{one.text}</span>
        </li>
      ))}
    </ul>
  );
}
