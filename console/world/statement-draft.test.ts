import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ResidencyStatement, TransferBasis } from '../api/residency-types.ts';
import { draftOf, letters, statementOf } from './statement-draft.ts';

const flag = fc.constantFrom(true, false, null);
const day = fc.constantFrom('2026-01-15', '2025-12-31');
const country = fc.constantFrom('US', 'JP', 'GB');
const text = fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z]$/);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const bases = fc
  .tuple(
    maybe(fc.constant<TransferBasis>({ kind: 'eea' })),
    maybe(country.map((one): TransferBasis => ({ kind: 'adequacy', country: one }))),
    maybe(
      fc
        .tuple(flag, flag, flag)
        .map(
          ([certified, active, coversHr]): TransferBasis => ({ kind: 'dpf', certified, active, coversHr }),
        ),
    ),
    maybe(
      fc
        .tuple(fc.uniqueArray(fc.constantFrom(1, 2, 3, 4), { minLength: 1 }), maybe(day))
        .map(([modules, assessedOn]): TransferBasis => ({ kind: 'scc', modules, assessedOn })),
    ),
    maybe(fc.constant<TransferBasis>({ kind: 'bcr' })),
    maybe(fc.constantFrom(...letters).map((letter): TransferBasis => ({ kind: 'derogation', letter }))),
  )
  .map((some) => some.filter((one) => one !== null));

const statements: fc.Arbitrary<ResidencyStatement> = fc.record({
  id: fc.constant('statement'),
  version: fc.integer({ min: 1, max: 9 }),
  vendor: fc.constant('mixpanel'),
  service: maybe(fc.constant('api')),
  class: maybe(fc.constant('person.email' as const)),
  kind: fc.constantFrom('storage', 'processing', 'support', 'backup', 'sub_processors', 'telemetry'),
  place: fc.constantFrom('EU', 'DE', 'aws:eu-central-1', 'GLOBAL', 'UNKNOWN'),
  jurisdiction: maybe(country),
  bases,
  conditions: fc.record({ plan: text, region: text, option: text }, { requiredKeys: [] }),
  source: text,
  asOf: day,
  withdrawn: fc.constant(false),
  statedAt: fc.constant('2026-11-22T09:00:00.000Z'),
  statedBy: fc.constant('Ada Example'),
  reason: fc.constant('Made up'),
});

test('a statement that is opened for a change and sent back says the same: no basis or condition is lost', () => {
  fc.assert(
    fc.property(statements, (statement) => {
      const sent = JSON.parse(JSON.stringify(statementOf(draftOf(statement), statement.vendor)));
      const { service, class: of, jurisdiction, ...rest } = statement;
      expect(sent).toEqual({
        vendor: rest.vendor,
        kind: rest.kind,
        place: rest.place,
        bases: rest.bases,
        conditions: rest.conditions,
        source: rest.source,
        asOf: rest.asOf,
        ...(service === null ? {} : { service }),
        ...(of === null ? {} : { class: of }),
        ...(jurisdiction === null ? {} : { jurisdiction }),
      });
    }),
  );
});
