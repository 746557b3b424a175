import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Topic } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { crossingProjection } from './crossing-projection.ts';
import { type Projection, projectOnce } from './projection.ts';
import { startProjector } from './projector.ts';
import { RebuildBusyError, rebuildChanged, rebuildProjection } from './rebuild.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, part } from './testing.ts';

let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
const published: Topic[] = [];
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
  platform.events.subscribe((topic) => published.push(topic));
});
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, [crossingProjection]);
  published.length = 0;
});

const ship = (first: number, many: number, log = 'log-1') =>
  ingest.ship(
    ingest.log(log),
    first,
    Array.from({ length: many }, (_, n) => part(madeUpCrossing(platform.clock.now() - 1000 + n, []).leaf)),
  );
const projected = async (): Promise<number> =>
  (await platform.pool.query('SELECT count(*) AS n FROM crossing')).rows[0].n;

test('keeps up by itself and says so', async () => {
  const projector = startProjector(platform, [crossingProjection], 20);
  await ship(0, 3);
  projector.poke();
  await expect.poll(projected).toBe(3);
  await ship(3, 2);
  await expect.poll(projected).toBe(5);
  await projector.stop();
  expect(published).toContain('crossings');
});

test('many changes in a row are told as few', async () => {
  const projector = startProjector(platform, [crossingProjection], 5);
  for (let n = 0; n < 10; n++) {
    await ship(n, 1);
    projector.poke();
    await expect.poll(projected, { interval: 5 }).toBe(n + 1);
  }
  const told = published.length;
  await projector.stop();
  expect(told).toBeGreaterThanOrEqual(1);
  expect(told).toBeLessThan(10);
});

test('one projects at a time; when it is gone, another takes over where it was', async () => {
  await ship(0, 4);
  let entered: () => void = () => undefined;
  let die: (error: Error) => void = () => undefined;
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const slow: Projection = {
    ...crossingProjection,
    apply: (client, entries) =>
      new Promise((_, reject) => {
        die = reject;
        void crossingProjection.apply(client, entries).then(entered, reject);
      }),
  };
  const first = projectOnce(platform, [slow], 100);
  await inside;
  expect(await projectOnce(platform, [crossingProjection], 100)).toBe(0);
  die(new Error('killed'));
  await expect(first).rejects.toThrow('killed');
  expect(await projected()).toBe(0);
  expect(await projectOnce(platform, [crossingProjection], 3)).toBe(3);
  expect(await projectOnce(platform, [crossingProjection], 3)).toBe(1);
  expect(await projected()).toBe(4);
});

test('four projectors over the same journals count each entry once', async () => {
  const all = [1, 2, 3, 4].map(() => startProjector(platform, [crossingProjection], 5));
  for (let n = 0; n < 12; n++) await ship(n * 5, 5);
  await expect.poll(projected).toBe(60);
  await Promise.all(all.map((projector) => projector.stop()));
  const days = await platform.pool.query('SELECT sum(crossings)::int AS n FROM crossing_day');
  expect(days.rows[0].n).toBe(60);
});

test('a batch that fails is tried again and nothing of it was kept', async () => {
  await ship(0, 2);
  let tries = 0;
  const flaky: Projection = {
    ...crossingProjection,
    async apply(client, entries) {
      await crossingProjection.apply(client, entries);
      tries += 1;
      if (tries === 1) throw new Error('made to fail');
      return true;
    },
  };
  const projector = startProjector(platform, [flaky], 5);
  await expect.poll(projected).toBe(2);
  await projector.stop();
  expect(tries).toBe(2);
});

test('only those that changed something are told of', async () => {
  const still: Projection = { name: 'still', tables: [], topic: 'review', apply: async () => false };
  await ship(0, 1);
  const projector = startProjector(platform, [crossingProjection, still], 5);
  await expect.poll(() => published).toEqual(['crossings']);
  await projector.stop();
  expect(published).toEqual(['crossings']);
});

test('a projection that is new catches up before the others go on', async () => {
  await ship(0, 5);
  await projectOnce(platform, [crossingProjection], 100);
  await ship(5, 5);
  const seen: number[] = [];
  const fresh: Projection = {
    name: 'fresh',
    tables: [],
    topic: 'exposure',
    async apply(_client, entries) {
      seen.push(...entries.map((entry) => entry.index));
      return false;
    },
  };
  while ((await projectOnce(platform, [crossingProjection, fresh], 100)) > 0);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await projected()).toBe(10);
});

