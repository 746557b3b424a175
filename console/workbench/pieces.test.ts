import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WorkbenchFinding } from '../api/workbench-types.ts';
import { piecesOf, standing } from './pieces.ts';

const finding = (start: number, end: number, stands: string | null = null): WorkbenchFinding => ({
  class: 'person.email',
  confidence: 'likely',
  detector: 'made_up',
  why: 'made up',
  treatment: 'tokenise',
  stands,
  path: 'a',
  span: { start, end },
});

test('a text is cut where things were found', () => {
  const pieces = piecesOf('to a@b.c, now', [finding(3, 8)]);
  expect(pieces.map(({ text, finding: at }) => [text, at])).toEqual([
    ['to ', null],
    ['a@b.c', 0],
    [', now', null],
  ]);
});

test('what stands for findings is told one after the other', () => {
  const pieces = standing('T and T', [finding(0, 1, 'T'), finding(2, 3, 'T'), finding(4, 5, 'gone')]);
  expect(pieces.map(({ finding: at }) => at)).toEqual([0, null, 1]);
});

test('nothing of a text is lost or told twice, whatever the findings', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '😀', '\ud800', '\n', 'é'), maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(50), fc.nat(50))),
      (text, spans) => {
        const pieces = piecesOf(
          text,
          spans.map(([start, end]) => finding(start, end)),
        );
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      },
    ),
  );
});
