import { createHash } from 'node:crypto';
import { seeded } from '@drawbridge/scan/testing';

/** One made-up document: what it is put together from, where it is cut, and what else is drawn for it. */
export interface Case {
  parts: readonly string[];
  /** Places of cuts, each taken modulo the length of what is cut, and one. */
  cuts: readonly number[];
  /** Which of the settings are tried. */
  choice: number;
}

/** Something that is fuzzed. */
export interface Area {
  name: string;
  pieces(random: Draw): string;
  /** What is wrong, in words that name no value; null: all is as promised. */
  check(tried: Case): string | null;
}

/** Draws from one seed. */
export class Draw {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed);
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  one<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new RangeError('nothing to draw from');
    return found;
  }
}

/** The numbers of a run's cases, 0 to below 2^32, one after the other: those of another seed are others. */
export function* numbersOf(seed: number): Generator<number, never> {
  for (let at = 0; ; at++) yield createHash('sha256').update(`${seed} ${at}`).digest().readUInt32LE(0);
}

/** The case of a number: short ones mostly, some of a hundred pieces; cut into two, into many, or character by character. */
export function caseOf(area: Area, number: number): Case {
  const random = new Draw(number);
  const count = 1 + random.below(random.one([4, 12, 30, 100]));
  const parts = Array.from({ length: count }, () => area.pieces(random));
  const cuts = Array.from({ length: random.below(random.one([3, 20, 400])) }, () => random.below(1 << 24));
  return { parts, cuts, choice: random.below(1 << 24) };
}

/** The pieces of a text, cut at the places of a case. */
export function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [...places, text.length].map((place, at) => text.slice(places[at - 1] ?? 0, place));
}

/** What is wrong, also when the code under test throws. */
export function faultOf(area: Area, tried: Case): string | null {
  try {
    return area.check(tried);
  } catch (cause) {
    return cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause);
  }
}

/** The same fault with less: parts, characters and cuts are left out as long as something is still wrong. */
export function smallest(area: Area, found: Case, until: number): Case {
  const isWrong = (tried: Case): boolean => performance.now() < until && faultOf(area, tried) !== null;
  let best = found;
  for (let before = ''; before !== JSON.stringify(best) && performance.now() < until; ) {
    before = JSON.stringify(best);
    best = {
      ...best,
      parts: fewer(best.parts, (parts) => isWrong({ ...best, parts })),
    };
    best = { ...best, cuts: fewer(best.cuts, (cuts) => isWrong({ ...best, cuts })) };
    for (let at = 0; at < best.parts.length; at++) {
      const withPart = (part: string): Case => ({
        ...best,
        parts: best.parts.map((each, place) => (place === at ? part : each)),
      });
      const units = fewer([...(best.parts[at] ?? '')], (left) => isWrong(withPart(left.join(''))));
      best = withPart(units.join(''));
    }
  }
  return best;
}

/** Leaves out halves, quarters, … down to single ones. */
function fewer<T>(given: readonly T[], isWrong: (left: readonly T[]) => boolean): readonly T[] {
  let left = given;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < left.length; ) {
      const without = [...left.slice(0, from), ...left.slice(from + size)];
      if (isWrong(without)) left = without;
      else from += size;
    }
  }
  return left;
}
