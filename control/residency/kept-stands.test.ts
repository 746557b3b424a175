import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { knownOf, readVendor } from '../vendors/index.ts';
import { createResidency } from './index.ts';
import { keepStands } from './kept-stands.ts';
import { groupsOf } from './law.ts';
import { createRanges } from './ranges-store.ts';
import { residencyProjection } from './seen-projection.ts';
import { createStatements } from './statements.ts';
import { shippedTransfers } from './testing.ts';
import { type EvidenceSeen, hostKey, type WhereDeps } from './where.ts';

/** What is kept gives the same answers as what is made from nothing, after any change of what it rests on. */

let platform: TestPlatform;
let transfers: Awaited<ReturnType<typeof shippedTransfers>>;
let world: ReturnType<typeof madeUpWorld>;
const DAY = 24 * 3600_000;
const by = { actor: { kind: 'person', id: 'p1', name: 'Ada' }, reason: 'A test' } as never;
const VENDORS = ['acme', 'zenith', 'mute'];
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-northeast-1'];

const factsOf = (name: string) => {
  const read = readVendor(
    'acme.yaml',
    `format: drawbridge.vendor/1\nid: acme\nname: ${name}\ncategory: analytics\nsources:\n  docs: { url: 'https://docs.acme.example/', as_of: '2025-11-01' }\nservices:\n  - { id: analytics, name: Acme Analytics, from: docs }\ndomains:\n  - { is: acme.example, from: docs }\n`,
  );
  if (!('vendor' in read)) throw new Error(JSON.stringify(read));
  return knownOf([read.vendor]);
};

function madeUpWorld() {
  return {
    known: factsOf('Acme'),
    packs: [] as { vendor: string; name: string; services: never[] }[],
    connections: [{ id: 'c1', name: 'One', vendor: 'acme' }],
    evidence: [] as EvidenceSeen[],
    forgotten: new Set<number>(),
    asked: [] as number[],
  };
}

const options = () => ({
  platform,
  catalogue: {
    get packs() {
      return world.packs;
    },
    pack: (id: string) => world.packs.find(({ vendor }) => vendor === id),
    service: () => undefined,
  } as never,
  known: async () => world.known,
  connections: { all: async () => world.connections, checkedBy: () => undefined } as never,
  transfers,
  inEvidence: async (_since: Date, only?: readonly string[]) =>
    world.evidence.filter(({ vendor }) => only?.includes(vendor) ?? true),
  readHosts: async (versions: readonly number[]) => {
    world.asked.push(...versions);
    return versions.flatMap((version) =>
      world.forgotten.has(version)
        ? []
        : ['c1', 'c2'].map((connection) => ({
            version,
            connection,
            host: `bedrock-runtime.${REGIONS[version % 3]}.amazonaws.com`,
          })),
    );
  },
});
const fresh = () => createResidency(options());

beforeAll(async () => {
  platform = await testPlatform();
  transfers = await shippedTransfers();
});
afterAll(() => platform.close());
beforeEach(async () => {
  world = madeUpWorld();
  await platform.pool.query(
    'TRUNCATE residency_statement, residency_ranges, residency_seen, residency_crossing, people_count, exposure_slot, snapshot_version',
  );
});

async function answers({ routes }: ReturnType<typeof fresh>) {
  const paths = ['/world', '/contradictions', '/what-if?falls=dpf', '/what-if?falls=adequacy:JP'];
  return Promise.all(paths.map(async (path) => (await routes.request(`/residency${path}`)).json()));
}

