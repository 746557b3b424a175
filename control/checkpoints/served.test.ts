import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundlePath,
  bundlesOf,
  fsck,
  logVerifier,
  openCheckpoint,
  tilePath,
  tilesOf,
  verifyProof,
} from '@drawbridge/tlog';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type HttpEnv, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { fillTiles } from './fill.ts';
import { contradictionRoutes, gatewayLogRoutes, readLogs, watchContradictions } from './index.ts';
import { takeCheckpoint } from './take.ts';
import { MadeUpJournal } from './testing.ts';

let platform: TestPlatform;
let app: Hono<HttpEnv>;
let folder = '';
let journals = 0;

beforeAll(async () => {
  platform = await testPlatform();
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-served-'));
  app = new Hono();
  app.onError(handleErrors(platform.log));
  app.use(async (c, next) => {
    c.set('actor', testCaller({ id: 'person:ada', name: 'Ada Example' }));
    await next();
  });
  app.route('/', gatewayLogRoutes(platform));
  app.route('/', contradictionRoutes(platform));
});
afterAll(async () => {
  await platform.close();
  await rm(folder, { recursive: true });
});

function journal(): MadeUpJournal {
  journals += 1;
  return new MadeUpJournal(platform, `served-${journals}`, journals);
}

async function get(path: string): Promise<{ status: number; bytes: Buffer }> {
  const response = await app.request(path);
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function file(log: MadeUpJournal, path: string): Promise<Buffer | null> {
  const { status, bytes } = await get(`/logs/gateways/${log.id}/${path}`);
  expect([200, 404]).toContain(status);
  return status === 200 ? bytes : null;
}

const problem = async (path: string): Promise<unknown> => {
  const { status, bytes } = await get(path);
  return { status, ...z.object({ code: z.string() }).parse(JSON.parse(bytes.toString())) };
};

const check = (log: MadeUpJournal, minimumIndex = 0) =>
  fsck({
    minimumIndex,
    origin: log.origin,
    log: logVerifier(log.signer.verifierKey),
    fetch: (path) => file(log, path),
    clock: { now: Date.now, after: () => () => undefined },
  });

/** The auditor's script, in a process of its own. */
function script(...args: string[]): Promise<number> {
  const path = fileURLToPath(new URL('../../libs/tlog/verify.mjs', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], (error) => resolve(Number(error?.code ?? 0)));
  });
}

/** Makes a crossing of a log's entries, as the projection leaves it. */
async function crossing(log: MadeUpJournal, leaf: number, settlement: number | null): Promise<string> {
  const { rows } = await platform.pool.query<{ id: string }>(
    `INSERT INTO crossing (log, idx, id, at, kind, settlement_idx)
      VALUES ($1, $2, gen_random_uuid(), now(), 1, $3) RETURNING id`,
    [log.id, leaf, settlement],
  );
  return rows[0]?.id ?? '';
}

const entry = (index: number): Buffer => Buffer.from(`{"made-up":${index}}`);
const dropEntries = (log: MadeUpJournal, below: number) =>
  platform.pool.query('DELETE FROM journal_entry WHERE log = $1 AND idx < $2', [log.id, below]);

