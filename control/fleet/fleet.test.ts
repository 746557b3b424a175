import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { openSealed } from '@drawbridge/envelope';
import {
  boundHost,
  credentialContext,
  formVirtualKey,
  parseSnapshot,
  type Snapshot,
  secretContext,
} from '@drawbridge/protocol';
import { serve } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { enrolGateway, type Fleet, fleetRoutes, hashGatewayToken } from './index.ts';
import { dumpTables, spellings, type TestHouse, testHouse } from './testing.ts';

const HOLD_MS = 1_000;
const CREDENTIAL = 'made-up-vendor-credential-7f3a91c2';

let house: TestHouse;
let gateway: Awaited<ReturnType<TestHouse['enrol']>>;
let fleet: Fleet;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());

beforeEach(async () => {
  await house.platform.pool.query(
    'TRUNCATE connection, credential, contract_version, app, virtual_key, gateway, published, change, vendor_secret CASCADE',
  );
  house.revealed.clear();
  gateway = await house.enrol('gateway-1');
  fleet = house.newFleet();
  await fleet.start();
});
afterEach(() => fleet.stop());

const ask: TestHouse['ask'] = (...call) => house.ask(...call);
async function current(): Promise<Snapshot> {
  await fleet.refresh();
  return fleet.compileSnapshot(gateway.id);
}
async function makeApp(): Promise<string> {
  return (await ask('POST', '/apps', { name: 'Shop', owner: 'Ada Example', reason: 'A test' })).body.id;
}
async function makeKey(connections: string[]): Promise<{ id: string; key: string }> {
  const app = await makeApp();
  return (await ask('POST', `/apps/${app}/keys`, { kind: 'secret', connections, reason: 'A test' })).body;
}
/** The credential of a connection, as the gateway would open it. */
async function credentialAt(
  snapshot: Snapshot,
  id: string,
  privateKey = gateway.privateKey,
): Promise<string | null> {
  const connection = snapshot.connections.find((one) => one.id === id);
  if (connection?.credential == null) return null;
  const { version, placement, sealed } = connection.credential;
  const hosts = [boundHost(connection.upstream)];
  const context = credentialContext({ connection: id, version, hosts, placement });
  return (await openSealed(privateKey, sealed, context)).toString('utf8');
}

