import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cosignatureVerifier, logVerifier, openCheckpoint, parseProof, verifyProof } from '@drawbridge/tlog';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Audit, createAudit } from '../control/audit/index.ts';
import { LogDisk, makeChange } from '../control/audit/testing.ts';
import { createRouter, handleErrors } from '../control/platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../control/platform/testing.ts';
import { createRoot, type Root } from '../control/root/index.ts';
import { startVault, type Vault } from '../control/vault/index.ts';
import { type RunningWitness, startWitness } from './witness/index.ts';

/** The root log with real witnesses over HTTP. Changes are made up. */
const quick = { lookMs: 20, retryMs: 20, waitMs: 10_000, checkpointMs: 20, witnessMs: 300 };

let shared: TestPlatform;
let platform: TestPlatform;
let vault: Vault;
let folder = '';
let tests = 0;
const toStop: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  shared = await testPlatform();
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-root-'));
  vault = await startVault({ ...shared, keysDir: join(folder, 'keys'), deploymentId: shared.deployment.id });
});
afterAll(async () => {
  await vault.stop();
  await shared.close();
  await rm(folder, { recursive: true, maxRetries: 5 });
});
beforeEach(async () => {
  tests += 1;
  platform = { ...shared, deployment: { id: `made-up-${tests}`, name: 'Made up' } };
  await shared.pool.query('TRUNCATE change, setting');
  await forget();
});
afterEach(async () => {
  for (const one of toStop.splice(0).toReversed()) await one.stop();
});

/** What the database and the vault know of root logs, as if an older backup had been brought back. */
async function forget(): Promise<void> {
  await shared.pool.query('TRUNCATE root_entry, root_source, root_published, control_log');
  await rm(join(folder, 'keys', `${shared.deployment.id}.log-marks.json`), { force: true });
}

const origin = () => `${platform.deployment.id}/root`;

async function witness(name: string, port = 0): Promise<RunningWitness> {
  const started = await startWitness({
    keyFile: join(folder, `${tests}-${name}.json`),
    name: `${name}.example/made-up-${tests}`,
    logs: [logVerifier((await rootLog()).verifierKey)],
    directory: join(folder, `${tests}-${name}`),
    host: '127.0.0.1',
    port,
    tls: null,
    trustedProxies: null,
    log: pino({ level: 'silent' }),
  });
  toStop.push(started);
  return started;
}
async function down(running: RunningWitness): Promise<void> {
  toStop.splice(toStop.indexOf(running), 1);
  await running.stop();
}

let audit: Audit;
let root: Root;
let app: ReturnType<typeof createRouter>;
async function start(
  changes = new LogDisk(),
  disk = new LogDisk(),
  times = quick,
  next = new LogDisk(),
): Promise<void> {
  audit = await createAudit({ platform, vault, places: async () => changes.place(), times });
  root = await createRoot({
    platform,
    vault,
    places: async (name) => (name === 'root' ? disk : next).place(),
    sources: { ownLogs: () => audit.ownLogs() },
    network: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
    times,
  });
  app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:ada', name: 'Ada Example' }));
    await next();
  });
  app
    .route(
      '/',
      audit.routes(root.logs, async () => []),
    )
    .route('/', root.routes);
  audit.start();
  root.start();
  toStop.push(audit, root);
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at what was answered, whatever its form
async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: any }> {
  const answer = await app.request(path, init);
  return { status: answer.status, body: await answer.json() };
}
// biome-ignore lint/suspicious/noExplicitAny: as above
const rootLog = async (): Promise<any> =>
  (await ask('/logs')).body.items.find((log: { root: unknown }) => log.root !== null);
const put = (required: number, ...witnesses: readonly object[]) =>
  ask('/logs/root/witnesses', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ required, witnesses, reason: 'They keep watch' }),
  });
const at = ({ url, verifierKey: key }: Pick<RunningWitness, 'url' | 'verifierKey'>) => ({
  url,
  key,
  private: true,
});
async function published(): Promise<string> {
  const answer = await app.request('/logs/root/checkpoint');
  return answer.status === 200 ? answer.text() : '';
}
async function change(name: string): Promise<string> {
  await makeChange(platform, name);
  const { rows } = await platform.pool.query<{ id: string }>('SELECT id FROM change WHERE subject_id = $1', [
    name,
  ]);
  return rows[0]?.id ?? '';
}

