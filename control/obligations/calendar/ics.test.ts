import fc from 'fast-check';
import { convertIcsCalendar } from 'ts-ics';
import { describe, expect, test } from 'vitest';
import { before, type CalendarEvent, calendarText, escapeText, fold, utc } from './ics.ts';

/** Calendars, read back by a parser that is not ours. */
const read = (text: string) => convertIcsCalendar(undefined, text).events ?? [];

const eventOf = (given: Partial<CalendarEvent> = {}): CalendarEvent => ({
  uid: 'one@example',
  sequence: 0,
  changedAt: new Date('2025-11-09T08:00:00Z'),
  at: new Date('2025-11-11T13:10:00Z'),
  summary: 'Due',
  description: 'To whom',
  url: 'https://bridge.example/incidents/1',
  alarms: [],
  ...given,
});

/** Texts of people, with all that has a meaning in a calendar. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\',
        ';',
        ',',
        ':',
        '\n',
        '"',
        '\\n',
        '\\,',
        'SUMMARY:x',
        '\nDTSTART:20200101T000000Z\n',
        'é',
        '語',
        '🧯',
        ' ',
        '^',
      ),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll(/[^\P{Cc}\n]/gu, ''));

describe('a calendar', () => {
  test('is read back as it was written, whatever texts hold, with no line above 75 octets', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.integer({ min: 0, max: 4_000_000_000_000 }),
        fc.nat(1000),
        (summary, description, ms, sequence) => {
          const at = new Date(Math.floor(ms / 1000) * 1000);
          const written = calendarText({
            name: 'A, b; c',
            events: [eventOf({ summary: `s${summary}e`, description: `s${description}e`, at, sequence })],
          });
          for (const line of written.split('\r\n')) {
            expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
            expect(line).not.toMatch(/\n|\r/);
          }
          const [event, ...others] = read(written);
          expect(others).toEqual([]);
          expect(event?.summary).toBe(`s${summary}e`);
          expect(event?.description).toBe(`s${description}e`);
          expect(event?.start.date.getTime()).toBe(at.getTime());
          // The parser leaves out a 0.
          expect(event?.sequence ?? 0).toBe(sequence);
        },
      ),
    );
  });

  test('folds between characters, never within one, and unfolds to the same line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (line) => {
        const folded = fold(line);
        expect(folded.replaceAll('\r\n ', '')).toBe(line);
        expect(Buffer.from(folded).toString('utf8')).toBe(folded);
      }),
    );
    expect(
      fold('é'.repeat(40))
        .split('\r\n')
        .map((part) => Buffer.byteLength(part)),
    ).toEqual([74, 7]);
  });

  test('has times in UTC over the change of clocks, leap days and the end of a year', () => {
    for (const [at, written] of [
      ['2026-03-29T03:00:00+02:00', '20260329T010000Z'],
      ['2026-10-25T02:30:00+01:00', '20261025T013000Z'],
      ['2028-02-29T23:59:59+01:00', '20280229T225959Z'],
      ['2026-01-01T00:00:00+01:00', '20251231T230000Z'],
    ] as const) {
      expect(utc(new Date(at))).toBe(written);
      const [event] = read(calendarText({ name: 'x', events: [eventOf({ at: new Date(at) })] }));
      expect(event?.start.date.getTime()).toBe(Date.parse(at));
    }
  });

  test('alarms before the time, and a control character is nobody’s line', () => {
    expect([before(86_400), before(5400), before(61), before(0)]).toEqual([
      '-PT24H',
      '-PT1H30M',
      '-PT1M1S',
      'PT0S',
    ]);
    const written = calendarText({ name: 'x', events: [eventOf({ alarms: [86_400, 3600] })] });
    expect(written.match(/TRIGGER:-PT\d+H/g)).toEqual(['TRIGGER:-PT24H', 'TRIGGER:-PT1H']);
    expect(escapeText('a\u0000b\rc\r\nd')).toBe('a b\\nc\\nd');
  });
});