describe('a snapshot', () => {
  test('holds what was configured, and its secrets open at the gateway it is for and nowhere else', async () => {
    const made = await house.connect({ credential: CREDENTIAL, origins: ['https://shop.example.com'] });
    const key = await makeKey([made.id]);
    house.revealed.add('made-up-review-hash');
    const snapshot = await current();
    expect(snapshot).toMatchObject({
      deployment: 'test-deployment',
      gateway: 'gateway-1',
      payload_key: house.payloadKey.publicKey.toString('base64url'),
      services: [{ vendor: 'acme', service: { id: 'analytics' } }],
      connections: [
        { id: made.id, slug: made.slug, origins: ['https://shop.example.com'], contract: { version: 1 } },
      ],
      keys: [{ id: key.id, connections: [made.id] }],
      reveal: ['made-up-review-hash'],
    });
    expect(parseSnapshot(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    expect(await credentialAt(snapshot, made.id)).toBe(CREDENTIAL);

    const other = await house.enrol('gateway-2');
    await expect(credentialAt(snapshot, made.id, other.privateKey)).rejects.toMatchObject({
      code: 'sealed_unreadable',
    });
    const forOther = await fleet.compileSnapshot(other.id);
    expect(await credentialAt(forOther, made.id, other.privateKey)).toBe(CREDENTIAL);
    expect(forOther.version).toBe(snapshot.version);

    const open = (
      one: typeof snapshot,
      sealed: Snapshot['ledger_key'],
      context: Uint8Array,
      key: Uint8Array,
    ) =>
      openSealed(key, sealed, context).then(
        (bytes) => `${one.gateway} ${bytes.toString('hex')}`.split(' ')[1],
      );
    const ledger = await open(snapshot, snapshot.ledger_key, secretContext('ledger'), gateway.privateKey);
    expect(ledger).toHaveLength(64);
    expect(await open(forOther, forOther.ledger_key, secretContext('ledger'), other.privateKey)).toBe(ledger);
    const [secret] = snapshot.vendor_secrets;
    expect(secret).toMatchObject({ vendor: 'acme', epoch: 1 });
  });

  test('has no secret in clear', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    const { key } = await makeKey([made.id]);
    const text = JSON.stringify(await current());
    for (const spelling of [...spellings(CREDENTIAL), ...spellings(key)])
      expect(text.includes(spelling)).toBe(false);
    expect((await dumpTables(house.platform)).includes(CREDENTIAL)).toBe(false);
  });

  test('carries no credential of a connection that was repointed, until it is entered again', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    await ask('PATCH', `/connections/${made.id}`, {
      upstream: { ...made.upstream, host: 'elsewhere.example.com' },
      reason: 'A test',
    });
    expect(await credentialAt(await current(), made.id)).toBeNull();
    await ask('PUT', `/connections/${made.id}/credential`, { value: `${CREDENTIAL}-2`, reason: 'A test' });
    expect(await credentialAt(await current(), made.id)).toBe(`${CREDENTIAL}-2`);
  });

  test('carries no credential that was pointed elsewhere behind our back; the other connections serve on', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    const other = await house.connect({ name: 'Other', credential: CREDENTIAL });
    await house.platform.pool.query(`UPDATE connection SET host = 'evil.example.com' WHERE id = $1`, [
      made.id,
    ]);
    const snapshot = await current();
    expect(await credentialAt(snapshot, made.id)).toBeNull();
    expect(await credentialAt(snapshot, other.id)).toBe(CREDENTIAL);
    expect(house.platform.logged()).toContain('does not open where its connection points');
  });

  test('of a severed connection says so, and its credential stays here', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    await ask('PATCH', `/connections/${made.id}`, { state: 'severed', reason: 'They were breached' });
    expect((await current()).connections).toMatchObject([{ state: 'severed', credential: null }]);
    await ask('PATCH', `/connections/${made.id}`, { state: 'open', reason: 'All is well' });
    expect(await credentialAt(await current(), made.id)).toBe(CREDENTIAL);
  });

  test('leaves revoked keys out', async () => {
    const made = await house.connect();
    const key = await makeKey([made.id]);
    expect((await current()).keys).toMatchObject([{ id: key.id }]);
    await ask('DELETE', `/keys/${key.id}`, undefined, { 'x-drawbridge-reason': 'A test' });
    expect((await current()).keys).toEqual([]);
  });

  test('takes a vendor’s new secret when an epoch begins', async () => {
    await house.connect();
    const before = await current();
    await house.secrets.beginEpoch('acme', { actor: { id: 'person:1', name: 'Ada' }, reason: 'A test' });
    const after = await current();
    expect(after.vendor_secrets).toMatchObject([{ vendor: 'acme', epoch: 2 }]);
    expect(after.version).toBe(before.version + 1);
  });

  test('of an unknown gateway is a problem 404', async () => {
    await expect(fleet.compileSnapshot('unknown')).rejects.toMatchObject({ status: 404 });
  });
});

