import { createHmac, hash } from 'node:crypto';

/**
 * How words that an organisation registered (people, organisations, terms, marks) travel to gateways: as keyed hashes.
 * A text is plain words joined by single spaces, as `phraseWords` and `phoneWords` of libs/scan give them.
 */
export interface PhraseHasher {
  /** A 32-bit number of a word or of a whole phrase: most texts are told apart from registered ones by it. */
  print(text: string): number;
  /** The first 96 bits of HMAC-SHA256: what decides. */
  proof(words: string): Buffer;
}

/** What phrases are hashed under, of the key that all hashes of a snapshot's scan are made with. Never a run that is looked up: it has spaces. */
export const PHRASE_KEY_INPUT = 'drawbridge phrases 1';

const BLOCK = 64;
const DIGEST = 32;
const PROOF_BYTES = 12;

/** `phraseKey`: HMAC-SHA256 of `PHRASE_KEY_INPUT` under the scan's hash key, 32 bytes. */
export function phraseHasher(phraseKey: Uint8Array): PhraseHasher {
  const derived = (use: string): Buffer => createHmac('sha256', phraseKey).update(use).digest();
  const prints = derived('print');
  const [key0, key1] = [prints.readInt32LE(0), prints.readInt32LE(4)];
  const proof = hmacFunction(derived('proof'));
  return { print: (text) => halfSipHash(key0, key1, text), proof };
}

/** The same, from the hash key itself. */
export function phraseHasherOf(hashKey: Uint8Array): PhraseHasher {
  return phraseHasher(createHmac('sha256', hashKey).update(PHRASE_KEY_INPUT).digest());
}

/** HMAC (RFC 2104) over one-shot hashes with the padded key prepared once: `createHmac` costs many times as much. */
function hmacFunction(key: Buffer): (text: string) => Buffer {
  const [inner, outer] = [Buffer.alloc(BLOCK + 1024), Buffer.alloc(BLOCK + DIGEST)];
  for (let at = 0; at < BLOCK; at++) {
    inner[at] = (key[at] ?? 0) ^ 0x36;
    outer[at] = (key[at] ?? 0) ^ 0x5c;
  }
  return (text) => {
    const length = Buffer.byteLength(text);
    const fits = BLOCK + length <= inner.length;
    const message = fits ? inner : Buffer.concat([inner.subarray(0, BLOCK), Buffer.alloc(length)]);
    message.write(text, BLOCK, 'utf8');
    outer.write(hash('sha256', message.subarray(0, BLOCK + length), 'hex'), BLOCK, 'hex');
    return hash('sha256', outer, 'buffer').subarray(0, PROOF_BYTES);
  };
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/**
 * HalfSipHash-2-4 with 32 bits of output (Aumasson, Bernstein: SipHash, reference code `halfsip.c`) of a text's UTF-16
 * units, low byte first. Without the key nobody can try words out against a print.
 */
export function halfSipHash(key0: number, key1: number, text: string): number {
  let [v0, v1, v2, v3] = [key0 | 0, key1 | 0, 0x6c796765 ^ key0, 0x74656462 ^ key1];
  const units = text.length;
  // The words of two units, then the last one, which holds how long all is.
  for (let at = 0; at <= units; at += 2) {
    const isLast = at + 2 > units;
    const unit = at < units ? text.charCodeAt(at) : 0;
    const word = isLast ? ((units * 2) << 24) | unit : unit | (text.charCodeAt(at + 1) << 16);
    v3 ^= word;
    for (let round = isLast ? -4 : 0; round < 2; round++) {
      v0 = (v0 + v1) | 0;
      v1 = rotated(v1, 5) ^ v0;
      v0 = rotated(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotated(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotated(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotated(v1, 13) ^ v2;
      v2 = rotated(v2, 16);
      // After the two rounds of the last word come the four that end the hash.
      if (isLast && round === -3) {
        v0 ^= word;
        v2 ^= 0xff;
      }
    }
    if (!isLast) v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

/** A phrase as it is stored and packed. `count`: its words, 1 to 8. */
export interface HashedPhrase {
  first: number;
  count: number;
  print: number;
  proof: Buffer;
}

/** `words`: of one phrase, at least one. */
export function hashPhrase(hasher: PhraseHasher, words: readonly string[]): HashedPhrase {
  const joined = words.join(' ');
  return {
    first: hasher.print(words[0] ?? ''),
    count: words.length,
    print: hasher.print(joined),
    proof: hasher.proof(joined),
  };
}

/** Bytes of a first word: its print, and a bit for each count of words that phrases beginning with it have. */
export const FIRST_BYTES = 5;
/** Bytes of a phrase: its print and its proof. */
export const PHRASE_BYTES = 4 + PROOF_BYTES;

/**
 * Phrases as a snapshot carries them: first words and phrases apart, each sorted and once, so that nobody sees which
 * phrases begin alike.
 */
export function packPhrases(given: Iterable<HashedPhrase>): { first: Buffer; phrases: Buffer } {
  const all = [...given];
  const counts = new Map<number, number>();
  for (const { first, count } of all) counts.set(first, (counts.get(first) ?? 0) | (1 << (count - 1)));
  const first = Buffer.alloc(counts.size * FIRST_BYTES);
  for (const [index, [print, mask]] of [...counts].sort(([a], [b]) => a - b).entries()) {
    first.writeUInt32BE(print, index * FIRST_BYTES);
    first.writeUInt8(mask, index * FIRST_BYTES + 4);
  }
  // Prints with places behind them, as numbers: half a million are sorted in a tenth of a second so.
  const order = Float64Array.from(all, ({ print }, index) => print * INDEXES + index).sort();
  const phrases = Buffer.alloc(all.length * PHRASE_BYTES);
  let written = 0;
  let same: Buffer[] = [];
  for (let at = 0; at < order.length; at++) {
    const { print, proof } = all[(order[at] ?? 0) % INDEXES] ?? { print: 0, proof: Buffer.alloc(0) };
    const isLast = at + 1 === order.length || Math.floor((order[at + 1] ?? 0) / INDEXES) !== print;
    if (!same.some((other) => other.equals(proof))) same.push(proof);
    if (!isLast) continue;
    for (const one of same.sort(Buffer.compare)) {
      phrases.writeUInt32BE(print, written);
      one.copy(phrases, written + 4);
      written += PHRASE_BYTES;
    }
    same = [];
  }
  return { first, phrases: phrases.subarray(0, written) };
}
/** More phrases than a snapshot has: with a print of 32 bits before it, an index stays exact. */
const INDEXES = 2 ** 20;
