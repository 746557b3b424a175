import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AgreementDates, dueOn, noticeBy, stateOn } from './agreements.ts';
import { addDays } from './days.ts';
import { isLei } from './lei.ts';
import { type Rules, RulesSchema, rulesSetting, type Tier } from './rules.ts';
import { closesAt, type StandingFacts, standingOf } from './standing.ts';
import { checkedValue } from './statements.ts';
import { mayMove, movesFrom, statuses } from './status.ts';
import { provenUntil, undeletedOf } from './undeleted.ts';

const TODAY = '2026-03-10';
const dpa = (dates: Partial<AgreementDates> = {}): AgreementDates => ({
  kind: 'dpa',
  signedOn: '2026-01-01',
  validFrom: null,
  validUntil: null,
  openEnded: true,
  noticeDays: null,
  endedOn: null,
  ...dates,
});
const until = (validUntil: string) => dpa({ validUntil, openEnded: false });

describe('a status', () => {
  test('comes to approved through a review only, and from ended through one too', () => {
    expect(statuses.filter((from) => mayMove(from, 'approved'))).toEqual(['under_review', 'restricted']);
    expect(movesFrom('ended')).toEqual(['under_review']);
    for (const status of statuses) expect(mayMove(status, status)).toBe(false);
  });
});

describe('a legal entity identifier', () => {
  test('is one by its check digits', () => {
    // Published ones: of Apple Inc. and of Deutsche Bank AG.
    expect(isLei('HWUPKR0MPOU8FGXBT394')).toBe(true);
    expect(isLei('7LTWFZYICNSX8D621K86')).toBe(true);
    expect(isLei('7LTWFZYICNSX8D621K87')).toBe(false);
    expect(isLei('7ltwfzyicnsx8d621k86')).toBe(false);
  });
  test('is none when a digit of it is another digit, or a letter another letter', () => {
    const lei = 'HWUPKR0MPOU8FGXBT394';
    const marks = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    fc.assert(
      fc.property(fc.nat(19), fc.nat(35), (place, mark) => {
        const other = lei.slice(0, place) + marks[mark] + lei.slice(place + 1);
        const isAlike = /[A-Z]/.test(lei[place] ?? '') === /[A-Z]/.test(marks[mark] ?? '');
        return other === lei || !isAlike || !isLei(other);
      }),
    );
  });
});

describe('an agreement', () => {
  test.each([
    ['not signed', dpa({ signedOn: null }), 'not_signed'],
    ['without an end', dpa(), 'in_force'],
    ['of which no end is known', dpa({ openEnded: false }), 'in_force'],
    ['on its last day', until(TODAY), 'in_force'],
    ['a day after it', until('2026-03-09'), 'ran_out'],
    ['that begins tomorrow', dpa({ validFrom: '2026-03-11' }), 'to_come'],
    ['that was ended yesterday', dpa({ endedOn: '2026-03-09' }), 'ended'],
  ])('%s', (_, agreement, state) => {
    expect(stateOn(agreement, TODAY)).toBe(state);
  });

  test.each([
    [91, null],
    [90, '90'],
    [30, '30'],
    [7, '7'],
    [0, '7'],
    [-1, 'over'],
  ])('%d days before its end reminds', (days, due) => {
    expect(dueOn(until(addDays(TODAY, days)), TODAY)).toBe(due);
  });

  test('reminds nobody once it was ended, and says by when notice is due', () => {
    expect(dueOn({ ...until('2026-03-12'), endedOn: '2026-03-01' }, TODAY)).toBeNull();
    expect(noticeBy({ ...until('2026-03-31'), noticeDays: 30 })).toBe('2026-03-01');
    expect(noticeBy(dpa({ noticeDays: 30 }))).toBeNull();
  });
});

const tier = (over: Partial<Tier> = {}): Tier => ({
  id: 'high',
  name: 'High',
  agreements: ['dpa'],
  reviewed: true,
  residency: true,
  reviewEveryDays: 180,
  atExpiry: 'warn',
  ...over,
});
const rules = (high: Tier = tier(), over: Partial<Rules> = {}): Rules => ({
  ...rulesSetting.initial,
  tiers: [...rulesSetting.initial.tiers.filter(({ id }) => id !== 'high'), high],
  ...over,
});
const facts = (over: Partial<StandingFacts> = {}): StandingFacts => ({
  connectedAt: '2026-01-01T00:00:00.000Z',
  request: { tier: 'high', askedOn: '2026-01-01' },
  agreements: [dpa()],
  reviewedOn: '2026-02-01',
  residency: true,
  exceptions: [],
  ...over,
});
const codes = (given: StandingFacts, by: Rules = rules()) => {
  const standing = standingOf(given, by, TODAY);
  return standing.open ? 'open' : standing.reasons.map(({ code }) => code);
};