describe('a version', () => {
  test('goes up with what gateways run on, and only with that', async () => {
    const made = await house.connect({ credential: CREDENTIAL });
    const first = await current();
    await ask('PATCH', `/connections/${made.id}`, { name: 'Another name', reason: 'A test' });
    await makeApp();
    expect((await current()).version).toBe(first.version);
    await ask('PUT', `/connections/${made.id}/credential`, { value: CREDENTIAL, reason: 'A test' });
    expect((await current()).version).toBe(first.version + 1);
    house.revealed.add('made-up-review-hash');
    expect((await current()).version).toBe(first.version + 2);
  });

  test('outlives the control process: the same content has the same version and time', async () => {
    await house.connect();
    const before = await current();
    house.platform.advance(60_000);
    const restarted = house.newFleet();
    await restarted.start();
    const after = await restarted.compileSnapshot(gateway.id);
    expect([after.version, after.made_at]).toEqual([before.version, before.made_at]);
    await restarted.stop();
  });

  test('is never given to two contents, however many control processes publish at once', async () => {
    const made = await house.connect();
    const fleets = [house.newFleet(), house.newFleet(), house.newFleet()];
    for (const one of fleets) await one.start();
    const seen = new Map<number, Set<string>>();
    const highest = new Map<Fleet, number>();
    const look = async (one: Fleet): Promise<void> => {
      const { version, connections } = await one.compileSnapshot(gateway.id);
      expect(version).toBeGreaterThanOrEqual(highest.get(one) ?? 0);
      highest.set(one, version);
      seen.set(version, (seen.get(version) ?? new Set()).add(JSON.stringify(connections)));
    };
    for (let round = 0; round < 8; round++) {
      await Promise.all([
        ask('POST', `/connections/${made.id}/contract/allow`, {
          kind: 'event_name',
          name: `Event ${round}`,
          reason: 'A test',
        }),
        ...fleets.map(async (one) => {
          await one.refresh();
          await look(one);
        }),
      ]);
    }
    for (const one of fleets) {
      await one.refresh();
      await look(one);
    }
    expect(new Set(fleets.map((one) => one.version())).size).toBe(1);
    for (const contents of seen.values()) expect(contents.size).toBe(1);
    expect(seen.size).toBeGreaterThan(2);
    await Promise.all(fleets.map((one) => one.stop()));
  });

  test('is not given to a state that was read before another process published a later one', async () => {
    const made = await house.connect();
    let release = (): void => undefined;
    let hold = false;
    const isRead = Promise.withResolvers<void>();
    const slow = house.newFleet(async () => {
      if (!hold) return [];
      hold = false;
      isRead.resolve();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return [];
    });
    await slow.start();
    hold = true;
    await ask('PATCH', `/connections/${made.id}`, {
      origins: ['https://shop.example.com'],
      reason: 'A test',
    });
    const late = slow.refresh();
    await isRead.promise;
    const before = await current();
    await ask('PATCH', `/connections/${made.id}`, { state: 'severed', reason: 'A test' });
    const after = await current();
    expect(after.version).toBe(before.version + 1);
    release();
    await late;
    expect((await slow.compileSnapshot(gateway.id)).connections[0]?.state).toBe('severed');
    expect([slow.version(), fleet.version()]).toEqual([after.version, after.version]);
    await slow.stop();
  });

  test('waits for another process that is publishing', async () => {
    const made = await house.connect();
    const { version } = await current();
    const client = await house.platform.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM published FOR UPDATE');
    const publishing = ask('PATCH', `/connections/${made.id}`, { state: 'severed', reason: 'A test' }).then(
      () => fleet.refresh(),
    );
    await expect
      .poll(async () => {
        const waiting = await house.platform.pool.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.rows.length;
      })
      .toBeGreaterThan(0);
    await client.query(`UPDATE published SET version = $1, content_hash = 'made up'`, [version + 10]);
    await client.query('COMMIT');
    client.release();
    await publishing;
    expect(fleet.version()).toBe(version + 11);
  });

  test('of a content that can not be right is not published: the last good one stays, and it recovers by itself', async () => {
    const made = await house.connect();
    const before = await current();
    const setSlug = (slug: string) =>
      house.platform.pool.query('UPDATE connection SET slug = $2 WHERE id = $1', [made.id, slug]);
    await setSlug('Not A Slug');
    expect((await current()).connections[0]?.slug).toBe(made.slug);
    expect(fleet.problem()).toMatch(/^connections\.0\.slug: /);
    await setSlug('a-slug');
    expect((await current()).connections[0]?.slug).toBe('a-slug');
    expect(fleet.problem()).toBeNull();
    expect(fleet.version()).toBe(before.version + 1);
  });

  test('a database put back to an earlier state publishes above what gateways run on', async () => {
    await house.connect();
    const { version } = await current();
    const answer = await fleet.snapshotAfter(gateway.id, version + 40, 1_000, new AbortController().signal);
    expect(answer?.version).toBe(version + 41);
    expect(house.platform.logged()).toContain('as after a restore');
  });

  test('waits for the vault where it is away', async () => {
    await house.connect({ credential: CREDENTIAL });
    await fleet.refresh();
    process.kill(house.vault.pid ?? 0, 'SIGKILL');
    await expect
      .poll(async () => Object.keys(await fleet.compileSnapshot(gateway.id).catch(() => ({}))).length, {
        timeout: 5_000,
      })
      .toBeGreaterThan(0);
  });
});

