import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Attested, FRESH_DAYS, levels, type ProviderAccount, postureOf, presenceOf } from './levels.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 22);
const level = fc.constantFrom(...levels);
const asOf = fc.integer({ min: now - 400 * DAY, max: now });
const state = fc.constantFrom('active', 'invited', 'suspended', 'gone');
const provider = fc.record({
  vendor: fc.constant('idp'),
  level,
  asOf,
  state,
}) as fc.Arbitrary<ProviderAccount>;
const attested = fc.record({
  id: fc.constant('a'),
  level,
  from: fc.integer({ min: now - 400 * DAY, max: now + 10 * DAY }),
  until: fc.integer({ min: now - 10 * DAY, max: now + 400 * DAY }),
}) as fc.Arbitrary<Attested>;
const facts = fc.record({
  now: fc.constant(now),
  seen: fc.record({ level, asOf }),
  rule: fc.option(fc.constant({ provider: 'idp' })),
  provider: fc.option(provider),
  attested: fc.option(attested),
});

describe('a level is never better than something fresh that says so', () => {
  test('whatever comes together', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const { level: found, evidence } = postureOf(given);
        const isFresh = (at: number) => now - at <= FRESH_DAYS * DAY;
        const says = [
          ...(isFresh(given.seen.asOf) ? [given.seen.level] : []),
          ...(given.rule !== null && given.provider?.state === 'active' && isFresh(given.provider.asOf)
            ? [given.provider.level]
            : []),
          ...(given.attested !== null && given.attested.from <= now && now < given.attested.until
            ? [given.attested.level]
            : []),
          'unknown',
        ];
        expect(says).toContain(found);
        if (found === 'unknown') expect(['unknown', 'declared']).toContain(evidence);
      }),
    );
  });

  test('what the vendor itself exported is believed before what is derived, and that before somebody’s word', () => {
    fc.assert(
      fc.property(facts, (given) => {
        if (given.seen.level === 'unknown' || now - given.seen.asOf > FRESH_DAYS * DAY) return;
        expect(postureOf(given)).toMatchObject({ level: given.seen.level, evidence: 'observed' });
      }),
    );
  });
});

const idp: ProviderAccount = { vendor: 'idp', level: 'phishing_resistant', asOf: now, state: 'active' };
const word: Attested = { id: 'a-1', level: 'enforced', from: now - DAY, until: now + DAY };
const unknown = { level: 'unknown', asOf: now } as const;
const none = { now, seen: unknown, rule: null, provider: null, attested: null };

test.each([
  ['nothing is known', none, 'unknown', 'unknown'],
  [
    'a rule leads to the provider',
    { ...none, rule: { provider: 'idp' }, provider: idp },
    'phishing_resistant',
    'inferred',
  ],
  ['a provider without a rule says nothing', { ...none, provider: idp }, 'unknown', 'unknown'],
  [
    'one who was suspended there can not sign in through it',
    { ...none, rule: { provider: 'idp' }, provider: { ...idp, state: 'suspended' as const } },
    'unknown',
    'unknown',
  ],
  ['a word that holds', { ...none, attested: word }, 'enforced', 'declared'],
  ['a word that ran out', { ...none, attested: { ...word, until: now } }, 'unknown', 'unknown'],
  [
    'an export of 90 days',
    { ...none, seen: { level: 'none' as const, asOf: now - 90 * DAY } },
    'none',
    'observed',
  ],
  [
    'an older one',
    { ...none, seen: { level: 'enforced' as const, asOf: now - 90 * DAY - 1 } },
    'unknown',
    'unknown',
  ],
])('%s', (_, given, found, evidence) => {
  expect(postureOf(given)).toMatchObject({ level: found, evidence });
});

test('what was known once and is too old is told apart from what was never known', () => {
  expect(postureOf({ ...none, seen: { level: 'enforced', asOf: now - 91 * DAY } }).stale).toBe(true);
  expect(postureOf({ ...none, attested: { ...word, until: now } }).stale).toBe(true);
  expect(postureOf(none).stale).toBe(false);
});

test('who has no account at any provider is not taken to have left', () => {
  expect(presenceOf([])).toBe('unknown');
  expect(presenceOf([{ state: 'gone' }, { state: 'suspended' }])).toBe('left');
  expect(presenceOf([{ state: 'gone' }, { state: 'active' }])).toBe('here');
});
