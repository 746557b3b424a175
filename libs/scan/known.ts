import { IS_DIGIT, IS_LOWER, IS_UPPER } from './alphabets.ts';
import type { Run } from './runs.ts';
import type { Finding, KnownValue, KnownValues } from './types.ts';
import type { Work } from './work.ts';

/** Shorter runs are in too many texts by chance. */
export const MIN_KNOWN = 8;
/** Longer values are not looked for. */
const MAX_KNOWN = 1024;
/** Without a filter each piece of a run is hashed, and the whole: of pieces that begin at one place only so many, */
const MOST_PIECES = 6;
/** and none where so many characters hold more dashes than this, as rows of dashes and letters between dashes do. */
const HEAD = 16;
const MOST_DASHES = 4;
/** A row of dashes is nobody's secret. */
const IS_WORD = IS_DIGIT | IS_LOWER | IS_UPPER;
/** A run's hashes are kept for so many characters at a time. */
const SUMS = 8 * MAX_KNOWN;

/** What is hashed of a value that is registered: its longest run of `[A-Za-z0-9_-]`, and what stands around that. */
export interface KnownRun {
  run: string;
  before: number;
  after: number;
}

/** `null`: no run is long enough (8 characters), or there is white space: such a value is registered as a phrase. */
export function knownRun(value: string): KnownRun | null {
  if (/\s/.test(value) || value.length > MAX_KNOWN) return null;
  let best: KnownRun | null = null;
  for (const match of value.matchAll(/[\w-]+/g)) {
    if (match[0].length < MIN_KNOWN) continue;
    if (best !== null && match[0].length <= best.run.length) continue;
    best = { run: match[0], before: match.index, after: value.length - match.index - match[0].length };
  }
  return best;
}

/** Polynomial hash modulo 2^32, so that of a piece it follows from those of what ends before it and with it. */
const multiplier = (seed: number): number => (seed | 1) >>> 0;
const mixed = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (once ^ (once >>> 15)) >>> 0;
};

/** A keyed number for a run; different runs may have the same. Filters, and proves nothing. */
export function fingerprint(run: string, seed: number): number {
  const by = multiplier(seed);
  let hash = 0;
  for (let at = 0; at < run.length; at++) hash = (Math.imul(hash, by) + run.charCodeAt(at) + 1) | 0;
  return mixed(hash);
}

const isCutter = (code: number): boolean => code === 45 || code === 95;

function isDashed(text: string, start: number, end: number): boolean {
  let dashes = 0;
  const until = Math.min(end, start + HEAD);
  for (let at = start; at < until; at++) if (isCutter(text.charCodeAt(at))) dashes++;
  return dashes > MOST_DASHES;
}

/** Values that somebody keeps, looked up in runs: each run, and its pieces between `-` and `_`. */
export class Known {
  readonly #values: KnownValues;
  readonly #lengths: readonly number[];
  /** Hashes of the run up to each of its characters, and powers of the multiplier. */
  readonly #sums = new Int32Array(SUMS + 1);
  readonly #powers: ReadonlyMap<number, number>;
  readonly least: number;

  constructor(values: KnownValues) {
    this.#values = values;
    this.#lengths = [...values.lengths]
      .filter((length) => length >= MIN_KNOWN && length <= MAX_KNOWN)
      .sort((a, b) => a - b);
    this.least = this.#lengths[0] ?? Number.POSITIVE_INFINITY;
    const by = multiplier(values.filter?.seed ?? 1);
    this.#powers = new Map(this.#lengths.map((length) => [length, power(by, length)]));
  }

  /** Hands over each registered value that begins in the run. */
  find(text: string, run: Run, work: Work, found: (finding: Finding) => void): void {
    const length = run.end - run.start;
    if (length < this.least) return;
    const { filter } = this.#values;
    let isStart = !run.isCut;
    let base = run.start;
    let summed = base;
    for (let at = run.start; at + this.least <= run.end; at++) {
      if (isStart) {
        if (filter !== undefined && at + MAX_KNOWN > summed && summed < run.end) {
          base = at;
          summed = Math.min(run.end, base + SUMS);
          this.#sum(text, base, summed, filter.seed);
          work.spend(summed - base);
        }
        work.spend(1 + (this.#lengths.length >> 2));
        let pieces = filter === undefined && isDashed(text, at, run.end) ? 0 : MOST_PIECES;
        for (const one of this.#lengths) {
          const stop = at + one;
          if (stop > run.end) break;
          if (stop < run.end && !isCutter(text.charCodeAt(stop))) continue;
          const isWhole = at === run.start && stop === run.end && (run.kinds & IS_WORD) !== 0;
          if (filter === undefined && !isWhole && --pieces < 0) {
            if (at > run.start) break;
            continue;
          }
          if (filter !== undefined && !filter.has(this.#hash(at - base, one))) continue;
          const value = this.#lookup(text, at, stop, work);
          if (value !== null) found(value);
        }
      }
      isStart = isCutter(text.charCodeAt(at));
    }
  }

  #sum(text: string, start: number, end: number, seed: number): void {
    const by = multiplier(seed);
    let hash = 0;
    for (let at = start; at < end; at++) {
      hash = (Math.imul(hash, by) + text.charCodeAt(at) + 1) | 0;
      this.#sums[at - start + 1] = hash;
    }
  }

  #hash(offset: number, length: number): number {
    const before = Math.imul(this.#sums[offset] ?? 0, this.#powers.get(length) ?? 0);
    return mixed(((this.#sums[offset + length] ?? 0) - before) | 0);
  }

  #lookup(text: string, start: number, end: number, work: Work): Finding | null {
    work.spend(end - start + 64);
    const value = this.#values.lookup(text.slice(start, end));
    if (value === null) return null;
    if (value.around === undefined) return this.#finding(value, start, end);
    const [from, to] = [start - value.around.before, end + value.around.after];
    if (from < 0 || to > text.length) return null;
    return this.#values.lookup(text.slice(from, to))?.id === value.id ? this.#finding(value, from, to) : null;
  }

  #finding(value: KnownValue, start: number, end: number): Finding {
    return {
      class: value.class,
      confidence: 'certain',
      start,
      end,
      detector: 'known',
      why: 'a registered value',
      known: value.id,
    };
  }
}

function power(by: number, exponent: number): number {
  let result = 1;
  for (let at = 0; at < exponent; at++) result = Math.imul(result, by);
  return result;
}
