import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { hmacSha256 } from './hmac.ts';
import { previewKeyed } from './keyed.ts';

test('gives what node:crypto gives, for messages around every block border', () => {
  for (let length = 0; length < 200; length += 1) {
    const key = randomBytes(1 + (length % 64));
    const message = randomBytes(length);
    const expected = createHmac('sha256', key).update(message).digest('hex');
    expect(Buffer.from(hmacSha256(key, message)).toString('hex')).toBe(expected);
  }
});

test('pseudonyms are 22 url-safe characters, the same for the same value, and unknown to the next page', () => {
  const keyed = previewKeyed();
  expect(keyed.pseudonym('ada@example.com')).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(keyed.pseudonym('ada@example.com')).toBe(keyed.pseudonym('ada@example.com'));
  expect(keyed.pseudonym('ada@example.com')).not.toBe(keyed.subject('ada@example.com'));
  expect(previewKeyed().pseudonym('ada@example.com')).not.toBe(keyed.pseudonym('ada@example.com'));
});
