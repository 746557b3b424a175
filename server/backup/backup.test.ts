import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpenaiStandin, startOpenaiStandin } from '@drawbridge/standins';
import { logVerifier, openCheckpoint } from '@drawbridge/tlog';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../config.ts';
import { type Deployment, startDeployment } from '../deployment.ts';
import { issueKey, makeConnection } from '../proofs/testing/connect.ts';
import { eventually } from '../proofs/testing/eventually.ts';
import { bearer, send } from '../proofs/testing/http.ts';
import { type TestDeployment, testDeployment } from '../testing/deployment.ts';
import { backup } from './backup.ts';
import { withDatabase } from './database.ts';
import { backupKeys } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { restore } from './restore.ts';

// Whole deployments are started, stopped and killed here, beside other tests.
vi.setConfig({ testTimeout: 120_000 });

/**
 * A deployment that is backed up while it is used and after it was stopped, and brought back elsewhere. All data is
 * made up.
 */
const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
let folder: string;
let source: TestDeployment;
let openai: OpenaiStandin;
let id: string;
/** Made while changes and crossings went on; and after the end. */
let early: Manifest;
let late: Manifest;
const running: Deployment[] = [];

const at = (name: string) => join(folder, name);
const place = (name: string, keysDir = at('late-keys')) => ({
  dataDir: at(name),
  keysDir,
  keySource: { kind: 'file' } as const,
  databaseUrl: null,
});
const sourcePlace = () => ({ dataDir: source.dataDir, keysDir: source.keysDir, databaseUrl: null });
const options = { keysFrom: null, newEpoch: null };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-backup-'));
  await chmod(folder, 0o711);
  openai = await startOpenaiStandin({ validKeys: ['sk-made-up-credential'] });
  source = await testDeployment({ logLevel: 'error' });
  const connection = await makeConnection(source.call, {
    slug: 'ai',
    service: 'openai/api/global',
    url: openai.url,
    credential: 'sk-made-up-credential',
    contract: 'recommended',
  });
  const { key } = await issueKey(source.call, [connection]);
  const ask = () =>
    send(`${source.gatewayUrl}/ai/v1/chat/completions`, {
      headers: bearer(key),
      body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] }),
    });
  await eventually(ask, (answer) => answer.status === 200);
  await eventually(source.forwardedLeaves, (count) => count > 0);
  // The root log looks every ten seconds; the backup is to have something of it.
  await eventually(
    () => source.call<{ items: { name: string; checkpoint: unknown }[] }>('GET', '/logs'),
    ({ items }) => items.some(({ name, checkpoint }) => name === 'root' && checkpoint !== null),
  );

  let isOver = false;
  const changes = (async () => {
    for (let at = 0; !isOver; at++)
      await source.call('POST', '/apps', { name: `app ${at}`, owner: 'Made up' });
  })();
  early = await backup(sourcePlace(), at('early')).finally(() => {
    isOver = true;
    return changes;
  });
  id = early.deployment;
  await backupKeys(source.keysDir, id, at('early-keys'), 'file');
  const before = await source.forwardedLeaves();
  await ask();
  await eventually(source.forwardedLeaves, (count) => count > before);
  await source.call('POST', '/apps', { name: 'the last', owner: 'Made up' });
  await source.stop();
  late = await backup(sourcePlace(), at('late'));
  await backupKeys(source.keysDir, id, at('late-keys'), 'file');
}, 120_000);
afterAll(async () => {
  for (const one of running) await one.stop();
  await source?.remove();
  await openai?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(name: string, keysDir = at('late-keys')): Promise<Deployment> {
  const config = readConfig(
    { DRAWBRIDGE_LOG: 'error' },
    { data: at(name), keys: keysDir, port: '0', gatewayPort: '0' },
  );
  const started = await startDeployment({
    config,
    log: pino({ level: 'silent' }),
    gatewayOutput: () => undefined,
  });
  running.push(started);
  return started;
}
async function stop(one: Deployment): Promise<void> {
  running.splice(running.indexOf(one), 1);
  await one.stop();
}
/** In a process of its own. */
function run(args: string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
  });
}
async function codeOf(child: ChildProcess): Promise<{ code: number; err: string }> {
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  return { code, err };
}
interface RootView {
  name: string;
  root: { logs: { origin: string; index: number | null }[] } | null;
}
const hashes = ({ files }: Manifest) =>
  files.filter(({ path }) => path.startsWith('database/')).map(({ path, sha256 }) => `${path} ${sha256}`);
const logOf = ({ logs }: Manifest) => logs.find(({ name }) => name === 'control') ?? expect.fail();

