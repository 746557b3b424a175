import type { Leaf } from '@drawbridge/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crossingProjection, crossingRoutes, projectOnce } from '../crossings/index.ts';
import { madeUpCrossing, madeUpIngest, madeUpItem, part } from '../crossings/testing.ts';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { privacyRoutes } from './index.ts';
import { lookedThrough } from './privacy.ts';
import type { AppPrivacy } from './schemas.ts';

const names = {
  connections: async () => new Map([['ai', 'OpenAI']]),
  apps: async () => new Map([['app-1', 'Shop']]),
};
const hour = 3_600_000;
const day = 24 * hour;
let platform: TestPlatform;
let now: number;
let router: ReturnType<typeof createRouter>;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
async function ask<T>(path: string): Promise<T> {
  return (await router.request(path)).json() as Promise<T>;
}

beforeAll(async () => {
  platform = await testPlatform();
  now = platform.clock.now();
  const said = crossingRoutes(platform, names).route('/', privacyRoutes(platform, names));
  router = createRouter();
  router.onError(handleErrors(platform.log));
  router.route('/', said);
  const contract = async (connection: string, version: number, scan: string | null, at: number) => {
    const rules = scan === null ? {} : { text: { scan } };
    await platform.pool.query(
      `INSERT INTO connection SELECT $1, $1, $1, 'openai', 'api', 'global', 'https', 'api.example', 443, false, 'open', '{}',
        '', $1, 1, 1, now(), 'x' ON CONFLICT DO NOTHING`,
      [connection],
    );
    await platform.pool.query(`INSERT INTO contract_version VALUES ($1, $2, $3, 'x', 'x', $4)`, [
      connection,
      version,
      rules,
      new Date(at),
    ]);
  };
  await contract('ai', 1, null, now - 40 * day);
  await contract('ai', 2, 'all', now - 2 * day);
  await contract('blind', 1, 'off', now - 40 * day);
  const ingest = await madeUpIngest(platform);
  const log = ingest.log('gateway-1.example.com/log-1');
  const email = (treatment: 'pass' | 'tokenise') =>
    madeUpItem({ f: [['content', 'person.email', treatment, 'email', 3]] });
  const crossing = (at: number, items: ReturnType<typeof madeUpItem>[], leaf: Partial<Leaf> = {}) => {
    const made = madeUpCrossing(at, items, { connection: 'ai', vendor: 'openai', ...leaf });
    return part(made.leaf, made.items);
  };
  await ingest.ship(log, 0, [
    crossing(now - 5 * day, [email('pass')]),
    crossing(now - 2 * day, [email('pass'), email('tokenise')]),
    crossing(now - hour, [email('tokenise')]),
    crossing(now - hour, [email('tokenise')], {
      decision: 'refused',
      reason: 'field_refused',
      stage: 'minimise',
    }),
    crossing(now - hour, []),
    crossing(now - hour, [], { decision: 'refused', reason: 'key_expired', stage: 'admit' }),
    crossing(now - hour, [], { decision: 'refused', reason: 'scan_over_budget', stage: 'inspect' }),
    crossing(now - hour, [], { decision: 'refused', reason: 'scan_failed', stage: 'minimise' }),
    crossing(now - hour, [], { connection: 'blind' }),
    crossing(now - hour, [email('pass')], { app: 'other' }),
    crossing(now - 31 * day, [email('pass')]),
  ]);
  while ((await projectOnce(platform, [crossingProjection], 100)) > 0);
});
afterAll(() => platform.close());

test('kinds of data by day and treatment; every number is the list of crossings behind it', async () => {
  const { items, days } = await ask<AppPrivacy>('/apps/app-1/privacy');
  expect(days).toHaveLength(30);
  expect(days.at(-1)?.day).toBe(dayOf(now));
  expect(items.map(({ class: kind, ...rest }) => [kind, ...Object.values(rest)])).toEqual([
    ['person.email', dayOf(now - 5 * day), 'pass', 1],
    ['person.email', dayOf(now - 2 * day), 'pass', 1],
    ['person.email', dayOf(now - 2 * day), 'tokenise', 1],
    ['person.email', dayOf(now), 'refuse', 1],
    ['person.email', dayOf(now), 'tokenise', 1],
  ]);
  for (const { class: kind, treatment, day: of, crossings } of items) {
    const to = dayOf(Date.parse(of) + day);
    const list = await ask<{ items: object[] }>(
      `/crossings?app=app-1&class=${kind}&treatment=${treatment}&from=${of}T00:00:00Z&to=${to}T00:00:00Z`,
    );
    expect(list.items).toHaveLength(crossings);
  }
  expect((await ask<AppPrivacy>('/apps/app-1/privacy?days=7')).days).toHaveLength(7);
});

test('nothing crossed, nothing found, and nothing looked for are three things', async () => {
  const { days, connections } = await ask<AppPrivacy>('/apps/app-1/privacy');
  const of = (back: number) => days.find((one) => one.day === dayOf(now - back * day));
  const none = { crossings: 0, looked: 0, partly: 0, notLooked: 0, unread: 0 };
  expect(of(10)).toEqual({ ...none, day: dayOf(now - 10 * day) });
  expect(of(5)).toMatchObject({ ...none, crossings: 1, notLooked: 1 });
  expect(of(2)).toMatchObject({ ...none, crossings: 1, partly: 1 });
  expect(of(0)).toMatchObject({ ...none, crossings: 7, looked: 3, notLooked: 1, unread: 3 });
  expect(connections).toEqual([
    { id: 'ai', name: 'OpenAI', crossings: 8, notLooked: 2 },
    { id: 'blind', name: 'blind', crossings: 1, notLooked: 1 },
  ]);
  expect((await ask<AppPrivacy>('/apps/unknown/privacy')).items).toEqual([]);
});

test('what a contract says counts from when it was written to when the next one was', () => {
  const at = (text: string, looks: boolean) => ({ at: new Date(text), looks });
  const scans = [at('2026-01-01T12:00:00Z', false), at('2026-01-03T00:00:00Z', true)];
  expect(
    ['2025-12-31', '2026-01-01', '2026-01-02', '2026-01-03', '2026-01-09'].map((one) =>
      lookedThrough(scans, one),
    ),
  ).toEqual(['no', 'no', 'no', 'yes', 'yes']);
  expect(lookedThrough([...scans, at('2026-01-09T23:59:59Z', false)], '2026-01-09')).toBe('partly');
  expect(lookedThrough([], '2026-01-09')).toBe('no');
});
