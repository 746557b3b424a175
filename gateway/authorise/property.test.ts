import {
  type Connection,
  fieldClasses,
  policySetHash,
  type Service,
  treatmentNames,
} from '@drawbridge/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aiService } from '../testing/services.ts';
import { PolicyOpener } from './policies.ts';
import { refusedBy, type Shape, textOf } from './testing/shapes.ts';

/** Decisions, sliced and cached, are those of an evaluator that shares nothing with the engine. */

const apps = ['app-a', 'app-b', 'app-c'];
const vendors = ['vendor-1', 'vendor-2'];
const connections = [
  { id: 'conn-1', vendor: 'vendor-1', region: 'eu' },
  { id: 'conn-2', vendor: 'vendor-1', region: 'us' },
  { id: 'conn-3', vendor: 'vendor-2', region: 'eu' },
  { id: 'conn-4', vendor: 'vendor-2', region: 'nowhere' },
];
const jurisdictions: Record<string, string> = { eu: 'EU', us: 'US' };
const [region] = aiService.regions;
const service: Service = {
  ...aiService,
  regions: Object.entries(jurisdictions).map(([id, jurisdiction]) => ({
    ...(region ?? { name: 'Main', host: 'vendor.example.com', source: 'made up', as_of: '2026-11-01' }),
    id,
    jurisdiction,
    host: `${id}.vendor.example.com`,
  })),
};
const configOf = ({ id, vendor, region }: (typeof connections)[number]): Connection => ({
  id,
  slug: id,
  vendor,
  service: service.id,
  region,
  upstream: { scheme: 'https', host: `${region}.vendor.example.com`, port: 443, private: false },
  state: 'open',
  credential: null,
  contract: { id: 'contract-1', version: 1, rules: service.contracts.as_is },
  origins: [],
});

const tags = ['eu-only', 'beta', 'a "quoted" tag'];
const teams = ['research', 'sales', ''];
const models = ['m', 'm-1', 'm-2\nx', 'n*', 'n"', ''];
const START = Date.UTC(2026, 10, 20);

