import { LeafSchema, PayloadItemSchema, SettlementSchema } from '@drawbridge/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { madeUpCrossing, madeUpItem, madeUpSettlement } from './testing.ts';
import { isLeaf, isPayloadItem, isSettlement } from './well-formed.ts';

const item = madeUpItem({
  s: 'AAAAAAAAAAAAAAAAAAAAAA',
  k: 'user',
  l: ['BBBBBBBBBBBBBBBBBBBBBB'],
  f: [['$email', 'person.email', 'drop', 'email', 1]],
  r: [
    { h: 'CCCCCCCCCCCCCCCCCCCCCC', k: 'property', s: 'string' },
    { h: 'DDDDDDDDDDDDDDDDDDDDDD', k: 'event_name', s: 'string', n: 'Plan' },
  ],
});
const { leaf } = madeUpCrossing(Date.UTC(2025, 10, 9), [item]);
const { leaf: lifted } = madeUpCrossing(Date.UTC(2025, 10, 9), [item], {
  decided_by: ['only-approved-vendors', 'eu-only'],
  mode: 'break_glass',
  break_glass: 'glass-1',
  would: { fields: [['person.email', 'refuse', 1]], reason: 'field_refused' },
});
const settlement = madeUpSettlement(leaf.id, leaf.at, { usage: { input: 3, output: 4 } });
const forms = [
  { name: 'leaf', good: leaf, fast: isLeaf, schema: LeafSchema },
  { name: 'leaf of a connection in another mode', good: lifted, fast: isLeaf, schema: LeafSchema },
  { name: 'settlement', good: settlement, fast: isSettlement, schema: SettlementSchema },
  { name: 'payload item', good: item, fast: isPayloadItem, schema: PayloadItemSchema },
];

/** Every place in a value, as the steps that lead there. */
function places(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  const own = [at];
  if (Array.isArray(value)) return own.concat(value.flatMap((one, n) => places(one, [...at, n])));
  if (typeof value !== 'object' || value === null) return own;
  return own.concat(Object.entries(value).flatMap(([name, one]) => places(one, [...at, name])));
}

function changedAt(value: unknown, at: readonly (string | number)[], to: unknown): unknown {
  const [step, ...rest] = at;
  if (step === undefined) return to;
  if (Array.isArray(value)) return value.map((one, n) => (n === step ? changedAt(one, rest, to) : one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === step ? changedAt(one, rest, to) : one]),
  );
}

const mayBeAbsent = new Set(['decided_by', 'mode', 'break_glass', 'would']);

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    0,
    1,
    -1,
    2 ** 53,
    1.5,
    '',
    'x',
    true,
    [],
    {},
    [[]],
    '\u0000',
    'drop',
    1e300,
  ),
  fc.integer({ min: 1, max: 300 }).map((length) => 'a'.repeat(length)),
  fc.integer({ min: 1, max: 60 }).map((length) => Array.from({ length }, () => 'a')),
  fc.jsonValue(),
);

describe.each(forms)('a $name', ({ good, fast, schema }) => {
  test('as gateways write it is known at once', () => {
    expect(fast(good)).toBe(true);
    expect(schema.safeParse(good).success).toBe(true);
  });

  test('changed anywhere to anything: the fast check says yes only where the schema does', () => {
    let rejected = 0;
    fc.assert(
      fc.property(fc.constantFrom(...places(good)), odd, (at, to) => {
        const value: unknown = JSON.parse(JSON.stringify(changedAt(good, at, to)) ?? 'null');
        if (fast(value)) expect(schema.safeParse(value).error).toBeUndefined();
        else rejected += 1;
      }),
      { numRuns: 3000 },
    );
    expect(rejected).toBeGreaterThan(100);
  });

  test('with a member more or less it is left to the schema', () => {
    expect(fast({ ...good, note: 1 })).toBe(false);
    for (const name of Object.keys(good)) {
      const { [name as 'v']: _, ...less } = good;
      expect([name, fast(less)]).toEqual([name, mayBeAbsent.has(name)]);
      expect([name, schema.safeParse(less).success]).toEqual([name, mayBeAbsent.has(name)]);
    }
  });
});
