import {
  Frontier,
  fsck,
  generateKey,
  leafHash,
  logSigner,
  logVerifier,
  openLog,
  openReader,
  type Signer,
  signCheckpoint,
  TILE_WIDTH,
  type TileFiles,
} from '@drawbridge/tlog';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fetchFrom, type LogPlace, type OwnLog, readState, trustIn, withTimers } from '../audit/index.ts';
import { LogDisk, testSigner } from '../audit/testing.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { readEntry } from './entry.ts';
import { RootSequencer, type RootTimes } from './sequencer.ts';
import { readSources } from './store.ts';

/** All logs and their entries are made up. */
const ROOT = 'made-up-deployment/root';
const OWN = 'made-up-deployment/control';
const GATEWAY = 'made-up-deployment/gateway/1/1';
const root = testSigner(ROOT);
const own = testSigner(OWN);
const gateway = testSigner(GATEWAY);
const times: RootTimes = { lookMs: 20, retryMs: 20, witnessMs: 1_000 };
const isSoak = process.env.DRAWBRIDGE_SOAK === '1';

let platform: TestPlatform;
let running: RootSequencer[] = [];
let looks = 0;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => fresh());
afterEach(stopAll);

const TABLES = 'root_entry, root_source, root_witness, root_published, control_log';
async function fresh(): Promise<void> {
  await platform.pool.query(
    `TRUNCATE ${TABLES}, journal_log, journal_entry, log_key, log_checkpoint CASCADE`,
  );
}
async function stopAll(): Promise<void> {
  await Promise.all(running.map((sequencer) => sequencer.stop()));
  running = [];
}
function start(place: LogPlace, logs: () => readonly OwnLog[], more: Partial<RootTimes> = {}): RootSequencer {
  const sequencer = new RootSequencer({
    platform,
    place,
    signer: root,
    mark: async () => null,
    sources: { ownLogs: async () => logs() },
    network: { resolve: async () => [] },
    times: { ...times, ...more },
    async onLook() {
      looks += 1;
    },
  });
  running.push(sequencer);
  sequencer.start();
  return sequencer;
}
/** Until it has looked at everything as it is now. */
async function looked(): Promise<void> {
  const before = looks;
  await expect.poll(() => looks, { interval: 5 }).toBeGreaterThan(before + 1);
}

/** A log with the checkpoints of these sizes, signed one after the other. */
async function logOf(entries: readonly string[], signer: Signer = own): Promise<OwnLog> {
  const { storage, files } = new LogDisk().place();
  const log = await openLog({
    storage,
    files,
    origin: signer.name,
    signer,
    clock: withTimers(platform.clock),
    report: () => undefined,
  });
  for (const entry of entries) await log.append(Buffer.from(entry));
  await log.close();
  return { origin: signer.name, log: logVerifier(signer.verifierKey), files, hasEnded: false };
}
const upTo = (size: number, changed = -1): string[] =>
  Array.from({ length: size }, (_, at) => `made-up ${at}${at === changed ? ', rewritten' : ''}`);

/** What the gateway has shipped, and the checkpoint of it that was verified. */
async function ship(entries: readonly string[], from = 0, by = gateway): Promise<void> {
  const { pool } = platform;
  const now = new Date(platform.clock.now());
  await pool.query(
    `INSERT INTO journal_log (origin, gateway, last_stored_at) VALUES ($1, 'gateway-1', $2) ON CONFLICT DO NOTHING`,
    [GATEWAY, now],
  );
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM journal_log WHERE origin = $1', [
    GATEWAY,
  ]);
  const log = rows[0]?.id;
  await pool.query('DELETE FROM journal_entry WHERE log = $1 AND idx >= $2', [log, from]);
  await pool.query(
    `INSERT INTO journal_entry (log, idx, kind, crossing, at, bytes)
     SELECT $1, $2 + n - 1, 'crossing', gen_random_uuid(), $3, bytes
     FROM unnest($4::bytea[]) WITH ORDINALITY AS made (bytes, n)`,
    [log, from, now, entries.slice(from).map((entry) => Buffer.from(entry))],
  );
  const tree = Frontier.empty();
  for (const entry of entries) tree.append(leafHash(Buffer.from(entry)));
  const checkpoint = { origin: GATEWAY, size: tree.size, root: tree.root(), extensions: [] };
  await pool.query(
    'INSERT INTO log_key (log, verifier_key, bound_at) VALUES ($1, $2, $3) ON CONFLICT (log) DO UPDATE SET verifier_key = $2',
    [log, by.verifierKey, now],
  );
  await pool.query('DELETE FROM log_checkpoint WHERE log = $1', [log]);
  await pool.query(
    `INSERT INTO log_checkpoint (log, size, root, edge, note, signed_at, verified_at) VALUES ($1, $2, $3, '', $4, $5, $5)`,
    [log, tree.size, tree.root(), await signCheckpoint(checkpoint, [by]), now],
  );
}