const rule: fc.Arbitrary<Shape['rule']> = fc.oneof(
  fc.constant({ rule: 'approved vendors' as const }),
  fc.record({ rule: fc.constant('agreement' as const), family: fc.constantFrom('person', 'content', 'geo') }),
  fc.record({ rule: fc.constant('in force' as const), kind: fc.constantFrom('dpa', 'scc') }),
  fc.constant({ rule: 'in date' as const }),
  fc.record({
    rule: fc.constant('standing' as const),
    status: fc.constantFrom('approved', 'restricted', 'not_entered'),
    tier: fc.constantFrom('high', ''),
  }),
  fc.record({
    rule: fc.constant('place' as const),
    tag: fc.constantFrom(...tags),
    jurisdiction: fc.constantFrom('EU', 'US'),
  }),
  fc.record({
    rule: fc.constant('models' as const),
    team: fc.constantFrom(...teams),
    // A set of Cedar with nothing in it has no type.
    models: fc.uniqueArray(fc.constantFrom(...models.filter((name) => !name.includes('\n'))), {
      minLength: 1,
      maxLength: 3,
    }),
    start: fc.option(fc.constantFrom('m-', 'n', 'zz')),
  }),
  fc.record({
    rule: fc.constant('hours' as const),
    from: fc.nat(23),
    to: fc.nat(24),
    weekends: fc.boolean(),
  }),
);
const shapes = fc
  .array(
    fc.record({
      app: fc.option(fc.constantFrom(...apps), { freq: 2 }),
      of: fc.option(
        fc.oneof(
          fc.constantFrom(...connections).map(({ id }) => ({ connection: id })),
          fc.constantFrom(...vendors).map((vendor) => ({ vendor })),
        ),
        { freq: 2 },
      ),
      mayExcept: fc.boolean(),
      rule,
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map((each, at): Shape => ({ name: `p-${at}`, ...each })));
const hour = fc.nat(96).map((hours) => START + hours * 3_600_000);
const span = { from: hour, until: fc.option(hour) };
const register = fc.record({
  status: fc.constantFrom('approved', 'restricted', 'ended'),
  tier: fc.constantFrom('high', 'standard', ''),
  agreements: fc.array(fc.record({ kind: fc.constantFrom('dpa', 'scc'), ...span }), { maxLength: 3 }),
  review: fc.option(fc.record(span)),
});
const facts = fc.record({
  apps: fc.tuple(
    ...apps.map((id) =>
      fc.record({
        id: fc.constant(id),
        tags: fc.subarray(tags),
        team: fc.constantFrom(...teams),
        owner: fc.constant('made-up'),
        holder: fc.constantFrom('workload' as const, 'person' as const),
      }),
    ),
  ),
  vendors: fc.tuple(
    ...vendors.map((id) =>
      fc.record({
        id: fc.constant(id),
        approved: fc.boolean(),
        agreement: fc.constantFrom('none' as const, 'signed' as const),
        register: fc.option(register, { nil: undefined }),
      }),
    ),
  ),
  grants: fc.array(
    fc.record({
      id: fc.constant('grant'),
      policy: fc.nat(7).map((at) => `p-${at}`),
      app: fc.constantFrom(...apps),
      connection: fc.option(fc.constantFrom(...connections).map(({ id }) => id)),
      until: fc.nat(96).map((hours) => START + hours * 3_600_000),
    }),
    { maxLength: 6 },
  ),
  /** Of whom nothing is said. */
  unlisted: fc.boolean(),
});
const crossing = fc.record({
  app: fc.constantFrom(...apps),
  connection: fc.constantFrom(...connections),
  model: fc.option(fc.constantFrom(...models), { freq: 4 }),
  isPersons: fc.boolean(),
  fields: fc.array(
    fc.tuple(
      fc.constantFrom(...(Object.keys(fieldClasses) as (keyof typeof fieldClasses)[])),
      fc.constantFrom(...treatmentNames),
      fc.integer({ min: 1, max: 5 }),
    ),
    { maxLength: 6 },
  ),
  at: fc.nat(96 * 4).map((quarters) => START + quarters * 900_000),
});

it('for random policies of the starter shapes, facts, grants and crossings', () => {
  let refused = 0;
  let crossings = 0;
  fc.assert(
    fc.property(
      shapes,
      facts,
      fc.array(crossing, { minLength: 8, maxLength: 30 }),
      (policies, known, asked) => {
        const items = policies.map((shape) => ({ name: shape.name, text: textOf(shape) }));
        const { unlisted, ...listed } = known;
        const all = unlisted ? { ...listed, apps: [], vendors: [] } : listed;
        const opened = new PolicyOpener().open({ hash: policySetHash(items), items, ...all });
        const byId = new Map(connections.map((each) => [each.id, opened?.for(configOf(each), service)]));
        // Twice in the same order: the second time what was decided before is found again.
        for (const each of [...asked, ...asked]) {
          const app = known.apps.find(({ id }) => id === each.app);
          const vendor = known.vendors.find(({ id }) => id === each.connection.vendor);
          if (app === undefined || vendor === undefined)
            throw new Error('the test has no such app or vendor');
          const expected = refusedBy(policies, {
            ...each,
            app: unlisted ? { ...app, tags: [], team: '', owner: '', holder: 'workload' } : app,
            vendor: unlisted ? { id: vendor.id, approved: false, agreement: 'none' } : vendor,
            connection: { id: each.connection.id, jurisdiction: jurisdictions[each.connection.region] ?? '' },
            at: new Date(each.at),
            grants: known.grants,
          });
          const decision = byId.get(each.connection.id)?.decide({
            app: each.app,
            isPersons: each.isPersons,
            endpoint: 'chat',
            endpointClass: 'inference',
            runsModel: each.model !== null,
            model: each.model,
            fields: each.fields,
            at: each.at,
          });
          expect([decision?.allowed, decision?.failed, decision?.names]).toEqual([
            expected.length === 0,
            false,
            expected,
          ]);
          crossings += 1;
          if (expected.length > 0) refused += 1;
        }
      },
    ),
    { numRuns: process.env.DRAWBRIDGE_SOAK === '1' ? 1000 : 60 },
  );
  // Neither is the exception, or little would be compared.
  expect(refused / crossings).toBeGreaterThan(0.2);
  expect(refused / crossings).toBeLessThan(0.8);
});
