import { type PolicyDecision, parse } from '@drawbridge/cedar';
import { policySchema, unlisted, vendorAt } from '@drawbridge/protocol';
import { expect, it } from 'vitest';
import { DecisionCache } from './cache.ts';
import { Parts } from './parts.ts';
import { Slice } from './slice.ts';

it('what nothing permitted stays refused when it is asked again', () => {
  const cross = 'forbid (principal, action == Action::"cross", resource) when';
  const set = parse(policySchema, [
    { name: 'by-hour', text: `${cross} { context.hour == 3 };` },
    { name: 'by-class', text: `${cross} { context.endpointClass == "files" };` },
  ]);
  const slice = new Slice(set, {
    app: { id: 'app-1', ...unlisted.app, tags: [] },
    vendor: vendorAt({ id: 'vendor-1', ...unlisted.vendor }, 0),
    connection: { id: 'conn-1', service: 'chat', region: 'main', jurisdiction: '' },
    grants: [],
  });
  const parts = new Parts(slice, new DecisionCache<PolicyDecision>());
  const asked = {
    ...{ app: 'app-1', isPersons: false, endpoint: 'chat', endpointClass: 'inference', runsModel: true },
    ...{ model: 'm-1', fields: [], at: Date.UTC(2026, 10, 21, 12) },
  };
  expect([parts.decide(asked), parts.decide(asked)].map(({ allowed }) => allowed)).toEqual([false, false]);
});