/** What the root log holds, found by one who trusts nothing: each log's sizes, in their order. */
async function held({ files }: LogPlace): Promise<{ origin: string; size: number }[]> {
  const fetch = fetchFrom(files);
  const trust = trustIn(root);
  const { problems } = await fsck({
    ...trust,
    fetch,
    list: () => files.list(),
    clock: withTimers(platform.clock),
  });
  expect(problems.filter(({ code }) => code !== 'unfinished_file')).toEqual([]);
  const found: { origin: string; size: number }[] = [];
  for await (const entry of (await openReader({ ...trust, fetch })).entries(0)) {
    const { origin = '', size = 0 } = readEntry(entry) ?? {};
    found.push({ origin, size });
  }
  return found;
}
async function stored() {
  const { rows } = await platform.pool.query('SELECT origin, size FROM root_entry ORDER BY log_index');
  return rows;
}
const trouble = async (origin: string) =>
  (await readSources(platform.pool, ROOT)).find((source) => source.origin === origin)?.trouble ?? null;
const taken = async (origin: string) =>
  (await readSources(platform.pool, ROOT)).find((source) => source.origin === origin)?.taken?.size ?? null;

test('the newest checkpoints are taken in as their logs signed them, and nothing is written while nothing grows', async () => {
  const place = new LogDisk().place();
  let log = await logOf(upTo(3));
  await ship(upTo(5));
  start(place, () => [log]);
  await expect.poll(() => stored()).toHaveLength(2);
  await looked();
  log = await logOf(upTo(300));
  await ship(upTo(2_100), 5);
  await expect.poll(() => stored()).toHaveLength(4);
  await looked();
  await stopAll();
  const sizes = [
    { origin: OWN, size: 3 },
    { origin: GATEWAY, size: 5 },
    { origin: OWN, size: 300 },
    { origin: GATEWAY, size: 2_100 },
  ];
  expect(await held(place)).toEqual(sizes);
  expect(await stored()).toEqual(sizes);
  const reader = await openReader({ ...trustIn(root), fetch: fetchFrom(place.files) });
  expect((await reader.entry(2)).toString()).toBe((await log.files.read('checkpoint', 1e6))?.toString());
});

