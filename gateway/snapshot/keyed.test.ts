import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyedFunctions, keyedFunction } from './keyed.ts';

const secret = Buffer.alloc(32, 7);

test('is HMAC-SHA256 under the secret, cut to 22 characters, also for what is no longer kept', () => {
  const pseudonym = keyedFunction(secret, 3);
  const expected = (value: string): string =>
    createHmac('sha256', secret).update(`id\n${value}`).digest('base64url').slice(0, 22);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('a', 'b', 'x'.repeat(3000)), fc.string({ unit: 'binary' }))),
      (values) => {
        for (const value of values) expect(pseudonym(value)).toBe(expected(value));
      },
    ),
    { numRuns: 30 },
  );
});

test('two secrets give pseudonyms that can’t be joined', () => {
  expect(keyedFunction(secret)('someone')).not.toBe(keyedFunction(Buffer.alloc(32, 8))('someone'));
});

test('a secret that stays keeps its function; one that goes is forgotten', () => {
  const functions = new KeyedFunctions();
  const first = functions.of(secret);
  functions.turn();
  expect(functions.of(secret)).toBe(first);
  functions.turn();
  functions.turn();
  expect(functions.of(secret)).not.toBe(first);
});
