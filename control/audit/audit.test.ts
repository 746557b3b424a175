import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '@drawbridge/postgres/testing';
import { logVerifier, openReader, verifyProof } from '@drawbridge/tlog';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  collectMigrations,
  createRouter,
  handleErrors,
  migrate,
  openDatabase,
  Problem,
  recordChange,
} from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { startVault, type Vault } from '../vault/index.ts';
import { type Audit, createAudit } from './index.ts';
import { LogDisk, makeChange } from './testing.ts';

const ORIGIN = 'test-deployment/control';
const quick = { lookMs: 20, retryMs: 20, waitMs: 10_000, checkpointMs: 20 };

let platform: TestPlatform;
let vault: Vault;
let keysDir: string;
/** So that a test that fails leaves none running. */
const audits: Audit[] = [];
afterEach(async () => {
  for (const audit of audits.splice(0)) await audit.stop();
});
beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  vault = await startVault({ ...platform, keysDir, deploymentId: platform.deployment.id });
});
afterAll(async () => {
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});

/** One control process with a route that changes something, on a fresh log. */
async function controlProcess(disk = new LogDisk(), times = quick) {
  const audit = await createAudit({ platform, vault, places: async () => disk.place(), times });
  audits.push(audit);
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', audit.answerWhenLogged);
  app.post('/things/:name', async (c) => {
    const name = c.req.param('name');
    if (name === 'made-before') return c.body(null, 204);
    await platform.db.transaction().execute(async (tx) => {
      await recordChange(tx, platform, {
        actor: { id: 'person:ada', name: 'Ada Example' },
        reason: 'Ada asked for it',
        act: 'app.create',
        subject: { kind: 'app', id: name },
        detail: { owner: 'Ada Example' },
      });
      if (name === 'refused') throw new Problem(422, 'invalid_request', 'made up');
    });
    return c.body(null, 204);
  });
  const noOthers = { logs: async () => [], filesOf: () => null, hold: async () => null };
  app.route(
    '/',
    audit.routes(noOthers, async () => []),
  );
  const post = async (name: string) => {
    const answer = await app.request(`/things/${name}`, { method: 'POST' });
    return { status: answer.status, logged: answer.headers.get('x-drawbridge-logged') };
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what was answered, whatever its form
  const get = async (path: string): Promise<{ status: number; body: any }> => {
    const answer = await app.request(path);
    return { status: answer.status, body: await answer.json() };
  };
  return { audit, app, post, get };
}
/** Another deployment, as far as the log goes: what was signed before is forgotten, too. */
async function fresh(): Promise<void> {
  await platform.pool.query('TRUNCATE change, control_log, log_epoch');
  await rm(marksFile(), { force: true });
}
const marksFile = () => join(keysDir, `${platform.deployment.id}.log-marks.json`);

describe('a request that changes something', () => {
  test('is answered when the log has the change, and says so; others say nothing', async () => {
    await fresh();
    const { audit, post } = await controlProcess();
    audit.start();
    expect(await post('one')).toEqual({ status: 204, logged: 'true' });
    const { rows } = await platform.pool.query('SELECT log_index AS index FROM change');
    expect(rows).toEqual([{ index: 0 }]);
    expect(await post('made-before')).toEqual({ status: 204, logged: null });
    expect(await post('refused')).toEqual({ status: 422, logged: null });
    await audit.stop();
  });

  test('while nobody writes the log it is done, told as not logged, and logged later, once', async () => {
    await fresh();
    const disk = new LogDisk();
    const away = await controlProcess(disk, { ...quick, waitMs: 30 });
    expect(await away.post('one')).toEqual({ status: 204, logged: 'false' });
    expect((await away.get('/logs')).body).toMatchObject({
      items: [{ size: 0, waiting: 1, checkpoint: null }],
    });
    const back = await controlProcess(disk);
    back.audit.start();
    expect(await back.post('two')).toEqual({ status: 204, logged: 'true' });
    expect((await back.get('/changes')).body).toMatchObject({
      items: [
        { subject: { id: 'two' }, index: 1 },
        { subject: { id: 'one' }, index: 0 },
      ],
    });
    await back.audit.stop();
  });

  test('is done and told as not logged when the log is in trouble, which all processes tell; reads go on', async () => {
    await fresh();
    const disk = new LogDisk();
    const before = await controlProcess(disk);
    before.audit.start();
    expect((await before.post('one')).logged).toBe('true');
    await before.audit.stop();
    const broken = await controlProcess(new LogDisk());
    broken.audit.start();
    await expect.poll(() => broken.audit.trouble()).toMatch(/Bring back/);
    expect(await broken.post('two')).toEqual({ status: 204, logged: 'false' });
    const other = await controlProcess();
    for (const one of [broken, other]) {
      expect((await one.get('/logs')).body).toMatchObject({
        items: [{ size: 1, waiting: 1, trouble: { code: 'files_older' } }],
      });
      expect((await one.get('/changes')).status).toBe(200);
    }
    await broken.audit.stop();
  });
});

describe('what can be asked of the log', () => {
  test('its key and checkpoint, a change with its entry, and a proof that holds without us', async () => {
    await fresh();
    const disk = new LogDisk();
    const { audit, app, post, get } = await controlProcess(disk);
    audit.start();
    for (const name of ['one', 'two', 'three']) await post(name);
    await expect.poll(async () => (await get('/logs')).body.items[0].checkpoint?.size).toBe(3);
    await audit.stop();
    const [log] = (await get('/logs')).body.items;
    expect(log).toMatchObject({ name: 'control', origin: ORIGIN, size: 3, waiting: 0, trouble: null });
    const trust = { origin: ORIGIN, log: logVerifier(log.verifierKey) };

    const [{ id }] = (await get('/changes?subject=app:two')).body.items;
    const change = (await get(`/changes/${id}`)).body;
    expect(change).toMatchObject({ index: 1, agrees: 'yes', log: ORIGIN, actor: 'person:ada', note: null });
    const entry = Buffer.from(change.entry, 'base64');
    expect(entry.toString()).not.toMatch(/ada/i);
    const proof = await app.request(`/changes/${id}/proof`);
    expect(proof.headers.get('content-disposition')).toContain(`${id}.tlog-proof`);
    const text = await proof.text();
    expect(verifyProof(text, { ...trust, entry }).index).toBe(1);
    expect(() => verifyProof(text, { ...trust, entry: Buffer.from('another') })).toThrow();

    // A reader that has nothing but what is served.
    const reader = await openReader({
      ...trust,
      async fetch(path) {
        const answer = await app.request(`/logs/control/${path}`);
        return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : null;
      },
    });
    expect(await reader.entry(1)).toEqual(entry);
    for (const path of ['tile/0/001', 'tile/entries/..%2f..%2fsigned', 'tile/0/000.p/0', 'tile/checkpoint'])
      expect((await app.request(`/logs/control/${path}`)).status, path).toBe(404);
    expect((await app.request('/logs/constructor/checkpoint')).status).toBe(404);
  });

  test('a row that was changed after it was logged does not agree; one that waits has no proof yet', async () => {
    await fresh();
    const { audit, post, get } = await controlProcess();
    audit.start();
    await post('one');
    await expect.poll(async () => (await get('/logs')).body.items[0].checkpoint?.size).toBe(1);
    await audit.stop();
    await platform.pool.query("UPDATE change SET reason = 'Nobody asked for it'");
    const [{ id }] = (await get('/changes')).body.items;
    expect((await get(`/changes/${id}`)).body).toMatchObject({ agrees: 'no', note: /was changed/ });
    await makeChange(platform, 'two');
    const waiting = (await get('/changes')).body.items[0].id;
    expect((await get(`/changes/${waiting}`)).body).toMatchObject({
      agrees: 'unknown',
      entry: null,
      index: null,
    });
    expect(await get(`/changes/${waiting}/proof`)).toMatchObject({
      status: 409,
      body: { code: 'not_in_checkpoint' },
    });
    expect((await get('/changes/0198c2a0-0000-7000-8000-000000000009')).status).toBe(404);
  });

  test('the timeline: filters, pages, newest first', async () => {
    await fresh();
    const { get } = await controlProcess();
    for (const name of ['one', 'two', 'three']) {
      await makeChange(platform, name);
      platform.advance(60_000);
    }
    const names = async (query: string) =>
      (await get(`/changes?${query}`)).body.items.map((item: { subject: { id: string } }) => item.subject.id);
    expect(await names('')).toEqual(['three', 'two', 'one']);
    expect(await names('act=app.create&actor=person:ada&subject=app')).toEqual(['three', 'two', 'one']);
    for (const none of ['act=app', 'actor=person:eve', 'subject=key', 'subject=app:four'])
      expect(await names(none)).toEqual([]);
    const at = (await get('/changes?subject=app:two')).body.items[0].at;
    expect(await names(`since=${at}`)).toEqual(['three', 'two']);
    expect(await names(`until=${at}`)).toEqual(['one']);
    const first = (await get('/changes?limit=2')).body;
    expect(await names(`limit=2&cursor=${first.next}`)).toEqual(['one']);
    expect((await get('/changes?since=yesterday')).status).toBe(400);
    expect((await get('/changes?cursor=made-up')).status).toBe(400);
  });
});

test('changes from before the log get a place in their order, and each a salt of its own', async () => {
  const database = await testDatabase();
  const { pool, close } = openDatabase(database.connection, () => undefined);
  const all = await collectMigrations(dirname(dirname(fileURLToPath(import.meta.url))));
  await migrate(
    pool,
    all.filter(({ number }) => number < 16),
  );
  for (const id of ['c', 'a', 'b'])
    await pool.query(
      "INSERT INTO change (id, at, actor, reason, act, subject_kind, subject_id, detail) VALUES ($1, now(), 'p', 'r', 'a', 'k', 'i', '{}')",
      [id],
    );
  await migrate(pool, all);
  const { rows } = await pool.query('SELECT id, salt, log_index FROM change ORDER BY seq');
  expect(rows.map(({ id, log_index }) => [id, log_index])).toEqual([
    ['c', null],
    ['a', null],
    ['b', null],
  ]);
  expect(new Set(rows.map(({ salt }) => salt.toString('hex'))).size).toBe(3);
  expect(rows.every(({ salt }) => salt.length === 32)).toBe(true);
  await close();
  await database.drop();
});
