import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { crossingProjection, projectOnce, rebuildProjection } from '../crossings/index.ts';
import { madeUpCrossing, madeUpIngest, madeUpSettlement, part } from '../crossings/testing.ts';
import { createRouter, handleErrors, launcher, recordChange } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { endsOf, readFeed, startOf } from './feed.ts';
import { exportRoutes } from './index.ts';
import { EcsSchema, OcsfSchema } from './testing.ts';

const names = {
  connections: async () => new Map([['connection-1', 'Analytics']]),
  apps: async () => new Map([['app-1', 'Shop']]),
};
let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
const logs = new Map<string, ReturnType<typeof ingest.log>>();
const next = new Map<string, number>();
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
});
afterAll(() => platform.close());

/** Ships so many crossings, with what came of each, from `at` on, a second apart. */
async function send(log: string, count: number, at: number, fields: object = {}): Promise<void> {
  const there = logs.get(log) ?? ingest.log(log);
  logs.set(log, there);
  const parts = Array.from({ length: count }, (_, n) => {
    const { leaf, items } = madeUpCrossing(at + n * 1000, [], fields);
    return [part(leaf, items), part(madeUpSettlement(leaf.id, at + n * 1000 + 30))];
  }).flat();
  next.set(log, await ingest.ship(there, next.get(log) ?? 0, parts));
  while ((await projectOnce(platform, [crossingProjection], 1000)) > 0);
}
const change = (act: string, id = 'key-1') =>
  platform.db
    .transaction()
    .execute((tx) =>
      recordChange(tx, platform, { actor: launcher, reason: 'a test', act, subject: { kind: 'key', id } }),
    );

let mayGoOn = true;
function app() {
  const router = createRouter();
  router.onError(handleErrors(platform.log));
  router.route(
    '/',
    exportRoutes(platform, names, async () => mayGoOn),
  );
  return router;
}
const Line = z.looseObject({
  class_uid: z.int(),
  time: z.int(),
  metadata: z.looseObject({ uid: z.string(), log_name: z.string(), sequence: z.int().optional() }),
  unmapped: z.looseObject({ cursor: z.string() }),
});
async function read(query: Record<string, string> = {}) {
  const answer = await app().request(`/export?${new URLSearchParams({ format: 'ocsf', ...query })}`);
  expect(answer.status).toBe(200);
  const texts = (await answer.text()).split('\n').filter((line) => line !== '');
  return texts.map((text) => Line.parse(OcsfSchema.parse(JSON.parse(text))));
}
const uids = (lines: Awaited<ReturnType<typeof read>>) => lines.map((line) => line.metadata.uid);
const cursorOf = (lines: Awaited<ReturnType<typeof read>>) => lines.at(-1)?.unmapped.cursor ?? '';
const start = Date.UTC(2025, 10, 8);

