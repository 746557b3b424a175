import type { Leaf, Settlement } from '@drawbridge/protocol';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectOnce, rebuildProjection } from '../crossings/index.ts';
import { madeUpCrossing, madeUpIngest, madeUpSettlement, part } from '../crossings/testing.ts';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { knownOf } from '../vendors/index.ts';
import { MOST_HOSTS, OPEN_MS } from './host-projection.ts';
import { createEgress, egressHostProjection, egressRoutes, hosts } from './index.ts';
import { firstRules, loosens, type StoredRules } from './rules.ts';

let house: TestHouse;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let cut: { vendors: string[]; hosts: string[] };
const facts = knownOf([
  { id: 'acme', domains: [{ is: 'acme.example' }], headquarters: { is: 'US' } },
  { id: 'quiet', domains: [] },
] as unknown as Parameters<typeof knownOf>[0]);

/** Vendors that severances hold, with or without a connection. */
const held: string[] = [];

beforeAll(async () => {
  let forSnapshot: ReturnType<typeof createEgress>['forSnapshot'] | null = null;
  house = await testHouse({ egress: async (tx) => (forSnapshot === null ? null : forSnapshot(tx)) });
  const { platform } = house;
  const egress = createEgress({
    platform,
    approvals: house.approvals,
    known: async () => facts,
    severed: async () => cut,
    severedVendors: async () => held,
    appNames: async (ids) => {
      const { rows } = await platform.pool.query<{ id: string; name: string }>(
        'SELECT id, name FROM app WHERE id = ANY ($1)',
        [ids],
      );
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  });
  forSnapshot = egress.forSnapshot;
  house.app.route('/api/v1', egressRoutes(platform, egress, house.approvals));
  ingest = await madeUpIngest(platform);
});
afterAll(() => house.close());
beforeEach(async () => {
  cut = { vendors: [], hosts: [] };
  await house.platform.pool.query(
    'TRUNCATE egress_rules, egress_host, egress_open, app, approval, change, idempotency CASCADE',
  );
});

const ask: TestHouse['ask'] = (...call) => house.ask(...call);
const why = { reason: 'A test' };

async function app(name = 'Shop'): Promise<string> {
  return (await ask('POST', '/apps', { name, owner: 'Ada Example', ...why })).body.id;
}

describe('rules', () => {
  test('nobody may use the proxy at first; each change is a version, recorded, and based on the one that was looked at', async () => {
    const first = (await ask('GET', '/egress')).body;
    expect(first).toMatchObject({ version: 0, mode: 'observe', apps: [], changedBy: null });
    const id = await app();
    const on = await ask('PATCH', '/egress', { basedOn: 0, apps: [id], ...why });
    expect(on.body).toMatchObject({
      version: 1,
      mode: 'observe',
      apps: [{ id, name: 'Shop' }],
      changedBy: 'Ada Example',
    });
    const stale = await ask('PATCH', '/egress', { basedOn: 0, mode: 'enforce', ...why });
    expect([stale.status, stale.body.code]).toEqual([409, 'changed_meanwhile']);
    await ask('PATCH', '/egress', {
      basedOn: 1,
      mode: 'enforce',
      allow: { vendors: ['acme'], hosts: ['b.example', 'a.example', 'a.example'], countries: [] },
      ...why,
    });
    const now = (await ask('GET', '/egress')).body;
    expect(now).toMatchObject({ version: 2, mode: 'enforce', allow: { hosts: ['a.example', 'b.example'] } });
    const { rows } = await house.platform.pool.query(
      "SELECT act, detail FROM change WHERE act = 'egress.change' ORDER BY seq",
    );
    expect(rows).toMatchObject([
      { detail: { version: 1, loosens: true, apps: { added: [id], gone: [] } } },
      {
        detail: {
          version: 2,
          mode: 'enforce',
          was: 'observe',
          allow_hosts: { added: ['a.example', 'b.example'] },
        },
      },
    ]);
  });

  test.each([
    [{ mode: 'off' }, 'mode'],
    [{ allow: { vendors: [], hosts: ['http://a.example'], countries: [] } }, 'allow.hosts.0'],
    [{ allow: { vendors: [], hosts: ['*'], countries: [] } }, 'allow.hosts.0'],
    [{ allow: { vendors: [], hosts: [], countries: ['usa'] } }, 'allow.countries.0'],
    [{ networks: ['10.0.0.0'] }, 'networks.0'],
    [{ networks: ['10.0.0.0/8', '10.1.2.3/8'] }, 'networks.1'],
    [{ networks: ['0.0.0.0/0'] }, 'networks.0'],
    [{ networks: ['::/0'] }, 'networks.0'],
    [{ networks: ['::ffff:0:0/96'] }, 'networks.0'],
    [{ networks: ['fd12:3456::1/32'] }, 'networks.0'],
    [{ ports: { connect: [0], http: [] } }, 'ports.connect.0'],
    [{ apps: ['nobody'] }, 'apps'],
    [{ severed: ['acme'] }, 'severed'],
  ])('%o is refused, and names %s', async (wrong, field) => {
    const answer = await ask('PATCH', '/egress', { basedOn: 0, ...wrong, ...why });
    expect([400, 422]).toContain(answer.status);
    expect(JSON.stringify(answer.body)).toContain(field);
    expect((await ask('GET', '/egress')).body.version).toBe(0);
  });

  describe('where changes wait for a second person', () => {
    beforeEach(async () => {
      house.people.count = 2;
      await ask('PATCH', '/settings', { secondPerson: true, ...why });
    });
    afterEach(async () => {
      house.people.count = 1;
      house.people.actor = { id: 'person:1', name: 'Ada Example' };
      await house.platform.pool.query("DELETE FROM setting WHERE key = 'connections.second_person'");
    });

    test('what loosens is approved as it is and used once; what tightens waits for nobody', async () => {
      const shut = await ask('PATCH', '/egress', { basedOn: 0, mode: 'enforce', ...why });
      expect([shut.status, shut.body.version]).toEqual([200, 1]);
      const open = { basedOn: 1, mode: 'observe', networks: ['10.20.0.0/16'], ...why };
      const asked = await ask('PATCH', '/egress', open);
      expect([asked.status, asked.body.code]).toEqual([409, 'approval_needed']);
      expect((await ask('GET', '/egress')).body).toMatchObject({ version: 1, mode: 'enforce' });
      expect((await ask('GET', `/approvals/${asked.body.approval}`)).body).toMatchObject({
        act: 'egress.change',
        what: { mode: 'observe', was: 'enforce', networks: { added: ['10.20.0.0/16'], gone: [] } },
      });
      house.people.actor = { id: 'person:2', name: 'Ben Example' };
      await ask('POST', `/approvals/${asked.body.approval}/approve`, why);
      house.people.actor = { id: 'person:1', name: 'Ada Example' };
      const wider = { ...open, networks: ['10.0.0.0/8'] };
      expect((await ask('PATCH', '/egress', wider)).body.code).toBe('approval_needed');
      expect((await ask('PATCH', '/egress', open)).body).toMatchObject({ version: 2, mode: 'observe' });
      await ask('PATCH', '/egress', { basedOn: 2, mode: 'enforce', networks: [], ...why });
      expect((await ask('PATCH', '/egress', { ...open, basedOn: 3 })).body.code).toBe('approval_needed');
    });

    test.each([
      [{ mode: 'warn' }],
      [{ allow: { vendors: ['acme'], hosts: [], countries: [] } }],
      [{ allow: { vendors: [], hosts: ['*.a.example'], countries: [] } }],
      [{ allow: { vendors: [], hosts: [], countries: ['US'] } }],
      [{ networks: ['10.20.0.0/16'] }],
      [{ ports: { connect: [443, 8443], http: [80] } }],
      [{ sni: false }],
    ])('%o loosens', async (change) => {
      await ask('PATCH', '/egress', { basedOn: 0, mode: 'enforce', ...why });
      const answer = await ask('PATCH', '/egress', { basedOn: 1, ...change, ...why });
      expect([answer.status, answer.body.code]).toEqual([409, 'approval_needed']);
    });

    test('one host that is allowed from the list of hosts waits, one that is denied does not', async () => {
      const put = (list: string) => ask('POST', '/egress/listed-hosts', { host: 'a.example', list, ...why });
      expect((await put('allow')).body.code).toBe('approval_needed');
      expect((await put('deny')).status).toBe(200);
      expect((await put('none')).body.code).toBe('approval_needed');
    });
  });

  test('a host goes on one list, and off the other', async () => {
    const put = (host: string, list: string) => ask('POST', '/egress/listed-hosts', { host, list, ...why });
    expect((await put('a.example', 'allow')).body.allow.hosts).toEqual(['a.example']);
    const denied = (await put('a.example', 'deny')).body;
    expect([denied.allow.hosts, denied.deny.hosts]).toEqual([[], ['a.example']]);
    expect((await put('a.example', 'none')).body.deny.hosts).toEqual([]);
    expect((await put('A.example', 'allow')).status).toBe(400);
  });

  test('a change that opens anything is known as one, and its opposite is not', () => {
    const lists = fc.record({
      vendors: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
      hosts: fc.uniqueArray(fc.constantFrom('x', 'y')),
      countries: fc.constant([]),
    });
    const rules = fc.record({
      mode: fc.constantFrom('observe', 'warn', 'enforce'),
      allow: lists,
      sni: fc.boolean(),
      networks: fc.uniqueArray(fc.constantFrom('10.0.0.0/8')),
    });
    fc.assert(
      fc.property(rules, rules, (a, b) => {
        const [before, after] = [a, b].map((each) => ({ ...firstRules, ...each }) as unknown as StoredRules);
        if (before === undefined || after === undefined) throw new Error('two were made');
        expect(loosens(before, before)).toBe(false);
        const isStricter =
          firstOf(after.mode) >= firstOf(before.mode) &&
          (after.sni || !before.sni) &&
          after.networks.every((one) => before.networks.includes(one)) &&
          after.allow.vendors.every((one) => before.allow.vendors.includes(one)) &&
          after.allow.hosts.every((one) => before.allow.hosts.includes(one));
        expect(loosens(before, after)).toBe(!isStricter);
      }),
    );
  });
  const firstOf = (mode: string) => ['observe', 'warn', 'enforce'].indexOf(mode);

  test('snapshots have the rules with all known vendors, once an app may use the proxy', async () => {
    const gateway = (await house.enrol('gateway-1')).id;
    const fleet = house.newFleet();
    await fleet.refresh();
    expect((await fleet.compileSnapshot(gateway)).egress).toBeUndefined();
    const id = await app();
    await ask('PATCH', '/egress', { basedOn: 0, apps: [id], mode: 'warn', ...why });
    await fleet.refresh();
    expect((await fleet.compileSnapshot(gateway)).egress).toMatchObject({
      mode: 'warn',
      apps: [id],
      ports: { connect: [443], http: [80] },
      vendors: [{ id: 'acme', country: 'US', domains: ['acme.example'] }],
      severed: [],
    });
    held.push('acme');
    await fleet.refresh();
    expect((await fleet.compileSnapshot(gateway)).egress?.severed).toEqual(['acme']);
    held.pop();
  });
});

describe('hosts', () => {
  const at = Date.UTC(2025, 10, 9, 12);
  let log = 0;

  /** Ships crossings through the proxy, each with its settlement, as a gateway does. */
  async function cross(
    ...of: { host: string; app?: string; vendor?: string; refused?: boolean; after?: number }[]
  ) {
    const parts = of.flatMap(
      ({ host, app: by = 'app-1', vendor = '@unknown', refused = false, after = 0 }) => {
        const when = at + after;
        const made = madeUpCrossing(when, [], {
          vendor,
          service: '@egress',
          connection: '@egress',
          app: by,
          endpoint: 'connect',
          class: 'egress',
          method: 'CONNECT',
          contract: { id: '@egress', version: 0 },
          ...(refused ? { decision: 'refused', reason: 'egress_not_listed', stage: 'authorise' } : {}),
          egress: { host, port: 443, mode: 'observe', would: refused ? null : 'egress_not_listed' },
        } satisfies Partial<Leaf>);
        const end = madeUpSettlement(made.leaf.id, when + 5, {
          outcome: refused ? 'not_sent' : 'answered',
          bytes: { response: refused ? 0 : 900 },
          egress: { sent: refused ? 0 : 100, ended: refused ? 'none' : 'client' },
        } satisfies Partial<Settlement>);
        return [part(made.leaf), part(end)];
      },
    );
    log += 1;
    await ingest.ship(ingest.log(`gateway.example.test/egress-${log}`), 0, parts);
    while ((await projectOnce(house.platform, [egressHostProjection], 3)) > 0);
  }

  const told = [
    { host: 'new.example', app: 'app-1' },
    { host: 'new.example', app: 'app-2', after: 1000, refused: true },
    { host: 'api.acme.example', vendor: 'acme', after: 5000 },
    { host: 'new.example', app: 'app-1', after: 9000 },
  ];

  test('what crossed is told by host and app, with bytes; the unknown first; a rebuild says the same', async () => {
    await cross(...told);
    const { items } = (await ask('GET', '/egress/hosts')).body;
    expect(items).toMatchObject([
      {
        host: 'new.example',
        vendor: null,
        ports: [443],
        crossings: 3,
        refused: 1,
        sent: 200,
        received: 1800,
        enforced: 'egress_not_listed',
      },
      { host: 'api.acme.example', vendor: 'acme', crossings: 1, refused: 0, sent: 100, received: 900 },
    ]);
    expect(items[0].apps.map((one: { id: string }) => one.id).sort()).toEqual(['app-1', 'app-2']);
    const before = await hosts(house.platform, { since: new Date(0) });
    expect(before).toHaveLength(3);
    expect(
      (await hosts(house.platform, { since: new Date(0), unknown: true })).map(({ host, app: by }) => [
        host,
        by,
      ]),
    ).toEqual([
      ['new.example', 'app-1'],
      ['new.example', 'app-2'],
    ]);
    expect(await hosts(house.platform, { since: new Date(at + 9001), unknown: true })).toEqual([]);
    await rebuildProjection(house.platform, egressHostProjection);
    expect(await hosts(house.platform, { since: new Date(0) })).toEqual(before);
    const { rows } = await house.platform.pool.query('SELECT count(*)::int AS open FROM egress_open');
    expect(rows).toEqual([{ open: 0 }]);
  });

  test('an exchange whose end never comes is given up by the time of its log; one that ends late counts no bytes', async () => {
    const entry = (when: number) =>
      madeUpCrossing(when, [], {
        vendor: '@unknown',
        service: '@egress',
        connection: '@egress',
        app: 'app-1',
        endpoint: 'connect',
        class: 'egress',
        method: 'CONNECT',
        contract: { id: '@egress', version: 0 },
        egress: { host: 'long.example', port: 443, mode: 'observe', would: null },
      } satisfies Partial<Leaf>).leaf;
    const endOf = (leaf: Leaf, when: number) =>
      madeUpSettlement(leaf.id, when, {
        bytes: { response: 900 },
        egress: { sent: 100, ended: 'client' },
      } satisfies Partial<Settlement>);
    const began = at - OPEN_MS - 3 * 24 * 3600_000;
    const [killed, inTime, late, next] = [
      entry(began),
      entry(began),
      entry(began),
      entry(began + OPEN_MS + 60_000),
    ];
    const entries = [
      killed,
      inTime,
      late,
      endOf(inTime, began + OPEN_MS),
      next,
      endOf(late, began + OPEN_MS + 60_000),
      entry(began + OPEN_MS + 24 * 3600_000 + 120_000),
    ];
    await ingest.ship(
      ingest.log('gateway.example.test/egress-long'),
      0,
      entries.map((one) => part(one)),
    );
    while ((await projectOnce(house.platform, [egressHostProjection], 2)) > 0);
    const state = async () => ({
      open: (await house.platform.pool.query('SELECT crossing FROM egress_open ORDER BY at')).rows.length,
      host: (
        await house.platform.pool.query(
          "SELECT sent::int, received::int FROM egress_host WHERE host = 'long.example'",
        )
      ).rows,
    });
    const before = await state();
    expect(before).toEqual({ open: 2, host: [{ sent: 100, received: 900 }] });
    await rebuildProjection(house.platform, egressHostProjection);
    expect(await state()).toEqual(before);
  });

  test('names that are made up do not fill the database: what is beyond a bound is counted as one', async () => {
    await house.platform.pool.query(
      `INSERT INTO egress_host SELECT 'h' || n || '.example', 443, 'app-1', NULL, now(), now(), 1, 0, 0, 0
        FROM generate_series(1, $1::int) AS n`,
      [MOST_HOSTS - 1],
    );
    await cross(
      { host: 'last.example' },
      { host: 'a.made.up.example' },
      { host: 'b.made.up.example', refused: true },
      { host: 'h1.example' },
      { host: 'c.made.up.example', app: 'app-2' },
    );
    await cross({ host: 'd.made.up.example' });
    const { rows } = await house.platform.pool.query(
      `SELECT host, app, crossings::int, refused::int, sent::int FROM egress_host
        WHERE host !~ '^h[0-9]+[.]' OR host = 'h1.example' ORDER BY host COLLATE "C"`,
    );
    expect(rows).toEqual([
      { host: '*', app: 'app-1', crossings: 3, refused: 1, sent: 200 },
      { host: 'c.made.up.example', app: 'app-2', crossings: 1, refused: 0, sent: 100 },
      { host: 'h1.example', app: 'app-1', crossings: 2, refused: 0, sent: 100 },
      { host: 'last.example', app: 'app-1', crossings: 1, refused: 0, sent: 100 },
    ]);
  });

  test('pages end, and hold each host once', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `h${n}.example`);
    await cross(
      ...names.map((host, n) => ({ host, after: n % 3, vendor: n % 2 === 0 ? 'acme' : '@unknown' })),
    );
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer: { items: { host: string }[]; next: string | null } = (
        await ask(
          'GET',
          `/egress/hosts?limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        )
      ).body;
      seen.push(...answer.items.map(({ host }) => host));
      cursor = answer.next;
    }
    const mine = seen.filter((host) => names.includes(host));
    expect(mine.toSorted()).toEqual(names);
    expect(mine.slice(0, 3).every((host) => Number(host[1]) % 2 === 1)).toBe(true);
  });

  test('what enforcing would refuse is judged as gateways do, by the rules as they are', async () => {
    house.platform.advance(at - house.platform.clock.now() + 60_000);
    await cross(...told, { host: 'cut.acme.example', vendor: 'acme', after: 10 });
    const consequence = async () => (await ask('GET', '/egress')).body.consequence;
    expect(await consequence()).toMatchObject({ days: 7, hosts: 3, refused: 3, apps: 2 });
    await ask('PATCH', '/egress', {
      basedOn: 0,
      allow: { vendors: [], hosts: [], countries: ['US'] },
      ...why,
    });
    expect(await consequence()).toMatchObject({ refused: 1, apps: 2 });
    cut = { vendors: ['acme'], hosts: [] };
    expect(await consequence()).toMatchObject({ refused: 3 });
    cut = { vendors: [], hosts: [] };
    await ask('POST', '/egress/listed-hosts', { host: 'new.example', list: 'allow', ...why });
    expect(await consequence()).toMatchObject({ hosts: 3, refused: 0, apps: 0 });
  });

  test('a change is shown before it is made: what opens, what shuts, whether it loosens; nothing is changed', async () => {
    house.platform.advance(at - house.platform.clock.now() + 60_000);
    await cross(...told, { host: 'cut.acme.example', vendor: 'acme', after: 10 });
    await ask('PATCH', '/egress', {
      basedOn: 0,
      allow: { vendors: [], hosts: ['new.example'], countries: [] },
      ...why,
    });
    const before = (await ask('GET', '/egress')).body;
    const none = { vendors: [], hosts: [], countries: [] };
    const preview = async (change: object, basedOn = 1) =>
      await ask('POST', '/egress/preview', { basedOn, ...change });
    const opens = (await preview({ allow: { ...none, vendors: ['acme'], hosts: ['new.example'] } })).body;
    expect(opens).toMatchObject({
      loosens: true,
      before: { days: 7, hosts: 3, refused: 2 },
      after: { hosts: 3, refused: 0, apps: 0 },
      opened: { count: 2 },
      shut: { count: 0, hosts: [] },
    });
    expect(opens.opened.hosts.map(({ host }: { host: string }) => host).toSorted()).toEqual([
      'api.acme.example',
      'cut.acme.example',
    ]);
    const shuts = (await preview({ allow: none })).body;
    expect(shuts).toMatchObject({
      loosens: false,
      after: { refused: 3 },
      opened: { count: 0 },
      shut: {
        count: 1,
        hosts: [{ host: 'new.example', vendor: null, crossings: 3, reason: 'egress_not_listed' }],
      },
    });
    expect(shuts.shut.hosts[0].apps).toHaveLength(2);
    expect((await preview({ deny: { vendors: ['acme'], hosts: [] } })).body).toMatchObject({
      loosens: false,
      opened: { count: 0 },
      shut: { count: 0 },
    });
    expect(await preview({ networks: ['10.1.2.3/8'] })).toMatchObject({ status: 422 });
    expect(await preview({ mode: 'warn' }, 0)).toMatchObject({
      status: 409,
      body: { code: 'changed_meanwhile' },
    });
    expect((await ask('GET', '/egress')).body).toEqual(before);
  });
});
