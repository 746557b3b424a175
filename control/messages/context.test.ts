import { compileRegister, judgeMail, judgeText, type Verdict, verdicts } from '@drawbridge/authenticity';
import { mail, now, register } from '@drawbridge/authenticity/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkClaim,
  claimKinds,
  claimsIn,
  type GatewayRecords,
  noRecords,
  type UsageRecord,
  type VendorRecords,
} from './claims.ts';
import { contextOf, type Known } from './context.ts';

/** What the organisation knows, held against a message. Vendors and messages are made up. */

const vendor = { id: 'acme-ai', name: 'Acme AI' };
const nothing: Known = {
  isUsed: null,
  records: noRecords,
  incidents: [],
  holds: null,
  registeredAddress: null,
  ours: null,
};
const hours = (count: number): Date => new Date(now.getTime() - count * 3_600_000);
const answering: GatewayRecords = {
  answeredAt: hours(0.2),
  unauthorisedAt: null,
  limitedAt: null,
  answers: 12,
};
const by = (gateway: Partial<GatewayRecords>, others: Partial<VendorRecords> = {}): VendorRecords => ({
  ...noRecords,
  gateway: { ...answering, ...gateway },
  ...others,
});
const busy = by({});
const quiet = (others: Partial<VendorRecords>): VendorRecords => ({ ...noRecords, ...others });
const dayBefore = (days: number): string =>
  hours(24 * days)
    .toISOString()
    .slice(0, 10);
const reported = (counts: Partial<UsageRecord>): VendorRecords =>
  quiet({
    usage: {
      from: dayBefore(31),
      to: dayBefore(1),
      days: 31,
      isWhole: true,
      requests: null,
      tokens: null,
      cost: null,
      ...counts,
    },
  });
const key = (endedAt: Date | null) => ({ name: 'made-up', by: 'The key', endedAt, href: '/keys' });
const incident = {
  id: '00000000-0000-4000-8000-000000000001',
  number: 4,
  title: 'Made up',
  since: new Date('2025-11-09T00:00:00Z'),
  behind: true,
};
const first = { verdict: 'unverified' as Verdict, topic: 'security' as const, vendor };
const signalsOf = (known: Partial<Known>, text = 'Hello', verdict: Verdict = 'unverified') =>
  contextOf({ ...first, verdict }, text, ['ada@ours.example'], { ...nothing, ...known }, now).evidence.map(
    ({ signal, weighs, strength }) => `${signal} ${weighs} ${strength}`,
  );

