import { expect, test } from 'vitest';
import { longestRun } from './token-run.ts';

test.each([
  ['mu-proj-0123456789abcdef', 'mu-proj-0123456789abcdef'],
  ['MADEUPID01234567:made/up+secret_0123456789=', 'secret_0123456789'],
  ['a-name:too-short', null],
  ['', null],
  ['0123456789abcdef.0123456789ABCDEFG', '0123456789ABCDEFG'],
])('%j', (secret, run) => {
  const found = longestRun(Buffer.from(secret));
  expect(found === null ? null : Buffer.from(found).toString()).toBe(run);
});