describe('a connection', () => {
  test('that nobody asked about works as before, until requests are wanted of new ones', () => {
    const bare = facts({ request: null, agreements: [], reviewedOn: null, residency: false });
    expect(codes(bare, rulesSetting.initial)).toBe('open');
    const wanted = rules(tier(), { requestsSince: '2026-01-01T00:00:00.000Z' });
    expect(codes(bare, wanted)).toEqual(['request_missing']);
    expect(codes({ ...bare, connectedAt: '2025-12-31T23:59:59.999Z' }, wanted)).toBe('open');
  });

  test('is closed while any condition of its tier does not hold', () => {
    expect(codes(facts())).toBe('open');
    expect(codes(facts({ agreements: [] }))).toEqual(['agreement']);
    expect(codes(facts({ agreements: [{ ...dpa(), kind: 'nda' }] }))).toEqual(['agreement']);
    expect(codes(facts({ agreements: [dpa({ signedOn: null })] }))).toEqual(['agreement']);
    expect(codes(facts({ reviewedOn: null }))).toEqual(['review']);
    expect(codes(facts({ residency: false }))).toEqual(['residency']);
    expect(codes(facts({ request: { tier: 'gone', askedOn: TODAY } }))).toEqual(['tier_unknown']);
    expect(
      codes(facts({ request: { tier: 'none', askedOn: TODAY }, agreements: [], residency: false })),
    ).toBe('open');
  });

  test('goes on when a condition runs out, and is closed then only where the tier says so', () => {
    const over = facts({ agreements: [until('2026-03-09')] });
    expect(codes(over)).toBe('open');
    expect(standingOf(over, rules(), TODAY).missing).toMatchObject([{ code: 'agreement' }]);
    expect(codes(over, rules(tier({ atExpiry: 'close' })))).toEqual(['agreement']);
    // What ran out before anybody asked never held for this connection.
    expect(
      codes(
        facts({ agreements: [dpa({ signedOn: '2025-01-01', validUntil: '2025-12-31', openEnded: false })] }),
      ),
    ).toEqual(['agreement']);
    // Nor did what is still to begin.
    const toCome = dpa({ validFrom: '2026-04-01', validUntil: '2027-01-01', openEnded: false });
    expect(codes(facts({ agreements: [toCome] }))).toEqual(['agreement']);
    const old = facts({ reviewedOn: '2025-08-01', request: { tier: 'high', askedOn: '2025-08-01' } });
    expect(codes(old)).toBe('open');
    expect(codes(old, rules(tier({ atExpiry: 'close' })))).toEqual(['review']);
  });

  test('is told of what runs out thirty days before', () => {
    const on = (day: string) => standingOf(facts({ agreements: [until(day)] }), rules(), TODAY).runsOut;
    expect(on(addDays(TODAY, 31))).toEqual([]);
    expect(on(addDays(TODAY, 30))).toMatchObject([{ code: 'agreement', on: addDays(TODAY, 30) }]);
    const closing = rules(tier({ atExpiry: 'close' }));
    const [told] = standingOf(facts({ agreements: [until(TODAY)] }), closing, TODAY).runsOut;
    expect(told?.text).toContain('closed');
    const review = standingOf(facts({ reviewedOn: addDays(TODAY, -170) }), rules(), TODAY);
    expect(review.runsOut).toMatchObject([{ code: 'review', on: addDays(TODAY, 10) }]);
  });

  test('closes by time alone at the first moment that its conditions, or its exceptions, hold no longer', () => {
    const now = Date.parse(`${TODAY}T12:00:00.000Z`);
    const at = (over: Partial<StandingFacts>, by = rules(tier({ atExpiry: 'close' }))) => {
      const time = closesAt(facts(over), by, now);
      return time === null ? null : new Date(time).toISOString();
    };
    const [first, last] = ['2026-03-20T12:00:00.500Z', '2026-03-25T01:00:00.000Z'];
    expect(at({ agreements: [until(TODAY)] })).toBe('2026-03-11T00:00:00.000Z');
    expect(at({ agreements: [until(TODAY)], exceptions: [last, first] })).toBe(last);
    expect(at({ agreements: [until(TODAY), until('2026-04-01')] })).toBe('2026-04-02T00:00:00.000Z');
    expect(at({ agreements: [], exceptions: [first] })).toBe(first);
    expect(at({ reviewedOn: TODAY })).toBe(`${addDays(TODAY, 181)}T00:00:00.000Z`);
    expect(at({ agreements: [until(TODAY)], reviewedOn: TODAY }, rules())).toBeNull();
    expect(at({ request: null })).toBeNull();
  });

  test('works by an exception as long as it lasts, and still says what is missing', () => {
    const standing = standingOf(
      facts({ agreements: [], exceptions: ['2026-03-20T12:00:00.000Z'] }),
      rules(),
      TODAY,
    );
    expect(standing).toMatchObject({
      open: true,
      missing: [{ code: 'agreement' }],
      runsOut: [{ code: 'exception', on: '2026-03-20' }],
    });
  });

  test('says the same on every day on which the same is missing, so that gateways are told once', () => {
    const closed = facts({ agreements: [], reviewedOn: null });
    fc.assert(
      fc.property(fc.nat(400), (days) => {
        const day = (n: number) => standingOf(closed, rules(), addDays(TODAY, n));
        expect(day(days)).toEqual(day(0));
      }),
    );
  });

  test('never opens by knowing less', () => {
    const fact = fc.record({
      agreements: fc.constantFrom([], [dpa()], [until('2026-03-09')]),
      reviewedOn: fc.constantFrom(null, '2026-02-01', '2025-01-01'),
      residency: fc.boolean(),
    });
    const strict = rules(tier({ atExpiry: 'close' }));
    fc.assert(
      fc.property(fact, (known) => {
        const before = standingOf(facts(known), strict, TODAY);
        for (const less of [{ agreements: [] }, { reviewedOn: null }, { residency: false }]) {
          const after = standingOf(facts({ ...known, ...less }), strict, TODAY);
          expect(before.open || !after.open).toBe(true);
        }
      }),
    );
  });
});

