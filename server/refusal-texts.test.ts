import { expect, test } from 'vitest';
import { messageText } from '../control/platform/index.ts';
import { refusalCodes } from '../gateway/refusal/refusal.ts';

test.each(Object.keys(refusalCodes))('people read a sentence for the refusal %s', (code) => {
  expect(messageText(`refusal.${code}`)).toMatch(/^[A-Z].+\.$/);
});