describe('a log as files', () => {
  test('verifies at every checkpoint however it grew, in a downloaded copy too, with the script for auditors', async () => {
    const log = journal();
    for (const size of [1, 2, 255, 256, 257, 300, 511, 512, 1_030, 1_031]) {
      await log.growTo(size);
      expect(await check(log)).toMatchObject({ ok: true, problems: [], checked: { entries: size } });
    }
    // Longer than one request hashes, and than one tile of the second level.
    await log.growTo(66_000, 20_000);
    const paths = [
      'checkpoint',
      ...[...tilesOf(66_000)].map(tilePath),
      ...[...bundlesOf(66_000)].map(bundlePath),
    ];
    expect(paths).toContain('tile/2/000.p/1');
    for (const path of paths) {
      const bytes = await file(log, path);
      if (bytes === null) throw new Error(`${path} is not served`);
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    expect(await script(folder, '--vkey', log.signer.verifierKey)).toBe(0);
    await writeFile(join(folder, 'tile/1/000'), Buffer.alloc(8192));
    expect(await script(folder, '--vkey', log.signer.verifierKey)).toBe(1);
    // What an older reader asks for, and what is not there.
    expect((await file(log, 'tile/0/000.p/7'))?.length).toBe(7 * 32);
    for (const path of ['tile/0/257.p/209', 'tile/entries/257.p/209', 'tile/3/000.p/1', 'tile/0/0', 'other'])
      expect(await file(log, path)).toBeNull();
    for (const name of ['0', '999999', 'x', '1e3', '99999999999'])
      expect(await problem(`/logs/gateways/${name}/checkpoint`)).toMatchObject({ status: 404 });
  });

  test('is of the newest checkpoint that tiles are there for; entries beyond it are not handed out', async () => {
    const log = journal();
    await log.growTo(300);
    await log.store(700);
    expect(await file(log, 'tile/entries/001')).toBeNull();
    expect((await file(log, 'tile/entries/001.p/44'))?.length).toBeGreaterThan(44);
    const note = (await file(log, 'checkpoint')) ?? '';
    const trust = { origin: log.origin, log: logVerifier(log.signer.verifierKey) };
    expect(openCheckpoint(note, trust).checkpoint.size).toBe(300);
  });

  test('another history that was posted leaves no hash in its tiles', async () => {
    const log = journal();
    await log.growTo(100);
    await log.store(300);
    const forged = await log.sign(300, (index) => (index === 150 ? 'forged' : `{"made-up":${index}}`));
    await expect(takeCheckpoint(platform, 'gateway-1', forged)).rejects.toMatchObject({ status: 409 });
    await log.growTo(300);
    expect(await check(log)).toMatchObject({ ok: true, checked: { entries: 300 } });
  });
});

test('tiles that were damaged are not gone on from: checkpoints are still taken, and it is told', async () => {
  const log = journal();
  await log.growTo(300);
  await platform.pool.query(
    'UPDATE log_tile SET hashes = substr(hashes, 1, 64) WHERE log = $1 AND level = 0 AND idx = 1',
    [log.id],
  );
  await log.growTo(400);
  const found = (await readLogs(platform)).get('gateway-1')?.find(({ origin }) => origin === log.origin);
  expect(found).toMatchObject({ checkpoint: { size: 400 }, tiled: 300, contradiction: null });
  expect(platform.logged()).toContain('log_tiles_damaged');
  expect(await fillTiles(platform)).toEqual([log.id]);
  const { rows } = await platform.pool.query(
    'SELECT octet_length(hashes) AS length FROM log_tile WHERE log = $1 ORDER BY level, idx',
    [log.id],
  );
  expect(rows).toEqual([{ length: 8192 }, { length: 64 }, { length: 32 }]);
  await platform.pool.query('DELETE FROM log_key WHERE log = $1', [log.id]);
});

test('a pruned log verifies with the minimum index that is listed', async () => {
  const log = journal();
  await log.growTo(1_000);
  await dropEntries(log, 300);
  await platform.pool.query('UPDATE journal_log SET pruned = 300 WHERE id = $1', [log.id]);
  const found = (await readLogs(platform)).get('gateway-1')?.find(({ origin }) => origin === log.origin);
  expect(await check(log)).toMatchObject({ ok: false });
  expect(await check(log, found?.minimumIndex)).toMatchObject({ ok: true, pruned: 512 });
});

describe('entries that were taken before tiles were kept', () => {
  const forget = async (log: MadeUpJournal): Promise<void> => {
    await platform.pool.query('DELETE FROM log_tile WHERE log = $1', [log.id]);
    await platform.pool.query('UPDATE log_key SET tiled_size = 0 WHERE log = $1', [log.id]);
  };
  const tiles = (log: MadeUpJournal) =>
    platform.pool
      .query('SELECT level, idx, hashes FROM log_tile WHERE log = $1 ORDER BY level, idx', [log.id])
      .then(({ rows }) => rows);

  test('get the same tiles in portions, while the log goes on', async () => {
    const log = journal();
    await log.growTo(1_500);
    const before = await tiles(log);
    await forget(log);
    const id = await crossing(log, 7, null);
    expect(await problem(`/crossings/${id}/proof`)).toEqual({ status: 409, code: 'not_in_checkpoint' });
    let portions = 0;
    await fillTiles(platform, new Set(), () => portions++ > 1, 400);
    expect((await readLogs(platform)).get('gateway-1')?.at(-1)).toMatchObject({ tiled: 800 });
    await log.growTo(1_700);
    expect(await fillTiles(platform, new Set(), () => false, 400)).toEqual([]);
    expect(await check(log)).toMatchObject({ ok: true, checked: { entries: 1_700 } });
    expect((await tiles(log)).slice(0, 5)).toEqual(before.slice(0, 5));
    expect((await get(`/crossings/${id}/proof`)).status).toBe(200);
  });

  test('and give another root now are evidence, and are not handed out', async () => {
    const log = journal();
    await log.growTo(600);
    await forget(log);
    await platform.pool.query(`UPDATE journal_entry SET bytes = 'changed' WHERE log = $1 AND idx = 42`, [
      log.id,
    ]);
    expect(await fillTiles(platform)).toEqual([log.id]);
    expect(await file(log, 'checkpoint')).toBeNull();
    const found = (await readLogs(platform)).get('gateway-1')?.find(({ origin }) => origin === log.origin);
    expect(found).toMatchObject({ contradiction: { kind: 'other_root' }, contradictions: { open: 1 } });
    expect(await fillTiles(platform, new Set([log.id]))).toEqual([]);
    await platform.pool.query('DELETE FROM log_key WHERE log = $1', [log.id]);
  });

  test('and were pruned before they were hashed are no evidence', async () => {
    const log = journal();
    await log.growTo(600);
    await forget(log);
    await dropEntries(log, 300);
    await platform.pool.query('UPDATE journal_log SET pruned = 300 WHERE id = $1', [log.id]);
    expect(await fillTiles(platform)).toEqual([log.id]);
    const found = (await readLogs(platform)).get('gateway-1')?.find(({ origin }) => origin === log.origin);
    expect(found).toMatchObject({ contradiction: null, minimumIndex: 512 });
    await platform.pool.query('DELETE FROM log_key WHERE log = $1', [log.id]);
  });
});

describe('a proof', () => {
  let log: MadeUpJournal;
  beforeAll(async () => {
    log = journal();
    await log.growTo(20_000);
  });

  test('of leaf and settlement holds with the script for auditors, and not for another byte', async () => {
    const id = await crossing(log, 4_321, 19_999);
    const args = async (name: string, part: string, bytes: Buffer) => {
      const proof = await get(`/crossings/${id}/${part}`);
      expect(proof.status).toBe(200);
      await writeFile(join(folder, `${name}.tlog-proof`), proof.bytes);
      await writeFile(join(folder, `${name}.entry`), bytes);
      return [
        '--vkey',
        log.signer.verifierKey,
        '--proof',
        join(folder, `${name}.tlog-proof`),
        '--entry',
        join(folder, `${name}.entry`),
      ];
    };
    expect(await script(...(await args('leaf', 'proof', entry(4_321))))).toBe(0);
    expect(await script(...(await args('settlement', 'settlement/proof', entry(19_999))))).toBe(0);
    expect(await script(...(await args('leaf', 'proof', entry(4_320))))).toBe(1);
    const evidence = JSON.parse((await get(`/crossings/${id}/evidence`)).bytes.toString());
    expect(evidence).toEqual({
      log: { name: `gateways/${log.id}`, origin: log.origin, verifierKey: log.signer.verifierKey },
      leaf: { index: 4_321, entry: entry(4_321).toString('base64'), proven: true, note: null },
      settlement: { index: 19_999, entry: entry(19_999).toString('base64'), proven: true, note: null },
    });
  });

  test('takes milliseconds', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, at) => crossing(log, at * 997, null)));
    const times: number[] = [];
    for (const id of ids) {
      const start = performance.now();
      expect((await get(`/crossings/${id}/proof`)).status).toBe(200);
      times.push(performance.now() - start);
    }
    // What else the machine does holds some up, and not all.
    expect(times.toSorted((a, b) => a - b)[4]).toBeLessThan(100);
  });

  test('says why there is none', async () => {
    const young = journal();
    await young.store(5);
    const waiting = await crossing(young, 2, null);
    for (const part of ['proof', 'settlement/proof'])
      expect(await problem(`/crossings/018f0000-0000-7000-8000-000000000000/${part}`)).toMatchObject({
        status: 404,
      });
    expect(await problem(`/crossings/${waiting}/settlement/proof`)).toMatchObject({ status: 404 });
    expect(await problem(`/crossings/${waiting}/proof`)).toEqual({ status: 409, code: 'not_in_checkpoint' });
    const evidence = JSON.parse((await get(`/crossings/${waiting}/evidence`)).bytes.toString());
    expect(evidence).toMatchObject({
      log: { verifierKey: null },
      leaf: { proven: false, note: expect.stringContaining('No verified checkpoint') },
      settlement: null,
    });
    await young.growTo(5);
    await young.store(9);
    const later = await crossing(young, 7, null);
    expect(await problem(`/crossings/${later}/proof`)).toEqual({ status: 409, code: 'not_in_checkpoint' });
    await platform.pool.query(`UPDATE journal_entry SET bytes = 'changed' WHERE log = $1 AND idx = 2`, [
      young.id,
    ]);
    expect(await problem(`/crossings/${waiting}/proof`)).toEqual({ status: 409, code: 'entry_disagrees' });
    await platform.pool.query('UPDATE log_tile SET hashes = sha256(hashes) WHERE log = $1', [young.id]);
    expect(await problem(`/crossings/${waiting}/proof`)).toEqual({ status: 503, code: 'log_unreadable' });
  });

  test('of an entry that is not kept here any more holds for who kept it', async () => {
    const id = await crossing(log, 700, null);
    await dropEntries(log, 19_712);
    const proof = (await get(`/crossings/${id}/proof`)).bytes;
    const trust = { origin: log.origin, log: logVerifier(log.signer.verifierKey) };
    expect(verifyProof(proof, { ...trust, entry: entry(700) })).toMatchObject({ index: 700 });
    const evidence = JSON.parse((await get(`/crossings/${id}/evidence`)).bytes.toString());
    expect(evidence).toMatchObject({ leaf: { entry: null, proven: true, note: expect.any(String) } });
    await log.growTo(20_500);
    expect((await get(`/crossings/${id}/proof`)).status).toBe(200);
  });
});

