import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import { stages } from '@drawbridge/protocol/vocabulary';
import type { ConfigurationVersion, GatewayRow } from '../api/fleet-types.ts';
import type { BreakGlass } from '../api/mode-types.ts';
import type { KeyAlarm, Rotation, RotationDue } from '../api/rotation-types.ts';
import type {
  App,
  Connection,
  ContractVersion,
  CrossingDetail,
  CrossingField,
  Exposure,
  Holding,
  ReviewRow,
  Shape,
  TreatmentName,
  VirtualKey,
} from '../api/types.ts';
import type { ContractTest } from '../api/workbench-types.ts';
import { vendorGot } from '../design/classes.ts';
import { type ChainWorld, makeChainWorld } from './fake-chain.ts';
import { fakeGateway, fakeVersions } from './fake-configuration.ts';
import { type KeyWorld, makeKeyWorld } from './fake-keys-everywhere.ts';
import { type LeakWorld, makeLeakWorld } from './fake-leaks.ts';
import { fakeServices } from './fake-packs.ts';
import { fakeReview } from './fake-review.ts';
import { fakeDue } from './fake-rotation.ts';

/** A made-up deployment, the same for the same seed. Nothing in it exists. */
export interface World {
  connections: Connection[];
  contracts: Map<string, ContractVersion[]>;
  contractTests: Map<string, ContractTest[]>;
  apps: App[];
  keys: VirtualKey[];
  keyWorld: KeyWorld;
  leakWorld: LeakWorld;
  chainWorld: ChainWorld;
  crossings: CrossingDetail[];
  holdings: Map<string, Holding[]>;
  exposures: Map<string, Exposure[]>;
  heat: Map<string, { class: FieldClass; day: string; people: number; crossings: number }[]>;
  days: string[];
  review: ReviewRow[];
  gateways: GatewayRow[];
  versions: ConfigurationVersion[];
  breakGlass: BreakGlass[];
  rotations: Rotation[];
  rotationsDue: RotationDue[];
  keyAlarms: KeyAlarm[];
}

const day = 86_400_000;

export function organisationsOf(vendor: string): number {
  return vendor === 'mixpanel' ? 86 : 0;
}

