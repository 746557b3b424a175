import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppRoute } from '../api/route-types.ts';
import { draftOf, modelsOf, modelsText, moved, rulesOf } from './draft.ts';

const route: AppRoute = {
  id: 'r',
  app: 'a',
  slug: 'chat',
  members: [
    {
      connection: 'c1',
      name: 'C1',
      vendor: 'v',
      state: 'open',
      models: { 'gpt-4o': 'x', '*': 'y' },
      resting: [],
      held: { requests: 0, bytes: 0 },
      ended: {},
    },
  ],
  payTwice: true,
  firstByteMs: 2500,
  breaker: { failures: 3, openMs: 1500 },
  oneWay: { do: 'hold', bytes: 1_500_000, days: 3, inDoubt: 'lose' },
  revision: 1,
  changedAt: '',
  changedBy: '',
};

describe('a route as it is typed', () => {
  test('that nobody touched says the same as the one in force', () => {
    const { members, payTwice, firstByteMs, breaker, oneWay } = route;
    const [{ connection, models }] = members as [AppRoute['members'][number]];
    expect(rulesOf(draftOf(route))).toEqual({
      members: [{ connection, models }],
      payTwice,
      firstByteMs,
      breaker,
      oneWay,
    });
  });

  test('names the line that is no model, also one that stands there twice', () => {
    expect(modelsOf('a = b\n\n* = c')).toEqual({ models: { a: 'b', '*': 'c' } });
    for (const [text, wrong] of [
      ['a = b\nc', 2],
      ['a = b = c', 1],
      ['a = b\na = c', 2],
      ['= b', 1],
    ] as const)
      expect(modelsOf(text)).toEqual({ wrong });
  });

  const model = fc.stringMatching(/^[a-z0-9.:/_-]{1,20}$/);
  test('reads what it writes', () => {
    fc.assert(
      fc.property(fc.dictionary(model, model), (models) => {
        expect(modelsOf(modelsText({ ...models }))).toEqual({ models: { ...models } });
      }),
    );
  });

  test('moves one and loses none', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(99), { minLength: 1 }),
        fc.nat(20),
        fc.constantFrom(-1, 1),
        (list, at, by) => {
          const after = moved(list, at, by);
          expect([...after].sort()).toEqual([...list].sort());
          const is = list[at];
          if (is !== undefined && at + by >= 0 && at + by < list.length) expect(after[at + by]).toBe(is);
          else expect(after).toEqual(list);
        },
      ),
    );
  });
});