test('a payload is handed out byte for byte, what was erased by its hash', async () => {
  const log = journal();
  await log.growTo(3);
  const id = await crossing(log, 1, null);
  await platform.pool.query(
    `INSERT INTO payload_item (log, idx, item, hash, bytes) VALUES ($1, 1, 0, $2, 'first'), ($1, 1, 1, $3, NULL)`,
    [log.id, Buffer.alloc(32, 1), Buffer.alloc(32, 2)],
  );
  expect(JSON.parse((await get(`/crossings/${id}/payload`)).bytes.toString())).toEqual({
    items: [
      { hash: Buffer.alloc(32, 1).toString('base64'), bytes: Buffer.from('first').toString('base64') },
      { hash: Buffer.alloc(32, 2).toString('base64'), bytes: null },
    ],
  });
});

describe('evidence', () => {
  const acknowledge = async (id: number, reason?: string, gateway = 'gateway-1') => {
    const response = await app.request(`/gateways/${gateway}/contradictions/${id}/acknowledge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason }),
    });
    return { status: response.status, body: await response.json() };
  };
  const listed = async (log: MadeUpJournal) => {
    const { items } = JSON.parse((await get('/gateways/gateway-1/contradictions')).bytes.toString());
    return z
      .array(z.looseObject({ id: z.number(), origin: z.string(), acknowledged: z.unknown() }))
      .parse(items)
      .filter(({ origin }) => origin === log.origin);
  };

  test('is warned of until somebody acknowledges it with a reason, which is a change; it stays', async () => {
    await platform.pool.query('TRUNCATE log_contradiction');
    const { Registry } = await import('prom-client');
    const watch = watchContradictions(platform, new Registry());
    await watch.start();
    const log = journal();
    await log.growTo(10);
    const bad = (size: number) => log.sign(size, () => 'forged');
    const post = async (size: number) =>
      expect(takeCheckpoint(platform, 'gateway-1', await bad(size))).rejects.toMatchObject({ status: 409 });
    await post(9);
    await expect.poll(() => watch.warning()).toContain(log.origin);
    const [first] = await listed(log);
    const id = first?.id ?? 0;
    expect(first?.acknowledged).toBeNull();
    expect(await acknowledge(id)).toMatchObject({ status: 400, body: { code: 'reason_missing' } });
    expect(await acknowledge(id, 'of another gateway', 'gateway-2')).toMatchObject({ status: 404 });
    const acknowledged = { by: 'person:ada', reason: 'A test of ours' };
    expect(await acknowledge(id, 'A test of ours')).toMatchObject({ status: 200, body: { acknowledged } });
    await expect.poll(() => watch.warning()).toBeNull();
    // A second time changes nothing, and is no second change.
    await acknowledge(id, 'Another reason');
    expect(await listed(log)).toMatchObject([{ id, kind: 'other_root', acknowledged }]);
    const changes = await platform.pool.query(
      `SELECT actor, reason, subject_id, detail FROM change WHERE act = 'log.acknowledge'`,
    );
    expect(changes.rows).toMatchObject([
      {
        actor: 'person:ada',
        reason: 'A test of ours',
        subject_id: 'gateway-1',
        detail: { log: log.origin, contradiction: id, kind: 'other_root' },
      },
    ]);
    // The same again is known; another is warned of.
    await post(9);
    expect(await listed(log)).toMatchObject([{ times: 2, acknowledged }]);
    await post(8);
    await expect.poll(() => watch.warning()).toContain(log.origin);
    for (const one of await listed(log)) await acknowledge(one.id, 'All of a test');
    await expect.poll(() => watch.warning()).toBeNull();
    // What is only counted on the last piece of evidence is not known either.
    for (let size = 30; size < 49; size++) {
      await log.store(size);
      await post(size);
    }
    for (const one of await listed(log)) await acknowledge(one.id, 'All of a test');
    expect((await listed(log)).every((one) => one.acknowledged !== null)).toBe(true);
    await log.store(60);
    await post(60);
    const found = (await readLogs(platform)).get('gateway-1')?.find(({ origin }) => origin === log.origin);
    expect(found).toMatchObject({ contradictions: { open: 1, acknowledged: 19 } });
    watch.stop();
  });
});
