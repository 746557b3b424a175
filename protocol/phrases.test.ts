import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halfSipHash, hashPhrase, PHRASE_BYTES, packPhrases, phraseHasherOf, phraseTable } from './index.ts';

const hashKey = Buffer.alloc(32, 5);
const hasher = phraseHasherOf(hashKey);
const packed = (list: string, texts: readonly string[], by = hasher) => {
  const { first, phrases } = packPhrases(texts.map((text) => hashPhrase(by, text.split(' '))));
  return {
    list,
    class: 'business.term' as const,
    hash: 'made-up',
    first: first.toString('base64url'),
    phrases: phrases.toString('base64url'),
  };
};

describe('hashes', () => {
  test.each([
    ['', 0x5b9f35a9],
    ['\u0100', 0x03a662fa],
    ['\u0100\u0302', 0x89466e2a],
  ])('%j: a print is HalfSipHash-2-4 of the UTF-16 units (vectors of the reference code)', (text, print) => {
    expect(halfSipHash(0x03020100, 0x07060504, text)).toBe(print);
  });

  test('a proof is HMAC-SHA256 under a derived key, whatever the length', () => {
    const derive = (key: Uint8Array, use: string) => createHmac('sha256', key).update(use).digest();
    const key = derive(derive(hashKey, 'drawbridge phrases 1'), 'proof');
    for (const text of ['', 'ada muster', 'ü'.repeat(2000)])
      expect(hasher.proof(text)).toEqual(createHmac('sha256', key).update(text).digest().subarray(0, 12));
  });
});

const names = fc.array(fc.constantFrom('nord', 'stern', 'ada', 'muster', 'x', 'süd'), {
  minLength: 1,
  maxLength: 8,
});

test('what was packed is found, and nothing else; the order of what was given does not count', () => {
  fc.assert(
    fc.property(fc.array(names, { maxLength: 40 }), fc.array(names, { maxLength: 10 }), (kept, others) => {
      const texts = kept.map((words) => words.join(' '));
      const list = packed('Made up', texts);
      expect(packed('Made up', texts.toReversed())).toEqual(list);
      const table = phraseTable([list], hasher);
      const known = new Set(texts);
      for (const words of [...kept, ...others]) {
        const joined = words.join(' ');
        expect(table.lookup(joined)).toEqual(
          known.has(joined) ? { id: 'list Made up', class: 'business.term' } : null,
        );
        if (known.has(joined)) expect(table.begins(words[0] ?? '')).toContain(words.length);
      }
      expect(Buffer.from(list.phrases, 'base64url').length).toBe(known.size * PHRASE_BYTES);
    }),
    { numRuns: 60 },
  );
});

test('without the key nothing is found, and no phrase shows with which word it begins', () => {
  const list = packed('Made up', ['nordstern zwei']);
  expect(phraseTable([list], phraseHasherOf(Buffer.alloc(32, 6))).lookup('nordstern zwei')).toBeNull();
  expect(phraseHasherOf(Buffer.alloc(32, 6)).print('nordstern')).not.toBe(hasher.print('nordstern'));
  const first = Buffer.from(list.first, 'base64url').subarray(0, 4);
  expect(Buffer.from(list.phrases, 'base64url').includes(first)).toBe(false);
});

test('what was not packed so is refused', () => {
  const list = packed('Made up', ['nordstern']);
  for (const bad of ['AAAA', `${list.phrases}AA`, '!!!!', `${list.phrases.slice(0, -1)}*`])
    expect(() => phraseTable([{ ...list, phrases: bad }], hasher)).toThrow(RangeError);
});
