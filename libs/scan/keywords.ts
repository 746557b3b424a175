import { ScanRuleError } from './errors.ts';

const SLOTS = 4096;
/** Of three characters in any case (bit 5 is what tells upper from lower) a slot of the table. */
const slot = (a: number, b: number, c: number): number =>
  ((a | 32) * 961 + (b | 32) * 31 + (c | 32)) & (SLOTS - 1);

/** Finds words in a stretch of text, in any case, without cutting it into words. */
export class Keywords<Meaning> {
  readonly #begins = new Uint8Array(SLOTS);
  readonly #bySlot = new Map<number, { word: string; meaning: Meaning }[]>();

  /** A word has at least three characters; throws `ScanRuleError` where it has not. */
  add(word: string, meaning: Meaning, field: string): void {
    if (word.length < 3 || word !== word.toLowerCase() || /[^ -~]/.test(word))
      throw new ScanRuleError(
        'bad_keyword',
        field,
        'a keyword has three or more lower-case ASCII characters',
      );
    const at = slot(word.charCodeAt(0), word.charCodeAt(1), word.charCodeAt(2));
    this.#begins[at] = 1;
    const list = this.#bySlot.get(at) ?? [];
    list.push({ word, meaning });
    this.#bySlot.set(at, list);
  }

  /** Hands over what each word means that stands wholly between `from` and `to`, from the left. */
  find(text: string, from: number, to: number, found: (meaning: Meaning, end: number) => void): void {
    let second = text.charCodeAt(from);
    let third = text.charCodeAt(from + 1);
    for (let at = from; at + 3 <= to; at++) {
      const first = second;
      second = third;
      third = text.charCodeAt(at + 2);
      const key = slot(first, second, third);
      if (this.#begins[key] === 0) continue;
      for (const { word, meaning } of this.#bySlot.get(key) ?? []) {
        const end = at + word.length;
        if (end <= to && isSame(text, at, word)) found(meaning, end);
      }
    }
  }
}

function isSame(text: string, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    const code = text.charCodeAt(at + index);
    const low = code >= 65 && code <= 90 ? code + 32 : code;
    if (low !== word.charCodeAt(index)) return false;
  }
  return true;
}
