import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, Clocks } from './index.ts';
import type { Counting, Within } from './rule.ts';
import { testLaw, testRule } from './testing.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const zones = [
  'Europe/Berlin',
  'Europe/Dublin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'UTC',
];

const start = fc
  .integer({ min: Date.UTC(2015, 0, 1) / 60_000, max: Date.UTC(2050, 0, 1) / 60_000 })
  .map((n) => n * 60_000);
const zone = fc.constantFrom(...zones);
const within: fc.Arbitrary<Within> = fc.oneof(
  fc.integer({ min: 1, max: 240 }).map((hours) => ({ hours })),
  fc.integer({ min: 1, max: 60 }).map((days) => ({ days })),
  fc.integer({ min: 1, max: 14 }).map((months) => ({ months })),
  fc.integer({ min: 1, max: 30 }).map((working_days) => ({ working_days })),
);
const counting: fc.Arbitrary<Counting> = fc.oneof(
  fc.constant<Counting>({ by: 'elapsed' }),
  fc.constant<Counting>({ by: 'eu-1182-71' }),
  fc.constant<Counting>({ by: 'eu-1182-71', two_working_days: 'disputed' }),
  fc.constant<Counting>({ by: 'eu-1182-71', noon_rule: { citation: 'Art. 2' } }),
);

function clockOf(
  from: number,
  amount: Within,
  how: Counting,
  where: string,
  holidays: readonly string[] = [],
): Clock {
  const clocks = new Clocks(testLaw([testRule({ due: { within: amount, counting: how } })]));
  const facts = {
    organisation: { country: 'TL', zone: where, extra_holidays: holidays },
    incident: { times: { aware: new Date(from).toISOString() } },
  };
  const [clock] = clocks.deadlines(facts, from).clocks;
  if (clock === undefined) throw new Error('no clock');
  return clock;
}

const dueOf = (clock: Clock): number => Date.parse(clock.due?.at ?? '');
const latestOf = (clock: Clock): number => Date.parse(clock.latest?.at ?? clock.due?.at ?? '');

