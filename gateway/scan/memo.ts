import { hash } from 'node:crypto';
import type { Found } from './scanner.ts';

/** Shorter texts are looked through in the time that hashing them takes. */
const SHORTEST_KEPT = 256;
/** Of each of two generations: texts, and findings over all of them. */
const MOST_TEXTS = 4096;
const MOST_FINDINGS = 32_768;

/**
 * What was found in the latest texts: conversations send their history again with each turn. Keeps no text, and no hash
 * that could be tried out by anyone who does not have `secret`: 32 random bytes of this process.
 */
export class FoundBefore {
  readonly #secret: string;
  #young = new Map<string, readonly Found[]>();
  #old = new Map<string, readonly Found[]>();
  #findings = 0;

  constructor(secret: Uint8Array) {
    this.#secret = Buffer.from(secret).toString('base64');
  }

  /** Null for texts that are not kept. */
  keyOf(text: string, name: string): string | null {
    if (text.length < SHORTEST_KEPT) return null;
    return hash('sha256', `${this.#secret}${name.length} ${name}${text}`, 'base64');
  }

  get(key: string): readonly Found[] | undefined {
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined && !this.#young.has(key)) this.set(key, known);
    return known;
  }

  set(key: string, found: readonly Found[]): void {
    if (this.#young.size >= MOST_TEXTS || this.#findings + found.length > MOST_FINDINGS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#findings = 0;
    }
    if (found.length > MOST_FINDINGS) return;
    this.#findings += found.length;
    this.#young.set(key, found);
  }
}
