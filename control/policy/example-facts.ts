import type { CrossingFacts } from '@drawbridge/protocol';
import type { ActFacts } from './engine.ts';
import { type ActExample, type CrossingExample, weekdays } from './examples.ts';
import { resourcesOf } from './schema.ts';

/**
 * What an example leaves unsaid is harmless, so that it speaks of its own policy alone: an approved vendor in the EU with a
 * signed agreement and a DPA in force, reviewed in date, a workload without tags, no personal data, a Tuesday at noon.
 */

const SUNDAY = Date.UTC(2026, 0, 4);
const HOUR_MS = 3600_000;

/** A time of this hour and weekday (UTC), in ms. */
function timeOf(hour = 12, weekday: (typeof weekdays)[number] = 'tuesday'): number {
  return SUNDAY + weekdays.indexOf(weekday) * 24 * HOUR_MS + hour * HOUR_MS;
}

const appOf = (app: CrossingExample['app']): CrossingFacts['app'] => ({
  id: 'an-app',
  tags: app?.tags ?? [],
  team: app?.team ?? '',
  owner: app?.owner ?? '',
  holder: app?.holder ?? 'workload',
});
const vendorOf = (vendor: CrossingExample['vendor']): CrossingFacts['vendor'] => ({
  id: vendor?.id ?? 'a-vendor',
  approved: vendor?.approved ?? true,
  agreement: vendor?.agreement ?? 'signed',
  status: vendor?.status ?? 'approved',
  tier: vendor?.tier ?? 'standard',
  agreements: [...new Set<string>(vendor?.agreements ?? ['dpa'])].sort(),
  reviewInDate: vendor?.reviewInDate ?? true,
});

export function crossingFactsOf(example: CrossingExample): CrossingFacts {
  return {
    app: appOf(example.app),
    vendor: vendorOf(example.vendor),
    connection: {
      id: example.connection ?? 'a-connection',
      service: example.service ?? 'a-service',
      region: example.region ?? 'eu',
      jurisdiction: example.jurisdiction ?? 'EU',
    },
    endpoint: 'an-endpoint',
    endpointClass: example.endpointClass ?? (example.model === undefined ? 'ingest' : 'inference'),
    model: example.model ?? null,
    keyKind: example.app?.holder ?? 'workload',
    fields: Object.entries(example.fields ?? {}).map(([name, treatment]) => [name, treatment, 1] as const),
    at: timeOf(example.hour, example.weekday),
    grants: example.excepted ?? [],
  };
}

export function actFactsOf(example: ActExample): ActFacts {
  const { action, by } = example;
  return {
    principal: { kind: by?.kind ?? 'person', id: 'somebody', roles: by?.roles ?? ['administrator'] },
    action,
    resource: resourceFor(example),
    hour: example.hour ?? 12,
    weekday: example.weekday ?? 'tuesday',
    level: 2,
    steppedUp: example.steppedUp ?? true,
  };
}

function resourceFor({ action, app, vendor }: ActExample): ActFacts['resource'] {
  switch (app === undefined && vendor !== undefined ? vendorsOf(action) : resourcesOf(action)[0]) {
    case 'App':
      return { kind: 'app', app: appOf(app) };
    case 'Connection':
      return {
        kind: 'connection',
        connection: { id: 'a-connection', service: 'a-service', region: 'eu', jurisdiction: 'EU' },
        vendor: vendorOf(vendor),
      };
    case 'Vendor':
      return { kind: 'vendor', vendor: vendorOf(vendor) };
    default:
      return { kind: 'deployment' };
  }
}

/** Of an act that can be about an app or a vendor, an example that says a vendor means that. */
const vendorsOf = (action: ActExample['action']) =>
  resourcesOf(action).find((kind) => kind === 'Vendor') ?? resourcesOf(action)[0];
