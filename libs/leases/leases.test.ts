import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeaseHolder } from './holder.ts';
import { LeaseLedger, type LedgerState, type Limit, readLedgerState } from './ledger.ts';

const minute = (cap: number): Limit => ({ cap, windowMs: 60_000, aligned: false });
const day = (cap: number): Limit => ({ cap, windowMs: 86_400_000, aligned: true });

function house(holders: number, state?: LedgerState) {
  const clock = { now: 1_000 };
  const asked = { count: 0 };
  const ledger = new LeaseLedger(() => holders, state);
  const holder = () =>
    new LeaseHolder(
      (name, limit, left, ends) => {
        asked.count += 1;
        return ledger.lease(name, limit, left, ends, clock.now);
      },
      () => clock.now,
    );
  return { clock, asked, ledger, holder };
}

test('a whole cap can be used by one of several holders, with few questions', () => {
  const { holder, asked, clock } = house(4);
  const mine = holder();
  for (let use = 0; use < 6_000; use++) expect(mine.take('key', minute(6_000))).toBeNull();
  expect(asked.count).toBeLessThan(120);
  clock.now += 10_000;
  expect(mine.take('key', minute(6_000))).toEqual({ waitMs: 50_000 });
  const before = asked.count;
  for (let use = 0; use < 100; use++) mine.take('key', minute(6_000));
  expect(asked.count).toBe(before);
  clock.now += 50_000;
  expect(mine.take('key', minute(6_000))).toBeNull();
});

test('a cap that is raised counts at once; one that is lowered stops what is asked for next', () => {
  const { holder } = house(1);
  const mine = holder();
  expect(mine.take('key', minute(1))).toBeNull();
  expect(mine.take('key', minute(1))).toEqual({ waitMs: 60_000 });
  expect(mine.take('key', minute(2))).toBeNull();
  expect(mine.take('key', minute(1))).toEqual({ waitMs: 60_000 });
});

test('a holder forgets slices of windows that are over, and only those', () => {
  const { holder, clock, asked } = house(1);
  const mine = holder();
  for (const key of ['a', 'b']) mine.take(key, minute(100));
  mine.tidy();
  expect(mine.take('a', minute(100))).toBeNull();
  expect(asked.count).toBe(2);
  clock.now += 60_000;
  mine.tidy();
  expect(mine.release()).toEqual([]);
});

test('days end at midnight UTC', () => {
  const { holder, clock } = house(1);
  clock.now = Date.UTC(2026, 10, 21, 23, 59, 30);
  const mine = holder();
  expect(mine.take('key', day(1))).toBeNull();
  expect(mine.take('key', day(1))).toEqual({ waitMs: 30_000 });
  clock.now = Date.UTC(2026, 10, 22);
  expect(mine.take('key', day(1))).toBeNull();
});

type Step =
  | { do: 'take' | 'crash' | 'release'; holder: number }
  | { do: 'restart' }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('take' as const), holder: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'release' as const), holder: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: -3_000, max: 40_000_000 }),
    }),
  },
);

test('no window sees more uses than its cap, whatever the order, and whoever is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(step, { maxLength: 600 }), (cap, steps) => {
      const clock = { now: 5_000_000_000 };
      // What is kept is written before a grant is handed on.
      let kept: LedgerState = {};
      let ledger = new LeaseLedger(() => 4);
      const make = () =>
        new LeaseHolder(
          (name, limit, left, ends) => {
            const grant = ledger.lease(name, limit, left, ends, clock.now);
            kept = JSON.parse(JSON.stringify(ledger.state(clock.now)));
            return grant;
          },
          () => clock.now,
        );
      const holders = [make(), make(), make(), make()];
      const used = new Map<number, number>();
      for (const each of steps) {
        if (each.do === 'wait') clock.now += each.ms;
        else if (each.do === 'restart') {
          ledger = new LeaseLedger(() => 4, readLedgerState(kept));
          holders.splice(0, 4, make(), make(), make(), make());
        } else if (each.do === 'crash') holders[each.holder] = make();
        else if (each.do === 'release') {
          for (const { name, left, ends } of holders[each.holder]?.release() ?? [])
            ledger.giveBack(name, left, ends);
        } else if (holders[each.holder]?.take('key', day(cap)) === null) {
          const window = Math.floor(clock.now / 86_400_000);
          used.set(window, (used.get(window) ?? 0) + 1);
        }
      }
      for (const [, count] of used) expect(count).toBeLessThanOrEqual(cap);
    }),
    { numRuns: 300 },
  );
});

