import { expect, test } from 'vitest';
import type { CrossingDetail } from '../api/types.ts';
import { makeWorld } from '../testing/fake-world.ts';
import { settlementSays } from './commitments.ts';

const world = makeWorld({ seed: 1, now: Date.parse('2026-01-02T00:00:00.000Z'), crossings: 5, empty: false });
const [crossing] = world.crossings;
if (crossing?.settlement == null) throw new Error('the made-up crossing has no settlement');
const { at, tokens: _none, ...rest } = crossing.settlement;
const common = { v: 1, type: 'settlement', crossing: crossing.id, at: Date.parse(at), ...rest };
const entryOf = (part: object): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ ...common, ...part }));
const shown = (tokens: NonNullable<CrossingDetail['settlement']>['tokens']): CrossingDetail => ({
  ...crossing,
  settlement: { at, ...rest, tokens },
});

test('a settlement of before tokens, or without any, says that there were none', () => {
  expect(settlementSays(entryOf({}), shown(null))).toBe(true);
  expect(settlementSays(entryOf({}), shown({ restored: 1, unknown: 0 }))).toBe(false);
});

test('tokens that are shown are those that were logged', () => {
  const entry = entryOf({ tokens: { restored: 3, unknown: 1 } });
  expect(settlementSays(entry, shown({ restored: 3, unknown: 1 }))).toBe(true);
  expect(settlementSays(entry, shown({ restored: 4, unknown: 0 }))).toBe(false);
  expect(settlementSays(entry, shown(null))).toBe(false);
});
