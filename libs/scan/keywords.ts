import { ScanRuleError } from './errors.ts';

const SLOTS = 32_768;
/** A slot for three characters in any case: five bits of each, without the one that tells upper from lower. */
const shifted = (slot: number, code: number): number => ((slot << 5) | (code & 31)) & (SLOTS - 1);

interface Entry<Meaning> {
  codes: Uint8Array;
  meaning: Meaning;
}

/** Words that are looked for in any case, without cutting a text into words. */
export class Keywords<Meaning> {
  /** A bit for each slot that some word begins with. */
  readonly #begins = new Uint32Array(SLOTS / 32);
  readonly #bySlot = new Map<number, Entry<Meaning>[]>();

  /** A word has at least three characters; throws `ScanRuleError` where it has not. */
  add(word: string, meaning: Meaning, field: string): void {
    if (word.length < 3 || word !== word.toLowerCase() || /[^ -~]/.test(word))
      throw new ScanRuleError(
        'bad_keyword',
        field,
        'a keyword has three or more lower-case ASCII characters',
      );
    const codes = Uint8Array.from(word, (one) => one.charCodeAt(0));
    const slot = codes.subarray(0, 3).reduce(shifted, 0);
    this.#begins[slot >> 5] = (this.#begins[slot >> 5] ?? 0) | (1 << (slot & 31));
    const list = this.#bySlot.get(slot) ?? [];
    list.push({ codes, meaning });
    this.#bySlot.set(slot, list);
  }

  /** Hands over each word that begins in `[from, to - 3]`, from the left: what it means, and where it stands. */
  find(
    bytes: Uint8Array,
    from: number,
    to: number,
    found: (meaning: Meaning, start: number, end: number) => void,
  ): void {
    let slot = shifted(shifted(0, bytes[from] ?? 0), bytes[from + 1] ?? 0);
    for (let at = from + 2; at < to; at++) {
      slot = shifted(slot, bytes[at] ?? 0);
      if ((((this.#begins[slot >> 5] ?? 0) >> (slot & 31)) & 1) === 0) continue;
      const start = at - 2;
      for (const { codes, meaning } of this.#bySlot.get(slot) ?? [])
        if (isSame(bytes, start, codes)) found(meaning, start, start + codes.length);
    }
  }

  /** Whether any word stands wholly in `[from, to)`. */
  isIn(bytes: Uint8Array, from: number, to: number): boolean {
    let slot = shifted(shifted(0, bytes[from] ?? 0), bytes[from + 1] ?? 0);
    for (let at = from + 2; at < to; at++) {
      slot = shifted(slot, bytes[at] ?? 0);
      if ((((this.#begins[slot >> 5] ?? 0) >> (slot & 31)) & 1) === 0) continue;
      for (const { codes } of this.#bySlot.get(slot) ?? [])
        if (at - 2 + codes.length <= to && isSame(bytes, at - 2, codes)) return true;
    }
    return false;
  }
}

function isSame(bytes: Uint8Array, at: number, codes: Uint8Array): boolean {
  for (let index = 0; index < codes.length; index++) {
    const code = bytes[at + index] ?? 0;
    const low = code >= 65 && code <= 90 ? code + 32 : code;
    if (low !== codes[index]) return false;
  }
  return true;
}

/** The keywords before places of one text that are asked about from the left: no stretch is looked through twice. */
export class Lookback<Meaning> {
  readonly #keywords: Keywords<Meaning>;
  /** Words that begin before this are known, from where the stretch began. */
  #done = 0;
  #count = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #meanings: Meaning[] = [];

  constructor(keywords: Keywords<Meaning>) {
    this.#keywords = keywords;
  }

  /** Another text comes. */
  reset(): void {
    this.#done = 0;
    this.#count = 0;
    this.#meanings.length = 0;
  }

  /** Looks for words up to `to`. Nothing before `from` will be asked for again. Returns how many characters it read. */
  read(bytes: Uint8Array, from: number, to: number): number {
    const start = Math.max(from, this.#done);
    if (this.#count > 0 && (this.#ends[this.#count - 1] ?? 0) <= from) this.#count = 0;
    if (to - start < 3) return 0;
    this.#keywords.find(bytes, start, to, this.#add);
    this.#done = to - 2;
    return to - start;
  }

  readonly #add = (meaning: Meaning, start: number, end: number): void => {
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#meanings[this.#count++] = meaning;
  };

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Hands over what each word means that stands wholly in `[from, to)`, from the left. */
  each(from: number, to: number, found: (meaning: Meaning, end: number) => void): void {
    let first = this.#count;
    while (first > 0 && (this.#starts[first - 1] ?? 0) >= from) first--;
    for (let index = first; index < this.#count; index++) {
      const end = this.#ends[index] ?? 0;
      if (end <= to) found(this.#meanings[index] as Meaning, end);
    }
  }
}