describe('the rules', () => {
  test('keep a tier that asks for nothing, and one that is usual', () => {
    expect(RulesSchema.safeParse(rulesSetting.initial).success).toBe(true);
    const without = { ...rulesSetting.initial, tiers: [tier()], usualTier: 'high' };
    expect(RulesSchema.safeParse(without).success).toBe(false);
    expect(RulesSchema.safeParse({ ...rulesSetting.initial, usualTier: 'other' }).success).toBe(false);
    const asking = rulesSetting.initial.tiers.map((one) => ({ ...one, residency: true }));
    expect(RulesSchema.safeParse({ ...rulesSetting.initial, tiers: asking }).success).toBe(false);
  });
});

describe('a statement', () => {
  test.each([
    ['legal_id', 'lei', '7LTWFZYICNSX8D621K87', 'value'],
    ['legal_id', 'iban', 'X', 'key'],
    ['retention', 'person.shoe_size', { days: 1, note: null }, 'key'],
    ['notice_hours', '', -1, 'value'],
    ['residency', '', { countries: ['Germany'], note: null }, 'value.countries.0'],
    ['page', 'dpa', 'javascript:alert(1)', 'value'],
    ['deletion', 'all', { on: '2026-02-30', what: 'x' }, 'value.on'],
  ] as const)('%s %s is refused where it can not be', (kind, key, value, field) => {
    expect(() => checkedValue(kind, key, value)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ field })] }),
    );
  });
  test('is taken where it can be', () => {
    expect(checkedValue('legal_id', 'lei', 'HWUPKR0MPOU8FGXBT394')).toBe('HWUPKR0MPOU8FGXBT394');
    expect(checkedValue('retention', 'all', { days: 30, note: null })).toEqual({ days: 30, note: null });
  });
});

describe('what is not proven deleted', () => {
  const got = [
    { class: 'person.email', lastOn: '2026-01-05' },
    { class: 'person.name', lastOn: '2026-01-05' },
    { class: 'network.ip', lastOn: '2026-02-05' },
  ];
  const proof = (name: string, on: string, isProven = true) => ({ class: name, on, isProven });
  test('is everything until there is a proof: what is only said counts for nothing', () => {
    const all = ['person.email', 'person.name', 'network.ip'];
    expect(undeletedOf(got, [], 1204)).toEqual({ classes: all, people: 1204 });
    expect(undeletedOf(got, [proof('all', '2026-03-01', false)], 1204).classes).toEqual(all);
  });
  test('is not what a proof covers: up to its day, of its kind', () => {
    const left = (name: string, on: string) => undeletedOf(got, [proof(name, on)], 7).classes;
    expect(left('network.ip', '2026-02-05')).toEqual(['person.email', 'person.name']);
    expect(left('all', '2026-02-04')).toEqual(['network.ip']);
    expect(left('all', '2026-02-05')).toEqual([]);
  });
  test('is proven up to the end of the latest day that a proof of the class, or of all, names', () => {
    const deletions = [
      proof('all', '2026-01-02'),
      proof('person.email', '2026-02-02'),
      proof('person.email', '2026-03-02', false),
    ];
    expect(provenUntil(deletions, 'person.email')).toBe(Date.parse('2026-02-03') - 1);
    expect(provenUntil(deletions, 'network.ip')).toBe(Date.parse('2026-01-03') - 1);
    expect(provenUntil([], 'network.ip')).toBeNull();
  });
});
