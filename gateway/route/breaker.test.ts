import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from './breaker.ts';

function make(rules = { failures: 3, openMs: 1000 }, random = () => 0) {
  const clock = { now: 0 };
  const breaker = new Breaker(rules, { now: () => clock.now, random });
  const fail = (restMs: number | null = null) => {
    const pass = breaker.admit();
    if (pass !== null) breaker.failed(pass, restMs);
    return pass;
  };
  const succeed = () => {
    const pass = breaker.admit();
    if (pass !== null) breaker.succeeded(pass);
    return pass;
  };
  return { breaker, clock, fail, succeed };
}

test('it opens after so many failures in a row, and a success in between begins anew', () => {
  const { breaker, fail, succeed } = make();
  fail();
  fail();
  succeed();
  fail();
  fail();
  expect(breaker.state()).toBe('closed');
  fail();
  expect(breaker.state()).toBe('open');
  expect(breaker.admit()).toBeNull();
});

test('half open it lets one through at a time, and closes after two that succeeded', () => {
  const { breaker, clock, fail, succeed } = make();
  for (let n = 0; n < 3; n++) fail();
  clock.now = 1000;
  expect(breaker.state()).toBe('half_open');
  expect(breaker.admit()).toBe('probe');
  expect(breaker.admit()).toBeNull();
  breaker.succeeded('probe');
  expect(breaker.state()).toBe('half_open');
  expect(succeed()).toBe('probe');
  expect(breaker.state()).toBe('closed');
  expect(breaker.admit()).toBe('closed');
});

test('a probe that is given up makes room for the next', () => {
  const { breaker, clock, fail } = make();
  for (let n = 0; n < 3; n++) fail();
  clock.now = 1000;
  expect(breaker.admit()).toBe('probe');
  breaker.released('probe');
  expect(breaker.admit()).toBe('probe');
});

test('each failed probe doubles the rest, up to sixteen times', () => {
  const { breaker, clock, fail } = make();
  for (let n = 0; n < 3; n++) fail();
  const rests: number[] = [];
  for (let n = 0; n < 7; n++) {
    rests.push(breaker.restMs());
    clock.now += breaker.restMs();
    expect(fail()).toBe('probe');
  }
  expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 16_000, 16_000]);
});

test('a vendor that says how long is left alone for that time at once, and for ten minutes at most', () => {
  const { breaker, fail } = make();
  fail(5000);
  expect(breaker.restMs()).toBe(5000);
  const other = make();
  other.fail(86_400_000);
  expect(other.breaker.restMs()).toBe(600_000);
});

test('what began before it opened neither closes it nor lengthens its rest', () => {
  const { breaker, clock, fail } = make();
  const early = breaker.admit();
  for (let n = 0; n < 3; n++) fail();
  clock.now = 400;
  if (early === null) throw new Error('it was closed');
  breaker.failed(early);
  expect(breaker.restMs()).toBe(600);
  breaker.succeeded(early);
  expect(breaker.state()).toBe('open');
});

test('whatever comes, at most one probe is under way, and rests end', () => {
  const step = fc.oneof(
    fc.constant('admit' as const),
    fc.constantFrom('succeeded' as const, 'failed' as const, 'released' as const),
    fc.integer({ min: 1, max: 700_000 }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (steps, random) => {
        const { breaker, clock } = make({ failures: 2, openMs: 500 }, () => random);
        const passes: ('closed' | 'probe')[] = [];
        for (const each of steps) {
          if (typeof each === 'number') clock.now += each;
          else if (each === 'admit') {
            const pass = breaker.admit();
            if (pass !== null) passes.push(pass);
          } else {
            const pass = passes.shift();
            if (pass !== undefined) breaker[each](pass);
          }
          expect(passes.filter((pass) => pass === 'probe').length).toBeLessThanOrEqual(1);
          expect(breaker.restMs()).toBeLessThanOrEqual(600_000);
        }
        for (const pass of passes) breaker.released(pass);
        clock.now += 600_000;
        expect(breaker.admit()).not.toBeNull();
      },
    ),
  );
});
