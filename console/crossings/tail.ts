import { useEffect, useRef, useState } from 'react';
import type { CrossingRow } from '../api/types.ts';

/** Rows that a live page keeps: more than anybody reads, and little enough to stay flat in memory. */
export const rowsKept = 1000;
/** The rate is said of the batches of this long, in milliseconds. */
const rateOver = 3000;
/** Batches come four times a second: after this long without one the page is not live. */
export const quietAfter = 3000;
/** Where the server would not be followed, it is asked again after this long, in milliseconds. */
const askAgainAfter = 3000;

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
  /** The server would not be followed when it was asked last, as when too many follow it; it is asked again. */
  refused: boolean;
}

const emptyTail: Tail = { rows: [], rate: null, heardAt: null, missed: 0, refused: false };

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
    let timer: ReturnType<typeof setTimeout> | undefined;
    let source = follow();

    function follow(): EventSource {
      const opened = new EventSource(`/api/v1/crossings/live${query === '' ? '' : `?${query}`}`);
      opened.addEventListener('batch', (event) => {
        const { seen, rows } = JSON.parse(String(event.data)) as { seen: number; rows: CrossingRow[] };
        const now = Date.now();
        batches = [
          ...batches.filter((one) => now - one.at <= rateOver),
          { at: now, seen, shown: rows.length },
        ];
        const told = { rate: rateOf(batches, now), heardAt: now, refused: false };
        setTail((before) =>
          holding.current
            ? { ...before, ...told, missed: before.missed + seen }
            : { ...told, rows: withNewer(before.rows, rows), missed: 0 },
        );
      });
      opened.addEventListener('error', () => {
        // A connection that breaks is opened again by the browser; an answer that is none is not.
        if (opened.readyState !== EventSource.CLOSED) return;
        setTail((before) => ({ ...before, refused: true }));
        timer = setTimeout(() => {
          source = follow();
        }, askAgainAfter);
      });
      return opened;
    }

    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [on, query]);
  return tail;
}