describe('a claim', () => {
  test.each([
    ['Your API key was disabled after it was found in a public place.', 'key_disabled'],
    ['You have reached your monthly spending limit.', 'limit_reached'],
    ['Your payment was declined.', 'payment_failed'],
    ['We noticed a new sign-in to your account.', 'new_sign_in'],
    ['Your subscription has been cancelled.', 'cancelled'],
  ])('is heard in "%s"', (text, kind) => expect(claimsIn(text)).toEqual([kind]));

  test('is not heard in what says none', () =>
    expect(claimsIn('Welcome. Here is what is new this month.')).toEqual([]));

  test.each([
    ['key_disabled', busy, 'contradicted'],
    ['key_disabled', by({ answeredAt: null, unauthorisedAt: hours(2) }), 'consistent'],
    ['key_disabled', by({ unauthorisedAt: hours(0.1) }), 'consistent'],
    ['key_disabled', by({ answeredAt: hours(5) }), 'cannot_tell'],
    ['key_disabled', by({}, { keys: [key(hours(30))] }), 'consistent'],
    ['key_disabled', by({}, { keys: [key(null)] }), 'contradicted'],
    ['key_disabled', by({}, { keys: [key(hours(24 * 8))] }), 'contradicted'],
    ['key_disabled', by({}, { keys: [key(hours(-1))] }), 'contradicted'],
    ['key_disabled', quiet({ keys: [key(null)] }), 'cannot_tell'],
    ['limit_reached', busy, 'contradicted'],
    ['limit_reached', by({ limitedAt: hours(3) }), 'consistent'],
    ['limit_reached', by({}, { heldBackAt: hours(3) }), 'consistent'],
    ['limit_reached', by({}, { heldBackAt: hours(30) }), 'contradicted'],
    ['limit_reached', by({ answers: 0, answeredAt: null }), 'cannot_tell'],
    ['limit_reached', noRecords, 'cannot_tell'],
    ['limit_reached', reported({ requests: 0 }), 'contradicted'],
    ['limit_reached', reported({ requests: 0, tokens: 4 }), 'cannot_tell'],
    ['limit_reached', reported({ requests: 0, isWhole: false }), 'cannot_tell'],
    ['limit_reached', reported({ requests: 0, to: dayBefore(5) }), 'cannot_tell'],
    ['limit_reached', reported({}), 'cannot_tell'],
    ['cancelled', busy, 'contradicted'],
    ['cancelled', reported({ tokens: 4 }), 'cannot_tell'],
    ['payment_failed', busy, 'cannot_tell'],
    ['payment_failed', reported({ cost: 0 }), 'contradicted'],
    ['payment_failed', reported({ cost: 0, days: 27 }), 'cannot_tell'],
    ['payment_failed', reported({ cost: 12_340_000 }), 'cannot_tell'],
    ['new_sign_in', busy, 'cannot_tell'],
    ['new_sign_in', quiet({ accounts: { activeAt: hours(3), asOf: hours(1) } }), 'consistent'],
    ['new_sign_in', quiet({ accounts: { activeAt: hours(50), asOf: hours(1) } }), 'cannot_tell'],
    ['new_sign_in', quiet({ accounts: { activeAt: null, asOf: hours(1) } }), 'cannot_tell'],
  ] as const)('%s by these records is told', (claim, records, result) =>
    expect(checkClaim(claim, vendor, records, now).result).toBe(result),
  );
});

describe('what we know', () => {
  test('speaks against a message that our records contradict', () =>
    expect(signalsOf({ records: busy }, 'Your API key was disabled.')).toEqual([
      'claim_contradicted against weak',
    ]));

  test('that fits a message is a note and no more', () =>
    expect(
      signalsOf(
        { records: by({ answeredAt: null, unauthorisedAt: hours(1) }) },
        'Your API key was disabled.',
      ),
    ).toEqual(['claim_consistent note weak']));

  test('of the address at which we are registered decides', () => {
    expect(signalsOf({ registeredAddress: false })).toEqual(['not_our_address against strong']);
    expect(signalsOf({ registeredAddress: true })).toEqual([]);
  });

  test('of an incident counts for what it makes likely, and of a proven message is a note', () => {
    expect(signalsOf({ incidents: [incident] })).toEqual(['incident_open against weak']);
    expect(signalsOf({ incidents: [incident] }, 'Hello', 'verified-authentic')).toEqual([
      'incident_open note weak',
    ]);
  });

  test('to have leaked is said where it is quoted, and proves nothing', () => {
    const told = contextOf(
      first,
      'Dear Ada, your organisation org-AbCdEf123456 (ada@ours.example) was seen in Chrome on Windows.',
      ['ada@ours.example'],
      { ...nothing, incidents: [incident] },
      now,
    );
    expect(told.quoted.map(({ field }) => field)).toEqual([
      'organisation_id',
      'browser',
      'greeting',
      'email',
    ]);
    expect(new Set(told.quoted.map(({ since }) => since))).toEqual(new Set(['2025-11-09T00:00:00.000Z']));
    expect(
      told.evidence
        .filter(({ signal }) => signal === 'quotes_leaked')
        .every(({ weighs }) => weighs === 'note'),
    ).toBe(true);
  });

  test('of no vendor, nothing is said', () =>
    expect(
      contextOf(
        { ...first, vendor: null },
        'Your API key was disabled.',
        [],
        { ...nothing, records: busy },
        now,
      ).evidence,
    ).toEqual([]));
});

