import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { firstCrossings } from './first.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
const names = {
  connections: async () => new Map([['mixpanel_eu', 'Mixpanel EU']]),
  apps: async () => new Map([['app_1', 'web-shop']]),
};

test('each app’s first crossing over each connection since then is told once, refused ones apart', async () => {
  const kinds: [
    id: number,
    vendor: string,
    connection: string,
    app: string,
    endpoint: string,
    decision: string,
  ][] = [
    [1, 'mixpanel', 'mixpanel_eu', 'app_1', 'track', 'forwarded'],
    [2, 'mixpanel', 'mixpanel_eu', 'app_1', 'engage', 'forwarded'],
    [3, 'mixpanel', 'mixpanel_eu', 'app_1', 'track', 'refused'],
    [4, 'mixpanel', 'mixpanel_eu', 'app_2', 'track', 'forwarded'],
    [5, 'openai', 'openai', 'app_1', 'chat', 'forwarded'],
  ];
  for (const [id, vendor, connection, app, endpoint, decision] of kinds) {
    await platform.pool.query(
      `INSERT INTO crossing_kind (id, signature, vendor, service, connection, app, key, endpoint, class, method, decision, classes, treatments)
       VALUES ($1, $7, $2, 's', $3, $4, 'k', $5, 'c', 'POST', $6, '{}', '{}')`,
      [id, vendor, connection, app, endpoint, decision, `kind ${id}`],
    );
  }
  const crossings: [idx: number, minute: number, kind: number][] = [
    [0, 0, 1],
    [1, 5, 2],
    [2, 6, 1],
    [3, 7, 3],
    [4, 8, 5],
    [5, 9, 4],
  ];
  for (const [idx, minute, kind] of crossings) {
    await platform.pool.query('INSERT INTO crossing (log, idx, id, at, kind) VALUES (1, $1, $2, $3, $4)', [
      idx,
      `0199c0de-0000-7000-8000-00000000000${idx}`,
      at(minute),
      kind,
    ]);
  }
  const found = async (to: Date | null) =>
    (await firstCrossings(platform, names, 'mixpanel', at(1), to)).map((one) => [
      one.id.at(-1),
      one.connection,
      one.app,
      one.refused,
    ]);
  expect(await found(null)).toEqual([
    ['5', 'Mixpanel EU', 'app_2', false],
    ['3', 'Mixpanel EU', 'web-shop', true],
    ['1', 'Mixpanel EU', 'web-shop', false],
  ]);
  expect(await found(at(6))).toEqual([['1', 'Mixpanel EU', 'web-shop', false]]);
});