describe('a clock', () => {
  it('is never due before it starts, and never strictly due after what can be argued', () => {
    fc.assert(
      fc.property(start, within, counting, zone, (from, amount, how, where) => {
        const clock = clockOf(from, amount, how, where);
        expect(dueOf(clock)).toBeGreaterThanOrEqual(from);
        expect(latestOf(clock)).toBeGreaterThanOrEqual(dueOf(clock));
        for (const { at } of clock.latest?.readings ?? [])
          expect(Date.parse(at)).toBeGreaterThan(dueOf(clock));
      }),
    );
  });

  it('that starts later is never due earlier', () => {
    fc.assert(
      fc.property(
        start,
        fc.integer({ min: 0, max: 40 * 24 * 60 }),
        within,
        counting,
        zone,
        (from, minutes, amount, how, where) => {
          const before = clockOf(from, amount, how, where);
          const after = clockOf(from + minutes * 60_000, amount, how, where);
          expect(dueOf(after)).toBeGreaterThanOrEqual(dueOf(before));
        },
      ),
    );
  });

  it('of hours runs as many hours as it says in every zone, whatever clocks on walls do', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 2400 }), counting, zone, (from, hours, how, where) => {
        expect(dueOf(clockOf(from, { hours }, how, where))).toBe(from + hours * HOUR);
      }),
    );
  });

  it('of days ends at midnight of the place, so many days after the day of the event', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 60 }), zone, (from, days, where) => {
        const clock = clockOf(from, { days }, { by: 'eu-1182-71' }, where);
        const first = Date.parse(`${clock.start?.at.slice(0, 10)}T00:00:00Z`);
        const expected = new Date(first + (days + 1) * DAY).toISOString().slice(0, 10);
        expect(clock.due?.at.slice(0, 19)).toBe(`${expected}T00:00:00`);
      }),
    );
  });

  it('of months ends on the same day of the month, or on its last', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 14 }), zone, (from, months, where) => {
        const clock = clockOf(from, { months }, { by: 'elapsed' }, where);
        const [year = 0, month = 0, day = 0] = (clock.start?.at.slice(0, 10) ?? '').split('-').map(Number);
        const lastOfMonth = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
        const expected = Date.UTC(year, month - 1 + months, Math.min(day, lastOfMonth) + 1);
        expect(clock.due?.at.slice(0, 10)).toBe(new Date(expected).toISOString().slice(0, 10));
      }),
    );
  });

  it('is never due earlier, nor can be argued earlier, for one more holiday', () => {
    fc.assert(
      fc.property(
        start,
        within,
        counting,
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }),
        (from, amount, how, after) => {
          const holidays = after.map((days) => new Date(from + days * DAY).toISOString().slice(0, 10));
          const without = clockOf(from, amount, how, 'Europe/Berlin');
          const withMore = clockOf(from, amount, how, 'Europe/Berlin', holidays);
          expect(dueOf(withMore)).toBeGreaterThanOrEqual(dueOf(without));
          expect(latestOf(withMore)).toBeGreaterThanOrEqual(latestOf(without));
        },
      ),
    );
  });

  it('ends what is counted in working days, or argued by Art. 3(4), on a working day', () => {
    const off = (day: string): boolean => {
      const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
      return weekday === 0 || weekday === 6 || ['01-01', '12-25', '12-26'].includes(day.slice(5));
    };
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 30 }), fc.boolean(), (from, n, isWorking) => {
        const clock = clockOf(
          from,
          isWorking ? { working_days: n } : { days: n },
          { by: 'eu-1182-71' },
          'Europe/Berlin',
        );
        const lastDay = new Date(
          Date.parse(`${(clock.latest ?? clock.due)?.at.slice(0, 10)}T12:00:00Z`) - DAY,
        );
        expect(off(lastDay.toISOString().slice(0, 10))).toBe(false);
      }),
    );
  });

  it('explains itself: its steps, followed by hand, come to what is due', () => {
    fc.assert(
      fc.property(start, within, counting, zone, (from, amount, how, where) => {
        const clock = clockOf(from, amount, how, where);
        expect(followed(clock)).toBe(clock.due?.at);
        expect(
          clock.steps.at(-1)?.text.endsWith(clock.due?.text ?? '?') || clock.steps.at(-1)?.does === 'note',
        ).toBe(true);
      }),
    );
  });

  it('with a second limit is due at the earlier one, unless that had passed when it started', () => {
    const rule = testRule({
      starts: { time: 'classified' },
      due: {
        within: { hours: 4 },
        counting: { by: 'elapsed' },
        no_later_than: { from: { time: 'aware' }, within: { hours: 24 } },
      },
    });
    const clocks = new Clocks(testLaw([rule]));
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 60 * 60 }), (aware, minutes) => {
        const classified = aware + minutes * 60_000;
        const facts = {
          organisation: { country: 'TL' },
          incident: {
            times: { aware: new Date(aware).toISOString(), classified: new Date(classified).toISOString() },
          },
        };
        const [clock] = clocks.deadlines(facts, classified).clocks;
        if (clock === undefined) throw new Error('no clock');
        const cap = aware + 24 * HOUR;
        const own = classified + 4 * HOUR;
        expect(dueOf(clock)).toBe(cap < classified ? own : Math.min(cap, own));
        expect(followed(clock)).toBe(clock.due?.at);
      }),
    );
  });
});

/** Reckons from the members of the steps, with arithmetic of its own, and checks that the words say the same numbers. */
function followed({ steps }: Clock): string | undefined {
  let at: string | undefined;
  for (const { does, text, amount, from, to, skipped } of steps) {
    if (does === 'note') continue;
    if (does === 'start' || does === 'choose') {
      at = to;
      continue;
    }
    expect(from).toBe(at);
    if (does === 'add') {
      expect(text).toContain(`+ ${amount?.n} h =`);
      expect(Date.parse(to ?? '')).toBe(Date.parse(from ?? '') + (amount?.n ?? 0) * HOUR);
    }
    if (does === 'count') {
      const day = Date.parse(`${from?.slice(0, 10)}T00:00:00Z`);
      const n = amount?.n ?? 0;
      expect(text).toContain(`${n} `);
      if (amount?.unit === 'months') {
        const [year = 0, month = 0, date = 0] = (from ?? '').slice(0, 10).split('-').map(Number);
        const last = new Date(Date.UTC(year, month + n, 0)).getUTCDate();
        expect(to).toBe(
          new Date(Date.UTC(year, month - 1 + n, Math.min(date, last))).toISOString().slice(0, 10),
        );
      } else expect(to).toBe(new Date(day + (n + (skipped?.length ?? 0)) * DAY).toISOString().slice(0, 10));
    }
    if (does === 'end') {
      const next = new Date(Date.parse(`${from}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
      expect(to?.slice(0, 16)).toBe(`${next}T00:00`);
    }
    at = to;
  }
  return at;
}