describe('a history that was rewritten, signed with the log’s own key', () => {
  test('of a log that is written here: it is not taken in and told of, others are, and the true one goes on', async () => {
    const place = new LogDisk().place();
    let log = await logOf(upTo(300));
    await ship(upTo(5));
    start(place, () => [log]);
    await expect.poll(() => stored()).toHaveLength(2);
    for (const [forged, code] of [
      [upTo(310, 17), 'rewritten'],
      [upTo(300, 17), 'rewritten'],
      [upTo(299), 'went_back'],
    ] as const) {
      log = await logOf(forged);
      await expect.poll(async () => (await trouble(OWN))?.code).toBe(code);
    }
    await ship(upTo(9), 5);
    await expect.poll(() => taken(GATEWAY)).toBe(9);
    expect((await trouble(OWN))?.text).toContain('set back');
    // Where that is why a later epoch of it was begun, it is known.
    log = { ...log, hasEnded: true };
    await expect.poll(() => trouble(OWN)).toBeNull();
    expect(await taken(OWN)).toBe(300);
    log = await logOf(upTo(310));
    await expect.poll(() => taken(OWN)).toBe(310);
    expect(await trouble(OWN)).toBeNull();
    await stopAll();
    expect((await held(place)).map(({ size }) => size)).toEqual([300, 5, 9, 310]);
  });

  test.each<[string, string, () => Promise<void>]>([
    ['before what was taken in', 'rewritten', () => ship(upTo(20, 3))],
    ['so that it ends sooner', 'went_back', () => ship(upTo(9))],
    ['at the same size', 'rewritten', () => ship(upTo(10, 3))],
    [
      'with another key',
      'other_key',
      () => ship(upTo(20), 0, logSigner(generateKey(GATEWAY, Buffer.alloc(32, 9)))),
    ],
    [
      'by a checkpoint that the log’s key did not sign',
      'not_signed',
      async () => {
        await ship(upTo(20));
        await platform.pool.query(
          'UPDATE log_checkpoint SET note = overlay(note placing $1 from length(note) - 9)',
          ['AAAA'],
        );
      },
    ],
    [
      'by leaving entries out',
      'entries_missing',
      async () => {
        await ship(upTo(20));
        await platform.pool.query('DELETE FROM journal_entry WHERE idx = 15');
      },
    ],
  ])('of a gateway, %s', async (_, code, forge) => {
    const place = new LogDisk().place();
    await ship(upTo(10));
    let log = await logOf(upTo(1));
    start(place, () => [log]);
    await expect.poll(() => stored()).toHaveLength(2);
    // So that it never looks at what is forged by half.
    await stopAll();
    await forge();
    start(place, () => [log]);
    await expect.poll(async () => (await trouble(GATEWAY))?.code).toBe(code);
    log = await logOf(upTo(2));
    await expect.poll(() => taken(OWN)).toBe(2);
    expect(await taken(GATEWAY)).toBe(10);
    // A later turn, which has only the root log to go by, finds the same.
    await stopAll();
    await platform.pool.query('TRUNCATE root_source');
    start(place, () => [log]);
    await expect.poll(async () => (await trouble(GATEWAY))?.code).toBe(code);
    await stopAll();
    expect(await held(place)).toEqual([
      { origin: OWN, size: 1 },
      { origin: GATEWAY, size: 10 },
      { origin: OWN, size: 2 },
    ]);
  });

  test('files that can’t be read keep only their own log out', async () => {
    const place = new LogDisk().place();
    const log = await logOf(upTo(1));
    const away: TileFiles = {
      ...log.files,
      where: '/made-up',
      read: () => Promise.reject(new Error('made up: EIO')),
    };
    await ship(upTo(2));
    start(place, () => [{ ...log, files: away }]);
    await expect.poll(async () => (await trouble(OWN))?.code).toBe('unreadable');
    await expect.poll(() => taken(GATEWAY)).toBe(2);
  });
});

/** What retention leaves of entries before an index: their hashes. */
async function prune(entries: readonly string[], before: number): Promise<void> {
  const { pool } = platform;
  const tiles = Array.from({ length: Math.ceil(entries.length / TILE_WIDTH) }, (_, at) =>
    Buffer.concat(
      entries.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH).map((entry) => leafHash(Buffer.from(entry))),
    ),
  );
  await pool.query(
    `INSERT INTO log_tile (log, level, idx, hashes) SELECT id, 0, n - 1, hashes
     FROM journal_log, unnest($1::bytea[]) WITH ORDINALITY AS t (hashes, n)`,
    [tiles],
  );
  await pool.query('DELETE FROM journal_entry WHERE idx < $1', [before]);
  await pool.query('UPDATE journal_log SET pruned = $1', [before]);
}

test('a root log that begins anew takes in logs of which entries were pruned, by the hashes that were kept', async () => {
  await ship(upTo(1_500));
  await prune(upTo(1_500), 1_300);
  start(new LogDisk().place(), () => []);
  await expect.poll(() => taken(GATEWAY)).toBe(1_500);
  await stopAll();

  await fresh();
  await ship(upTo(1_500));
  await prune(upTo(1_500, 700), 1_300);
  start(new LogDisk().place(), () => []);
  await expect.poll(async () => (await trouble(GATEWAY))?.code).toBe('rewritten');
  await stopAll();

  // What was not pruned has to be there.
  await fresh();
  await ship(upTo(1_500));
  await prune(upTo(1_500), 1_300);
  await platform.pool.query('UPDATE journal_log SET pruned = 0');
  start(new LogDisk().place(), () => []);
  await expect.poll(async () => (await trouble(GATEWAY))?.code).toBe('entries_missing');
});