test('what is counted afterwards goes over its cap by no more than what each holder had under way', () => {
  const way = fc.record({ holder: fc.nat(2), size: fc.integer({ min: 0, max: 90 }), first: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(way, { maxLength: 200 }), (cap, ways) => {
      const { holder } = house(3);
      const holders = [holder(), holder(), holder()];
      const under: { holder: number; size: number }[] = [];
      const most = [0, 0, 0];
      let spent = 0;
      const settle = (): void => {
        const ended = under.shift();
        if (ended === undefined) return;
        spent += ended.size;
        holders[ended.holder]?.spend('key', day(cap), ended.size);
      };
      for (const { holder: at, size, first } of ways) {
        if (first) settle();
        if (holders[at]?.open('key', day(cap)) !== null) continue;
        under.push({ holder: at, size });
        const now = under.reduce((sum, each) => sum + (each.holder === at ? each.size : 0), 0);
        most[at] = Math.max(most[at] ?? 0, now);
      }
      while (under.length > 0) settle();
      expect(spent).toBeLessThanOrEqual(cap + most.reduce((sum, each) => sum + each, 0));
    }),
    { numRuns: 300 },
  );
});

test('those who come while a slice is fetched share one question', async () => {
  const asked: number[] = [];
  const ledger = new LeaseLedger(() => 1);
  const holder = new LeaseHolder(
    async (name, limit, left, ends) => {
      asked.push(left);
      return ledger.lease(name, limit, left, ends, 0);
    },
    () => 0,
  );
  const answers = await Promise.all(Array.from({ length: 12 }, () => holder.take('key', minute(10))));
  expect(answers.filter((each) => each === null)).toHaveLength(10);
  expect(asked.length).toBeLessThanOrEqual(6);
});

test('a ledger that can not be asked lets nobody in, and is asked again', async () => {
  let isAway = true;
  const ledger = new LeaseLedger(() => 1);
  const holder = new LeaseHolder(
    async (name, limit, left, ends) => {
      if (isAway) throw new Error('away');
      return ledger.lease(name, limit, left, ends, 0);
    },
    () => 0,
  );
  await expect(holder.take('key', minute(1))).rejects.toThrow('away');
  isAway = false;
  expect(await holder.take('key', minute(1))).toBeNull();
});

test('what was used beyond a slice is told once, also when its window ends, or its cap changes, meanwhile', async () => {
  const clock = { now: 0 };
  let answer = (): void => undefined;
  const ledger = new LeaseLedger(() => 1);
  const holder = new LeaseHolder(
    (name, limit, left, ends) => {
      const lease = () => ledger.lease(name, limit, left, ends, clock.now);
      if (limit.cap !== 10) return lease();
      return new Promise((resolve) => {
        answer = () => resolve(lease());
      });
    },
    () => clock.now,
  );
  const first = holder.open('key', day(10));
  answer();
  expect(await first).toBeNull();
  holder.spend('key', day(10), 500);
  clock.now = 86_400_000;
  const next = holder.take('key', day(10_000));
  answer();
  expect(await next).toBeNull();
  const [unused] = holder.release();
  expect(unused?.left).toBeLessThanOrEqual(10_000 / 64);
});

test('no use is too large for what is kept to be read again', () => {
  const ledger = new LeaseLedger(() => 1);
  const { ends } = ledger.lease('key', day(100), 0, 0, 0);
  for (let use = 0; use < 100; use++) ledger.lease('key', day(100), -1e15, ends, 0);
  const kept = readLedgerState(JSON.parse(JSON.stringify(ledger.state(0))));
  expect(new LeaseLedger(() => 1, kept).lease('key', day(100), 0, 0, 0).amount).toBe(0);
});

test('a lease that is cancelled leaves the ledger as it was', () => {
  const ledger = new LeaseLedger(() => 1);
  const first = ledger.lease('key', day(100), 0, 0, 0);
  const before = ledger.state(0);
  for (const left of [-40, 0, 2]) {
    for (const ends of [first.ends, 5]) {
      ledger.cancel('key', left, ends, ledger.lease('key', day(100), left, ends, 0));
      expect(ledger.state(0)).toEqual(before);
    }
  }
});

test.each([[null], [{ a: 1 }], [{ a: { ends: 1 } }], [{ a: { ends: 1, used: '2' } }]])(
  'a kept state that is none is refused: %j',
  (value) => {
    expect(() => readLedgerState(value)).toThrow(TypeError);
  },
);
