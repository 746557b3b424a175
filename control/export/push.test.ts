import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createRouter, handleErrors, launcher, type Platform, recordChange } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { type DeliveryNetwork, measurePush, type Push, pushRoutes, startPush } from './index.ts';
import { backOff } from './push.ts';
import { certificate, type Receiver, startReceiver } from './testing-receiver.ts';

const names = { connections: async () => new Map(), apps: async () => new Map() };
const network: DeliveryNetwork = {
  ca: certificate.cert,
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  secret: async (variable) =>
    variable === 'DRAWBRIDGE_EXPORT_TOKEN' ? { value: 'made-up-secret', host: '127.0.0.1' } : null,
};
let platform: TestPlatform;
let receiver: Receiver;
let pushing: Push[] = [];
beforeAll(async () => {
  platform = await testPlatform();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.leave();
  await platform.close();
});
beforeEach(async () => {
  receiver.uids = [];
  receiver.asked = 0;
  receiver.answer = () => 200;
  await platform.pool.query('DELETE FROM export_push');
});
afterEach(async () => {
  for (const push of pushing) await push.stop();
  pushing = [];
});

const begin = (on: Platform = platform, over: DeliveryNetwork = network): Push => {
  const push = startPush(on, { names, network: over });
  pushing.push(push);
  return push;
};
function app() {
  const router = createRouter();
  router.onError(handleErrors(platform.log));
  router.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  router.route(
    '/',
    pushRoutes(platform, () => {
      for (const push of pushing) push.poke();
    }),
  );
  return router;
}
const Status = z.looseObject({
  delivered: z.int(),
  behind: z.int().nullable(),
  trouble: z.looseObject({ what: z.string(), attempts: z.int() }).nullable(),
});
const status = async () => Status.parse(await (await app().request('/export/push')).json());
const put = (target: object, more: object = {}) =>
  app().request('/export/push', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      target: { url: receiver.url, format: 'ocsf', private: true, ...target },
      reason: 'a test',
      ...more,
    }),
  });

let made = 0;
/** Makes so many changes, and returns their ids. */
async function change(count: number): Promise<string[]> {
  const from = made;
  await platform.db.transaction().execute(async (tx) => {
    for (; made < from + count; made += 1) {
      await recordChange(tx, platform, {
        actor: launcher,
        reason: 'a test',
        act: 'key.caps',
        subject: { kind: 'pushed', id: String(made).padStart(8, '0') },
      });
    }
  });
  for (const push of pushing) push.poke();
  const found = await platform.pool.query<{ id: string }>(
    "SELECT id FROM change WHERE subject_kind = 'pushed' ORDER BY subject_id OFFSET $1",
    [from],
  );
  return found.rows.map((row) => row.id);
}
/** What came of the given ones, in the order in which it came. */
const came = (ids: readonly string[]) => receiver.uids.filter((uid) => ids.includes(uid));
const caughtUp = () => expect.poll(async () => (await status()).behind).toBe(0);
/** Lets the waiting time for the next try pass. */
const later = () => {
  platform.advance(10 * 60_000);
  for (const push of pushing) push.poke();
};

test('what happens is pushed once, in order, with the secret, and status and measures say so', async () => {
  begin();
  const header = { name: 'X-Token', variable: 'DRAWBRIDGE_EXPORT_TOKEN' };
  expect((await put({ header })).status).toBe(200);
  const ids = await change(1200);
  await caughtUp();
  expect(new Set(came(ids))).toEqual(new Set(ids));
  expect(came(ids)).toHaveLength(1200);
  expect(receiver.headers).toMatchObject({
    'x-token': 'made-up-secret',
    'content-type': 'application/x-ndjson',
  });
  expect(await status()).toMatchObject({ trouble: null, behind: 0, lastDeliveredAt: expect.any(String) });
  const registry = new Registry();
  measurePush(platform, registry);
  const measures = await registry.metrics();
  expect(measures).toMatch(/^drawbridge_control_export_behind 0$/m);
  expect(measures).toMatch(/^drawbridge_control_export_failing_seconds 0$/m);
  const kept = await platform.pool.query(
    'SELECT value::text FROM setting UNION ALL SELECT cursor FROM export_push',
  );
  expect(JSON.stringify(kept.rows) + platform.logged() + JSON.stringify(await status())).not.toContain(
    'made-up-secret',
  );
});