describe('a backup', () => {
  test('that is made while changes are made has entries for all of its rows, and only its owner can read it', async () => {
    const { size, unfit } = logOf(early);
    expect(unfit).toBeNull();
    await restore(place('check', at('check-keys')), at('early'), {
      keysFrom: at('early-keys'),
      newEpoch: 'Made up',
    });
    const { last } = await withDatabase(place('check', at('check-keys')), async ({ pool }) => {
      const { rows } = await pool.query<{ last: number }>(
        "SELECT max(log_index) AS last FROM change WHERE act <> 'log.new_epoch'",
      );
      return rows[0] ?? expect.fail();
    });
    expect(last).toBeGreaterThan(1);
    expect(size).toBeGreaterThan(last);
    for (const { path } of early.files.slice(0, 3))
      expect((await stat(join(at('early'), path))).mode & 0o777).toBe(0o600);
    const found = (await readdir(at('early'), { recursive: true })).join('\n');
    expect(found).not.toMatch(/kek|gateway-1|credentials/);
  });

  test('of a stopped deployment comes back row for row, verifies, and goes on', async () => {
    const keysDir = at('same-keys');
    await cp(at('late-keys'), keysDir, { recursive: true });
    await restore(place('same', keysDir), at('late'), options);
    const again = await backup(place('same', keysDir), at('again'));
    expect(hashes(again)).toEqual(hashes(late));
    expect(again.logs).toEqual(late.logs);
    const vkey = logOf(late).verifierKey;
    expect(
      await codeOf(run(['log', 'verify', join(at('same'), 'logs/control'), '--vkey', vkey])),
    ).toMatchObject({
      code: 0,
    });

    const { size } = logOf(late);
    const deployment = await start('same', keysDir);
    await deployment.api('POST', '/apps', { name: 'after', owner: 'Made up' });
    const { body } = await deployment.api('GET', '/changes?act=app.create');
    const [change] = (body as { items: { id: string; index: number }[] }).items;
    expect(change?.index).toBeGreaterThanOrEqual(size);
    const logs = await deployment.api('GET', '/logs');
    const { items } = logs.body as { items: { name: string; trouble: unknown }[] };
    expect(items.map(({ name, trouble }) => [name, trouble])).toEqual([
      ['control', null],
      ['root', null],
    ]);

    const reason = ['--reason', 'Made up'];
    const flags = ['--data', at('same'), '--keys', keysDir];
    expect(await codeOf(run([...flags, 'log', 'new-epoch', 'control', ...reason]))).toMatchObject({
      code: 0,
    });
    const begun = (await deployment.api('GET', '/logs')).body as {
      items: { name: string; verifierKey: string }[];
    };
    const next = begun.items.find(({ name }) => name === 'control-2') ?? expect.fail();
    await stop(deployment);
    const path = join(at('same'), 'logs/control-2');
    expect(await codeOf(run(['log', 'verify', path, '--vkey', next.verifierKey]))).toMatchObject({ code: 0 });
  });
});

test('a log that is damaged is copied as it is and told; it can only be begun anew', async () => {
  const file = join(at('same'), 'logs/control-2/tile/0/000.p');
  for (const name of await readdir(file)) {
    const bytes = await readFile(join(file, name));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(join(file, name), bytes);
  }
  const { logs } = await backup(place('same', at('same-keys')), at('unfit'));
  expect(logs.find(({ name }) => name === 'control')?.unfit).toBeNull();
  expect(logs.find(({ name }) => name === 'control-2')?.unfit).toMatch(/tile/);
  await expect(restore(place('never', at('same-keys')), at('unfit'), options)).rejects.toMatchObject({
    code: 'would_fork',
    message: expect.stringContaining('control/2 was damaged when the backup was made'),
  });
});

