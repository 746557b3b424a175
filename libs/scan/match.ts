import { ALPHABET_NAMES, type Alphabet, bitOf, IN_WORD, kindIn, members } from './alphabets.ts';
import type { Part } from './forms.ts';
import type { Work } from './work.ts';

/** A form as it is matched: numbers instead of names. */
interface CompiledPart {
  literal: Uint8Array | null;
  alphabet: number;
  min: number;
  max: number;
  /** What follows can't be within the alphabet: it ends where the alphabet's characters end. */
  isWhole: boolean;
}

/** How far each alphabet's characters go on from a place: looked at once, however often it is asked. */
export class Extents {
  readonly #bytes: Uint8Array;
  readonly #length: number;
  readonly #work: Work;
  readonly #from = new Int32Array(ALPHABET_NAMES.length).fill(-1);
  readonly #to = new Int32Array(ALPHABET_NAMES.length).fill(-1);

  constructor(bytes: Uint8Array, length: number, work: Work) {
    this.#bytes = bytes;
    this.#length = length;
    this.#work = work;
  }

  /** Number of characters of the alphabet that stand at `at` and right after it. */
  at(alphabet: number, at: number): number {
    const to = this.#to[alphabet] ?? -1;
    if (at >= (this.#from[alphabet] ?? 0) && at < to) return to - at;
    const bit = 1 << alphabet;
    const bytes = this.#bytes;
    const length = this.#length;
    let end = at;
    while (end < length && ((members[bytes[end] ?? 0] ?? 0) & bit) !== 0) end++;
    this.#work.spend(end - at + 1);
    if (end > at) {
      this.#from[alphabet] = at;
      this.#to[alphabet] = end;
    }
    return end - at;
  }
}

export class Form {
  readonly parts: readonly CompiledPart[];
  /** The literal that it begins with; empty when it begins with an alphabet. */
  readonly prefix: string;
  readonly #lastBit: number;
  /** The alphabet behind the prefix. */
  readonly #body: CompiledPart | null;

  constructor(parts: readonly Part[]) {
    this.parts = parts.map((part, at) => compile(part, parts[at + 1]));
    const [first] = parts;
    this.prefix = first !== undefined && 'literal' in first ? first.literal : '';
    const second = this.parts[this.prefix === '' ? 0 : 1];
    this.#body = second?.literal === null ? second : null;
    const last = parts.at(-1);
    this.#lastBit = last !== undefined && 'alphabet' in last ? bitOf(last.alphabet as Alphabet) : 0;
  }

  /** Where the text of this form that begins at `at` ends, or -1. No word goes on behind it. */
  match(bytes: Uint8Array, at: number, extents: Extents, work: Work): number {
    return this.#from(0, bytes, at, extents, work);
  }

  /**
   * Up to where no text of this form begins at `at` or after it, by how far the alphabet behind its prefix goes on from
   * there; `at` when it may begin there.
   */
  passedUntil(at: number, extents: Extents): number {
    const body = this.#body;
    if (body === null) return at;
    const extent = extents.at(body.alphabet, at + this.prefix.length);
    if (extent < body.min) return at + Math.max(extent, 1);
    return body.isWhole && extent > body.max ? at + extent - body.max : at;
  }

  /** Whether what follows lets a secret end at `end`: no word goes on, nor the alphabet that it ends with. */
  #endsAt(bytes: Uint8Array, end: number): boolean {
    return (kindIn(bytes, end) & IN_WORD) === 0 && ((members[bytes[end] ?? 0] ?? 0) & this.#lastBit) === 0;
  }

  /** Longest first; goes back only where a literal may stand within the alphabet before it, at most MAX - MIN times. */
  #from(part: number, bytes: Uint8Array, at: number, extents: Extents, work: Work): number {
    work.spend(1);
    const now = this.parts[part];
    if (now === undefined) return this.#endsAt(bytes, at) ? at : -1;
    if (now.literal !== null)
      return standsAt(bytes, at, now.literal) ? this.#from(part + 1, bytes, at + now.min, extents, work) : -1;
    const extent = extents.at(now.alphabet, at);
    if (now.isWhole)
      return extent < now.min || extent > now.max
        ? -1
        : this.#from(part + 1, bytes, at + extent, extents, work);
    const most = Math.min(now.max, extent);
    for (let length = most; length >= now.min; length--) {
      const end = this.#from(part + 1, bytes, at + length, extents, work);
      if (end !== -1) return end;
    }
    return -1;
  }
}

function standsAt(bytes: Uint8Array, at: number, literal: Uint8Array): boolean {
  for (let index = 0; index < literal.length; index++) if (bytes[at + index] !== literal[index]) return false;
  return true;
}

function compile(part: Part, next: Part | undefined): CompiledPart {
  if ('literal' in part)
    return {
      literal: Uint8Array.from(part.literal, (one) => one.charCodeAt(0)),
      alphabet: -1,
      min: part.literal.length,
      max: part.literal.length,
      isWhole: false,
    };
  const follows = next === undefined ? -1 : 'literal' in next ? next.literal.charCodeAt(0) : null;
  const isWhole =
    follows !== null && (follows === -1 || ((members[follows] ?? 0) & bitOf(part.alphabet)) === 0);
  return {
    literal: null,
    alphabet: ALPHABET_NAMES.indexOf(part.alphabet),
    min: part.min,
    max: part.max,
    isWhole,
  };
}
