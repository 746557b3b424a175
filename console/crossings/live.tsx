import { type ReactNode, useEffect, useState } from 'react';
import type { CrossingRow } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { ago } from '../design/format.ts';
import { Empty } from '../design/state.tsx';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { crossingColumns } from './columns.tsx';
import { quietAfter, type Tail, useTail } from './tail.ts';

const words = m.crossings.live;
/** Above this many pixels a reader is at the top: below it, rows must not move under their eyes. */
const atTop = 80;

const rowIdOf = (row: CrossingRow): string => row.id;

/** Crossings as they come. Held while it is paused, or while somebody reads further down. */
export function LiveCrossings({ query, tools }: { query: string; tools: ReactNode }) {
  const [paused, setPaused] = useState(false);
  const scrolled = useScrolled();
  const tail = useTail(true, paused || scrolled, query);
  return (
    <DataTable
      label={m.crossings.tab}
      csvName="crossings"
      columns={crossingColumns}
      rows={tail.rows}
      rowId={rowIdOf}
      tools={
        <>
          {tools}
          <Button slim aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? words.resume : words.pause}
          </Button>
          <State tail={tail} paused={paused} scrolled={scrolled} />
        </>
      }
      empty={<Empty title={words.waiting}>{words.waitingLead}</Empty>}
    />
  );
}

/** Whether it moves, how much of what comes is shown, and if it does not move, why. */
function State({ tail, paused, scrolled }: { tail: Tail; paused: boolean; scrolled: boolean }) {
  const now = useSeconds();
  const quiet = tail.refused || tail.heardAt === null || now - tail.heardAt > quietAfter;
  const text = tail.refused
    ? words.refused
    : tail.heardAt === null
      ? words.connecting
      : quiet
        ? words.quiet(ago(tail.heardAt, now))
        : paused
          ? words.paused(tail.missed)
          : scrolled
            ? words.scrolled(tail.missed)
            : tail.rate === null
              ? words.on
              : tail.rate.shown < tail.rate.seen
                ? words.sampled(tail.rate.shown, tail.rate.seen)
                : words.all(tail.rate.seen);
  const moves = !quiet && !paused && !scrolled;
  return (
    <p className={`flex items-center gap-2 self-center text-small ${quiet ? 'text-alert' : 'text-soft'}`}>
      <span
        aria-hidden="true"
        className={`inline-block size-2 rounded-full ${moves ? 'live-dot bg-act' : 'border border-line-strong'}`}
      />
      <span data-live={moves}>{text}</span>
    </p>
  );
}

function useScrolled(): boolean {
  const [scrolled, setScrolled] = useState(() => window.scrollY > atTop);
  useEffect(() => {
    const look = (): void => setScrolled(window.scrollY > atTop);
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);
  return scrolled;
}

/** Milliseconds since 1970, moving in steps of a second: "last seen 14 s ago" is no use if it is late itself. */
function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