describe('a restore that would fork a log', () => {
  test('is refused with the numbers, and leaves nothing', async () => {
    await expect(restore(place('fork'), at('early'), options)).rejects.toMatchObject({
      code: 'would_fork',
      message: expect.stringMatching(
        new RegExp(
          `was signed with \\d+ entries, and the backup has ${logOf(early).size} of them.*--new-epoch`,
        ),
      ),
    });
    expect(existsSync(at('fork'))).toBe(false);
  });

  test('begins a new epoch when told, which quotes the backup’s last checkpoint; a gateway ships again what is missing', async () => {
    const keysDir = at('epoch-keys');
    await cp(at('late-keys'), keysDir, { recursive: true });
    // As if the root log had grown after the backup, too: it looks every ten seconds.
    const marks = JSON.parse(await readFile(join(keysDir, `${id}.log-marks.json`), 'utf8'));
    marks.logs[`${id}/root`] = { size: 1000, root: Buffer.alloc(32).toString('base64') };
    await writeFile(join(keysDir, `${id}.log-marks.json`), JSON.stringify(marks));
    const { begun } = await restore(place('epoch', keysDir), at('early'), {
      ...options,
      newEpoch: 'The disk was lost',
    });
    expect(begun).toEqual([`${id}/control/2`, `${id}/root/2`]);
    // The gateway's disk was not lost.
    await cp(join(source.dataDir, 'gateway-1'), join(at('epoch'), 'gateway-1'), { recursive: true });
    const deployment = await start('epoch', keysDir);
    await eventually(
      async () =>
        (await deployment.api('GET', '/logs')).body as { items: { name: string; checkpoint: unknown }[] },
      ({ items }) => items.some(({ name, checkpoint }) => name === 'control-2' && checkpoint !== null),
    );
    const path = join(at('epoch'), 'logs/control-2/tile/entries/');
    const [bundle = ''] = await readdir(join(path, '000.p'));
    const bytes = await readFile(join(path, '000.p', bundle));
    const first = JSON.parse(bytes.subarray(2, 2 + bytes.readUInt16BE(0)).toString());
    expect(first.reason).toBe('The disk was lost');
    const { origin, verifierKey, size, root } = logOf(early);
    const quoted = openCheckpoint(first.previous.checkpoint, { origin, log: logVerifier(verifierKey) });
    expect(quoted.checkpoint).toMatchObject({ size, root: Buffer.from(root, 'base64') });
    expect(first.previous.signed.size).toBeGreaterThan(size);
    await eventually(deployment.forwardedLeaves, (count) => count === 2);
    // The root log goes on from its old self, and takes in both.
    const listed = await eventually(
      async () => (await deployment.api('GET', '/logs')).body as { items: RootView[] },
      ({ items }) =>
        items.some(({ root: one }) =>
          one?.logs.some(({ origin: of, index }) => of === `${id}/control/2` && index !== null),
        ),
      30_000,
    );
    const now = listed.items.find(({ name }) => name === 'root-2') ?? expect.fail();
    expect(now).toMatchObject({ origin: `${id}/root/2`, isCurrent: true, trouble: null });
    expect(now.root?.logs.filter(({ index }) => index !== null).map(({ origin: of }) => of)).toEqual(
      expect.arrayContaining([`${id}/root`, `${id}/control`, `${id}/control/2`]),
    );
    expect(now.root?.logs.find(({ index }) => index === 0)?.origin).toBe(`${id}/root`);
    expect(listed.items.find(({ name }) => name === 'root')).toMatchObject({ isCurrent: false, root: null });
    await stop(deployment);
  }, 60_000);
});

describe('a backup that is not what was written', () => {
  test('a changed byte in any file is refused before anything is made', async () => {
    await cp(at('late'), at('bent'), { recursive: true });
    // Tables are files of one kind: some stand for all, but in the long run.
    const isSoak = process.env.DRAWBRIDGE_SOAK === '1';
    const tables = late.files.map(({ path }) => path).filter((path) => path.startsWith('database/'));
    const left = new Set(isSoak ? [] : tables.filter((_, at) => at % 10 !== 0));
    const paths = [...late.files.map(({ path }) => path), 'manifest.json', 'manifest.sha256'].filter(
      (path) => !left.has(path),
    );
    const refused: string[] = [];
    for (const path of paths) {
      const file = join(at('bent'), path);
      const bytes = await readFile(file);
      if (bytes.length === 0) continue;
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      await writeFile(file, bytes);
      const code = await restore(place('never'), at('bent'), options).then(
        () => 'restored',
        (error: { code: string }) => error.code,
      );
      if (code === 'damaged') refused.push(path);
      await cp(join(at('late'), path), file);
    }
    expect(refused).toEqual(paths);
    expect(existsSync(at('never'))).toBe(false);
  }, 60_000);

  test('one that was killed in the middle is no backup', async () => {
    const child = run(['--data', source.dataDir, '--keys', source.keysDir, 'backup', at('killed')]);
    const ended = once(child, 'exit');
    await eventually(
      async () => existsSync(join(at('killed'), 'database')),
      (isThere) => isThere,
    );
    child.kill('SIGKILL');
    await ended;
    await expect(restore(place('never'), at('killed'), options)).rejects.toMatchObject({ code: 'no_backup' });
  }, 60_000);

  test('a restore that was killed in the middle is not started from, and not written over', async () => {
    const child = run(['--data', at('half'), '--keys', at('late-keys'), 'restore', at('late')]);
    const ended = once(child, 'exit');
    await eventually(
      async () => existsSync(join(at('half'), 'restore.unfinished')),
      (isThere) => isThere,
    );
    child.kill('SIGKILL');
    await ended;
    await expect(start('half')).rejects.toMatchObject({ code: 'unfinished' });
    await expect(restore(place('half'), at('late'), options)).rejects.toMatchObject({ code: 'unfinished' });
  }, 60_000);
});