describe('a change', () => {
  test('is proven up to the cosigned root with what anyone has: the entry, two proofs and the keys', async () => {
    await start();
    const one = await witness('one');
    expect((await put(1, at(one))).body).toMatchObject({
      required: 1,
      witnesses: [{ key: one.verifierKey }],
    });
    for (let more = 0; more < 5; more++) await change(`before ${more}`);
    const id = await change('to be proven');
    await expect.poll(async () => (await ask(`/changes/${id}/chain`)).status).toBe(200);
    const controlSize = async () => (await ask('/logs')).body.items[0].checkpoint.size;
    const size = await controlSize();
    await change('after');
    await expect.poll(controlSize).toBeGreaterThan(size);
    const { entry, log, root: above } = (await ask(`/changes/${id}/chain`)).body;

    // From here on nothing of this process: the keys are known by other ways.
    const { verifierKey } = await rootLog();
    const bytes = Buffer.from(entry, 'base64');
    expect(JSON.parse(bytes.toString())).toMatchObject({ id, act: 'app.create' });
    const below = verifyProof(log.proof, {
      entry: bytes,
      origin: `${platform.deployment.id}/control`,
      log: logVerifier(log.verifierKey),
    });
    expect(parseProof(log.proof).checkpoint).toBe(above.entry);
    const witnesses = [cosignatureVerifier(one.verifierKey)];
    const trust = { origin: origin(), log: logVerifier(verifierKey), witnesses, quorum: 1 };
    const proven = verifyProof(above.proof, { ...trust, entry: Buffer.from(above.entry) });
    expect(proven.cosignatures).toHaveLength(1);
    expect(proven.index).toBe(above.index);
    expect(below.index).toBeLessThan(below.checkpoint.size);
    // As docs/audit.md says to do it, with the script for auditors.
    const script = fileURLToPath(new URL('../libs/tlog/verify.mjs', import.meta.url));
    const verified = async (key: string, proof: string, of: string | Buffer, ...more: string[]) => {
      const [proofFile, entryFile] = [join(folder, 'a.tlog-proof'), join(folder, 'an.entry')];
      await Promise.all([writeFile(proofFile, proof), writeFile(entryFile, of)]);
      const args = [script, '--vkey', key, ...more, '--proof', proofFile, '--entry', entryFile];
      return (await promisify(execFile)(process.execPath, args)).stdout.trimEnd();
    };
    expect(await verified(log.verifierKey, log.proof, bytes)).toMatch(/VERIFIED$/);
    const cosigned = ['--witness', one.verifierKey, '--quorum', '1'];
    expect(await verified(verifierKey, above.proof, above.entry, ...cosigned)).toMatch(/VERIFIED$/);
    // What cosigns is served, too; and the proof in one file is what it was.
    expect(openCheckpoint(await published(), trust).cosignatures[0]?.name).toMatch(/^one\.example/);
    expect(await (await app.request(`/changes/${id}/proof`)).text()).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
  });

  test('who set the witnesses is one itself; what can’t be one is named', async () => {
    await start();
    const one = await witness('one');
    const wrong = async (required: number, ...witnesses: object[]) => {
      const { status, body } = await put(required, ...witnesses);
      return [status >= 400 && status < 500, body.errors?.[0]?.field ?? body.detail];
    };
    expect(await wrong(2, at(one))).toEqual([true, 'required']);
    expect(await wrong(1, at(one), at(one))).toEqual([true, 'witnesses']);
    expect(await wrong(1, { ...at(one), key: (await rootLog()).verifierKey })).toEqual([
      true,
      'witnesses.0.key',
    ]);
    for (const url of [
      'http://witness.example',
      'http://127.evil.example',
      'ftp://w',
      'https://a:b@w.example',
    ])
      expect(await wrong(0, { ...at(one), url })).toEqual([true, 'witnesses.0.url']);
    await put(1, at(one));
    const { items } = (await ask('/changes?subject=setting')).body;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      actor: 'person:ada',
      reason: 'They keep watch',
      detail: { required: 1, witnesses: [expect.stringMatching(/^one/)] },
    });
  });
});

