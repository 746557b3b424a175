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
 * that nothing which was found is uncovered. Takes finds in the order of `byPlace`, and gives them as soon as none that
 * comes later can change them.
 */
export class Merger {
  #now: Finding | null = null;
  /** What is left of a find behind the one that won over it. */
  #rest: Finding | null = null;

  /** Nothing before this is still open. */
  openFrom(frontier: number): number {
    return Math.min(frontier, this.#now?.start ?? frontier);
  }

  /** All finds that begin before `frontier` have come. */
  settle(frontier: number, out: Finding[]): void {
    while (this.#now !== null && this.#now.end <= frontier) this.#shift(out);
  }

  take(next: Finding, out: Finding[]): void {
    while (this.#now !== null && this.#now.end <= next.start) this.#shift(out);
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
      if (next.start > now.start) out.push({ ...now, end: next.start });
      this.#now = next;
      if (this.#rest !== null && this.#rest.end <= next.end) this.#rest = null;
      else if (this.#rest !== null) this.#rest = { ...this.#rest, start: next.end };
      return;
    }
    if (this.#rest === null || this.#rest.end < next.end) this.#rest = { ...next, start: now.end };
  }

  end(out: Finding[]): void {
    while (this.#now !== null) this.#shift(out);
  }

  #shift(out: Finding[]): void {
    if (this.#now !== null) out.push(this.#now);
    this.#now = this.#rest;
    this.#rest = null;
  }
}

/** All finds of a text, merged. */
export function merged(finds: Finding[]): Finding[] {
  const out: Finding[] = [];
  const merger = new Merger();
  for (const find of finds.sort(byPlace)) merger.take(find, out);
  merger.end(out);
  return out;
}