let entry = 0;
/** One crossing and where it went, as the projector takes it. */
async function went(
  vendor: string,
  connection: string,
  address: string,
  { version = 1, at = platform.clock.now(), host }: { version?: number; at?: number; host?: string } = {},
) {
  entry += 2;
  const id = `crossing-${entry}`;
  const about = { connection, vendor, service: 'analytics', snapshot: version };
  const egress = host === undefined ? {} : { egress: { host, port: 443 } };
  const entries = [
    { log: 1, index: entry, entry: { type: 'crossing', id, at, decision: 'forwarded', ...about, ...egress } },
    { log: 1, index: entry + 1, entry: { type: 'settlement', crossing: id, at, remote: `${address}:443` } },
  ];
  const client = await platform.pool.connect();
  try {
    await client.query('BEGIN');
    await residencyProjection.apply(client, entries as never);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

const given = (vendor: string, place: string) => ({
  vendor,
  kind: 'processing' as const,
  place,
  bases: [{ kind: 'dpf' as const, certified: true, active: true, coversHr: null }],
  conditions: {},
  source: 'A made-up page',
  asOf: '2025-11-01',
});

const vendor = fc.constantFrom(...VENDORS);
const place = fc.constantFrom('EU', 'US', 'DE', 'JP');
const step = fc.oneof(
  fc.record({ do: fc.constant('state' as const), vendor, place }),
  fc.record({ do: fc.constant('change' as const), n: fc.nat(), place }),
  fc.record({ do: fc.constant('withdraw' as const), n: fc.nat() }),
  fc.record({
    do: fc.constant('saw' as const),
    vendor,
    through: fc.constantFrom('c1', 'c2', 'egress'),
    address: fc.constantFrom('198.51.100.7', '198.51.100.8'),
    version: fc.integer({ min: 1, max: 4 }),
    daysAgo: fc.integer({ min: 0, max: 32 }),
  }),
  fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('forget' as const), version: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('ranges' as const), place: fc.constantFrom('DE', 'US', 'EDGE') }),
  fc.record({ do: fc.constant('connect' as const), vendor, name: fc.constantFrom('One', 'Two') }),
  fc.record({ do: fc.constant('pack' as const), vendor, name: fc.constantFrom('A', 'B') }),
  fc.record({ do: fc.constant('known' as const), name: fc.constantFrom('Acme', 'Acme Inc') }),
  fc.record({ do: fc.constant('evidence' as const), vendor, count: fc.nat(3) }),
  fc.record({ do: fc.constant('empty' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

async function take(one: Step): Promise<void> {
  const statements = createStatements(platform);
  const pick = async (n: number) => {
    const all = await statements.holding();
    return all[n % Math.max(1, all.length)];
  };
  if (one.do === 'state') await statements.state(given(one.vendor, one.place), by);
  else if (one.do === 'change') {
    const is = await pick(one.n);
    if (is !== undefined) await statements.change(is.id, given(is.vendor, one.place), is.version, by);
  } else if (one.do === 'withdraw') {
    const is = await pick(one.n);
    if (is !== undefined) await statements.withdraw(is.id, by);
  } else if (one.do === 'saw') {
    const at = platform.clock.now() - one.daysAgo * DAY;
    const host = one.through === 'egress' ? { host: `api.${one.vendor}.example` } : {};
    await went(one.vendor, one.through, one.address, { version: one.version, at, ...host });
  } else if (one.do === 'wait') platform.advance(one.days * DAY);
  else if (one.do === 'forget') {
    world.forgotten.add(one.version);
    await platform.pool.query('DELETE FROM snapshot_version WHERE version = $1', [one.version]);
  } else if (one.do === 'ranges') {
    await createRanges(platform).bring(
      `drawbridge.ranges/1\nsource made-up 2025-11-01 ${'a'.repeat(64)} https://made-up.example/\nat ${one.place} made-up\n198.51.100.0/24\n`,
      by,
    );
  } else if (one.do === 'connect') world.connections = [{ id: 'c1', name: one.name, vendor: one.vendor }];
  else if (one.do === 'pack') world.packs = [{ vendor: one.vendor, name: one.name, services: [] }];
  else if (one.do === 'known') world.known = factsOf(one.name);
  else if (one.do === 'evidence') {
    const day = new Date('2025-11-08T00:00:00Z');
    const seen = { host: 'x.example', service: null, address: null, source: 'Proxy', file: 'access.log' };
    world.evidence = [{ ...seen, vendor: one.vendor, count: one.count, firstAt: day, lastAt: day }];
  } else await platform.pool.query('TRUNCATE residency_seen');
}

test('what is kept answers as what is made from nothing, after any changes in any order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      world = madeUpWorld();
      await platform.pool.query('TRUNCATE residency_statement, residency_seen, residency_ranges');
      const kept = fresh();
      await answers(kept);
      for (const one of steps) {
        await take(one);
        expect(await answers(kept), one.do).toEqual(await answers(fresh()));
      }
    }),
    { numRuns: 25 },
  );
});

test('nothing is made anew where nothing changed, and one vendor where one did', async () => {
  const deps: WhereDeps = {
    ...options(),
    statements: createStatements(platform),
    ranges: createRanges(platform),
    groups: groupsOf(transfers),
    hostsAt: async (versions) =>
      new Map(
        (await options().readHosts(versions)).map((one) => [hostKey(one.connection, one.version), one.host]),
      ),
  };
  const stands = keepStands(deps);
  await went('acme', 'c1', '198.51.100.7', { version: 1 });
  await went('zenith', 'c2', '198.51.100.7', { version: 1 });
  const first = await stands();
  expect(await stands()).toBe(first);
  world.asked.length = 0;
  await went('acme', 'c1', '198.51.100.7', { version: 2 });
  const [acme, zenith] = await stands();
  expect(zenith).toBe(first[1]);
  expect(acme?.seen).toMatchObject([{ crossings: 2, host: expect.stringContaining('ap-northeast-1') }]);
  // Of the new version alone the hosts are read.
  expect(world.asked).toEqual([2]);
});

test('what the first answer needs is made ahead of it, and where that fails the answer makes it', async () => {
  await went('acme', 'c1', '198.51.100.7', { version: 1 });
  const warmed = fresh();
  await warmed.warm();
  expect(world.asked).toEqual([1]);
  expect((await warmed.routes.request('/residency/world')).status).toBe(200);
  expect(world.asked).toEqual([1]);
  let isBroken = true;
  const broken = createResidency({
    ...options(),
    known: async () => {
      if (isBroken) throw new Error('a disk failed');
      return world.known;
    },
  });
  await broken.warm();
  isBroken = false;
  expect((await broken.routes.request('/residency/world')).status).toBe(200);
});

test('a reading that failed is tried again', async () => {
  const broken = { ...options(), known: () => Promise.reject(new Error('a disk failed')) };
  let isBroken = true;
  const residency = createResidency({
    ...options(),
    known: () => (isBroken ? broken.known() : options().known()),
  });
  expect((await residency.routes.request('/residency/world')).status).toBe(500);
  isBroken = false;
  expect((await residency.routes.request('/residency/world')).status).toBe(200);
});

test('a version whose hosts are forgotten tells only addresses from then on', async () => {
  const kept = fresh();
  await went('acme', 'c1', '198.51.100.7', { version: 1 });
  const placesOf = async () => {
    const answer = await kept.routes.request('/residency/world');
    const { places } = (await answer.json()) as { places: { place: string }[] };
    return places.map(({ place: at }) => at);
  };
  expect(await placesOf()).toEqual(['US']);
  world.forgotten.add(1);
  await platform.pool.query('DELETE FROM snapshot_version');
  expect(await placesOf()).toEqual(['UNKNOWN']);
});
