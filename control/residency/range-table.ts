import { isIP } from 'node:net';
import { addressOf, rangeOf } from './address.ts';
import type { Place } from './place.ts';

/**
 * The table of the networks that providers publish, as a text: a first line with the format; a `source` line per provider with
 * the day of its list, the SHA-256 of the file and its address; then `at <place> <name>` lines, each followed by the ranges
 * (CIDR) that are there. A place is a country, a cloud's region or `EDGE`. Empty lines and those that begin with # say nothing.
 */
export const RANGES_FORMAT = 'drawbridge.ranges/1';
export const MOST_RANGES = 200_000;
const MOST_SECTIONS = 5_000;

export interface RangeSource {
  provider: string;
  asOf: string;
  sha256: string;
  url: string;
}
export interface Section {
  place: Place;
  /** What the provider calls it: `aws eu-west-2`. */
  name: string;
}

/** A line that can't be read. */
export class RangeTableError extends Error {
  readonly line: number;
  readonly field: string;
  constructor(line: number, field: string, message: string) {
    super(`line ${line}: ${field} ${message}`);
    this.name = 'RangeTableError';
    this.line = line;
    this.field = field;
  }
}

export interface RangeTable {
  sources: readonly RangeSource[];
  /** How many ranges it lists. */
  ranges: number;
  /** Of the smallest range that has the address; null: none has it. */
  find(address: string): Section | null;
}

interface Listed {
  from: bigint;
  to: bigint;
  section: number;
}

const PROVIDER = /^[a-z][a-z0-9-]{0,30}$/;
const SECTION_PLACE = /^(?:[A-Z]{2}|EDGE|(?:aws|gcp|azure|oci):[a-z0-9-]{2,40})$/;

/** Reads a table. Throws RangeTableError that names line and field. */
export function readRanges(text: string): RangeTable {
  const lines = text.split('\n');
  if (lines[0]?.trim() !== RANGES_FORMAT) {
    throw new RangeTableError(1, 'format', `is not ${RANGES_FORMAT}: make the table with scripts/ranges.ts`);
  }
  const sources: RangeSource[] = [];
  const sections: Section[] = [];
  const listed: Record<4 | 6, Listed[]> = { 4: [], 6: [] };
  let count = 0;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    const at = index + 1;
    if (index === 0 || line === '' || line.startsWith('#')) continue;
    if (line.startsWith('source ')) {
      sources.push(sourceOf(line, at));
    } else if (line.startsWith('at ')) {
      if (sections.length === MOST_SECTIONS) {
        throw new RangeTableError(
          at,
          'at',
          `is one more than the ${MOST_SECTIONS} places that a table may have`,
        );
      }
      sections.push(sectionOf(line, at, sources));
    } else {
      const range = rangeOf(line);
      if (range === null) throw new RangeTableError(at, 'range', 'is no network such as 192.0.2.0/24');
      if (sections.length === 0) throw new RangeTableError(at, 'range', 'stands before any "at" line');
      count += 1;
      if (count > MOST_RANGES) {
        throw new RangeTableError(at, 'range', `is one more than the ${MOST_RANGES} that a table may have`);
      }
      listed[range.family].push({ from: range.from, to: range.to, section: sections.length - 1 });
    }
  }
  if (sources.length === 0)
    throw new RangeTableError(1, 'source', 'is missing: a table says where it is from');
  return tableOf(sources, sections, listed, count);
}

function sourceOf(line: string, at: number): RangeSource {
  const [, provider = '', asOf = '', sha256 = '', url = '', ...more] = line.split(/\s+/);
  if (!PROVIDER.test(provider)) throw new RangeTableError(at, 'source', 'has no name of a provider first');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(asOf) || Number.isNaN(Date.parse(asOf)))
    throw new RangeTableError(at, 'source', 'has no day such as 2026-11-22 second');
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeTableError(at, 'source', 'has no SHA-256 third');
  if (!/^https:\/\/\S{3,400}$/.test(url) || more.length > 0)
    throw new RangeTableError(at, 'source', 'has no https address at its end');
  return { provider, asOf, sha256, url };
}

function sectionOf(line: string, at: number, sources: readonly RangeSource[]): Section {
  const [, place = '', provider = '', ...rest] = line.split(/\s+/);
  if (!SECTION_PLACE.test(place) || place === 'EU')
    throw new RangeTableError(at, 'at', 'names no country, region of a cloud, or EDGE first');
  if (!sources.some((source) => source.provider === provider))
    throw new RangeTableError(at, 'at', 'names no provider second that has a source line above');
  const name = [provider, ...rest].join(' ');
  if (name.length > 120) throw new RangeTableError(at, 'at', 'has a name of more than 120 characters');
  return { place, name };
}

function tableOf(
  sources: readonly RangeSource[],
  sections: readonly Section[],
  listed: Record<4 | 6, Listed[]>,
  ranges: number,
): RangeTable {
  const four = flatten(listed[4], sections);
  const six = flatten(listed[6], sections);
  const fourFrom = Float64Array.from(four, ({ from }) => Number(from));
  const fourTo = Float64Array.from(four, ({ to }) => Number(to));
  const sixFrom = wordsOf(six.map(({ from }) => from));
  const sixTo = wordsOf(six.map(({ to }) => to));
  return {
    sources,
    ranges,
    find(address) {
      // Plain numbers for IPv4, which is nearly all there is.
      const family = isIP(address);
      if (family === 0) return null;
      if (family === 4) {
        const value = quadNumber(address);
        const index = lastAtMost(fourFrom, value);
        return index < 0 || (fourTo[index] ?? -1) < value ? null : sectionAt(sections, four[index]);
      }
      const words = sixOf(address);
      if (words === null) {
        const parsed = addressOf(address);
        return parsed?.family === 4 ? this.find(quadText(parsed.value)) : null;
      }
      const index = lastWordsAtMost(sixFrom, words);
      return index < 0 || compareWords(sixTo, index, words) < 0 ? null : sectionAt(sections, six[index]);
    },
  };
}