test('a rebuild: readers see the old rows until the new ones are whole, and what came meanwhile is in them', async () => {
  await ship(0, 6);
  await projectOnce(platform, [crossingProjection], 100);
  await platform.pool.query("UPDATE crossing SET outcome = 'wrong'");
  const counts = new Set<number>();
  const slow: Projection = {
    ...crossingProjection,
    async apply(client, entries) {
      counts.add(await projected());
      await crossingProjection.apply(client, entries);
      if (entries.length === 6) await ship(6, 4);
      counts.add(await projected());
      return true;
    },
  };
  await rebuildProjection(platform, slow);
  expect([...counts]).toEqual([6]);
  expect(await projected()).toBe(10);
  const wrong = await platform.pool.query("SELECT count(*) AS n FROM crossing WHERE outcome = 'wrong'");
  expect(wrong.rows[0].n).toBe(0);
  expect(await projectOnce(platform, [crossingProjection], 100)).toBe(0);
});

test('while a rebuild puts its rows in place, nobody projects into the old ones', async () => {
  await ship(0, 6);
  await projectOnce(platform, [crossingProjection], 100);
  let meanwhile: number | undefined;
  const watched: Projection = {
    ...crossingProjection,
    async apply(client, entries) {
      if (entries.length === 4) meanwhile = await projectOnce(platform, [crossingProjection], 100);
      return crossingProjection.apply(client, entries);
    },
  };
  let looks = 0;
  await rebuildProjection(platform, watched, async (read) => {
    if (read !== 6) return;
    looks += 1;
    // After the last look before the swap: what comes now is read in the transaction that swaps.
    if (looks === 2) await ship(6, 4);
  });
  expect(meanwhile).toBe(0);
  expect(await projected()).toBe(10);
});

test('a rebuild that dies leaves the old rows, and the next one starts afresh', async () => {
  await ship(0, 3);
  await projectOnce(platform, [crossingProjection], 100);
  const broken: Projection = {
    ...crossingProjection,
    async apply(client, entries) {
      await crossingProjection.apply(client, entries);
      throw new Error('made to fail');
    },
  };
  await expect(rebuildProjection(platform, broken)).rejects.toThrow('made to fail');
  expect(await projected()).toBe(3);
  expect(await rebuildProjection(platform, crossingProjection)).toEqual({ entries: 3 });
  expect(await projected()).toBe(3);
});

test('one rebuild at a time', async () => {
  await ship(0, 1);
  let second: unknown;
  const nested: Projection = {
    ...crossingProjection,
    async apply(client, entries) {
      second = await rebuildProjection(platform, crossingProjection).catch((error: unknown) => error);
      return crossingProjection.apply(client, entries);
    },
  };
  await rebuildProjection(platform, nested);
  expect(second).toBeInstanceOf(RebuildBusyError);
});

test('rows that another version made are made anew once, beside what goes on, and nothing is lost meanwhile', async () => {
  const read: number[] = [];
  const counting = (version: number): Projection => ({
    ...crossingProjection,
    version,
    async apply(client, entries) {
      read.push(entries.length);
      return crossingProjection.apply(client, entries);
    },
  });
  const noted = async () =>
    (await platform.pool.query(`SELECT version FROM projection_version WHERE projection = 'crossings'`)).rows;
  await ship(0, 3);
  await projectOnce(platform, [counting(1)], 100);
  // What the version before got wrong.
  await platform.pool.query('DELETE FROM crossing');
  read.length = 0;
  const first = startProjector(platform, [counting(2)], 20);
  await expect.poll(noted).toEqual([{ version: 2 }]);
  expect(await projected()).toBe(3);
  await first.stop();
  expect(read).toEqual([3]);
  // Another start, and another process beside it, do not make them again.
  const again = [startProjector(platform, [counting(2)], 20), startProjector(platform, [counting(2)], 20)];
  await ship(3, 1);
  for (const one of again) one.poke();
  await expect.poll(projected).toBe(4);
  for (const one of again) await one.stop();
  expect(read).toEqual([3, 1]);
});

test('a rebuild that was asked for notes the version; one in the first version needs no note', async () => {
  await platform.pool.query('DELETE FROM projection_version');
  expect(await rebuildChanged(platform, [crossingProjection])).toEqual([]);
  await rebuildProjection(platform, { ...crossingProjection, version: 7 });
  expect(await rebuildChanged(platform, [{ ...crossingProjection, version: 7 }])).toEqual([]);
  expect(await rebuildChanged(platform, [{ ...crossingProjection, version: 8 }])).toEqual(['crossings']);
});
