import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApprovals } from '../approvals/index.ts';
import { createRouter, enqueue, handleErrors, runDueJob } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { housekeeping } from './housekeeping.ts';
import { createMeasures, healthRoutes, liveRoutes, replayRoutes, settingRoutes } from './index.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

let isLogInTrouble = false;
const vault = { pid: 1, generate: async () => Buffer.alloc(0) };
let mayGoOn = true;
function app() {
  const router = createRouter();
  const measures = createMeasures();
  router.onError(handleErrors(platform.log));
  router.use('*', async (c, next) => {
    c.set('actor', testCaller(undefined, platform.clock.now()));
    await next();
  });
  router.use('*', measures.observe);
  router.route('/', healthRoutes(platform, measures, vault, { log: () => isLogInTrouble }));
  router.route(
    '/',
    settingRoutes(platform, {
      approvals: createApprovals(platform, async () => true),
      people: async () => 1,
    }),
  );
  router.route(
    '/',
    liveRoutes(platform, async () => mayGoOn),
  );
  router.route(
    '/',
    replayRoutes(async () => null),
  );
  return router;
}

test('health needs nothing, readiness database and vault, and metrics name no path', async () => {
  const router = app();
  expect((await router.request('/healthz')).status).toBe(200);
  expect((await router.request('/readyz')).status).toBe(200);
  await router.request('/made-up-path-of-somebody');
  const text = await (await router.request('/metrics')).text();
  expect(text).toContain('drawbridge_control_requests_total{method="GET",status="404"} 1');
  expect(text).not.toContain('made-up-path');
});

test('a log in trouble is named by readiness and metrics, and does not end it', async () => {
  const router = app();
  const asked = async () => [await (await router.request('/readyz')).json(), await metric()];
  const metric = async () =>
    /drawbridge_control_trouble\{part="log"\} \d/.exec(await (await router.request('/metrics')).text())?.[0];
  expect(await asked()).toEqual([{ status: 'ready' }, 'drawbridge_control_trouble{part="log"} 0']);
  isLogInTrouble = true;
  expect(await asked()).toEqual([
    { status: 'ready', trouble: ['log'] },
    'drawbridge_control_trouble{part="log"} 1',
  ]);
  isLogInTrouble = false;
});

test('a setting is changed with a reason, and a wrong one is refused by name', async () => {
  const patch = (body: unknown) =>
    app().request('/settings', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect(await (await app().request('/settings')).json()).toEqual({
    deploymentName: 'Drawbridge',
    secondPerson: false,
  });
  expect((await patch({ deploymentName: 'Made-up Ltd' })).status).toBe(400);
  const wrong = await patch({ deploymentName: '  ', reason: 'we moved' });
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({ errors: [{ field: 'deployment_name' }] });
  expect(await (await patch({ deploymentName: 'Made-up Ltd', reason: 'we moved' })).json()).toEqual({
    deploymentName: 'Made-up Ltd',
    secondPerson: false,
  });
  const changes = await platform.pool.query(
    "SELECT actor, reason FROM change WHERE subject_kind = 'setting'",
  );
  expect(changes.rows).toEqual([{ actor: 'someone', reason: 'we moved' }]);
});

test('live events say what changed, to every listener, and end with the listener', async () => {
  const response = await app().request('/events');
  const reader = response.body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await read()).toContain('event: ready');
  platform.events.publish('keys');
  expect(await read()).toContain('"topic":"keys"');
  await reader?.cancel();
});

test('live events end for who may not see them any more, at the next that would be told', async () => {
  const response = await app().request('/events');
  const reader = response.body?.getReader();
  await reader?.read();
  mayGoOn = false;
  platform.events.publish('keys');
  expect(await reader?.read()).toEqual({ done: true, value: undefined });
  mayGoOn = true;
});

test('housekeeping forgets old sessions, links and jobs, and leaves the rest', async () => {
  const old = new Date(platform.clock.now() - 40 * 24 * 3600_000);
  const soon = new Date(platform.clock.now() + 3600_000);
  await platform.pool.query(
    `INSERT INTO person (id, name, roles, state, created_at) VALUES ('someone', '', '{}', 'active', $1)`,
    [old],
  );
  await platform.pool.query(
    `INSERT INTO session (id, hash, person, stage, methods, created_at, last_seen_at, expires_at, address, browser)
     VALUES ('a', '\\x01', 'someone', 'signed_in', '{}', $1, $1, $1, '', ''),
            ('b', '\\x02', 'someone', 'signed_in', '{}', $1, $2, $2, '', '')`,
    [old, soon],
  );
  await platform.pool.query(
    `INSERT INTO job (id, kind, idempotency_key, input, state, max_attempts, run_after, created_at, finished_at)
     VALUES ('old', 'x', 'old', '{}', 'done', 1, $1, $1, $1), ('open', 'x', 'open', '{}', 'waiting', 1, $2, $1, NULL)`,
    [old, soon],
  );
  await platform.pool.query(
    `INSERT INTO invitation (hash, person, created_at, expires_at)
     VALUES ('\\x01', 'someone', $1, $1), ('\\x02', 'someone', $1, $2)`,
    [old, soon],
  );
  await enqueue(platform.db, platform, housekeeping, {}, { idempotencyKey: 'test' });
  expect(await runDueJob(platform, [housekeeping], 'test')).toBe(true);
  expect((await platform.pool.query('SELECT id FROM session')).rows).toEqual([{ id: 'b' }]);
  expect((await platform.pool.query("SELECT encode(hash, 'hex') AS hash FROM invitation")).rows).toEqual([
    { hash: '02' },
  ]);
  expect((await platform.pool.query("SELECT id FROM job WHERE kind = 'x'")).rows).toEqual([{ id: 'open' }]);
});

test('before a replay was played, the answer says how to play one', async () => {
  const response = await app().request('/replay');
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({
    code: 'no_replay',
    detail: expect.stringContaining('npm run replay'),
  });
});