describe('keys', () => {
  test('of another deployment, a wrong one, none: refused', async () => {
    await expect(restore(place('never', at('no-keys')), at('late'), options)).rejects.toMatchObject({
      code: 'keys_missing',
    });
    await cp(at('early-keys'), at('wrong-keys'), { recursive: true });
    await writeFile(join(at('wrong-keys'), `${id}.kek`), `drawbridge-kek-1:${'A'.repeat(43)}\n`);
    await expect(
      restore(place('never', at('no-keys')), at('late'), { ...options, keysFrom: at('wrong-keys') }),
    ).rejects.toMatchObject({ code: 'kek_wrong' });
    await expect(
      restore(place('never'), at('late'), { ...options, keysFrom: at('wrong-keys') }),
    ).rejects.toMatchObject({ code: 'keys_conflict' });
    expect(existsSync(at('never'))).toBe(false);
  });

  test('of an older copy never take back marks or erasures', async () => {
    const keysDir = at('newer-keys');
    await cp(at('late-keys'), keysDir, { recursive: true });
    await writeFile(join(keysDir, `${id}.erasures`), 'first\nnewer\n', { mode: 0o600 });
    await cp(at('early-keys'), at('older-keys'), { recursive: true });
    await writeFile(join(at('older-keys'), `${id}.erasures`), 'first\nonly here\n', { mode: 0o600 });
    const marks = await readFile(join(keysDir, `${id}.log-marks.json`), 'utf8');
    await restore(place('joined', keysDir), at('late'), { ...options, keysFrom: at('older-keys') });
    expect(await readFile(join(keysDir, `${id}.log-marks.json`), 'utf8')).toBe(marks);
    expect(await readFile(join(keysDir, `${id}.erasures`), 'utf8')).toBe('first\nnewer\nonly here\n');
  });
});

describe('keys that are rotated', () => {
  test('by a command that is killed and called again; backups and keys of before, between and after fit as they say', async () => {
    const keysDir = at('rotated-keys');
    await cp(at('late-keys'), keysDir, { recursive: true });
    await restore(place('rotated', keysDir), at('late'), options);
    const flags = ['--data', at('rotated'), '--keys', keysDir, 'vault', 'rotate-kek'];
    const killed = run([...flags, '--data-key']);
    if (killed.stderr === null) expect.fail();
    await once(killed.stderr, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(await codeOf(run([...flags, '--data-key']))).toMatchObject({
      code: 0,
      err: expect.stringMatching(/Wrapped anew: (\d+) of \1\n$/),
    });
    await backup(place('rotated', keysDir), at('between'));
    expect(await codeOf(run([...flags, '--finish']))).toMatchObject({ code: 0 });
    await backup(place('rotated', keysDir), at('after'));
    await backupKeys(keysDir, id, at('after-keys'), 'file');
    expect(existsSync(join(at('after-keys'), `${id}.kek`))).toBe(false);

    const restored = (from: string, keys: string) =>
      restore(place(`${from}-with-${keys}`, at(`${from}-with-${keys}-keys`)), at(from), {
        keysFrom: at(keys),
        newEpoch: null,
      });
    await expect(restored('late', 'after-keys')).rejects.toMatchObject({
      code: 'keys_missing',
      message: expect.stringContaining(`${id}.kek is missing`),
    });
    await expect(restored('after', 'late-keys')).rejects.toMatchObject({
      code: 'keys_missing',
      message: expect.stringContaining(`${id}.kek-2 is missing`),
    });
    await restored('between', 'late-keys');
    await restored('after', 'after-keys');
    const deployment = await start('after-with-after-keys', at('after-with-after-keys-keys'));
    expect((await deployment.api('GET', '/vault')).body).toMatchObject({
      source: 'file',
      openedWith: 2,
      keys: [{ id: 2, source: 'file' }],
      dataKeys: [{ version: 2 }],
    });
    await stop(deployment);
  });
});

test('nothing is written over: data, database, a backup', async () => {
  await expect(restore(place('same'), at('late'), options)).rejects.toMatchObject({
    code: 'target_not_empty',
  });
  await expect(backup(sourcePlace(), at('late'))).rejects.toMatchObject({
    code: 'target_not_empty',
  });
});
