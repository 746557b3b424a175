import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openSealed } from '@drawbridge/envelope';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpointRoutes } from '../control/checkpoints/index.ts';
import { ingestRoutes } from '../control/crossings/index.ts';
import { nothingErased } from '../control/crossings/testing.ts';
import {
  enrolGateway,
  type Fleet,
  fleetRoutes,
  gatewayAuth,
  hashGatewayToken,
} from '../control/fleet/index.ts';
import { type TestHouse, testHouse } from '../control/fleet/testing.ts';
import { handleErrors, systemClock } from '../control/platform/index.ts';
import { tamperWithJournal } from '../gateway/journal/testing/tamper.ts';
import { closeAll, closing, type Started, setUp, startProcess } from '../gateway/testing/process.ts';
import { bearer, send } from '../gateway/testing/send.ts';
import * as tlog from '../libs/tlog/index.ts';

/** A real gateway process that is killed, and a real control plane that checks its log. All data is made up. */
let house: TestHouse;
let fleet: Fleet;
let made: Awaited<ReturnType<typeof setUp>>;
let env: Record<string, string>;
let journal = '';
let key = '';

beforeAll(async () => {
  house = await testHouse();
  fleet = house.newFleet();
  made = await setUp();
  key = made.made.issue({ connections: ['ai'] });
  journal = join(made.dir, 'data', 'journal');
  const { id, publicKey, token } = made.made.gatewayKeys;
  await enrolGateway(house.platform, { id, name: id, publicKey, tokenHash: hashGatewayToken(token) });
  env = { ...made.env, DRAWBRIDGE_CONTROL_URL: await controlPlane() };
}, 60_000);
afterAll(async () => {
  await closeAll();
  await house.close();
});

/** Its snapshot is made up; status, journal and checkpoints go to the real thing. */
async function controlPlane(): Promise<string> {
  const platform = { ...house.platform, clock: systemClock };
  const snapshot = await made.made.snapshot();
  const app = new Hono<{ Variables: { gateway: { id: string }; requestId: string } }>();
  app.onError(handleErrors(platform.log));
  app.get('/fleet/v1/snapshot', async (c) => {
    if (c.req.query('after') === '0') return c.json(snapshot);
    await once(c.req.raw.signal, 'abort');
    return c.body(null, 204);
  });
  app.use('/fleet/v1/*', gatewayAuth(platform));
  app.route('/fleet/v1', fleetRoutes(platform, fleet));
  const openDataKey: Parameters<typeof ingestRoutes>[1]['openDataKey'] = (sealed, context) =>
    openSealed(made.made.payloadPrivateKey, sealed, context);
  app.route(
    '/fleet/v1',
    ingestRoutes(platform, { openDataKey, erased: nothingErased, onStored: () => undefined }),
  );
  app.route('/fleet/v1', checkpointRoutes(platform));
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  closing.push(async () => {
    const closed = once(server, 'close');
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const chat = JSON.stringify({ model: 'made-up-1', messages: [] });
const cross = async ({ port }: Started): Promise<number> =>
  (await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat })).status;

async function crossMany(worker: Started, count: number): Promise<void> {
  for (let done = 0; done < count; done += 10)
    expect(await Promise.all(Array.from({ length: 10 }, () => cross(worker)))).toEqual(Array(10).fill(200));
}

const seen = async () => (await fleet.gatewaysOverview())[0];
const log = async () => (await seen())?.logs[0];
const patience = { timeout: 20_000, interval: 50 };

/** Waits until all that is stored, and so many entries at least, is under a verified checkpoint. */
async function verified(least: number): Promise<number> {
  await expect
    .poll(async () => {
      const { entries = -1, checkpoint } = (await log()) ?? {};
      return entries >= least && entries === checkpoint?.size;
    }, patience)
    .toBe(true);
  return (await log())?.entries ?? 0;
}

async function ended(worker: Started, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  worker.child.kill(signal);
  await worker.exited;
}

test('killed and started again, its checkpoints are those of the stored entries; what was tampered with shows', async () => {
  const first = await startProcess(env);
  await expect.poll(() => cross(first), patience).toBe(200);
  await crossMany(first, 40);
  await verified(80);

  let answered = 0;
  const count = (): number => (answered += 1);
  // Those that the kill cuts off have no answer: whether they crossed is for the journal to say.
  const under = Array.from({ length: 60 }, () => cross(first).then(count, () => 0));
  await expect.poll(() => answered, { interval: 1 }).toBeGreaterThan(20);
  await ended(first, 'SIGKILL');
  await Promise.all(under);

  const second = await startProcess(env);
  await crossMany(second, 20);
  const entries = await verified(80 + 2 * 20 + answered);
  expect(await log()).toMatchObject({ contradiction: null });
  await ended(second, 'SIGTERM');

  // By anyone, on the directory alone; and once more from the database's bytes.
  const { origin = '', verifierKey, checkpoint } = (await log()) ?? {};
  const files = new tlog.DirectoryFiles(await import('node:fs/promises'), join(journal, 'log'));
  const report = await tlog.fsck({
    origin,
    log: tlog.logVerifier(verifierKey ?? ''),
    fetch: (path, limit) => files.read(path, limit),
    list: () => files.list(),
    clock: { now: Date.now, after: () => () => undefined },
  });
  expect(report).toMatchObject({ ok: true, problems: [] });
  expect(report.checked.entries).toBeGreaterThanOrEqual(entries);
  const stored = await house.platform.pool.query<{ bytes: Buffer }>(
    'SELECT bytes FROM journal_entry ORDER BY idx LIMIT $1',
    [checkpoint?.size],
  );
  const tree = tlog.Frontier.empty();
  for (const { bytes } of stored.rows) tree.append(tlog.leafHash(bytes));
  expect(checkpoint?.root).toBe(tree.root().toString('base64'));

  // A hash in the newest lowest tile is changed: nothing is signed any more, crossings go on.
  const width = report.checked.entries % 256;
  const tile = join(
    journal,
    'log',
    `tile/0/${String(Math.floor(report.checked.entries / 256)).padStart(3, '0')}.p`,
  );
  const path = join(tile, String(width));
  await writeFile(path, (await readFile(path)).fill(0, 0, 2));
  const third = await startProcess(env);
  await crossMany(third, 10);
  await expect.poll(async () => (await seen())?.about?.log?.problem, patience).toBe('contradiction');
  await expect.poll(async () => (await log())?.entries, patience).toBe(report.checked.entries + 20);
  expect((await log())?.checkpoint?.size).toBeLessThanOrEqual(report.checked.entries);
  expect(third.log()).toContain('log_not_signed');
  await ended(third, 'SIGTERM');

  // All of the gateway's own files are made to tell another history: its own key signs it, and the control plane sees it.
  await tamperWithJournal(journal, '"status":200');
  await rm(join(journal, 'log'), { recursive: true });
  await rm(join(journal, 'signed'));
  const fourth = await startProcess(env);
  await expect.poll(async () => (await log())?.contradiction?.kind, patience).toBe('other_root');
  expect(await cross(fourth)).toBe(200);
}, 90_000);