const sectionAt = (sections: readonly Section[], found: Listed | undefined): Section | null =>
  found === undefined ? null : (sections[found.section] ?? null);

function quadNumber(address: string): number {
  let value = 0;
  let part = 0;
  for (let at = 0; at < address.length; at += 1) {
    const code = address.charCodeAt(at);
    if (code === 46) {
      value = value * 256 + part;
      part = 0;
    } else part = part * 10 + code - 48;
  }
  return value * 256 + part;
}

/**
 * An IPv6 address as four numbers of 32 bits; null: it is IPv4 in IPv6. To be used before the next call.
 * Arithmetic on 128 bits would take several times as long.
 */
function sixOf(address: string): Words | null {
  const value = address.includes('.') || address.includes('%') ? addressOf(address) : null;
  if (value !== null) return value.family === 4 ? null : wordsOf([value.value]);
  // Groups of 16 bits: from the left up to `::`, and what is behind it from the right.
  let at = 0;
  let gap = -1;
  let group = 0;
  let digits = 0;
  groups.fill(0);
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    if (code !== COLON) {
      group = (group << 4) | (code <= NINE ? code - ZERO : (code | 32) - LETTERS);
      digits += 1;
      continue;
    }
    if (digits > 0) groups[at++] = group;
    group = 0;
    digits = 0;
    if (address.charCodeAt(index + 1) === COLON) gap = at;
  }
  if (digits > 0) groups[at++] = group;
  if (gap >= 0) {
    groups.copyWithin(8 - (at - gap), gap, at);
    groups.fill(0, gap, 8 - (at - gap));
  }
  for (let word = 0; word < 4; word += 1)
    words[word] = (((groups[2 * word] ?? 0) << 16) | (groups[2 * word + 1] ?? 0)) >>> 0;
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return isMapped ? null : words;
}
/** Made once: to make them anew for each address would take longer than to find it. */
const groups = new Uint16Array(8);
const words = new Uint32Array(4);
const COLON = 58;
const ZERO = 48;
const NINE = 57;
/** The code of `a`, less ten. */
const LETTERS = 87;

/** Addresses of 128 bits side by side, each as four numbers, the highest first. */
type Words = Uint32Array;

function wordsOf(values: readonly bigint[]): Words {
  const words = new Uint32Array(values.length * 4);
  for (const [index, value] of values.entries()) {
    for (let word = 0; word < 4; word += 1)
      words[index * 4 + word] = Number((value >> BigInt(96 - 32 * word)) & 0xffff_ffffn);
  }
  return words;
}

/** Below 0: the one at `index` is less than `value`; 0: it is the same. */
function compareWords(words: Words, index: number, value: Words): number {
  for (let word = 0; word < 4; word += 1) {
    const by = (words[index * 4 + word] ?? 0) - (value[word] ?? 0);
    if (by !== 0) return by;
  }
  return 0;
}

/** Index of the last address that is at most `value`; -1: none. */
function lastWordsAtMost(words: Words, value: Words): number {
  let low = 0;
  let high = words.length / 4;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareWords(words, middle, value) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function quadText(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

/** Index of the last element that is at most `value`; -1: none. */
function lastAtMost(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = sorted[middle];
    if (there !== undefined && there <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Ranges that lie in one another, as ranges side by side: the smallest counts. Of the same range at two places it is not known
 * where it is, but where one of them is `EDGE`, it is that.
 */
function flatten(listed: Listed[], sections: readonly Section[]): Listed[] {
  const sorted = [...listed].sort((a, b) => order(a.from, b.from) || order(b.to, a.to));
  const flat: Listed[] = [];
  const open: Listed[] = [];
  let next = 0n;
  const emit = (to: bigint): void => {
    const top = open.at(-1);
    if (top !== undefined && top.section >= 0 && next <= to)
      flat.push({ from: next, to, section: top.section });
    next = to + 1n;
  };
  const closeBefore = (from: bigint): void => {
    for (let top = open.at(-1); top !== undefined && top.to < from; top = open.at(-1)) {
      emit(top.to);
      open.pop();
    }
  };
  for (const one of sorted) {
    const top = open.at(-1);
    if (top !== undefined && top.from === one.from && top.to === one.to) {
      open[open.length - 1] = { ...top, section: both(top.section, one.section, sections) };
      continue;
    }
    closeBefore(one.from);
    if (open.length > 0) emit(one.from - 1n);
    next = one.from;
    open.push(one);
  }
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    emit(top.to);
    open.pop();
  }
  return flat;
}

function both(one: number, other: number, sections: readonly Section[]): number {
  const [first, second] = [sections[one]?.place, sections[other]?.place];
  if (first === second) return one;
  if (first === 'EDGE') return one;
  return second === 'EDGE' ? other : -1;
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