describe('witnesses that do not answer', () => {
  test('one of two is down: published where one is required, held back where both are, until it is back', async () => {
    await start();
    const one = await witness('one');
    const two = await witness('two');
    const port = Number(new URL(two.url).port);
    await down(two);
    await put(1, at(one), at(two));
    await expect.poll(async () => (await rootLog()).checkpoint?.size).toBeGreaterThan(0);
    await expect.poll(async () => (await rootLog()).root.witnesses[1].trouble?.code).toBe('no_answer');
    const first = await rootLog();
    expect(first.trouble).toBeNull();
    expect(first.root.witnesses[0]).toMatchObject({ trouble: null, size: first.checkpoint.size });

    await put(2, at(one), at(two));
    await change('while one is down');
    await expect.poll(async () => (await rootLog()).trouble?.code).toBe('not_cosigned');
    const held = await rootLog();
    expect(held.trouble.text).toContain('two.example');
    await expect.poll(() => root.troubles().join()).toContain('two.example');
    expect(held.size).toBeGreaterThan(held.checkpoint.size);
    expect(
      openCheckpoint(await published(), { origin: origin(), log: logVerifier(held.verifierKey) }),
    ).toMatchObject({ checkpoint: { size: held.checkpoint.size } });
    // Neither changes nor what is taken in waits for it.
    const id = await change('and another');
    await expect.poll(async () => (await app.request(`/changes/${id}/proof`)).status).toBe(200);
    expect((await ask(`/changes/${id}/chain`)).body).toMatchObject({ code: 'not_in_root' });

    const again = await witness('two', port);
    expect(again.verifierKey).toBe(two.verifierKey);
    await expect.poll(async () => (await rootLog()).trouble).toBeNull();
    const witnesses = [cosignatureVerifier(one.verifierKey), cosignatureVerifier(two.verifierKey)];
    const log = logVerifier(held.verifierKey);
    const { checkpoint } = openCheckpoint(await published(), { origin: origin(), log, witnesses, quorum: 2 });
    expect(checkpoint.size).toBeGreaterThan(held.checkpoint.size);
    await expect.poll(async () => (await ask(`/changes/${id}/chain`)).status).toBe(200);
    await expect.poll(() => root.troubles()).toEqual([]);
  });

  test('one that hangs, and one at a private address that was not said to be meant', async () => {
    let asked = 0;
    const silent: Server = createServer(() => {
      asked += 1;
    });
    const [changes, disk] = [new LogDisk(), new LogDisk()];
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      await start(changes, disk);
      const one = await witness('one');
      const two = await witness('two');
      const { port } = silent.address() as AddressInfo;
      await put(
        1,
        { ...at(one), url: `http://127.0.0.1:${port}` },
        { ...at(two), url: `https://witness.example:${port}`, private: false },
      );
      await change('unseen');
      await expect.poll(async () => (await rootLog()).root.witnesses[0].trouble?.text).toContain('300 ms');
      const { text } = (await rootLog()).root.witnesses[1].trouble;
      expect(text).toContain('is in a private network');
      expect((await rootLog()).trouble).toMatchObject({ code: 'not_cosigned' });
      expect(await published()).toBe('');
      // Whoever stops does not wait for them.
      await root.stop();
      await audit.stop();
      await start(changes, disk, { ...quick, witnessMs: 60_000 });
      const before = asked;
      await expect.poll(() => asked).toBeGreaterThan(before);
      const begun = performance.now();
      await root.stop();
      expect(performance.now() - begun).toBeLessThan(10_000);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});

test('a witness that has seen more, or another history, is named loudly: the root log was set back', async () => {
  const changes = new LogDisk();
  await start(changes);
  const one = await witness('one');
  await put(0, at(one));
  for (const name of ['one', 'two', 'three']) {
    const { size } = await rootLog();
    await change(name);
    await expect.poll(async () => (await rootLog()).root.witnesses[0].size).toBeGreaterThan(size);
  }
  await root.stop();
  await audit.stop();

  await forget();
  await start(changes);
  await expect.poll(async () => (await rootLog()).trouble?.code).toBe('witness_ahead');
  const back = await rootLog();
  expect(back.trouble.text).toContain(one.verifierKey.split('+')[0]);
  expect(back.root.witnesses[0].trouble).toMatchObject({ code: 'ahead' });
  await expect.poll(() => root.troubles().join()).toContain('was set back');
  // It grows past what the witness has seen, and is another log.
  for (let more = 0; (await rootLog()).trouble?.code !== 'witness_differs'; more++) {
    expect(more).toBeLessThan(20);
    const { size } = await rootLog();
    await change(`after ${more}`);
    await expect.poll(async () => (await rootLog()).size).toBeGreaterThan(size);
    await expect.poll(async () => (await rootLog()).checkpoint.size === (await rootLog()).size).toBe(true);
  }
  expect((await rootLog()).root.witnesses[0].trouble.text).toContain('does not see that the root log begins');
});

test('where its files are lost it begins anew under another name, and quotes what was signed last', async () => {
  const [changes, disk] = [new LogDisk(), new LogDisk()];
  await start(changes, disk);
  await change('one');
  await expect.poll(async () => (await rootLog()).checkpoint?.size).toBeGreaterThan(0);
  const askEpoch = () =>
    ask('/logs/root/epochs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'The files were lost' }),
    });
  try {
    expect(await askEpoch()).toEqual({ status: 202, body: { origin: `${origin()}/2` } });
    expect(await askEpoch()).toMatchObject({ status: 409, body: { code: 'epoch_not_begun' } });
    await root.stop();
    await audit.stop();
    const last = await published();
    await start(changes, disk);
    const id = await change('two');
    await expect.poll(async () => (await ask(`/changes/${id}/chain`)).status).toBe(200);
    const log = await rootLog();
    expect(log).toMatchObject({ name: 'root-2', origin: `${origin()}/2`, trouble: null });
    const held = log.root.logs.find((one: { origin: string }) => one.origin === origin());
    expect(held).toMatchObject({ index: 0, trouble: null });
    expect(await (await app.request('/logs/root/checkpoint')).text()).toBe(last);
    const { root: above } = (await ask(`/changes/${id}/chain`)).body;
    const trust = { origin: `${origin()}/2`, log: logVerifier(log.verifierKey) };
    verifyProof(above.proof, { ...trust, entry: Buffer.from(above.entry) });
  } finally {
    await platform.pool.query("DELETE FROM log_epoch WHERE log = 'root'");
  }
});
