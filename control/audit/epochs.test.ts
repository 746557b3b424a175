import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatCheckpoint,
  logVerifier,
  openCheckpoint,
  openReader,
  parseCheckpoint,
  parseNote,
  verifyProof,
} from '@drawbridge/tlog';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { openLogKey, startVault, type Vault } from '../vault/index.ts';
import { type Audit, createAudit, type LogPlace } from './index.ts';
import { copyOf, makeChange, memoryPlace } from './testing.ts';

const ORIGIN = 'test-deployment/control';
const times = { lookMs: 20, retryMs: 20, waitMs: 10_000, checkpointMs: 20 };

let platform: TestPlatform;
let vault: Vault;
let keysDir: string;
let audit: Audit | null = null;
/** What stands on this machine's disk, by the names of logs. */
let disks: Map<string, LogPlace>;
beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  vault = await startVault({ ...platform, keysDir, deploymentId: platform.deployment.id });
});
beforeEach(async () => {
  await platform.pool.query('TRUNCATE change, control_log, log_epoch');
  await rm(marksFile(), { force: true });
  disks = new Map();
});
afterEach(stop);
afterAll(async () => {
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});
const marksFile = () => join(keysDir, `${platform.deployment.id}.log-marks.json`);

async function stop(): Promise<void> {
  await audit?.stop();
  audit = null;
}
async function start() {
  await stop();
  const places = async (name: string) => {
    const place = disks.get(name) ?? memoryPlace();
    disks.set(name, place);
    return place;
  };
  const started = await createAudit({ platform, vault, places, times });
  audit = started;
  started.start();
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:ada', name: 'Ada Example' }));
    await next();
  });
  const noOthers = { logs: async () => [], filesOf: () => null, hold: async () => null };
  app.route(
    '/',
    started.routes(noOthers, async () => []),
  );
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what was answered, whatever its form
  const get = async (path: string): Promise<any> => (await app.request(path)).json();
  const file = async (path: string): Promise<Uint8Array | null> => {
    const answer = await app.request(path);
    return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : null;
  };
  const begin = (reason = 'The disk was lost') =>
    app.request('/logs/control/epochs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason }),
    });
  const signed = (name: string, size: number) =>
    expect
      .poll(
        async () => (await get('/logs')).items.find((log: { name: string }) => log.name === name)?.checkpoint,
      )
      .toMatchObject({ size });
  /** What a log says that is served, to one who trusts its key alone. */
  async function read(name: string) {
    const { origin, verifierKey } = (await get('/logs')).items.find(
      (log: { name: string }) => log.name === name,
    );
    const reader = await openReader({
      origin,
      log: logVerifier(verifierKey),
      fetch: (path) => file(`/logs/${name}/${path}`),
    });
    const entries: Buffer[] = [];
    for await (const entry of reader.entries(0)) entries.push(Buffer.from(entry));
    return entries;
  }
  async function proves(id: string, origin: string, verifierKey: string): Promise<number> {
    const { entry, log } = await get(`/changes/${id}`);
    expect(log).toBe(origin);
    const text = Buffer.from((await file(`/changes/${id}/proof`)) ?? []).toString();
    const trust = { origin, log: logVerifier(verifierKey), entry: Buffer.from(entry, 'base64') };
    return verifyProof(text, trust).index;
  }
  return { get, file, begin, signed, read, proves, trouble: () => started.trouble() };
}
const stored = async () =>
  (
    await platform.pool.query(
      'SELECT subject_id AS name, act, log_epoch AS epoch, log_index AS index, id FROM change ORDER BY seq',
    )
  ).rows;

describe('a new epoch', () => {
  test('has a name, a key and files of its own, and quotes the old log’s last checkpoint; old proofs hold', async () => {
    const { get, file, begin, signed, read, proves } = await start();
    for (const name of ['one', 'two']) await makeChange(platform, name);
    await signed('control', 2);
    expect((await begin()).status).toBe(201);
    await signed('control-2', 1);
    await makeChange(platform, 'three');
    await signed('control-2', 2);

    // That a new one was asked for is the old log's last entry.
    expect(await stored()).toMatchObject([
      { name: 'one', epoch: 1, index: 0 },
      { name: 'two', epoch: 1, index: 1 },
      { act: 'log.new_epoch', epoch: 1, index: 2 },
      { name: 'three', epoch: 2, index: 1 },
    ]);
    const [now, before] = (await get('/logs')).items;
    expect(now).toMatchObject({ name: 'control-2', origin: `${ORIGIN}/2`, isCurrent: true, trouble: null });
    expect(before).toMatchObject({ name: 'control', origin: ORIGIN, isCurrent: false, size: 3, waiting: 0 });
    expect(now.verifierKey.split('+').at(-1)).not.toBe(before.verifierKey.split('+').at(-1));

    const [first = Buffer.alloc(0)] = await read('control-2');
    const entry = JSON.parse(first.toString());
    expect(entry).toMatchObject({ epoch: 2, origin: `${ORIGIN}/2`, reason: 'The disk was lost' });
    expect(entry.previous.checkpoint).toBe(
      Buffer.from((await file('/logs/control/checkpoint')) ?? []).toString(),
    );
    const trust = { origin: ORIGIN, log: logVerifier(before.verifierKey) };
    expect(openCheckpoint(entry.previous.checkpoint, trust).checkpoint.size).toBe(3);
    expect(entry.previous).not.toHaveProperty('signed');

    expect(await read('control')).toHaveLength(3);
    const [one, , , three] = await stored();
    expect(await proves(one.id, ORIGIN, before.verifierKey)).toBe(0);
    expect(await proves(three.id, `${ORIGIN}/2`, now.verifierKey)).toBe(1);
    expect((await get(`/changes/${three.id}`)).agrees).toBe('yes');
  });

  test('goes on after a restart, and can be followed by another', async () => {
    const first = await start();
    await makeChange(platform, 'one');
    await first.signed('control', 1);
    await first.begin();
    await first.signed('control-2', 1);
    const second = await start();
    await makeChange(platform, 'two');
    await second.signed('control-2', 2);
    expect(second.trouble()).toBeNull();
    await second.begin('And again');
    await second.signed('control-3', 1);
    const [entry = Buffer.alloc(0)] = await second.read('control-3');
    expect(JSON.parse(entry.toString()).previous.origin).toBe(`${ORIGIN}/2`);
  });

  test('never takes a name that was signed for, which an older database does not know of', async () => {
    const { get, begin, signed } = await start();
    await makeChange(platform, 'one');
    await signed('control', 1);
    const later = await openLogKey(platform, vault, `${ORIGIN}/2`);
    await later.sign(
      formatCheckpoint({ origin: later.name, size: 4, root: Buffer.alloc(32), extensions: [] }),
    );
    await begin();
    await signed('control-3', 1);
    expect((await get('/logs')).items.map((log: { name: string }) => log.name)).toEqual([
      'control-3',
      'control',
    ]);
  });
});

