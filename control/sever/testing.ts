import type { Edge } from '../chain/index.ts';
import { severedVendors } from '../connections/index.ts';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import type { Playbook } from '../incidents/index.ts';
import { testIncidents } from '../incidents/testing.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import { createSever, type SeverRoomDeps } from './index.ts';

/** Severing on a real database, beside connections, vault and snapshots of their own. Vendors are made up. */

const playbook: Playbook = {
  format: 'drawbridge.playbook/1',
  id: 'made-up',
  name: 'Made up',
  when: 'In tests',
  as_of: '2026-01-01',
  sources: [{ url: 'https://example.com', as_of: '2026-01-01', for: 'nothing' }],
  tasks: [],
  questions: [],
};
const names = new Map([
  ['acme', 'Acme'],
  ['beta', 'Beta'],
  ['deep', 'Deep Ltd'],
]);

/** `playbooks`: of the incident room; one that is made up where left out. */
export async function testSever({ playbooks = [playbook] }: { playbooks?: readonly Playbook[] } = {}) {
  /** What other rooms would know. */
  const world = {
    edges: [] as Edge[],
    known: new Set(['acme', 'beta', 'deep']),
    accounts: [] as Awaited<ReturnType<SeverRoomDeps['accountsHeld']>>,
    isProven: false,
  };
  const egress = {
    mode: 'observe' as const,
    apps: ['app-1'],
    ports: { connect: [443], http: [80] },
    allow: { vendors: [], hosts: [], countries: [] },
    deny: { vendors: [], hosts: [] },
    networks: [],
    sni: true,
    vendors: [{ id: 'beta', country: null, domains: ['beta.example'] }],
  };
  const house: TestHouse = await testHouse({
    egress: async (tx) => ({ ...egress, severed: await severedVendors(tx) }),
  });
  const { platform } = house;
  const sealer = await testSealer(platform);
  const incidents = testIncidents(platform, sealer, playbooks, async (id) => ({ id, name: `Name of ${id}` }));
  /** One that was stopped is not started again. */
  const fleets = { current: house.newFleet() };
  const deps: SeverRoomDeps = {
    platform,
    sealer,
    book: incidents.book,
    secrets: house.secrets,
    connections: house.connections.all,
    edges: async () => world.edges,
    namesOf: async () => names,
    isKnown: async (vendor) => world.known.has(vendor),
    domainsOf: async (vendor) => (vendor === 'beta' ? ['beta.example'] : []),
    entry: async () => null,
    accountsHeld: async (vendor) => world.accounts.filter((one) => one.vendor === vendor),
    covered: async () => ({ isProven: world.isProven, text: 'Nobody measured it.' }),
    gateways: () => fleets.current.gatewaysOverview(),
  };
  const sever = createSever(deps);
  house.app.route('/api/v1', incidents.routes);
  house.app.route('/api/v1', sever.routes);
  return {
    house,
    world,
    get fleet() {
      return fleets.current;
    },
    deps,
    sealer,
    incidents,
    sever,
    platform,
    async reset() {
      Object.assign(world, { edges: [], accounts: [], isProven: false });
      await house.reset();
      await platform.pool.query('TRUNCATE severance, incident CASCADE');
      fleets.current = house.newFleet();
    },
  };
}

export function edge(from: string, to: string, given: Partial<Edge> = {}): Edge {
  return {
    id: null,
    from,
    to,
    layer: 'declared',
    scopes: [],
    source: { kind: 'list', text: 'a made-up list' },
    firstSeenAt: new Date(0),
    lastSeenAt: new Date(0),
    validFrom: null,
    validUntil: null,
    conditions: [],
    conditionsText: null,
    note: null,
    ...given,
  };
}
