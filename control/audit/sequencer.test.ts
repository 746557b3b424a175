import { fsck, openLog, openReader, type Signer } from '@drawbridge/tlog';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { readLeaf } from './leaf.ts';
import { fetchFrom, type LogPlace, trustIn } from './open.ts';
import { Sequencer, type SequencerTimes, withTimers } from './sequencer.ts';
import { readState } from './store.ts';
import { copyOf, LogDisk, makeChange, onlyEpoch, testSigner } from './testing.ts';

const ORIGIN = 'made-up-deployment/control';
const signer = testSigner(ORIGIN);
const trust = trustIn(signer);
const times: SequencerTimes = { lookMs: 20, retryMs: 20, waitMs: 15_000, checkpointMs: 20 };

/** The soak tries every operation; else every few. */
const isSoak = process.env.DRAWBRIDGE_SOAK === '1';

let platform: TestPlatform;
let running: Sequencer[] = [];
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => platform.pool.query('TRUNCATE change, control_log'));
afterEach(stopAll);

async function stopAll(): Promise<void> {
  await Promise.all(running.map((sequencer) => sequencer.stop()));
  running = [];
}
function start(place: LogPlace, more: Partial<SequencerTimes> = {}, key = signer): Sequencer {
  const sequencer = new Sequencer({ platform, epochs: onlyEpoch(place, key), times: { ...times, ...more } });
  running.push(sequencer);
  sequencer.start();
  return sequencer;
}
async function rows() {
  const found = await platform.pool.query<{ id: string; name: string; index: number | null }>(
    'SELECT id, subject_id AS name, log_index AS index FROM change ORDER BY seq',
  );
  return found.rows;
}
const allIds = async () => (await rows()).map(({ id }) => id);
const trouble = async () => (await readState(platform.pool, ORIGIN)).trouble;
/** The ids in the log, found by one who trusts nothing. */
async function idsInLog({ files }: LogPlace): Promise<string[]> {
  const fetch = fetchFrom(files);
  const report = await fsck({ ...trust, fetch, list: () => files.list(), clock: withTimers(platform.clock) });
  // What an interrupted write left is no part of the log, and stays until its tile is full.
  expect(report.problems.filter(({ code }) => code !== 'unfinished_file')).toEqual([]);
  const reader = await openReader({ ...trust, fetch });
  const ids: string[] = [];
  for await (const entry of reader.entries(0)) ids.push(readLeaf(entry)?.id ?? 'no leaf');
  return ids;
}
/** Every change is in the log once, where its row says. */
async function expectWhole(place: LogPlace): Promise<void> {
  const inLog = await idsInLog(place);
  const stored = await rows();
  expect(stored.map(({ id, index }) => index !== null && inLog[index] === id)).toEqual(
    stored.map(() => true),
  );
  expect(inLog).toHaveLength(stored.length);
}

describe('changes go into the log', () => {
  test('in their order, those first that were there before', async () => {
    for (const name of ['one', 'two', 'three']) await makeChange(platform, name);
    const disk = new LogDisk();
    const sequencer = start(disk.place());
    await expect.poll(() => sequencer.isWriter).toBe(true);
    await makeChange(platform, 'four');
    expect(await sequencer.logged(await allIds())).toBe('logged');
    expect(await rows()).toMatchObject(
      ['one', 'two', 'three', 'four'].map((name, index) => ({ name, index })),
    );
    await stopAll();
    await expectWhole(disk.place());
  });

  test('a change that was rolled back is not waited for; one that nobody logs is told as waiting', async () => {
    await makeChange(platform, 'one');
    const [id = ''] = await allIds();
    const sequencer = new Sequencer({
      platform,
      epochs: onlyEpoch(new LogDisk().place(), signer),
      times: { ...times, waitMs: 40 },
    });
    expect(await sequencer.logged([id])).toBe('waiting');
    expect(await sequencer.logged(['no-such-change'])).toBe('none');
  });
});

