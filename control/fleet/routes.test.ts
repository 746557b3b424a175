import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseSnapshot, type Snapshot } from '@drawbridge/protocol';
import { serve } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { enrolGateway, fleetRoutes, hashGatewayToken } from './index.ts';
import { credentialAt, type TestHouse } from './testing.ts';
import { CREDENTIAL, testFleet } from './testing-fleet.ts';

const HOLD_MS = 1_000;

const here = testFleet();

const ask: TestHouse['ask'] = (...call) => here.house.ask(...call);

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
    app.onError(handleErrors(here.house.platform.log));
    app.route('/fleet/v1', fleetRoutes(here.house.platform, here.fleet, HOLD_MS));
    server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  const call = (path: string, init: RequestInit = {}, token = here.gateway.token) =>
    fetch(`http://127.0.0.1:${port}/fleet/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });

  test('every change is in force at a waiting gateway within a second', async () => {
    const from = performance.now();
    for (let write = 0; write < 4; write++) await here.house.makeApp();
    // On a machine so busy that a plain write takes long, the second is not the program's to keep.
    const limit = Math.max(1_000, 15 * ((performance.now() - from) / 4));
    const waiting = fakeGateway(port, here.gateway.token);
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
        id = (await here.house.connect({ credential: CREDENTIAL })).id;
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
        key = (await here.house.makeKey([id])).id;
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
        here.house.revealed.add('made-up-review-hash');
        here.house.platform.events.publish('review');
      },
      (snapshot) => snapshot.reveal.length === 1,
    );
    await measure(
      'a change by another control process, which tells nobody here',
      () => here.house.platform.pool.query(`UPDATE connection SET state = 'severed' WHERE id = $1`, [id]),
      (snapshot) => connection(snapshot)?.state === 'severed',
    );
    await waiting.stop();
    for (const [what, milliseconds] of Object.entries(took)) {
      expect([what, milliseconds < limit ? 'in time' : milliseconds]).toEqual([what, 'in time']);
    }
    expect(waiting.versions).toEqual([...waiting.versions].sort((one, other) => one - other));
  });

  test('nothing newer is 204 after the hold, with the version in force', async () => {
    await here.house.connect();
    await here.fleet.refresh();
    const version = here.fleet.version();
    const from = performance.now();
    const answer = await call(`/snapshot?after=${version}`);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('x-drawbridge-version')).toBe(String(version));
    expect(performance.now() - from).toBeGreaterThan(HOLD_MS - 50);
  });

  test('a token that is not enrolled, or none, or another form, is 401', async () => {
    for (const token of ['made-up-token-of-nobody-0123456789', 'short', `${here.gateway.token}x`, '']) {
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
    const old = here.gateway;
    const pair = await here.house.enrol('gateway-new-key');
    const again = {
      id: old.id,
      name: old.id,
      publicKey: pair.publicKey,
      tokenHash: hashGatewayToken('n'.repeat(30)),
    };
    await enrolGateway(here.house.platform, again);
    await enrolGateway(here.house.platform, again);
    expect((await call('/status', { method: 'POST', body: '{"snapshotVersion":1}' }, old.token)).status).toBe(
      401,
    );
    expect(
      (await call('/status', { method: 'POST', body: '{"snapshotVersion":1}' }, 'n'.repeat(30))).status,
    ).toBe(204);
    const made = await here.house.connect({ credential: CREDENTIAL });
    expect(await credentialAt(await here.current(), made.id, pair.privateKey)).toBe(CREDENTIAL);
    const rows = await here.house.platform.pool.query(
      `SELECT count(*) FROM change WHERE act = 'gateway.enrol' AND subject_id = $1`,
      [old.id],
    );
    expect(rows.rows).toEqual([{ count: 2 }]);
  });

  test('what a gateway says of its workers, TLS and journal is shown; what is no such thing is not', async () => {
    const about = {
      workers: { wanted: 4, serving: 3 },
      tls: {
        subject: 'CN=gateway.example.test',
        issuer: 'CN=made up',
        expiresAt: '2027-01-01T00:00:00.000Z',
        clientCertificates: true,
      },
      durability: 'written',
      outboundProxy: true,
    };
    const say = (more: object) =>
      call('/status', { method: 'POST', body: JSON.stringify({ snapshotVersion: 1, ...more }) });
    const shown = async () => (await here.fleet.gatewaysOverview())[0]?.about;
    expect((await say(about)).status).toBe(204);
    expect(await shown()).toEqual(about);
    expect((await say({ ...about, durability: 'magic' })).status).toBe(204);
    expect(await shown()).toBeNull();
  });

  test('a heartbeat is shown in the overview; what was never said is null', async () => {
    await here.house.enrol('gateway-0');
    const since = here.house.platform.clock.now();
    const refused = { version: 4, code: 'unreadable', field: 'ledger_key', since };
    const journal = { shipped: 120, behind: 4, segments: 1 };
    const beat = { snapshotVersion: 3, refused, journal, more: true };
    expect((await call('/status', { method: 'POST', body: JSON.stringify(beat) })).status).toBe(204);
    await here.fleet.refresh();
    const wantedVersion = here.fleet.version();
    expect(await here.fleet.gatewaysOverview()).toEqual([
      {
        id: 'gateway-0',
        name: 'gateway-0',
        lastSeenAt: null,
        snapshotVersion: null,
        wantedVersion,
        refused: null,
        about: null,
        journal: { shipped: null, behind: null },
        logs: [],
      },
      {
        id: 'gateway-1',
        name: 'gateway-1',
        lastSeenAt: new Date(here.house.platform.clock.now()).toISOString(),
        snapshotVersion: 3,
        wantedVersion,
        refused: {
          version: 4,
          code: 'unreadable',
          field: 'ledger_key',
          text: 'A secret in it can not be opened with the key of this gateway.',
          since: new Date(since).toISOString(),
        },
        about: null,
        journal: { shipped: 120, behind: 4 },
        logs: [],
      },
    ]);
    await call('/status', { method: 'POST', body: JSON.stringify({ snapshotVersion: 4 }) });
    expect((await here.fleet.gatewaysOverview()).at(-1)?.refused).toBeNull();
  });

  test('hostile requests are answered by field, and change nothing', async () => {
    const before = await here.fleet.gatewaysOverview();
    const cases: [string, RequestInit, number][] = [
      ['/snapshot?after=-1', {}, 400],
      ['/snapshot?after=1e300', {}, 400],
      ['/snapshot?after=x', {}, 400],
      ['/status', { method: 'POST', body: '{' }, 400],
      ['/status', { method: 'POST', body: '{}' }, 400],
      ['/status', { method: 'POST', body: '{"snapshotVersion":-1}' }, 400],
      ['/status', { method: 'POST', body: '{"snapshotVersion":1,"journal":{"behind":"x"}}' }, 400],
      ['/status', { method: 'POST', body: '{"snapshotVersion":1,"refused":{"version":2}}' }, 400],
      [
        '/status',
        {
          method: 'POST',
          body: JSON.stringify({
            snapshotVersion: 1,
            refused: { version: 2, code: 'A value, not a code', field: null, since: 1 },
          }),
        },
        400,
      ],
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
    expect(await here.fleet.gatewaysOverview()).toEqual(before);
  });

  test('stopping answers those who wait at once', async () => {
    await here.fleet.refresh();
    const answer = call(`/snapshot?after=${here.fleet.version()}`);
    await new Promise((done) => setTimeout(done, 200));
    const from = performance.now();
    await here.fleet.stop();
    expect((await answer).status).toBe(204);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});
