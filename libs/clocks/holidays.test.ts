import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { Calendar, type CalendarRules, easterSunday, holidaysOf } from './holidays.ts';
import { testland } from './testing.ts';

const calendar = (holidays: CalendarRules['holidays']): CalendarRules => ({ ...testland, holidays });
const days = (rules: CalendarRules, year: number): string[] => [...holidaysOf(rules, year).keys()];

describe('Easter', () => {
  it.each([
    [1961, '04-02'],
    [2000, '04-23'],
    [2008, '03-23'],
    [2024, '03-31'],
    [2025, '04-20'],
    [2026, '04-05'],
    [2027, '03-28'],
    [2038, '04-25'],
    [2285, '03-22'],
  ])('of %i is %s', (year, day) => {
    expect(easterSunday(year).toString()).toBe(`${year}-${day}`);
  });

  it('is a Sunday from 22 March to 25 April', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1600, max: 2500 }), (year) => {
        const day = easterSunday(year);
        expect(day.dayOfWeek).toBe(7);
        const at = day.toString().slice(5);
        expect(at >= '03-22' && at <= '04-25').toBe(true);
      }),
    );
  });
});

describe('holidays', () => {
  it('are the nth and the last weekday of a month', () => {
    const us = calendar([
      { name: 'Thanksgiving', when: { weekday: 4, month: 11, nth: 4 } },
      { name: 'Memorial', when: { weekday: 1, month: 5, nth: -1 } },
    ]);
    expect(days(us, 2025)).toEqual(['2025-05-26', '2025-11-27']);
    expect(days(us, 2026)).toEqual(['2026-05-25', '2026-11-26']);
  });

  it('that a month does not have are none', () => {
    const fifth = calendar([{ name: 'Fifth Monday', when: { weekday: 1, month: 2, nth: 5 } }]);
    expect(days(fifth, 2026)).toEqual([]);
    const leap = calendar([{ name: 'Leap day', when: { fixed: '02-29' } }]);
    expect(days(leap, 2027)).toEqual([]);
    expect(days(leap, 2028)).toEqual(['2028-02-29']);
  });

  it('are a weekday on or after, or on or before, a day', () => {
    const rules = calendar([
      { name: 'Midsummer', when: { weekday: 6, on_or_after: '06-20' } },
      { name: 'Before', when: { weekday: 3, on_or_before: '11-22' } },
    ]);
    expect(days(rules, 2026)).toEqual(['2026-06-20', '2026-11-18']);
    expect(days(rules, 2027)).toEqual(['2027-06-26', '2027-11-17']);
  });

  it('move from a weekend, also into the year before', () => {
    const rules = calendar([{ name: 'New Year', when: { fixed: '01-01' }, moves: { 6: -1, 7: 1 } }]);
    expect(days(rules, 2027)).toEqual(['2027-01-01', '2027-12-31']);
    expect(days(rules, 2028)).toEqual([]);
    expect(days(rules, 2023)).toEqual(['2023-01-02']);
  });

  it('have substitute days, each its own', () => {
    const rules = calendar([
      { name: 'Christmas', when: { fixed: '12-25' }, substitute: true },
      { name: 'Boxing', when: { fixed: '12-26' }, substitute: true },
    ]);
    expect(days(rules, 2027)).toEqual(['2027-12-25', '2027-12-26', '2027-12-27', '2027-12-28']);
    const turned = calendar(rules.holidays.toReversed());
    expect(holidaysOf(turned, 2027).get('2027-12-27')).toBe('Christmas (substitute day)');
    expect(days(rules, 2022)).toEqual(['2022-12-25', '2022-12-26', '2022-12-27']);
    expect(days(rules, 2026)).toEqual(['2026-12-25', '2026-12-26', '2026-12-28']);
  });

  it('hold from and until a year, on some weekdays only, and not where another stands', () => {
    const rules = calendar([
      { name: 'New', when: { fixed: '10-04' }, from: 2026 },
      { name: 'Old', when: { fixed: '10-05' }, until: 2025 },
      { name: 'Brigid', when: { weekday: 1, month: 2, nth: 1 }, except: ['02-04'] },
      { name: 'Brigid', when: { fixed: '02-01' }, only_on: [5] },
    ]);
    expect(days(rules, 2025)).toEqual(['2025-02-03', '2025-10-05']);
    expect(days(rules, 2030)).toEqual(['2030-02-01', '2030-10-04']);
  });

  it('that are single days stand as they are', () => {
    const rules = calendar([{ name: 'Once', when: { dates: ['2022-09-19', '2023-05-08'] } }]);
    expect(days(rules, 2022)).toEqual(['2022-09-19']);
    expect(days(rules, 2024)).toEqual([]);
  });
});

describe('a calendar', () => {
  it('says why a day is off, and which working day comes next', () => {
    const its = new Calendar(testland, ['2026-04-07']);
    const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
    expect(its.whyOff(day('2026-04-03'))).toBe('Good Friday');
    expect(its.whyOff(day('2026-04-04'))).toBe('Saturday');
    expect(its.whyOff(day('2026-04-07'))).toBe('a holiday that the organisation entered');
    expect(its.whyOff(day('2026-04-08'))).toBeNull();
    expect(its.nextWorking(day('2026-04-03')).toString()).toBe('2026-04-08');
    expect(its.nextWorking(day('2026-04-08')).toString()).toBe('2026-04-08');
  });
});