test('a receiver that was away for long gets everything when it is back, after a restart too', async () => {
  const first = begin();
  await put({});
  await caughtUp();
  await receiver.leave();
  const ids = await change(700);
  first.poke();
  await expect.poll(async () => (await status()).trouble?.what).toContain('unreachable: ');
  expect(first.problem()).toContain('ECONNREFUSED');
  for (let tries = 2; tries < 5; tries += 1) {
    later();
    await expect.poll(async () => (await status()).trouble?.attempts).toBe(tries);
  }
  const registry = new Registry();
  measurePush(platform, registry);
  const measures = await registry.metrics();
  expect(measures).toMatch(/^drawbridge_control_export_failing_seconds 1800$/m);
  expect(Number(/^drawbridge_control_export_behind (\d+)$/m.exec(measures)?.[1])).toBeGreaterThanOrEqual(700);
  await first.stop();
  await receiver.comeBack();
  const second = begin();
  later();
  await caughtUp();
  expect(came(ids)).toHaveLength(700);
  expect(new Set(came(ids)).size).toBe(700);
  await expect.poll(() => second.problem()).toBe(null);
});

/** A member as its object has it, also when it is asked for by way of a proxy. */
function bound(of: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(of, name);
  return typeof member === 'function' ? member.bind(of) : member;
}

test('killed after sending and before it is stored, it sends the same again and loses nothing', async () => {
  await put({});
  const ids = await change(3);
  // A database that is gone at the moment when the batch is to be counted as delivered.
  const dying = {
    ...platform,
    db: new Proxy(platform.db, {
      get(db, name) {
        if (name !== 'withTables') return bound(db, name);
        return () =>
          new Proxy(db.withTables(), {
            get(tables, inner) {
              if (inner === 'updateTable') throw new Error('killed here');
              return bound(tables, inner);
            },
          });
      },
    }),
  };
  const killed = begin(dying);
  await expect.poll(() => came(ids).length).toBeGreaterThanOrEqual(3);
  await killed.stop();
  expect((await status()).behind).toBeGreaterThanOrEqual(3);
  const before = receiver.uids.length;
  begin();
  await caughtUp();
  expect(
    receiver.uids
      .slice(before)
      .filter((uid) => ids.includes(uid))
      .sort(),
  ).toEqual([...ids].sort());
});

