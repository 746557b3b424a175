import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keep, parseSearch, stringifySearch } from './search.ts';

test('an address gives back what was put in, as plain text', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), (search) => {
      expect(parseSearch(stringifySearch(search))).toEqual({ ...search });
    }),
  );
  expect(stringifySearch({ decision: 'refused', app: undefined, from: '' })).toBe('?decision=refused');
  expect(stringifySearch({})).toBe('');
});

test('a page keeps its own parameters only', () => {
  expect(keep('app', 'state')({ app: 'app_1', state: '', other: 'x', sort: 3 })).toEqual({ app: 'app_1' });
});
