import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BareLine } from '../incidents/index.ts';
import { daysFrom, withMovedDays } from './days.ts';
import { exerciseActor, scoreOf } from './score.ts';

const begunAt = new Date('2026-03-02T09:00:00Z');
const at = (minutes: number) => new Date(begunAt.getTime() + minutes * 60_000);
const line = (n: number, minutes: number, more: Partial<BareLine> = {}): BareLine => ({
  n,
  kind: 'claim',
  about: 'other',
  at: at(minutes),
  byId: 'person-1',
  refers: null,
  ...more,
});
const goals = [
  { id: 'fact', text: 'A fact', within_minutes: 5, met_by: { line: 'claim' as const } },
  { id: 'people', text: 'People', within_minutes: 10, met_by: { line: 'claim' as const, about: 'people' } },
  { id: 'told', text: 'Told', within_minutes: 20, met_by: { clock: 'gdpr-33' } },
];
const score = (lines: BareLine[], more: { now?: number; ended?: number; clocks?: [string, Date][] } = {}) =>
  scoreOf(
    { goals },
    {
      begunAt,
      endedAt: more.ended === undefined ? null : at(more.ended),
      now: at(more.now ?? 30),
      lines,
      clocksEnded: new Map(more.clocks ?? []),
    },
  ).map(({ state, afterMinutes, line: n }) => [state, afterMinutes, n]);

describe('the score', () => {
  test('is met in time, late, overdue, open, missed', () => {
    expect(score([line(3, 4), line(4, 12, { about: 'people' })])).toEqual([
      ['met', 4, 3],
      ['late', 12, 4],
      ['overdue', null, null],
    ]);
    expect(score([], { now: 7 })).toEqual([
      ['overdue', null, null],
      ['open', null, null],
      ['open', null, null],
    ]);
    expect(score([], { ended: 6 })).toEqual(Array(3).fill(['missed', null, null]));
  });

  test('counts neither what the exercise says itself nor what was taken back, nor what came after the end', () => {
    expect(score([line(1, 1, { byId: exerciseActor.id })], { now: 2 })[0]).toEqual(['open', null, null]);
    expect(score([line(1, 1), line(2, 2, { kind: 'withdrawn', refers: 1 })], { now: 3 })[0]).toEqual([
      'open',
      null,
      null,
    ]);
    const ask = {
      goals: [{ id: 'ask', text: 'Ask', within_minutes: 9, met_by: { line: 'question' as const } }],
    };
    const asked = (more: Partial<BareLine>) =>
      scoreOf(ask, {
        ...{ begunAt, endedAt: null, now: at(9), clocksEnded: new Map() },
        lines: [line(1, 0, { kind: 'question', ...more })],
      })[0]?.state;
    // Of the playbook, and of a person.
    expect([asked({ about: 'what-data' }), asked({ about: null })]).toEqual(['open', 'met']);
    expect(score([line(1, 9)], { ended: 8 })[0]).toEqual(['missed', null, null]);
    expect(score([line(1, -1)], { now: 1 })[0]).toEqual(['open', null, null]);
  });

  test('knows the end of a clock', () => {
    expect(score([], { clocks: [['gdpr-33', at(19.96)]] })[2]).toEqual(['met', 20, null]);
    expect(score([], { clocks: [['gdpr-33', at(20.1)]] })[2]).toEqual(['late', 20.1, null]);
    expect(score([], { clocks: [['gdpr-34', at(1)]] })[2]).toEqual(['overdue', null, null]);
  });

  test('never gets worse by what is entered later, and takes the first line', () => {
    const entries = fc.array(fc.record({ minutes: fc.integer({ min: 0, max: 60 }), mine: fc.boolean() }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(entries, (given) => {
        const lines = given
          .toSorted((a, b) => a.minutes - b.minutes)
          .map(({ minutes, mine }, index) =>
            line(index + 1, minutes, mine ? {} : { byId: exerciseActor.id }),
          );
        const first = lines.find(({ byId }) => byId === 'person-1');
        const all = score(lines, { now: 60 })[0];
        expect(all?.[2] ?? null).toBe(first?.n ?? null);
        if (first !== undefined) expect(score(lines.slice(0, first.n), { now: 60 })[0]).toEqual(all);
      }),
    );
  });
});

describe('days in braces', () => {
  test('are moved over ends of months and leap days', () => {
    const moved = daysFrom('2025-11-25', new Date('2028-03-01T23:59:59Z'));
    expect(withMovedDays('from {2025-11-24} to {2025-11-25}, {not a day}', moved)).toBe(
      'from 2028-02-29 to 2028-03-01, {not a day}',
    );
  });
});
