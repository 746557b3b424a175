import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between } from './chosen.ts';

test('a range has both its ends, whichever stands first', () => {
  const ids = ['a', 'b', 'c', 'd'];
  expect(between(ids, 'b', 'd')).toEqual(['b', 'c', 'd']);
  expect(between(ids, 'd', 'b')).toEqual(['b', 'c', 'd']);
  expect(between(ids, null, 'c')).toEqual(['c']);
  // The first was closed meanwhile.
  expect(between(ids, 'gone', 'c')).toEqual(['c']);
  expect(between(ids, 'a', 'gone')).toEqual([]);
});

test('a range is as long as its ends are apart, and part of the list', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 2 }), fc.nat(), fc.nat(), (ids, a, b) => {
      const [from = '', to = ''] = [ids[a % ids.length], ids[b % ids.length]];
      const range = between(ids, from, to);
      expect(range).toHaveLength(Math.abs((a % ids.length) - (b % ids.length)) + 1);
      expect(range).toEqual(ids.filter((id) => range.includes(id)));
    }),
  );
});
