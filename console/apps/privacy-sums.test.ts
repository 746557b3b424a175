import { expect, test } from 'vitest';
import { kindRows, lookedState } from './privacy-sums.ts';

const day = { day: '2026-11-22', crossings: 5, looked: 0, partly: 0, notLooked: 0, unread: 0 };

test.each([
  [{ crossings: 0 }, 'none'],
  [{ unread: 5 }, 'unread'],
  [{ looked: 5 }, 'yes'],
  [{ looked: 4, unread: 1 }, 'yes'],
  [{ notLooked: 5 }, 'no'],
  [{ notLooked: 4, unread: 1 }, 'no'],
  [{ notLooked: 2, looked: 3 }, 'partly'],
  [{ partly: 5 }, 'partly'],
] as const)('%o is %s', (given, state) => {
  expect(lookedState({ ...day, ...given })).toBe(state);
});

test('kinds are in order of how often, bars in order of what reveals most', () => {
  const item = (kind: string, treatment: string, crossings: number) => ({
    day: day.day,
    class: kind,
    treatment,
    crossings,
  });
  const items = [
    item('person.name', 'tokenise', 1),
    item('person.email', 'refuse', 2),
    item('person.email', 'pass', 3),
    item('person.email', 'a treatment of tomorrow', 9),
  ];
  const { rows, most } = kindRows({ days: [day], items, connections: [] });
  expect(rows.map(({ kind, total }) => [kind, total])).toEqual([
    ['person.email', 5],
    ['person.name', 1],
  ]);
  expect(rows[0]?.bars.get(day.day)?.parts.map(({ treatment }) => treatment)).toEqual(['pass', 'refuse']);
  expect(most).toBe(5);
});