describe('where a log can not go on', () => {
  /** A log of three changes, and the machine as it was when there was one. */
  async function setBack() {
    const { signed } = await start();
    await makeChange(platform, 'one');
    await signed('control', 1);
    await stop();
    const { rows } = await platform.pool.query('SELECT * FROM control_log WHERE origin = $1', [ORIGIN]);
    const older = await copyOf(disks.get('control') ?? expect.fail());
    const again = await start();
    for (const name of ['two', 'three']) await makeChange(platform, name);
    await again.signed('control', 3);
    await stop();
    await platform.pool.query("DELETE FROM change WHERE subject_id <> 'one'");
    await platform.pool.query('UPDATE control_log SET checkpoint = $1, size = 1', [rows[0].checkpoint]);
    disks.set('control', older);
    return parseNote(rows[0].checkpoint).text;
  }

  test('files and database that were set back together are told by the vault’s mark; nothing is signed', async () => {
    await setBack();
    const marks = await readFile(marksFile(), 'utf8');
    const { get, trouble } = await start();
    await expect.poll(trouble).toMatch(/3 of them.*begin a new epoch: drawbridge log new-epoch control/);
    await makeChange(platform, 'other history');
    expect((await get('/logs')).items[0]).toMatchObject({
      size: 1,
      waiting: 1,
      trouble: { code: 'set_back' },
    });
    expect(await readFile(marksFile(), 'utf8')).toBe(marks);
  });

  test('the next epoch quotes what is left of it and says how far it was signed', async () => {
    const text = await setBack();
    const { begin, signed, read, trouble } = await start();
    await expect.poll(trouble).not.toBeNull();
    await makeChange(platform, 'waited');
    await begin();
    await signed('control-2', 3);
    expect(trouble()).toBeNull();
    const [first = Buffer.alloc(0)] = await read('control-2');
    const { previous } = JSON.parse(first.toString());
    expect(parseCheckpoint(parseNote(previous.checkpoint).text).size).toBe(1);
    expect(parseNote(previous.checkpoint).text).toBe(text);
    expect(previous.signed.size).toBe(3);
    expect(await stored()).toMatchObject([
      { name: 'one', epoch: 1, index: 0 },
      { name: 'waited', epoch: 2, index: 1 },
      { act: 'log.new_epoch', epoch: 2, index: 2 },
    ]);
  });

  test('changes whose entries are lost with the files go into the next epoch', async () => {
    const { signed } = await start();
    for (const name of ['one', 'two']) await makeChange(platform, name);
    await signed('control', 2);
    await stop();
    disks.clear();
    const later = await start();
    await expect.poll(later.trouble).toMatch(/has 0 entries, and 2 were put into it/);
    await later.begin();
    await later.signed('control-2', 4);
    expect((await stored()).map(({ epoch, index }) => [epoch, index])).toEqual([
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    const [first = Buffer.alloc(0)] = await later.read('control-2');
    const { previous } = JSON.parse(first.toString());
    expect(parseCheckpoint(parseNote(previous.checkpoint).text).size).toBe(2);
  });

  test('another tree than the vault signed is refused, whatever the database says', async () => {
    const { signed } = await start();
    await makeChange(platform, 'one');
    await signed('control', 1);
    await stop();
    const marks = JSON.parse(await readFile(marksFile(), 'utf8'));
    marks.logs[ORIGIN].root = Buffer.alloc(32, 1).toString('base64');
    await writeFile(marksFile(), JSON.stringify(marks));
    const later = await start();
    await expect
      .poll(later.trouble)
      .toMatch(/does not begin with the tree of 1 entries that the vault signed/);
  });
});
