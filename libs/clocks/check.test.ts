import { describe, expect, it } from 'vitest';
import { Clocks, ClocksError, checkRules, type Rule } from './index.ts';
import { testLaw, testRule } from './testing.ts';

const problems = (...rules: Rule[]): string[] =>
  checkRules(testLaw(rules)).map(({ field, message }) => `${field}: ${message}`);
const after = (id: string, ...submitted: string[]): Rule =>
  testRule({ id, starts: { submitted, take: 'first' } });

describe('a body of law', () => {
  it('that fits has no problem', () => {
    expect(problems(testRule({ id: 'a' }), after('b', 'a'), after('c', 'a', 'b'))).toEqual([]);
  });

  it('may not go in circles', () => {
    expect(problems(after('a', 'a'))).toEqual(['a.starts: starts from its own submission: a after a']);
    expect(problems(after('a', 'b'), after('b', 'c'), after('c', 'a'))).toEqual([
      'a.starts: starts from its own submission: a after b after c after a',
    ]);
    const capped = testRule({
      id: 'd',
      due: {
        within: { hours: 4 },
        counting: { by: 'elapsed' },
        no_later_than: { from: { submitted: ['e'], take: 'first' }, within: { hours: 24 } },
      },
    });
    expect(problems(capped, after('e', 'd'))).toEqual([
      'd.starts: starts from its own submission: d after e after d',
    ]);
  });

  it('may be a long chain', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) =>
      n === 0 ? testRule({ id: 'r0' }) : after(`r${n}`, `r${n - 1}`),
    );
    expect(problems(...chain.toReversed())).toEqual([]);
  });

  it('may not name what is not there, or something twice', () => {
    expect(
      problems(
        testRule({
          id: 'a',
          starts: { time: 'never' },
          applies: { is: 'what' },
          unless: { answer: 'size', in: ['huge'] },
          due: {
            within: { days: 1 },
            counting: { by: 'elapsed', calendar: 'XX', zone: 'Mars/Olympus', day_ends: '25:00' },
          },
        }),
        after('a', 'nothing'),
        testRule({ id: 'c', applies: { is: 'size' } }),
      ),
    ).toEqual([
      'a: is the id of two of them (rule)',
      'a.starts: starts from never, which is no time',
      'a.applies: asks what, which is no question',
      'a.unless: huge is no choice of size',
      'a.due.counting.calendar: there is no calendar XX',
      'a.due.counting.zone: is no zone, as Europe/Berlin',
      'a.due.counting.day_ends: is no time of a day, as 17:30 or 24:00',
      'a.starts: starts from the submission of nothing, which is no rule',
      'c.applies: size is no yes-or-no question',
    ]);
  });

  it.each([{ hours: 0 }, { hours: 1.5 }, { days: -1 }, { months: 1000 }, { working_days: Number.NaN }])(
    'may not have a period of %o',
    (within) => {
      expect(problems(testRule({ due: { within, counting: { by: 'elapsed' } } }))[0]).toMatch(
        /^rule\.due\.within: is a whole number/,
      );
    },
  );

  it('says until when a rule is armed, who reviewed it and when, and what a contract gives a number to', () => {
    expect(
      problems(
        testRule({ id: 'a', status: 'armed' }),
        testRule({ id: 'b', reviewed_by: 'Counsel' }),
        testRule({ id: 'c', puts_number_on: 'a' }),
        testRule({ id: 'd', due: { no_number: 'soon' } }),
        testRule({ id: 'e', due: { no_number: 'soon' }, puts_number_on: 'd' }),
        testRule({ id: 'f', due: { within: { hours: 1 }, counting: { by: 'elapsed', day_ends: '12:00' } } }),
      ),
    ).toEqual([
      'a.armed: is missing: an armed rule says until when',
      'b.reviewed_by: reviewed_by and reviewed_on go together',
      'c.puts_number_on: is no rule without a number',
      'e.puts_number_on: has no number to give',
      'f.due.counting.day_ends: is for periods of days, not of hours',
    ]);
  });

  it('that does not fit makes no clocks', () => {
    expect(() => new Clocks(testLaw([after('a', 'a')]))).toThrow(ClocksError);
    const facts = { organisation: {}, incident: {}, rules: [testRule()] };
    expect(() => new Clocks(testLaw([testRule()])).deadlines(facts, 0)).toThrow(
      'rule: is the id of two of them (rule)',
    );
  });
});
