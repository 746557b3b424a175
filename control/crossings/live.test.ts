import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HttpEnv, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { crossingProjection, liveCrossingRoutes, projectOnce, rebuildProjection } from './index.ts';
import { followCrossings } from './live.ts';
import type { Names } from './names.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, madeUpItem, part } from './testing.ts';

const names: Names = { connections: async () => new Map(), apps: async () => new Map() };
const projections = [crossingProjection];
let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let next: Map<string, number>;
let signedIn = true;
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, projections);
  next = new Map();
  logs.clear();
  signedIn = true;
});

const logs = new Map<string, ReturnType<typeof ingest.log>>();
async function send(log: string, crossings: ReturnType<typeof madeUpCrossing>[]): Promise<string[]> {
  const there = logs.get(log) ?? ingest.log(log);
  logs.set(log, there);
  const parts = crossings.map(({ leaf, items }) => part(leaf, items));
  next.set(log, await ingest.ship(there, next.get(log) ?? 0, parts));
  while ((await projectOnce(platform, projections, 100)) > 0);
  return crossings.map(({ leaf }) => leaf.id);
}
const at = (back: number) => platform.clock.now() - back;
const some = (count: number, fields: object = {}) =>
  Array.from({ length: count }, (_, back) => madeUpCrossing(at(1000 + back), [], fields));

test('each look gives what came since the one before, once, of all logs, newest first', async () => {
  await send('one', some(3));
  const look = await followCrossings(platform, names, {});
  expect(await look(50)).toEqual({ seen: 0, rows: [] });
  const ids = [...(await send('one', some(2))), ...(await send('two', some(2)))];
  const batch = await look(50);
  expect(batch.seen).toBe(4);
  expect(batch.rows.map((row) => row.id).sort()).toEqual(ids.sort());
  const times = batch.rows.map((row) => row.at);
  expect(times).toEqual([...times].sort().reverse());
  expect(await look(50)).toEqual({ seen: 0, rows: [] });
});

test('of too many the newest are given, and all are counted', async () => {
  const look = await followCrossings(platform, names, {});
  const ids = await send('one', some(30));
  const batch = await look(5);
  expect([batch.seen, batch.rows.map((row) => row.id)]).toEqual([30, ids.slice(0, 5)]);
});

test('filters hold, also for kinds that were never seen before', async () => {
  const refused = await followCrossings(platform, names, { decision: 'refused' });
  const about = await followCrossings(platform, names, { subject: 'anna' });
  await send('one', some(4));
  const wasRefused = { decision: 'refused', reason: 'field_refused', stage: 'minimise' } as const;
  const [id] = await send('one', some(1, wasRefused));
  const [hers] = await send('one', [madeUpCrossing(at(5), [madeUpItem({ s: 'anna', k: 'user' })])]);
  expect(await refused(50)).toMatchObject({ seen: 1, rows: [{ id }] });
  expect(await about(50)).toMatchObject({ seen: 1, rows: [{ id: hers }] });
});

test('a projection that is made anew is nothing new', async () => {
  await send('one', some(5));
  const look = await followCrossings(platform, names, {});
  await rebuildProjection(platform, crossingProjection);
  expect(await look(50)).toEqual({ seen: 0, rows: [] });
  const [id] = await send('one', some(1));
  expect(await look(50)).toMatchObject({ seen: 1, rows: [{ id }] });
});

test('is streamed as batches; a wrong filter is answered by field', async () => {
  const app = new Hono<HttpEnv>();
  app.onError(handleErrors(platform.log));
  app.route(
    '/',
    liveCrossingRoutes(platform, names, async () => signedIn),
  );
  const answer = await app.request('/crossings/live?vendor=mixpanel');
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? '';
  const [id] = await send('one', some(1));
  while (reader !== undefined && !text.includes(String(id))) text += (await reader.read()).value ?? '';
  await reader?.cancel();
  expect(text).toMatch(/event: batch\ndata: \{"at":"[^"]+","seen":1,"rows":\[\{"id":/);
  const wrong = await app.request('/crossings/live?decision=maybe');
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({ errors: [{ field: 'decision' }] });
});

test('what fails ends the stream without telling of what, and gives its place to the next reader', async () => {
  const broken: Names = { ...names, apps: () => Promise.reject(new Error('made-up inner detail')) };
  const app = new Hono<HttpEnv>();
  app.onError(handleErrors(platform.log));
  app.route(
    '/',
    liveCrossingRoutes(platform, broken, async () => signedIn),
  );
  // As many as are served at once; each ends by itself.
  const answers = await Promise.all(Array.from({ length: 40 }, () => app.request('/crossings/live')));
  expect((await app.request('/crossings/live')).status).toBe(503);
  const readers = answers.flatMap(({ body }) => body?.pipeThrough(new TextDecoderStream()).getReader() ?? []);
  // Each follows from its first batch on: one that began later would wait for what came before.
  await Promise.all(readers.map((reader) => reader.read()));
  await send('one', some(1));
  const texts = await Promise.all(
    readers.map(async (reader) => {
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
      return text;
    }),
  );
  expect(texts).toHaveLength(40);
  expect(texts.join()).not.toContain('inner detail');
  expect(platform.logged()).toContain('following crossings failed');
  const next = await app.request('/crossings/live');
  expect(next.status).toBe(200);
  await next.body?.cancel();
});

test('ends with the session of who follows', async () => {
  const app = new Hono<HttpEnv>();
  app.route(
    '/',
    liveCrossingRoutes(platform, names, async () => signedIn),
  );
  const answer = await app.request('/crossings/live');
  const reader = answer.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  signedIn = false;
  // Of a stream that does not end, this would go on until the test's time is over.
  while ((await reader?.read())?.done === false);
});
