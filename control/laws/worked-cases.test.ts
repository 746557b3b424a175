import { Clocks, type Facts } from '@drawbridge/clocks';
import { describe, expect, it } from 'vitest';
import { type WorkedCase, workedCases } from './testing/worked-cases.ts';
import { shippedClockLaw } from './testing.ts';

const clocks = new Clocks(await shippedClockLaw());
const yes = { gdpr: 'yes', controller: 'yes', uk_gdpr: 'yes' };

function factsOf({ country, answers, times, sent, rules }: WorkedCase): Facts {
  return {
    organisation: { country, answers: { ...yes, ...answers } },
    incident: { times: times ?? {} },
    ends: Object.fromEntries(
      Object.entries(sent ?? {}).map(([rule, at]) => [
        rule,
        { submissions: at.map((one) => ({ at: one, what: 'sent' })) },
      ]),
    ),
    ...(rules === undefined ? {} : { rules }),
  };
}

describe('worked cases', () => {
  it.each(workedCases.map((one) => [`${one.rule}, ${one.country}: ${one.name}`, one] as const))(
    '%s',
    (_, one) => {
      const { clocks: all } = clocks.deadlines(factsOf(one), Date.parse('2026-01-01T00:00:00Z'));
      const clock = all.find(({ rule }) => rule === one.rule);
      expect(clock?.due?.at).toBe(one.due);
      expect(clock?.latest?.at ?? null).toBe(one.latest);
      expect(clock?.latest?.disputed ?? false).toBe(one.disputed ?? false);
    },
  );

  it('are at least sixty, each with its source', () => {
    expect(workedCases.length).toBeGreaterThanOrEqual(60);
    expect(workedCases.filter(({ source }) => source.trim() === '')).toEqual([]);
  });
});
