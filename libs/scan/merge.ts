import type { Confidence, Finding } from './types.ts';

const rank: Readonly<Record<Confidence, number>> = { certain: 2, likely: 1, possible: 0 };

/** What says least of a secret: another find of the same characters says more. */
export const KEYWORD = 'secret.keyword';

/** Order in which finds are merged: by start, then the longer, then the more certain, then those that name a value. */
export function byPlace(a: Finding, b: Finding): number {
  return (
    a.start - b.start ||
    b.end - a.end ||
    rank[b.confidence] - rank[a.confidence] ||
    Number(b.known !== undefined) - Number(a.known !== undefined) ||
    Number(a.detector === KEYWORD) - Number(b.detector === KEYWORD) ||
    (a.detector < b.detector ? -1 : a.detector > b.detector ? 1 : 0)
  );
}

/**
 * Of finds that overlap the longer wins, then the more certain. What is left of the other stays a find of its own, so
 * that nothing which was found is uncovered. Takes finds in the order of `byPlace`, and decides as soon as none that
 * comes later can change them.
 */
class Row {
  /** What is decided, in order. */
  readonly decided: Finding[] = [];
  #now: Finding | null = null;
  /** What is left of a find behind the one that won over it. */
  #rest: Finding | null = null;

  /** Nothing before this is still open. */
  openFrom(frontier: number): number {
    return Math.min(frontier, this.#now?.start ?? frontier);
  }

  /** All finds that begin before `frontier` have come. */
  settle(frontier: number): void {
    while (this.#now !== null && this.#now.end <= frontier) this.#shift();
  }

  take(next: Finding): void {
    while (this.#now !== null && this.#now.end <= next.start) this.#shift();
    const now = this.#now;
    if (now === null) {
      this.#now = next;
      return;
    }
    if (next.end <= now.end) {
      if (next.known !== undefined && now.known === undefined) this.#now = { ...now, known: next.known };
      return;
    }
    const isLonger = next.end - next.start - (now.end - now.start);
    if (isLonger > 0 || (isLonger === 0 && rank[next.confidence] > rank[now.confidence])) {
      if (next.start > now.start) this.decided.push({ ...now, end: next.start });
      this.#now = next;
      if (this.#rest !== null && this.#rest.end <= next.end) this.#rest = null;
      else if (this.#rest !== null) this.#rest = { ...this.#rest, start: next.end };
      return;
    }
    if (this.#rest === null || this.#rest.end < next.end) this.#rest = { ...next, start: now.end };
  }

  #shift(): void {
    if (this.#now !== null) this.decided.push(this.#now);
    this.#now = this.#rest;
    this.#rest = null;
  }
}

/**
 * Merges finds, given in the order of `byPlace`. Those that are merely possible are a row of their own, of which only that
 * remains which no other covers: however long, they take nothing from one that is likely or certain.
 */
export class Merger {
  readonly #sure = new Row();
  readonly #possible = new Row();
  /** Up to here the last find goes that left and is not merely possible. */
  #covered = 0;

  take(next: Finding): void {
    (next.confidence === 'possible' ? this.#possible : this.#sure).take(next);
  }

  /** Nothing before this is still open. */
  openFrom(frontier: number): number {
    const possible = this.#possible.decided[0]?.start ?? this.#possible.openFrom(frontier);
    return Math.min(
      this.#sure.decided[0]?.start ?? this.#sure.openFrom(frontier),
      Math.max(possible, this.#covered),
    );
  }

  /** All finds that begin before `frontier` have come. What no later one can change goes to `out`, in order. */
  settle(frontier: number, out: Finding[]): void {
    const [sure, possible] = [this.#sure, this.#possible];
    sure.settle(frontier);
    possible.settle(frontier);
    const [sureFrom, possibleFrom] = [sure.openFrom(frontier), possible.openFrom(frontier)];
    for (;;) {
      const [next] = sure.decided;
      const [hint] = possible.decided;
      const start = hint === undefined ? Number.POSITIVE_INFINITY : Math.max(hint.start, this.#covered);
      if (hint !== undefined && hint.end <= start) possible.decided.shift();
      else if (hint !== undefined && (next === undefined || start < next.start)) {
        const until = next?.start ?? sureFrom;
        if (next === undefined && hint.end > until) return;
        out.push({ ...hint, start, end: Math.min(hint.end, until) });
        if (hint.end <= until) possible.decided.shift();
        else possible.decided[0] = { ...hint, start: until };
      } else if (next !== undefined && next.start <= possibleFrom) {
        out.push(next);
        this.#covered = next.end;
        sure.decided.shift();
      } else return;
    }
  }
}

/** All finds of a text, merged. */
export function merged(finds: Finding[]): Finding[] {
  if (finds.length < 2) return finds;
  const out: Finding[] = [];
  const merger = new Merger();
  for (const find of finds.sort(byPlace)) merger.take(find);
  merger.settle(Number.POSITIVE_INFINITY, out);
  return out;
}