/** mulberry32: small, seeded, good enough to make rows up. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function pseudonym(random: () => number): string {
  return Array.from({ length: 22 }, () => letters[Math.floor(random() * letters.length)]).join('');
}

type Plan = readonly [path: string, fieldClass: FieldClass, treatment: TreatmentName, shape: Shape];

const plans: Readonly<Record<string, readonly Plan[]>> = {
  mixpanel: [
    ['event', 'event.name', 'pseudonymise', 'string'],
    ['properties.distinct_id', 'person.id', 'pseudonymise', 'string'],
    ['properties.$device_id', 'device.id', 'pseudonymise', 'uuid'],
    ['properties.$email', 'person.email', 'drop', 'email'],
    ['properties.$name', 'person.name', 'drop', 'string'],
    ['properties.ip', 'network.ip', 'drop', 'ip'],
    ['properties.$city', 'geo.city', 'drop', 'string'],
    ['properties.mp_country_code', 'geo.country', 'generalise', 'string'],
    ['properties.$browser', 'device.browser', 'generalise', 'string'],
    ['properties.$current_url', 'web.url', 'generalise', 'url'],
    ['properties.$referrer', 'web.referrer', 'drop', 'url'],
    ['properties.org_id', 'org.id', 'pseudonymise', 'string'],
    ['properties.time', 'event.time', 'pass', 'integer'],
    ['properties.mp_lib', 'sdk.technical', 'pass', 'string'],
    ['#Qm4s1a0b2c3d4e5f6g7h8i', 'event.unmapped', 'drop', 'string'],
  ],
  openai: [
    ['model', 'model.parameter', 'pass', 'string'],
    ['messages[*].content', 'content.prompt', 'pass', 'string'],
    ['user', 'person.id', 'pseudonymise', 'string'],
    ['metadata.*', 'content.metadata', 'drop', 'string'],
    ['openai-organization', 'org.vendor_account', 'drop', 'string'],
  ],
};

const typicalMicros = [38, 21, 9, 310, 190, 12, 2400, 184_000, 30, 85];

function connectionOf(
  id: string,
  name: string,
  vendor: string,
  service: string,
  region: string,
  now: number,
): Connection {
  const found = fakeServices[`${vendor}/${service}`];
  const host = found?.regions.find((candidate) => candidate.id === region)?.host ?? 'vendor.example';
  return {
    id,
    name,
    slug: id.replaceAll('_', '-'),
    vendor,
    service,
    region,
    upstream: { scheme: 'https', host, port: 443, private: false },
    state: 'open',
    severances: [],
    mode: 'enforce',
    origins: [],
    owner: 'Local administrator',
    credential: {
      id: `cred_${id}`,
      version: 1,
      covers: true,
      enteredAt: new Date(now - 30 * day).toISOString(),
      enteredBy: 'Local administrator',
    },
    contract: {
      id: `con_${id}`,
      version: 2,
      author: 'Local administrator',
      reason: 'Let the funnel keep its names',
      createdAt: new Date(now - 12 * day).toISOString(),
    },
    createdAt: new Date(now - 31 * day).toISOString(),
    gatewayUrl: `http://127.0.0.1:4410/${id.replaceAll('_', '-')}`,
    etag: `"${id}-1"`,
  };
}

export function contractsOf(connection: Connection, now: number): ContractVersion[] {
  const service = fakeServices[`${connection.vendor}/${connection.service}`];
  if (service === undefined) return [];
  const rules = service.contracts.recommended;
  const version = (number: number, reason: string, daysAgo: number): ContractVersion => ({
    id: connection.contract.id,
    version: number,
    rules,
    author: 'Local administrator',
    reason,
    createdAt: new Date(now - daysAgo * day).toISOString(),
  });
  return connection.contract.version === 1
    ? [version(1, connection.contract.reason, 0)]
    : [
        version(2, connection.contract.reason, 12),
        {
          ...version(1, 'First connection', 31),
          rules: { ...rules, names: { ...rules.names, allowed: [] }, unmapped: { do: 'pseudonymise' } },
        },
      ];
}

/** One crossing of a connection, as it would be recorded. */
export function makeCrossing(
  random: () => number,
  index: number,
  at: number,
  connection: Connection,
  app: App,
): CrossingDetail {
  const refused = random() < 0.03;
  const plan = plans[connection.vendor] ?? [];
  const fields: CrossingField[] = plan
    .filter(() => random() < 0.9)
    .map(([path, name, treatment, shape]) => ({
      path,
      class: name,
      treatment,
      shape,
      count: 1 + Math.floor(random() * 2),
    }));
  const micros = typicalMicros.map((typical) => Math.round(typical * (0.6 + random())));
  const sent = 300 + Math.floor(random() * 900);
  const analytics = connection.vendor === 'mixpanel';
  return {
    id: `0199${index.toString(16).padStart(4, '0')}-${pseudonym(random).slice(0, 4).toLowerCase()}-7000-8000-${index.toString(16).padStart(12, '0')}`,
    at: new Date(at).toISOString(),
    vendor: connection.vendor,
    service: connection.service,
    connection: { id: connection.id, name: connection.name },
    app: { id: app.id, name: app.name },
    endpoint: analytics ? 'track' : 'chat',
    class: analytics ? 'ingest' : 'inference',
    method: 'POST',
    decision: refused ? 'refused' : 'forwarded',
    reason: refused ? 'field_refused' : null,
    stage: refused ? 'minimise' : null,
    fields: refused
      ? [['secret.api_key', 'refuse', 1]]
      : fields.map((field) => [field.class, field.treatment, field.count]),
    mode: 'enforce',
    would: null,
    egress: null,
    bytes: { received: sent + 420, sent: refused ? 0 : sent },
    status: refused ? null : 200,
    outcome: refused ? 'not_sent' : 'answered',
    durationMs: refused ? 1 : Math.round(micros.reduce((sum, part) => sum + part, 0) / 1000),
    log: { origin: 'example.com/gateway/gw-1', index },
    settlement: {
      at: new Date(at + 200).toISOString(),
      outcome: refused ? 'not_sent' : 'answered',
      status: refused ? null : 200,
      remote: refused ? null : '198.51.100.7:443',
      bytes: { response: refused ? 0 : 18 },
      usage: analytics || refused ? null : { input: 420, output: 96 },
      tokens: null,
    },
    contract: { id: connection.contract.id, version: connection.contract.version },
    breakGlass: null,
    kept: [],
    imitated: 0,
    snapshot: 17,
    timings: stages.map((stage, place) => ({ stage, micros: micros[place] ?? 0 })),
    items: [
      {
        index: 0,
        erased: false,
        missing: false,
        subject: pseudonym(random),
        kind: 'user',
        links: analytics ? 1 : 0,
        fields: refused
          ? [
              {
                path: 'metadata.key',
                class: 'secret.api_key',
                treatment: 'refuse',
                shape: 'string',
                count: 1,
              },
            ]
          : fields,
        review:
          analytics && !refused
            ? [{ hash: 'Qm4s1a0b2c3d4e5f6g7h8i', kind: 'property', shape: 'string' }]
            : [],
      },
    ],
    refusal: refused
      ? {
          code: 'field_refused',
          text: 'The data contract refuses API keys, and one was found at metadata.key. Take it out of the request, or ask the owner of the connection to change the contract.',
        }
      : null,
    wouldRefuse: null,
  };
}