describe('a crash', () => {
  test.each<['powerCut' | 'kill', number]>([
    ['powerCut', isSoak ? 1 : 3],
    ['kill', isSoak ? 1 : 5],
  ])(
    'in any operation on the disk (%s) loses no entry and doubles none',
    async (how, step) => {
      let crashes = 0;
      for (let operation = 1; ; operation += step) {
        await platform.pool.query('TRUNCATE change, control_log');
        const disk = new LogDisk();
        const sequencer = start(disk.place(), { retryMs: 60_000 });
        for (const name of ['one', 'two']) await makeChange(platform, name);
        disk.dieAt(operation);
        await makeChange(platform, 'three');
        // It has all in the log, also under a checkpoint, or is dead.
        await expect
          .poll(
            async () =>
              disk.isDead || ((await readState(platform.pool, ORIGIN)).size === 3 && !sequencer.trouble),
            {
              interval: 5,
            },
          )
          .toBe(true);
        await stopAll();
        const hasDied = disk.isDead;
        if (hasDied) crashes += 1;
        disk[how]();
        const next = start(disk.place());
        await expect.poll(() => next.isWriter, { interval: 5 }).toBe(true);
        expect(await next.logged(await allIds())).toBe('logged');
        expect(await trouble()).toBeNull();
        await stopAll();
        await expectWhole(disk.place());
        if (!hasDied) break;
      }
      expect(crashes).toBeGreaterThan(4);
    },
    isSoak ? 120_000 : 30_000,
  );

  test('between the log and the index: the next turn finds the entry, and makes no other', async () => {
    await platform.pool.query(`
      CREATE FUNCTION break_index() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'made up'; END $$;
      CREATE TRIGGER break_index BEFORE UPDATE ON change FOR EACH ROW EXECUTE FUNCTION break_index()`);
    const disk = new LogDisk();
    const sequencer = start(disk.place());
    await makeChange(platform, 'one');
    await expect.poll(() => sequencer.trouble?.code).toBe('unavailable');
    // An answer does not wait for what this process knows to fail.
    expect(await sequencer.logged(await allIds())).toBe('waiting');
    await platform.pool.query('DROP TRIGGER break_index ON change; DROP FUNCTION break_index()');
    await makeChange(platform, 'two');
    await expect.poll(async () => (await rows()).map(({ index }) => index)).toEqual([0, 1]);
    expect(await trouble()).toBeNull();
    await stopAll();
    await expectWhole(disk.place());
  });

  test('of what signs: it is told, and when it signs again all is under a checkpoint', async () => {
    let isAway = false;
    const fickle: Signer = {
      ...signer,
      sign(text) {
        if (isAway) throw new Error('made up: the vault is away');
        return signer.sign(text);
      },
    };
    const disk = new LogDisk();
    const sequencer = start(disk.place(), {}, fickle);
    await expect.poll(() => sequencer.isWriter).toBe(true);
    isAway = true;
    await makeChange(platform, 'one');
    await expect.poll(async () => (await trouble())?.text).toContain('the vault is away');
    isAway = false;
    await expect.poll(async () => (await readState(platform.pool, ORIGIN)).size).toBe(1);
    await expect.poll(trouble).toBeNull();
    await stopAll();
    await expectWhole(disk.place());
  });

  test('of the connection that holds the lock: another turn goes on', async () => {
    const disk = new LogDisk();
    const sequencer = start(disk.place());
    await makeChange(platform, 'one');
    expect(await sequencer.logged(await allIds())).toBe('logged');
    await platform.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database
       WHERE locktype = 'advisory' AND datname = current_database()`,
    );
    await makeChange(platform, 'two');
    await expect.poll(async () => (await rows()).map(({ index }) => index)).toEqual([0, 1]);
    await stopAll();
    await expectWhole(disk.place());
  });
});

test('of two processes one writes; when it stops, the other goes on', async () => {
  const disk = new LogDisk();
  const two = [start(disk.place()), start(disk.place())];
  await Promise.all(Array.from({ length: 20 }, (_, at) => makeChange(platform, `change ${at}`)));
  const progress = await Promise.all(two.map(async (sequencer) => sequencer.logged(await allIds())));
  expect(progress).toEqual(['logged', 'logged']);
  const writers = two.filter((sequencer) => sequencer.isWriter);
  expect(writers).toHaveLength(1);
  await writers[0]?.stop();
  await makeChange(platform, 'the last');
  const other = two.find((sequencer) => sequencer !== writers[0]);
  expect(await other?.logged(await allIds())).toBe('logged');
  expect(other?.isWriter).toBe(true);
  await stopAll();
  await expectWhole(disk.place());
});

describe('files that do not fit what was signed', () => {
  /** A log of 300 entries: one full bundle, and a rest. */
  async function filled(): Promise<LogDisk> {
    const disk = new LogDisk();
    for (let at = 0; at < 300; at += 50)
      await Promise.all(Array.from({ length: 50 }, (_, more) => makeChange(platform, `change ${at + more}`)));
    const sequencer = start(disk.place());
    expect(await sequencer.logged(await allIds())).toBe('logged');
    await stopAll();
    return disk;
  }
  async function expectRefused(place: LogPlace, code: string): Promise<void> {
    const before = await readState(platform.pool, ORIGIN);
    const sequencer = start(place);
    await expect.poll(trouble).toMatchObject({ code });
    await makeChange(platform, 'one more');
    expect(await sequencer.logged(await allIds())).toBe('waiting');
    const after = await readState(platform.pool, ORIGIN);
    expect([after.size, after.checkpoint]).toEqual([before.size, before.checkpoint]);
    await stopAll();
  }
  const flip = async (place: LogPlace, path: string) => {
    const bytes = Buffer.from((await place.files.read(path, 1e6)) ?? []);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    place.files.write(path, bytes);
    await place.files.sync();
  };

  test('a changed bit in any file: nothing is appended, and when it is mended all goes on', async () => {
    const disk = await filled();
    for (const path of [
      'tile/entries/000',
      'tile/entries/001.p/44',
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'checkpoint',
    ]) {
      await platform.pool.query("DELETE FROM change WHERE subject_id = 'one more'");
      await flip(disk.place(), path);
      await expectRefused(disk.place(), 'files_damaged');
      await flip(disk.place(), path);
    }
    const sequencer = start(disk.place());
    expect(await sequencer.logged(await allIds())).toBe('logged');
    expect(await trouble()).toBeNull();
    await stopAll();
    await expectWhole(disk.place());
  });

  test('an older copy, an empty directory', async () => {
    const disk = new LogDisk();
    await makeChange(platform, 'one');
    const first = start(disk.place());
    expect(await first.logged(await allIds())).toBe('logged');
    await stopAll();
    const older = await copyOf(disk.place());
    await makeChange(platform, 'two');
    const second = start(disk.place());
    expect(await second.logged(await allIds())).toBe('logged');
    await stopAll();
    await expectRefused(older, 'files_older');
    await expectRefused(new LogDisk().place(), 'files_older');
  });

  test('another history, signed with the log’s own key', async () => {
    await makeChange(platform, 'one');
    const sequencer = start(new LogDisk().place());
    expect(await sequencer.logged(await allIds())).toBe('logged');
    await stopAll();
    const forged = new LogDisk();
    const log = await openLog({
      ...forged.place(),
      origin: ORIGIN,
      signer,
      clock: withTimers(platform.clock),
      report: () => undefined,
    });
    for (const text of ['forged', 'forged too']) await log.append(Buffer.from(text));
    await log.close();
    await expectRefused(forged.place(), 'other_history');
  });

  test('rows that are gone are told, and the log goes on', async () => {
    for (const name of ['one', 'two']) await makeChange(platform, name);
    const disk = new LogDisk();
    const sequencer = start(disk.place());
    expect(await sequencer.logged(await allIds())).toBe('logged');
    await stopAll();
    await platform.pool.query("DELETE FROM change WHERE subject_id = 'two'");
    const next = start(disk.place());
    await expect.poll(() => next.isWriter).toBe(true);
    expect(await trouble()).toMatchObject({ code: 'changes_missing' });
    await makeChange(platform, 'three');
    expect(await next.logged(await allIds())).toBe('logged');
    expect(await rows()).toMatchObject([{ index: 0 }, { name: 'three', index: 2 }]);
  });
});
