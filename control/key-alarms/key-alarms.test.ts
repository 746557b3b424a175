import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { type KeyAlarm, keyAlarmRoutes, raiseKeyAlarm, watchKeyAlarms } from './index.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const used = (at: number, same = 'connection 1'): KeyAlarm => ({
  kind: 'foreign_use',
  about: { kind: 'connection', id: 'c-1' },
  vendor: 'acme',
  text: 'The old key of Acme was used by somebody else.',
  evidence: { lastUsedAt: new Date(at).toISOString() },
  at: new Date(at),
  same,
});
const raise = async (alarm: KeyAlarm): Promise<string | null> => {
  platform.advance(1);
  const id = await platform.db.transaction().execute((tx) => raiseKeyAlarm(tx, platform, alarm));
  platform.events.publish('alarms');
  return id;
};
function api() {
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:1', name: 'Ada Example' }));
    await next();
  });
  return app.route('/', keyAlarmRoutes(platform));
}
async function listed(state: 'open' | 'all') {
  const answer = await api().request(`/key-alarms?state=${state}`);
  const { items } = (await answer.json()) as { items: { id: string; times: number; lastAt: string }[] };
  return items;
}

test('one use is one alarm, a later one counts it up, and once acknowledged only a later one raises anew', async () => {
  const watch = watchKeyAlarms(platform, new Registry());
  await watch.start();
  const first = await raise(used(1_000));
  expect(first).not.toBeNull();
  expect(await raise(used(1_000))).toBeNull();
  expect(await raise(used(2_000))).toBeNull();
  expect(await listed('open')).toMatchObject([
    { id: first, times: 2, lastAt: new Date(2_000).toISOString() },
  ]);
  await expect.poll(() => watch.warning()).toBe('The old key of Acme was used by somebody else.');

  platform.advance(1);
  const answer = await api().request(`/key-alarms/${first}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'It was our own test' }),
  });
  expect(await answer.json()).toMatchObject({
    acknowledged: { by: 'Ada Example', reason: 'It was our own test' },
  });
  expect(await raise(used(2_000))).toBeNull();
  await expect.poll(() => watch.warning()).toBeNull();
  const second = await raise(used(3_000));
  expect(second).not.toBeNull();
  expect((await listed('all')).map(({ id }) => id)).toEqual([second, first]);
  watch.stop();

  const changes = await platform.pool.query(`SELECT act, actor FROM change ORDER BY at, id`);
  expect(changes.rows.map(({ act }) => act)).toEqual([
    'key_alarm.raise',
    'key_alarm.acknowledge',
    'key_alarm.raise',
  ]);
});

test('two processes that see the same use at once raise one alarm', async () => {
  const raised = await Promise.all([1, 2, 3].map(() => raise(used(5_000, 'connection 2'))));
  expect(raised.filter((id) => id !== null)).toHaveLength(1);
});