function holdingsOf(vendor: string, people: number, apps: App[], now: number): Holding[] {
  return (plans[vendor] ?? []).map(([, name, treatment], index) => ({
    class: name,
    label: name,
    treatment,
    people: Math.max(1, Math.round(people * (1 - index * 0.045))),
    crossings: Math.max(1, Math.round(people * (9 - index * 0.4))),
    firstSeenAt: new Date(now - (29 - (index % 5)) * day).toISOString(),
    lastSeenAt: new Date(now - (index % 4) * 3_600_000 - 40_000).toISOString(),
    apps: apps.map(({ id, name: label }) => ({ id, name: label })),
  }));
}

export function makeWorld(options: { seed: number; now: number; crossings: number; empty: boolean }): World {
  const { now } = options;
  const random = randomFrom(options.seed);
  const days = Array.from({ length: 30 }, (_, back) =>
    new Date(now - (29 - back) * day).toISOString().slice(0, 10),
  );
  const world: World = {
    connections: [],
    contracts: new Map(),
    contractTests: new Map(),
    apps: [],
    keys: [],
    keyWorld: makeKeyWorld(options.empty),
    leakWorld: makeLeakWorld(true, [], undefined),
    chainWorld: makeChainWorld(options.empty),
    crossings: [],
    holdings: new Map(),
    exposures: new Map(),
    heat: new Map(),
    days,
    review: [],
    gateways: [fakeGateway(options.crossings)],
    versions: fakeVersions(now),
    breakGlass: [],
    rotations: [],
    rotationsDue: [],
    keyAlarms: [],
  };
  if (options.empty) return world;

  world.connections = [
    connectionOf('mixpanel_eu', 'Mixpanel EU', 'mixpanel', 'analytics', 'eu', now),
    connectionOf('openai', 'OpenAI API', 'openai', 'api', 'us', now),
  ];
  for (const connection of world.connections)
    world.contracts.set(connection.id, contractsOf(connection, now));
  world.apps = ['web-shop', 'support-desk', 'checkout-api'].map((name, index) => ({
    id: `app_${index + 1}`,
    name,
    owner: ['Shop team', 'Support team', 'Payments team'][index] ?? 'Team',
    createdAt: new Date(now - (30 - index) * day).toISOString(),
  }));
  world.keys = Array.from({ length: 14 }, (_, index): VirtualKey => {
    const app = world.apps[index % 3] as App;
    return {
      id: pseudonym(random)
        .toLowerCase()
        .replace(/[^a-z]/g, 'q')
        .slice(0, 16),
      app: { id: app.id, name: app.name },
      kind: index % 4 === 0 ? 'publishable' : 'secret',
      connections: [world.connections[index % 2]?.id ?? ''],
      classes: index % 2 === 0 ? ['ingest'] : ['inference', 'embedding'],
      origins: index % 4 === 0 ? ['https://www.example.com'] : [],
      models: null,
      networks: null,
      person: null,
      perMinute: index % 4 === 0 ? 600 : null,
      perDay: null,
      createdAt: new Date(now - (28 - index) * day).toISOString(),
      createdBy: 'Local administrator',
      expiresAt: null,
      revokedAt: index > 10 ? new Date(now - 2 * day).toISOString() : null,
      replaces: null,
      replacedBy: null,
      firstUsedAt: index % 5 === 4 ? null : new Date(now - (27 - index) * day).toISOString(),
      lastUsedAt: index % 5 === 4 ? null : new Date(now - index * 500_000 - 14_000).toISOString(),
      crossings24h: index % 5 === 4 || index > 10 ? 0 : 9120 - index * 611,
      refused24h: index % 5 === 2 ? 7 : 0,
    };
  });
  world.crossings = Array.from({ length: options.crossings }, (_, back) => {
    const connection = world.connections[random() < 0.7 ? 0 : 1] as Connection;
    const app = world.apps[Math.floor(random() * 3)] as App;
    const at = now - back * 23_000 - Math.floor(random() * 9000);
    return makeCrossing(random, options.crossings - back, at, connection, app);
  });
  for (const [vendor, people] of [
    ['mixpanel', 1204],
    ['openai', 318],
  ] as const) {
    const holdings = holdingsOf(vendor, people, world.apps.slice(0, vendor === 'mixpanel' ? 1 : 2), now);
    world.holdings.set(vendor, holdings);
    world.heat.set(
      vendor,
      holdings.flatMap((holding) =>
        days.flatMap((bucket, index) => {
          const weekend = [0, 6].includes(new Date(`${bucket}T00:00:00Z`).getUTCDay());
          const seen = Math.round((holding.people / 9) * random() * (weekend ? 0.2 : 1) * ((index + 6) / 30));
          return seen === 0 ? [] : [{ class: holding.class, day: bucket, people: seen, crossings: seen * 3 }];
        }),
      ),
    );
    const connection = world.connections.find((candidate) => candidate.vendor === vendor) as Connection;
    const exposure = (about: Exposure['about'], kind: string, holding: Holding): Exposure => {
      const subject = pseudonym(random);
      return {
        subject,
        about,
        person: subject,
        kind,
        app: { id: 'app_1', name: 'web-shop' },
        connection: { id: connection.id, name: connection.name },
        class: holding.class,
        treatment: holding.treatment,
        firstSeenAt: new Date(now - Math.floor(random() * 29) * day).toISOString(),
        lastSeenAt: new Date(now - Math.floor(random() * day)).toISOString(),
        crossings: 1 + Math.floor(random() * 40),
      };
    };
    const got = holdings.filter((holding) => vendorGot(holding.treatment));
    const kept = holdings.filter((holding) => !vendorGot(holding.treatment));
    const nth = (list: readonly Holding[], index: number) => list[index % list.length] as Holding;
    world.exposures.set(vendor, [
      // Of every person something was got, and of every third something was kept from the vendor.
      ...Array.from({ length: people }, (_, index) =>
        exposure('person', index % 7 === 0 ? 'device' : 'user', nth(got, index)),
      ),
      ...Array.from({ length: Math.floor(people / 3) }, (_, index) =>
        exposure('person', 'user', nth(kept, index)),
      ),
      ...Array.from({ length: organisationsOf(vendor) }, (_, index) =>
        exposure('organisation', 'group', nth(got, index)),
      ),
    ]);
  }
  world.review = fakeReview(random, now);
  world.rotationsDue = fakeDue(world.connections);
  world.leakWorld = makeLeakWorld(
    false,
    world.keys,
    world.connections.find(({ vendor }) => vendor === 'openai')?.id,
  );
  return world;
}
