import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from './diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
const linesOf = (value: string) => (value === '' ? [] : value.replace(/\n$/, '').split('\n'));

test('both texts can be read off it, and nothing that stayed is shown as changed', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before, after);
      const side = (without: string) => lines.filter(({ sign }) => sign !== without).map((line) => line.text);
      expect(side('+')).toEqual(linesOf(before));
      expect(side('-')).toEqual(linesOf(after));
      if (before === after) expect(lines.every(({ sign }) => sign === ' ')).toBe(true);
    }),
  );
});

test('a changed line is shown as what went and what came', () => {
  expect(lineDiff('one\ntwo\nthree\n', 'one\n2\nthree\n')).toEqual([
    { sign: ' ', text: 'one' },
    { sign: '-', text: 'two' },
    { sign: '+', text: '2' },
    { sign: ' ', text: 'three' },
  ]);
});