/** A gateway that does nothing but keep its snapshot current over HTTP. */
function fakeGateway(port: number, token: string) {
  const stop = new AbortController();
  const versions: number[] = [];
  let snapshot: Snapshot | null = null;
  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const answer = await fetch(
        `http://127.0.0.1:${port}/fleet/v1/snapshot?after=${snapshot?.version ?? 0}`,
        {
          headers: { authorization: `Bearer ${token}` },
          signal: stop.signal,
        },
      ).catch((error: unknown) => {
        if (stop.signal.aborted) return null;
        throw error;
      });
      if (answer === null) return;
      if (answer.status === 204) continue;
      snapshot = parseSnapshot(await answer.json());
      versions.push(snapshot.version);
    }
  }
  const running = run();
  return {
    versions,
    /** Settles with the time it took until the snapshot was so. */
    async until(isSo: (snapshot: Snapshot) => boolean): Promise<number> {
      const from = performance.now();
      await expect
        .poll(() => snapshot !== null && isSo(snapshot), { timeout: 10_000, interval: 5 })
        .toBe(true);
      return performance.now() - from;
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

describe('over HTTP', () => {
  let server: ReturnType<typeof serve>;
  let port: number;
  beforeEach(async () => {
    const app = createRouter();
    app.onError(handleErrors(house.platform.log));
    app.route('/fleet/v1', fleetRoutes(house.platform, fleet, HOLD_MS));
    server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  const call = (path: string, init: RequestInit = {}, token = gateway.token) =>
    fetch(`http://127.0.0.1:${port}/fleet/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });

  test('every change is in force at a waiting gateway within a second', async () => {
    const waiting = fakeGateway(port, gateway.token);
    const took: Record<string, number> = {};
    const measure = async (
      what: string,
      change: () => Promise<unknown>,
      isSo: (snapshot: Snapshot) => boolean,
    ) => {
      const from = performance.now();
      await change();
      await waiting.until(isSo);
      took[what] = performance.now() - from;
    };
    let id = '';
    const connection = (snapshot: Snapshot) => snapshot.connections.find((one) => one.id === id);
    await measure(
      'connect',
      async () => {
        id = (await house.connect({ credential: CREDENTIAL })).id;
      },
      (snapshot) => connection(snapshot)?.credential != null,
    );
    await measure(
      'sever',
      () => ask('PATCH', `/connections/${id}`, { state: 'severed', reason: 'A test' }),
      (snapshot) => connection(snapshot)?.state === 'severed',
    );
    await measure(
      'open',
      () => ask('PATCH', `/connections/${id}`, { state: 'open', reason: 'A test' }),
      (snapshot) => connection(snapshot)?.state === 'open',
    );
    await measure(
      'allow a name',
      () =>
        ask('POST', `/connections/${id}/contract/allow`, {
          kind: 'event_name',
          name: 'Signed up',
          reason: 'A test',
        }),
      (snapshot) => connection(snapshot)?.contract.version === 2,
    );
    let key = '';
    await measure(
      'make a key',
      async () => {
        key = (await makeKey([id])).id;
      },
      (snapshot) => snapshot.keys.some((one) => one.id === key),
    );
    await measure(
      'revoke a key',
      () => ask('DELETE', `/keys/${key}`, undefined, { 'x-drawbridge-reason': 'A test' }),
      (snapshot) => !snapshot.keys.some((one) => one.id === key),
    );
    await measure(
      'reveal a name',
      async () => {
        house.revealed.add('made-up-review-hash');
        house.platform.events.publish('review');
      },
      (snapshot) => snapshot.reveal.length === 1,
    );
    await measure(
      'a change by another control process, which tells nobody here',
      () => house.platform.pool.query(`UPDATE connection SET state = 'severed' WHERE id = $1`, [id]),
      (snapshot) => connection(snapshot)?.state === 'severed',
    );
    await waiting.stop();
    for (const [what, milliseconds] of Object.entries(took)) {
      expect([what, milliseconds < 1_000 ? 'in time' : milliseconds]).toEqual([what, 'in time']);
    }
    expect(waiting.versions).toEqual([...waiting.versions].sort((one, other) => one - other));
  });

  test('nothing newer is 204 after the hold, with the version in force', async () => {
    await house.connect();
    await fleet.refresh();
    const version = fleet.version();
    const from = performance.now();
    const answer = await call(`/snapshot?after=${version}`);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('x-drawbridge-version')).toBe(String(version));
    expect(performance.now() - from).toBeGreaterThan(HOLD_MS - 50);
  });

  test('a token that is not enrolled, or none, or another form, is 401', async () => {
    for (const token of ['made-up-token-of-nobody-0123456789', 'short', `${gateway.token}x`, '']) {
      const answer = await call('/snapshot', {}, token);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        401,
        'gateway_unknown',
      ]);
    }
    const bare = await fetch(`http://127.0.0.1:${port}/fleet/v1/status`, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(401);
  });

  test('a gateway enrolled again has its new token and key only', async () => {
    const old = gateway;
    const pair = await house.enrol('gateway-new-key');
    const again = {
      id: old.id,
      name: old.id,
      publicKey: pair.publicKey,
      tokenHash: hashGatewayToken('n'.repeat(30)),
    };
    await enrolGateway(house.platform, again);
    await enrolGateway(house.platform, again);
    expect((await call('/status', { method: 'POST', body: '{"snapshotVersion":1}' }, old.token)).status).toBe(
      401,
    );
    expect(
      (await call('/status', { method: 'POST', body: '{"snapshotVersion":1}' }, 'n'.repeat(30))).status,
    ).toBe(204);
    const made = await house.connect({ credential: CREDENTIAL });
    expect(await credentialAt(await current(), made.id, pair.privateKey)).toBe(CREDENTIAL);
    const rows = await house.platform.pool.query(
      `SELECT count(*) FROM change WHERE act = 'gateway.enrol' AND subject_id = $1`,
      [old.id],
    );
    expect(rows.rows).toEqual([{ count: 2 }]);
  });

  test('a heartbeat is shown in the overview; what was never said is null', async () => {
    await house.enrol('gateway-0');
    const beat = { snapshotVersion: 3, journal: { shipped: 120, behind: 4, segments: 1 }, more: true };
    expect((await call('/status', { method: 'POST', body: JSON.stringify(beat) })).status).toBe(204);
    await fleet.refresh();
    const wantedVersion = fleet.version();
    expect(await fleet.gatewaysOverview()).toEqual([
      {
        id: 'gateway-0',
        name: 'gateway-0',
        lastSeenAt: null,
        snapshotVersion: null,
        wantedVersion,
        journal: { shipped: null, behind: null },
      },
      {
        id: 'gateway-1',
        name: 'gateway-1',
        lastSeenAt: new Date(house.platform.clock.now()).toISOString(),
        snapshotVersion: 3,
        wantedVersion,
        journal: { shipped: 120, behind: 4 },
      },
    ]);
  });

  test('hostile requests are answered by field, and change nothing', async () => {
    const before = await fleet.gatewaysOverview();
    const cases: [string, RequestInit, number][] = [
      ['/snapshot?after=-1', {}, 400],
      ['/snapshot?after=1e300', {}, 400],
      ['/snapshot?after=x', {}, 400],
      ['/status', { method: 'POST', body: '{' }, 400],
      ['/status', { method: 'POST', body: '{}' }, 400],
      ['/status', { method: 'POST', body: '{"snapshotVersion":-1}' }, 400],
      ['/status', { method: 'POST', body: '{"snapshotVersion":1,"journal":{"behind":"x"}}' }, 400],
      [
        '/status',
        { method: 'POST', body: JSON.stringify({ snapshotVersion: 1, x: 'x'.repeat(20_000) }) },
        413,
      ],
    ];
    for (const [path, init, status] of cases) {
      const answer = await call(path, init);
      expect([path, init.body?.toString().slice(0, 60), answer.status]).toEqual([
        path,
        init.body?.toString().slice(0, 60),
        status,
      ]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    expect(await fleet.gatewaysOverview()).toEqual(before);
  });

  test('stopping answers those who wait at once', async () => {
    await fleet.refresh();
    const answer = call(`/snapshot?after=${fleet.version()}`);
    await new Promise((done) => setTimeout(done, 200));
    const from = performance.now();
    await fleet.stop();
    expect((await answer).status).toBe(204);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

test('200 connections and 2,000 keys: one change is compiled in about 100 ms', async () => {
  await fleet.stop();
  const made = await house.connect({ credential: CREDENTIAL });
  const app = await makeApp();
  const { pool } = house.platform;
  await pool.query(
    `INSERT INTO connection SELECT 'c' || n, name, 'c' || n, vendor, service, region, scheme, host, port, private,
       placement, state, origins, owner, 'k' || n, 1, 1, created_at, created_by
     FROM connection, generate_series(1, 200) n WHERE id = $1`,
    [made.id],
  );
  await pool.query(
    `INSERT INTO contract_version SELECT 'c' || n, 1, rules, author, reason, created_at
     FROM contract_version, generate_series(1, 200) n WHERE connection = $1`,
    [made.id],
  );
  const wrapped = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      house.vault.seal(
        `credential-${index + 1}`,
        credentialContext({
          connection: `c${index + 1}`,
          version: 1,
          hosts: [boundHost(made.upstream)],
          placement: { in: 'body', path: 'properties.token' },
        }),
      ),
    ),
  );
  await pool.query(
    `INSERT INTO credential SELECT 'd' || n, 'c' || n, 1, hosts, placement, one.wrapped, entered_at, entered_by, NULL
     FROM credential, unnest($2::bytea[]) WITH ORDINALITY AS one (wrapped, n) WHERE connection = $1`,
    [made.id, wrapped],
  );
  const keys = Array.from({ length: 2_000 }, () => formVirtualKey(house.platform.random.bytes(42)));
  await pool.query(
    `INSERT INTO virtual_key (id, hash, app, kind, connections, classes, origins, created_at, created_by)
     SELECT id, hash, $3, 'secret', ARRAY[$4], ARRAY['ingest'], '{}', now(), 'Ada'
     FROM unnest($1::text[], $2::bytea[]) AS one (id, hash)`,
    [keys.map(({ id }) => id), keys.map(({ hash }) => hash), app, made.id],
  );
  fleet = house.newFleet();
  await fleet.start();
  const first = await current();
  expect([first.connections.length, first.keys.length]).toEqual([201, 2_000]);
  expect(await credentialAt(first, 'c200')).toBe('credential-200');
  const times: { wall: number; work: number }[] = [];
  const reseal = vi.spyOn(house.vault, 'reseal');
  for (let round = 0; round < 12; round++) {
    await pool.query(`UPDATE connection SET state = $1 WHERE id = 'c7'`, [
      round % 2 === 0 ? 'severed' : 'open',
    ]);
    const [from, before] = [performance.now(), process.cpuUsage()];
    const snapshot = await current();
    const { user, system } = process.cpuUsage(before);
    times.push({ wall: performance.now() - from, work: (user + system) / 1_000 });
    expect(snapshot.version).toBe(first.version + round + 1);
  }
  const median = (of: (time: { wall: number; work: number }) => number) =>
    times
      .slice(5)
      .map(of)
      .sort((one, other) => one - other)[3] ?? Number.NaN;
  const [wall, work] = [median((time) => time.wall), median((time) => time.work)];
  console.info(
    `200 connections, 2,000 keys: ${wall.toFixed(0)} ms, of which ${work.toFixed(0)} ms processor time (medians of 7 after 5)`,
  );
  // Only what was severed and opened again was sealed anew.
  expect(reseal.mock.calls.length).toBeLessThanOrEqual(12);
  reseal.mockRestore();
  // By processor time, twice the target: other work shares the machine that tests run on.
  expect(work).toBeLessThan(200);
});
