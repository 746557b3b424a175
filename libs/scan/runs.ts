import { byteKinds, IN_RUN } from './alphabets.ts';
import type { Work } from './work.ts';

/** A run is looked back for no farther than this: what is longer has no beginning. */
const MAX_BACK = 256;

/** So many characters of a run tell what it is made of. */
export const MAX_TOLD = 2048;

/** One run of `[A-Za-z0-9_-]`. */
export interface Run {
  start: number;
  end: number;
  /** Bits of `kinds` that occur in its first characters. */
  kinds: number;
  /** Its first character stands before `from` by more than is looked at. */
  isCut: boolean;
}

/** 1 for what is a run's. */
const isRun = new Uint8Array(256);
for (const [code, kind] of byteKinds.entries()) if ((kind & IN_RUN) !== 0) isRun[code] = 1;

/**
 * Visits each run of at least `least` run characters that has some in `[from, to)`, from the left. Reads a character in
 * `least`, and more only around one that is a run's: prose costs a fourth of its length.
 */
export function eachRun(
  bytes: Uint8Array,
  length: number,
  from: number,
  to: number,
  least: number,
  work: Work,
  visit: (run: Run) => void,
): void {
  const run: Run = { start: 0, end: 0, kinds: 0, isCut: false };
  let start = from;
  /** Up to here all are run characters from `start` on. */
  let good = from - 1;
  const floor = Math.max(0, from - MAX_BACK);
  while (start > floor && isRun[bytes[start - 1] ?? 0] === 1) start--;
  const first = start;
  while (start < to) {
    const probe = start + least - 1;
    if (probe >= length) return;
    let at = probe;
    while (at > good && isRun[bytes[at] ?? 0] === 1) at--;
    if (at > good && at >= start) {
      good = probe;
      start = at + 1;
      continue;
    }
    let end = probe + 1;
    while (isRun[bytes[end] ?? 0] === 1) end++;
    let seen = 0;
    const told = Math.min(end, start + MAX_TOLD);
    for (let each = start; each < told; each++) seen |= byteKinds[bytes[each] ?? 0] ?? 0;
    work.spend(end - start);
    run.start = start;
    run.end = end;
    run.kinds = seen;
    run.isCut = start === first && start === floor && start > 0;
    visit(run);
    start = end + 1;
    good = end;
  }
}
