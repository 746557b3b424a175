import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asksRegister, type VendorFacts, vendorAt, vendorHolds } from './policy.ts';

const time = fc.nat(50);
const span = { from: time, until: fc.option(time) };
const facts: fc.Arbitrary<VendorFacts> = fc.record({
  id: fc.constant('acme'),
  approved: fc.boolean(),
  agreement: fc.constantFrom('none' as const, 'signed' as const),
  register: fc.record({
    status: fc.constant('approved'),
    tier: fc.constant('high'),
    agreements: fc.array(fc.record({ kind: fc.constantFrom('dpa', 'scc'), ...span }), { maxLength: 4 }),
    review: fc.option(fc.record(span)),
  }),
});

test('a vendor is seen as its spans say: the first moment belongs to them, the last does not', () => {
  const vendor: VendorFacts = {
    id: 'acme',
    approved: true,
    agreement: 'signed',
    register: {
      status: 'restricted',
      tier: 'high',
      agreements: [
        { kind: 'scc', from: 10, until: null },
        { kind: 'dpa', from: 10, until: 20 },
        { kind: 'dpa', from: 15, until: 18 },
      ],
      review: { from: 12, until: 14 },
    },
  };
  const at = (when: number) => {
    const { agreements, reviewInDate, status, tier } = vendorAt(vendor, when);
    return [agreements.join(' '), reviewInDate, status, tier];
  };
  expect(at(9)).toEqual(['', false, 'restricted', 'high']);
  expect(at(12)).toEqual(['dpa scc', true, 'restricted', 'high']);
  expect(at(14)[1]).toBe(false);
  expect([at(19)[0], at(20)[0]]).toEqual(['dpa scc', 'scc']);
  expect(vendorAt({ id: 'x', approved: false, agreement: 'none' }, 0)).toEqual({
    id: 'x',
    approved: false,
    agreement: 'none',
    status: 'not_entered',
    tier: '',
    agreements: [],
    reviewInDate: false,
  });
});

test('between the times that are named nothing changes, and around them are no others', () => {
  fc.assert(
    fc.property(facts, time, time, (vendor, at, other) => {
      const { from, until } = vendorHolds(vendor, at);
      expect(from <= at && at < until).toBe(true);
      if (other >= from && other < until) expect(vendorAt(vendor, other)).toEqual(vendorAt(vendor, at));
    }),
  );
});

test('a text that names an attribute of the register asks for it', () => {
  expect(asksRegister('unless { resource.vendor.agreements.contains("dpa") }')).toBe(true);
  expect(asksRegister('unless { resource.vendor["reviewInDate"] }')).toBe(true);
  expect(asksRegister('unless { resource.vendor.agreement == "signed" }')).toBe(false);
});
