import { useEffect, useRef, useState } from 'react';
import type { CrossingRow } from '../api/types.ts';

/** Rows that a live page keeps: more than anybody reads, and little enough to stay flat in memory. */
export const rowsKept = 1000;
/** The rate is said of the batches of this long, in milliseconds. */
const rateOver = 3000;
/** Batches come four times a second: after this long without one the page is not live. */
export const quietAfter = 3000;

interface Batch {
  /** By this device's clock, in milliseconds since 1970. */
  at: number;
  seen: number;
  shown: number;
}

export interface Tail {
  rows: readonly CrossingRow[];
  /** A second, over the last three; null before there is enough to say. */
  rate: { seen: number; shown: number } | null;
  /** When the last batch came, in milliseconds since 1970; null before the first. */
  heardAt: number | null;
  /** Came while it was held, and is not among the rows. */
  missed: number;
}

export const emptyTail: Tail = { rows: [], rate: null, heardAt: null, missed: 0 };

/** Newest first, each once, at most `rowsKept`. */
export function withNewer(
  rows: readonly CrossingRow[],
  fresh: readonly CrossingRow[],
): readonly CrossingRow[] {
  if (fresh.length === 0) return rows;
  const known = new Set(rows.slice(0, 2 * fresh.length).map((row) => row.id));
  return [...fresh.filter((row) => !known.has(row.id)), ...rows].slice(0, rowsKept);
}

/** How many came and were shown a second, by the batches of the last three seconds; null before a second of them. */
export function rateOf(batches: readonly Batch[], now: number): Tail['rate'] {
  const first = batches[0];
  if (first === undefined || now - first.at < 1000) return null;
  const seconds = (now - first.at) / 1000;
  // What the first batch brought came before the time that is measured.
  const sum = (of: (batch: Batch) => number): number =>
    batches.slice(1).reduce((total, batch) => total + of(batch), 0);
  return {
    seen: Math.round(sum((one) => one.seen) / seconds),
    shown: Math.round(sum((one) => one.shown) / seconds),
  };
}

/**
 * Follows crossings that fit `query` while `on`. While `held` nothing moves, and what came is counted. The server
 * sends the newest of each quarter of a second and how many there were.
 */
export function useTail(on: boolean, held: boolean, query: string): Tail {
  const [tail, setTail] = useState(emptyTail);
  const holding = useRef(held);
  useEffect(() => {
    holding.current = held;
    if (!held) setTail((before) => (before.missed === 0 ? before : { ...before, missed: 0 }));
  }, [held]);

  useEffect(() => {
    setTail(emptyTail);
    if (!on) return;
    let batches: Batch[] = [];
    const source = new EventSource(`/api/v1/crossings/live${query === '' ? '' : `?${query}`}`);
    source.addEventListener('batch', (event) => {
      const { seen, rows } = JSON.parse(String(event.data)) as { seen: number; rows: CrossingRow[] };
      const now = Date.now();
      batches = [...batches.filter((one) => now - one.at <= rateOver), { at: now, seen, shown: rows.length }];
      const rate = rateOf(batches, now);
      setTail((before) =>
        holding.current
          ? { ...before, rate, heardAt: now, missed: before.missed + seen }
          : { rows: withNewer(before.rows, rows), rate, heardAt: now, missed: 0 },
      );
    });
    return () => source.close();
  }, [on, query]);
  return tail;
}