test('kill -9 in the middle of a batch: another process goes on, and nothing is lost', async () => {
  const { host, port, user, password, database } = platform.pool.options;
  const file = fileURLToPath(new URL('./testing-push-process.ts', import.meta.url));
  const config = JSON.stringify({ database: { host, port, user, password, database }, ca: certificate.cert });
  await put({});
  const ids = await change(1200);
  const child = spawn(process.execPath, [file, config], { stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = new Promise<unknown>((resolve) => child.once('close', (_, signal) => resolve(signal)));
  let batches = 0;
  receiver.answer = () => {
    batches += 1;
    if (batches === 2) child.kill('SIGKILL');
    return 200;
  };
  expect(await gone).toBe('SIGKILL');
  receiver.answer = () => 200;
  begin();
  await caughtUp();
  expect(new Set(came(ids))).toEqual(new Set(ids));
  // The batch in flight at the kill, if any, and nothing else came twice.
  expect(came(ids).length - ids.length).toBeLessThanOrEqual(500);
});

test('an answer that does not come counts as not delivered', async () => {
  begin();
  await put({});
  await caughtUp();
  receiver.answer = () => 'hang up';
  await change(2);
  await expect.poll(async () => (await status()).trouble?.what).toContain('unreachable');
  expect((await status()).behind).toBeGreaterThanOrEqual(2);
});

test.each([
  [302, 'redirect: '],
  [401, 'status_401: '],
  [503, 'status_503: '],
])('an answer of %i keeps the events, says why, and asks nobody else', async (answered, what) => {
  begin();
  await put({});
  await caughtUp();
  receiver.answer = () => answered;
  const asked = receiver.asked;
  const ids = await change(1);
  await expect.poll(async () => (await status()).trouble?.what).toContain(what);
  expect(receiver.asked).toBe(asked + 1);
  receiver.answer = () => 200;
  later();
  await caughtUp();
  expect(came(ids)).toEqual(ids);
});

test('where a batch is too large it is halved, down to what the receiver takes', async () => {
  begin();
  await put({});
  await caughtUp();
  receiver.answer = (lines) => (lines > 10 ? 413 : 200);
  const ids = await change(90);
  await caughtUp();
  expect(came(ids)).toHaveLength(90);
  expect(new Set(came(ids)).size).toBe(90);
});

test.each([
  [
    'a certificate that nobody trusts',
    {},
    { secret: network.secret, resolve: network.resolve },
    'unreachable: ',
  ],
  ['a private address that was not said to be meant', { private: false }, network, 'private_address: '],
  [
    'a name that leads to a private address',
    { private: false, url: 'https://siem.example' },
    network,
    'private_address: ',
  ],
  [
    'a secret that is not there',
    { header: { name: 'X-Token', variable: 'DRAWBRIDGE_EXPORT_NONE' } },
    network,
    'secret_missing: ',
  ],
  [
    'a secret that is for another host',
    { header: { name: 'X-Token', variable: 'DRAWBRIDGE_EXPORT_TOKEN' } },
    { ...network, secret: async () => ({ value: 'made-up-secret', host: 'siem.example.test' }) },
    'secret_elsewhere: ',
  ],
])('nothing is sent with %s', async (_, target, over, what) => {
  begin(platform, over);
  await put(target);
  await change(1);
  await expect.poll(async () => (await status()).trouble?.what).toContain(what);
  expect(receiver.asked).toBe(0);
});

test('of several processes one pushes, and another takes over', async () => {
  await put({});
  const ids = await change(600);
  const [one] = [begin(), begin(), begin()];
  await caughtUp();
  expect(came(ids)).toHaveLength(600);
  await one?.stop();
  const more = await change(5);
  await caughtUp();
  expect(came(more)).toHaveLength(5);
});

test('it begins where it is told to, and ends when it is told to', async () => {
  const early = await change(3);
  begin();
  await put({}, { since: '2020-01-01' });
  await caughtUp();
  expect(new Set(came(early))).toEqual(new Set(early));
  const off = await app().request('/export/push', {
    method: 'DELETE',
    headers: { 'x-drawbridge-reason': 'a test' },
  });
  expect(await off.json()).toMatchObject({ target: null, behind: null });
  const asked = receiver.asked;
  await change(3);
  expect(await status()).toMatchObject({ trouble: null });
  expect(receiver.asked).toBe(asked);
});

test.each([
  [{ url: 'http://siem.example.test/' }, 'target.url'],
  [{ url: 'https://someone:password@siem.example.test/' }, 'target.url'],
  [{ url: 'file:///etc/passwd' }, 'target.url'],
  [{ header: { name: 'Host', variable: 'DRAWBRIDGE_EXPORT_TOKEN' } }, 'target.header.name'],
  [{ header: { name: 'X-Token', variable: 'DATABASE_URL' } }, 'target.header.variable'],
  [{ header: { name: 'X-Token', variable: '/etc/passwd' } }, 'target.header.variable'],
])('a wrong target is refused by name: %j', async (target, field) => {
  const answer = await put(target);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ errors: [{ field }] });
});

test('waits are doubled up to five minutes, and never in step', () => {
  expect([1, 2, 3, 4].map((failures) => backOff(failures, 1))).toEqual([1000, 2000, 4000, 8000]);
  expect(backOff(1000, 1)).toBe(300_000);
  expect([backOff(5, 0), backOff(5, 0.5)]).toEqual([8000, 12_000]);
});