const when = fc.option(fc.integer({ min: 0, max: 80 }).map(hours));
const known: fc.Arbitrary<Known> = fc.record({
  isUsed: fc.option(fc.boolean()),
  records: fc.record({
    gateway: fc.option(
      fc.record({
        answeredAt: when,
        unauthorisedAt: when,
        limitedAt: when,
        answers: fc.integer({ min: 0, max: 9 }),
      }),
    ),
    heldBackAt: when,
    keys: fc.array(when.map(key), { maxLength: 2 }),
    usage: fc.option(
      fc.record({
        from: fc.constant(dayBefore(31)),
        to: fc.integer({ min: 1, max: 9 }).map(dayBefore),
        days: fc.integer({ min: 1, max: 31 }),
        isWhole: fc.boolean(),
        requests: fc.option(fc.nat(3)),
        tokens: fc.option(fc.nat(3)),
        cost: fc.option(fc.nat(3)),
      }),
    ),
    accounts: fc.option(fc.record({ activeAt: when, asOf: fc.constant(hours(1)) })),
  }),
  incidents: fc.array(
    fc.record({
      id: fc.constant(incident.id),
      number: fc.constant(4),
      title: fc.string(),
      since: when,
      behind: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  holds: fc.option(fc.boolean()),
  registeredAddress: fc.option(fc.boolean()),
  ours: fc.option(
    fc.record({
      incident: fc.constant('i'),
      notice: fc.constant('n'),
      title: fc.string(),
      text: fc.string(),
    }),
  ),
});
const words = fc
  .array(
    fc.constantFrom(
      'Your API key was disabled.',
      'You have reached your spending limit.',
      'Your payment failed.',
      'A new sign-in was seen.',
      'Acme AI',
      'org-AbCdEf123456',
      'https://gatherer.example/a',
      'Reply with your API key.',
      'ada@ours.example',
    ),
    { maxLength: 5 },
  )
  .map((all) => all.join(' '));
const rank = (verdict: Verdict): number => verdicts.indexOf(verdict);

describe('whatever we know and whatever a message says', () => {
  test('nothing is said for it', () => {
    fc.assert(
      fc.property(known, words, fc.constantFrom(...verdicts), (all, text, verdict) => {
        const told = contextOf({ ...first, verdict }, text, ['ada@ours.example'], all, now);
        expect(told.evidence.filter(({ weighs }) => weighs === 'for')).toEqual([]);
        expect(told.claims.every(({ claim }) => claimKinds.includes(claim))).toBe(true);
      }),
    );
  });

  test('no verdict becomes better by it', async () => {
    const compiled = compileRegister(register);
    const senders = fc.constantFrom(
      { from: 'Acme AI <noreply@tm.acmeai.com>', signer: 'acmeai.com' },
      { from: 'Acme AI <noreply@tm.acmeai.com>', signer: null },
      { from: 'Acme AI <noreply@acme-ai-security.example>', signer: null },
      { from: 'Ada <ada@elsewhere.example>', signer: 'elsewhere.example' },
    );
    await fc.assert(
      fc.asyncProperty(known, words, senders, async (all, text, sender) => {
        const { raw, resolver } = await mail({ ...sender, text });
        const options = { register: compiled, resolver, now, arrival: 'file' as const };
        const before = await judgeMail(raw, options);
        const told = contextOf(before, text, ['ada@ours.example'], all, now);
        const after = await judgeMail(raw, { ...options, context: told.evidence });
        expect(rank(after.verdict)).toBeGreaterThanOrEqual(rank(before.verdict));

        const note = judgeText(text, { register: compiled, sender: 'Acme AI' });
        const again = judgeText(text, {
          register: compiled,
          sender: 'Acme AI',
          context: contextOf(note, text, [], all, now).evidence,
        });
        expect(rank(again.verdict)).toBeGreaterThanOrEqual(rank(note.verdict));
      }),
      { numRuns: 60 },
    );
  });
});