describe('a crash', () => {
  test.each<['powerCut' | 'kill', number]>([
    ['powerCut', isSoak ? 1 : 7],
    ['kill', isSoak ? 1 : 9],
  ])(
    'in any operation on the disk (%s) loses no checkpoint and doubles none',
    async (how, step) => {
      let crashes = 0;
      const logs = [await logOf(upTo(1)), await logOf(upTo(2))];
      for (let operation = 1; ; operation += step) {
        await fresh();
        await ship(upTo(3));
        const disk = new LogDisk();
        disk.dieAt(operation);
        let [log = expect.fail()] = logs;
        const all = async () => (await readState(platform.pool, ROOT)).size === 3;
        start(disk.place(), () => [log], { retryMs: 60_000 });
        await expect
          .poll(async () => disk.isDead || (await stored()).length === 2, { interval: 5 })
          .toBe(true);
        log = logs[1] ?? expect.fail();
        await expect.poll(async () => disk.isDead || (await all()), { interval: 5 }).toBe(true);
        await stopAll();
        const hasDied = disk.isDead;
        if (hasDied) crashes += 1;
        disk[how]();
        start(disk.place(), () => [log]);
        await expect.poll(() => taken(OWN), { interval: 5 }).toBe(2);
        await looked();
        expect((await readState(platform.pool, ROOT)).trouble).toBeNull();
        await stopAll();
        const found = await held(disk.place());
        expect(await stored()).toEqual(found);
        expect(new Set(found.map((one) => JSON.stringify(one))).size).toBe(found.length);
        expect(found).toEqual(
          expect.arrayContaining([
            { origin: OWN, size: 2 },
            { origin: GATEWAY, size: 3 },
          ]),
        );
        if (!hasDied) break;
      }
      expect(crashes).toBeGreaterThan(2);
    },
    isSoak ? 120_000 : 30_000,
  );

  test.each(['root_entry', 'root_source', 'control_log', 'root_published'])(
    'between the log and %s: it is told, and the next turn finds what the log has',
    async (table) => {
      const disk = new LogDisk();
      const log = await logOf(upTo(1));
      await ship(upTo(2));
      await platform.pool.query(`
        CREATE FUNCTION break_root() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF TG_TABLE_NAME = 'control_log' THEN
              IF NEW.size = 0 THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION 'made up';
          END $$;
        CREATE TRIGGER break_root BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION break_root()`);
      const sequencer = start(disk.place(), () => [log]);
      try {
        await expect
          .poll(async () => (await readState(platform.pool, ROOT)).trouble?.text)
          .toContain('made up');
      } finally {
        await platform.pool.query(`DROP TRIGGER break_root ON ${table}; DROP FUNCTION break_root()`);
      }
      await expect.poll(async () => (await readState(platform.pool, ROOT)).trouble).toBeNull();
      await expect.poll(() => sequencer.isWriter).toBe(true);
      await expect.poll(() => taken(GATEWAY)).toBe(2);
      await looked();
      await stopAll();
      const both = [
        { origin: OWN, size: 1 },
        { origin: GATEWAY, size: 2 },
      ];
      expect(await held(disk.place())).toEqual(both);
      expect(await stored()).toEqual(both);
    },
  );
});

test('of two processes one writes; when it stops, the other goes on', async () => {
  const disk = new LogDisk();
  let log = await logOf(upTo(1));
  const two = [start(disk.place(), () => [log]), start(disk.place(), () => [log])];
  await expect.poll(() => taken(OWN)).toBe(1);
  const writers = two.filter((sequencer) => sequencer.isWriter);
  expect(writers).toHaveLength(1);
  await writers[0]?.stop();
  log = await logOf(upTo(2));
  await expect.poll(() => taken(OWN)).toBe(2);
  await looked();
  await stopAll();
  expect((await held(disk.place())).map(({ size }) => size)).toEqual([1, 2]);
});

test('files that were set back are not signed over', async () => {
  const log = await logOf(upTo(1));
  start(new LogDisk().place(), () => [log]);
  await expect.poll(() => taken(OWN)).toBe(1);
  await stopAll();
  start(new LogDisk().place(), () => [log]);
  await expect.poll(async () => (await readState(platform.pool, ROOT)).trouble?.code).toBe('files_older');
});