test('all is told once and in order, wherever a reader breaks off and goes on', async () => {
  await send('one', 12, start);
  await change('key.create');
  await send('two', 9, start + 500);
  await change('key.revoke');
  const all = await read();
  expect(all).toHaveLength(44);
  expect(new Set(uids(all)).size).toBe(44);
  for (const log of ['one', 'two']) {
    const order = all.filter((line) => line.metadata.log_name === log).map((line) => line.metadata.sequence);
    expect(order).toEqual([...order].sort((a, b) => (a ?? 0) - (b ?? 0)));
  }
  const times = all.map((line) => line.time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  for (const [n, line] of all.entries()) {
    expect(uids(await read({ since: line.unmapped.cursor }))).toEqual(uids(all.slice(n + 1)));
  }
});

test('ECS tells the same events', async () => {
  const answer = await app().request('/export?format=ecs');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  expect(lines.map((line) => EcsSchema.parse(JSON.parse(line)).event.id)).toEqual(uids(await read()));
});

test('a gateway that is heard of late is not skipped, and a settlement that comes later says of what', async () => {
  const before = cursorOf(await read());
  await send('late', 2, start - 3600_000);
  const late = await read({ since: before });
  expect(late.map((line) => [line.metadata.log_name, line.metadata.sequence])).toEqual([
    ['late', 0],
    ['late', 1],
    ['late', 2],
    ['late', 3],
  ]);
  // The time that a reader asked for holds for a log that comes later, too.
  const sinceTime = await read({ since: new Date(start + 5000).toISOString() });
  expect(sinceTime.every((line) => line.time >= start + 5000)).toBe(true);
  await send('later-still', 3, start + 4000);
  const more = await read({ since: cursorOf(sinceTime) });
  expect(more.filter((line) => line.metadata.log_name === 'later-still').map((line) => line.time)).toEqual([
    start + 5000,
    start + 5030,
    start + 6000,
    start + 6030,
  ]);
});

test('a change that becomes certain late is told then, though its id and time are older', async () => {
  const before = cursorOf(await read());
  const slow = await platform.pool.connect();
  const insert = `INSERT INTO change (id, at, actor, reason, act, subject_kind, subject_id, detail, salt)
    VALUES ($1, $2, 'someone', 'a test', 'key.caps', 'key', 'k', '{}', sha256('made up'))`;
  await slow.query('BEGIN');
  await slow.query(insert, ['0000-first', new Date(start)]);
  await change('key.bind');
  const quick = await read({ since: before });
  expect(quick).toHaveLength(1);
  await slow.query('COMMIT');
  slow.release();
  expect(uids(await read({ since: cursorOf(quick) }))).toEqual(['0000-first']);
  expect(uids(await read({ since: before }))).toEqual([...uids(quick), '0000-first']);
});

test('what is not projected yet waits, so that what came of a crossing is never told without it', async () => {
  const since = cursorOf(await read());
  const log = ingest.log('slow');
  const { leaf, items } = madeUpCrossing(start, []);
  await ingest.ship(log, 0, [part(leaf, items), part(madeUpSettlement(leaf.id, start + 30))]);
  expect(await read({ since })).toEqual([]);
  while ((await projectOnce(platform, [crossingProjection], 1000)) > 0);
  expect(uids(await read({ since }))).toEqual(['slow#0', 'slow#1']);
});

test('times bound it on both sides, and tell all that lies between', async () => {
  const all = await read();
  const [from, to] = [start + 3000, start + 8000];
  const between = await read({ since: new Date(from).toISOString(), until: new Date(to).toISOString() });
  expect(between.length).toBeGreaterThan(10);
  expect(new Set(uids(between))).toEqual(
    new Set(uids(all.filter((line) => line.time >= from && line.time < to))),
  );
  expect(await read({ since: '2031-01-01' })).toEqual([]);
});

test('a projection that is made anew changes nothing for who reads on', async () => {
  const before = await read();
  await rebuildProjection(platform, crossingProjection);
  expect(await read({ since: cursorOf(before) })).toEqual([]);
  expect(uids(await read())).toEqual(uids(before));
});

test('memory is bounded: it is read in batches, and only as far as it is taken', async () => {
  await send('long', 500, start + 60_000);
  const ends = await endsOf(platform);
  const feed = readFeed(platform, names, await startOf(platform, undefined, ends), ends);
  const sizes: number[] = [];
  for await (const batch of feed) sizes.push(batch.length);
  expect(sizes.reduce((sum, size) => sum + size)).toBe((await read()).length);
  expect(Math.max(...sizes)).toBeLessThan(600);
  expect(sizes.length).toBeGreaterThanOrEqual(3);
});

test('who follows hears what comes, until it goes', async () => {
  const since = cursorOf(await read());
  const answer = await app().request(
    `/export?${new URLSearchParams({ format: 'ocsf', since, follow: 'true' })}`,
  );
  expect(answer.headers.get('x-drawbridge-cursor')).toBe(since);
  const reader = answer.body?.getReader();
  await change('key.create', 'key-2');
  const first = new TextDecoder().decode((await reader?.read())?.value);
  expect(first).toContain('"uid":"key-2"');
  await send('one', 1, start + 90_000);
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('crossing.forwarded');
  await reader?.cancel();
});

test('who follows hears no more from when they may not any more', async () => {
  const since = cursorOf(await read());
  const query = new URLSearchParams({ format: 'ocsf', since, follow: 'true' });
  const reader = (await app().request(`/export?${query}`)).body?.getReader();
  await change('key.create', 'key-3');
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"uid":"key-3"');
  mayGoOn = false;
  await change('key.create', 'key-4');
  expect(await reader?.read()).toEqual({ done: true, value: undefined });
  mayGoOn = true;
});

test.each([
  [{ format: 'cef' }, 'format'],
  [{ since: 'yesterday' }, 'cursor'],
  [{ since: '2025-11-09T08:00' }, 'cursor'],
  [{ until: 'soon' }, 'until'],
  [{ follow: 'true', until: '2031-01-01' }, 'until'],
  [{ made_up: '1' }, 'made_up'],
])('what can not be asked is refused by name: %j', async (query, field) => {
  const answer = await app().request(`/export?${new URLSearchParams({ format: 'ocsf', ...query })}`);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await answer.json()).toMatchObject({ errors: [{ field }] });
});

test('a cursor of elsewhere, or from before a backup was restored, is refused and not taken for another', async () => {
  const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const cursor of [
    forged([1, 'another-deployment', null, 0, []]),
    forged([1, 'test-deployment', null, 10_000, []]),
    forged([1, 'test-deployment', null, 0, [1, 10_000]]),
    forged([1, 'test-deployment', null, 0, [777, 1]]),
  ]) {
    const answer = await app().request(`/export?${new URLSearchParams({ format: 'ocsf', since: cursor })}`);
    expect([answer.status, await answer.json()]).toMatchObject([422, { errors: [{ field: 'since' }] }]);
  }
});
