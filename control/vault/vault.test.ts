import { spawn } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, openSealed, sealTo } from '@drawbridge/envelope';
import { secretContext } from '@drawbridge/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { createSecrets, onOneDisk, openLogKey, openPayloadKey, startVault, type Vault } from './index.ts';
import type { VaultTables } from './tables.ts';

const CONTEXT = Buffer.from('a made-up context');
const SECRET = 'made-up-credential-0123456789';

let platform: TestPlatform;
let keysDir: string;
const vaults: Vault[] = [];

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  await platform.pool.query(
    'TRUNCATE key_encryption_key, data_key, wrapped_data_key, deployment_secret, vendor_secret CASCADE',
  );
});
afterEach(async () => {
  for (const vault of vaults.splice(0)) await vault.stop();
  await rm(keysDir, { recursive: true });
});

const keyFile = () => join(keysDir, 'test-deployment.kek');
async function start(): Promise<Vault> {
  const { db, clock, log } = platform;
  const vault = await startVault({ db, clock, log, keysDir, deploymentId: 'test-deployment' });
  vaults.push(vault);
  return vault;
}
async function opened(vault: Vault, wrapped: Buffer, context = CONTEXT): Promise<string> {
  const pair = await generateKeyPair();
  const sealed = await vault.reseal(wrapped, context, pair.publicKey, Buffer.from('to a test'));
  return (await openSealed(pair.privateKey, sealed, Buffer.from('to a test'))).toString('utf8');
}
/** The state that a refused start must leave as it was. */
async function state() {
  const files = await Promise.all(
    (await readdir(keysDir)).map(async (name) => [name, await readFile(join(keysDir, name), 'utf8')]),
  );
  const rows = await platform.db
    .withTables<VaultTables>()
    .selectFrom('wrapped_data_key')
    .selectAll()
    .execute();
  return { files, rows };
}

describe('what is sealed', () => {
  test('can be the secret of an authenticator app, whose codes the vault checks without showing it', async () => {
    const vault = await start();
    const wrapped = await vault.seal(Buffer.from('12345678901234567890'), CONTEXT);
    expect(await vault.checkCode(wrapped, CONTEXT, '287082', 59_000)).toBe(1);
    expect(await vault.checkCode(wrapped, CONTEXT, '287083', 59_000)).toBeNull();
    await expect(vault.checkCode(wrapped, Buffer.from('another'), '287082', 59_000)).rejects.toMatchObject({
      code: 'unreadable',
    });
  });

  test('comes back only to the recipient it is sealed to, under the context it was wrapped with', async () => {
    const vault = await start();
    const wrapped = await vault.seal(SECRET, CONTEXT);
    expect(wrapped.includes(SECRET)).toBe(false);
    expect(await opened(vault, wrapped)).toBe(SECRET);
    await expect(opened(vault, wrapped, Buffer.from('another context'))).rejects.toMatchObject({
      code: 'unreadable',
    });
    const pair = await generateKeyPair();
    const sealed = await vault.reseal(wrapped, CONTEXT, pair.publicKey, CONTEXT);
    const stranger = await generateKeyPair();
    await expect(openSealed(stranger.privateKey, sealed, CONTEXT)).rejects.toMatchObject({
      code: 'sealed_unreadable',
    });
  });

  test('outlives the vault: another one, with the same key file and database, reads it', async () => {
    const first = await start();
    const wrapped = await first.seal(SECRET, CONTEXT);
    await first.stop();
    expect(await opened(await start(), wrapped)).toBe(SECRET);
  });

  test('any changed byte is refused, and the error says nothing of the secret', async () => {
    const vault = await start();
    const wrapped = await vault.seal(SECRET, CONTEXT);
    for (const at of [0, 11, 12, wrapped.length - 17, wrapped.length - 1]) {
      const changed = Buffer.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(opened(vault, changed)).rejects.toMatchObject({ code: 'unreadable' });
    }
    await expect(opened(vault, Buffer.from('short'))).rejects.toMatchObject({ code: 'unreadable' });
  });

  test('bytes handed in are overwritten', async () => {
    const vault = await start();
    const bytes = Buffer.from(SECRET);
    await vault.seal(bytes, CONTEXT);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test('generated secrets differ, and hash as HMAC does: equal inputs alike, other keys differently', async () => {
    const vault = await start();
    const [one, other] = [await vault.generate(CONTEXT), await vault.generate(CONTEXT)];
    const hash = await vault.keyedHash(one, CONTEXT, 'a value');
    expect(hash).toHaveLength(32);
    expect(await vault.keyedHash(one, CONTEXT, 'a value')).toEqual(hash);
    expect(await vault.keyedHash(one, CONTEXT, 'another value')).not.toEqual(hash);
    expect(await vault.keyedHash(other, CONTEXT, 'a value')).not.toEqual(hash);
  });

  test('more than a secret may have is refused by name, without the bytes', async () => {
    const vault = await start();
    await expect(vault.seal('x'.repeat(70_000), CONTEXT)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringMatching(/"plaintext"/),
    });
    await expect(vault.seal('x', Buffer.alloc(20_000))).rejects.toMatchObject({ code: 'too_large' });
    await expect(vault.seal('x'.repeat(64_000), CONTEXT)).resolves.toBeInstanceOf(Buffer);
  });

  test('a log is signed inside: its key verifies, signs its own checkpoints only, and opens in no other call', async () => {
    const vault = await start();
    const { publicKey, wrapped } = await vault.makeLogKey('example.test/log');
    const verifies = (text: string, signature: Buffer) =>
      verify(
        null,
        Buffer.from(text),
        createPublicKey({
          key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]),
          format: 'der',
          type: 'spki',
        }),
        signature,
      );
    const root = Buffer.alloc(32, 1).toString('base64');
    const text = `example.test/log\n1\n${root}\n`;
    const signature = await vault.signLog('example.test/log', wrapped, text);
    expect(verifies(text, signature)).toBe(true);
    expect(verifies(`${text}x`, signature)).toBe(false);
    for (const other of [`example.test/log2\n1\n${root}\n`, 'example.test/log', 'example.test/log\n1\n\n']) {
      await expect(vault.signLog('example.test/log', wrapped, other)).rejects.toMatchObject({
        code: 'wrong_log',
      });
    }
    await expect(vault.signLog('example.test/log2', wrapped, `example.test/log2\n`)).rejects.toMatchObject({
      code: 'unreadable',
    });
    const context = Buffer.from(JSON.stringify(['drawbridge log key 1', 'example.test/log']));
    await expect(opened(vault, wrapped, context)).rejects.toMatchObject({ code: 'unreadable' });
    await expect(vault.keyedHash(wrapped, context, 'a value')).rejects.toMatchObject({ code: 'unreadable' });
    const sealed = await vault.seal(Buffer.alloc(32, 7), context);
    await expect(vault.signLog('example.test/log', sealed, text)).rejects.toMatchObject({
      code: 'unreadable',
    });
  });

  test('a recipient that is no key is refused', async () => {
    const vault = await start();
    const wrapped = await vault.seal(SECRET, CONTEXT);
    for (const recipient of [Buffer.alloc(32), Buffer.alloc(31, 1)]) {
      await expect(vault.reseal(wrapped, CONTEXT, recipient, CONTEXT)).rejects.toMatchObject({
        code: 'bad_recipient',
      });
    }
  });
});

describe('the key-encryption key', () => {
  test('is made once, readable by its owner only', async () => {
    await start();
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    const text = await readFile(keyFile(), 'utf8');
    expect(text).toMatch(/^drawbridge-kek-1:[A-Za-z0-9_-]{43}\n$/);
    await start();
    expect(await readFile(keyFile(), 'utf8')).toBe(text);
    expect(await readdir(keysDir)).toEqual(['test-deployment.kek']);
  });

  test('two control processes that start at once agree on the keys', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(await opened(two, await one.seal(SECRET, CONTEXT))).toBe(SECRET);
  });

  const line = (key: Buffer) => `drawbridge-kek-1:${key.toString('base64url')}\n`;
  const mishaps: [string, string, () => Promise<void>][] = [
    ['is gone', 'kek_missing', () => rm(keyFile())],
    ['is another', 'kek_wrong', () => writeFile(keyFile(), line(Buffer.alloc(32, 7)))],
    ['is too short', 'kek_malformed', () => writeFile(keyFile(), line(Buffer.alloc(31, 7)))],
    ['is empty', 'kek_malformed', () => writeFile(keyFile(), '')],
    ['can be read by others', 'kek_permissions', () => chmod(keyFile(), 0o640)],
    [
      'is right but the data key was changed',
      'data_key_damaged',
      async () => {
        await platform.pool.query('UPDATE wrapped_data_key SET wrapped = set_byte(wrapped, 20, 7)');
        await platform.pool.query('UPDATE wrapped_data_key SET wrapped = set_byte(wrapped, 21, 7)');
      },
    ],
  ];
  test.each(mishaps)('%s: the start is refused with %s, harming nothing', async (_what, code, mishap) => {
    await (await start()).stop();
    const key = await readFile(keyFile(), 'utf8');
    await mishap();
    const before = await state();
    const failure = await start().then(
      () => null,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ name: 'VaultError', code });
    expect(failure?.message).not.toContain(key.trim().slice(-43));
    expect(await state()).toEqual(before);
  });
});

describe('the process', () => {
  test('that is killed is started again; what was in flight hears it, what follows is answered', async () => {
    const vault = await start();
    const wrapped = await vault.seal(SECRET, CONTEXT);
    const pid = vault.pid;
    if (pid === undefined) throw new Error('the vault has no process');
    // A stopped process answers nothing: the calls are surely in flight when it is killed.
    process.kill(pid, 'SIGSTOP');
    const inFlight = [vault.generate(CONTEXT), opened(vault, wrapped)].map((call) =>
      call.then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    );
    process.kill(pid, 'SIGKILL');
    expect(await Promise.all(inFlight)).toEqual(['crashed', 'crashed']);
    expect(await opened(vault, wrapped)).toBe(SECRET);
    expect(vault.pid).not.toBe(pid);
  });

  test('that lost its key file answers why, and serves again when the file is back', async () => {
    const vault = await start();
    const wrapped = await vault.seal(SECRET, CONTEXT);
    const key = await readFile(keyFile());
    await rm(keyFile());
    process.kill(vault.pid ?? 0, 'SIGKILL');
    await expect
      .poll(() => vault.generate(CONTEXT).catch((error: { code: string }) => error.code), { timeout: 20_000 })
      .toBe('kek_missing');
    expect(vault.trouble).toMatchObject({ code: 'kek_missing', text: expect.stringContaining(keyFile()) });
    await writeFile(keyFile(), key, { mode: 0o600 });
    await expect.poll(() => opened(vault, wrapped).catch(() => 'not yet'), { timeout: 20_000 }).toBe(SECRET);
    expect(vault.trouble).toBeNull();
  });

  test('that was stopped is gone, and says so', async () => {
    const vault = await start();
    const pid = vault.pid ?? 0;
    await vault.stop();
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    await expect(vault.generate(CONTEXT)).rejects.toMatchObject({ code: 'stopped' });
  });

  test('is not ended by Ctrl-C before its parent', async () => {
    const vault = await start();
    process.kill(vault.pid ?? 0, 'SIGINT');
    process.kill(vault.pid ?? 0, 'SIGTERM');
    expect(await opened(vault, await vault.seal(SECRET, CONTEXT))).toBe(SECRET);
  });

  test('ends with its parent, however that ends', async () => {
    const script = `import { startProcess } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)};
      process.stdout.write(String(startProcess({ keyFile: ${JSON.stringify(keyFile())}, marksFile: ${JSON.stringify(keyFile())}, sources: [] }).pid) + '\\n');
      setInterval(() => undefined, 1_000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill('SIGKILL');
    const isGone = () => {
      try {
        return !process.kill(pid, 0);
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'ESRCH';
      }
    };
    await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
  });

  test('gets nothing of its parent but the keys folder: no environment', async () => {
    const vault = await start();
    expect((await readFile(`/proc/${vault.pid}/environ`, 'utf8')).includes('PATH=')).toBe(false);
  });
});

describe('the deployment’s secrets', () => {
  test('are made once, whoever asks, and differ by use', async () => {
    const vault = await start();
    const secrets = createSecrets(platform, vault);
    const [one, two] = await Promise.all([secrets.get('ledger'), secrets.get('ledger')]);
    expect(one.wrapped).toEqual(two.wrapped);
    const ledger = await opened(vault, one.wrapped, Buffer.from(one.context));
    const review = await secrets.get('review');
    expect(await opened(vault, review.wrapped, Buffer.from(review.context))).not.toBe(ledger);
    await expect(opened(vault, review.wrapped, Buffer.from(one.context))).rejects.toMatchObject({
      code: 'unreadable',
    });
  });

  test('a new epoch destroys the vendor’s secret for good, with actor and reason', async () => {
    const vault = await start();
    const secrets = createSecrets(platform, vault);
    const first = await secrets.forVendor('acme');
    expect(first.epoch).toBe(1);
    expect((await secrets.forVendor('acme')).wrapped).toEqual(first.wrapped);
    const by = { actor: { id: 'person:1', name: 'A made-up person' }, reason: 'They were breached' };
    expect(await secrets.beginEpoch('acme', by)).toEqual({ epoch: 2 });
    const second = await secrets.forVendor('acme');
    expect(second.epoch).toBe(2);
    expect(second.wrapped).not.toEqual(first.wrapped);
    const rows = await platform.pool.query(
      `SELECT epoch, wrapped IS NULL AS destroyed FROM vendor_secret WHERE vendor = 'acme' ORDER BY epoch`,
    );
    expect(rows.rows).toEqual([
      { epoch: 1, destroyed: true },
      { epoch: 2, destroyed: false },
    ]);
    const changes = await platform.pool.query(
      `SELECT actor, reason FROM change WHERE act = 'vendor.begin_epoch'`,
    );
    expect(changes.rows).toEqual([{ actor: 'person:1', reason: 'They were breached' }]);
    await expect(secrets.beginEpoch('nobody', by)).rejects.toMatchObject({ status: 404 });
  });

  test('a log has one key, whoever asks', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const [mine, theirs] = await Promise.all([
      openLogKey(platform, one, 'example.test/log'),
      openLogKey(platform, two, 'example.test/log'),
    ]);
    expect(theirs.publicKey).toEqual(mine.publicKey);
    const text = `example.test/log\n1\n${Buffer.alloc(32, 1).toString('base64')}\n`;
    expect(await theirs.sign(text)).toEqual(await mine.sign(text));
  });

  test('request hashes need the vault: the same in each process, and no plain SHA-256', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const hash = await createSecrets(platform, one).hashRequest(Buffer.from('body'));
    expect(await createSecrets(platform, two).hashRequest(Buffer.from('body'))).toEqual(hash);
    expect(await createSecrets(platform, two).hashRequest(Buffer.from('Body'))).not.toEqual(hash);
  });

  test('the payload key opens what gateways seal to it, in every control process', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const [mine, theirs] = [await openPayloadKey(platform, one), await openPayloadKey(platform, two)];
    expect(theirs.publicKey).toEqual(mine.publicKey);
    const sealed = await sealTo(mine.publicKey, Buffer.from('a data key'), CONTEXT);
    expect((await theirs.open(sealed, CONTEXT)).toString()).toBe('a data key');
    await expect(theirs.open(sealed, Buffer.from('elsewhere'))).rejects.toMatchObject({ code: 'unreadable' });
    const row = await platform.db
      .withTables<VaultTables>()
      .selectFrom('deployment_secret')
      .select('wrapped')
      .where('use', '=', 'payload')
      .executeTakeFirstOrThrow();
    await expect(opened(one, row.wrapped, Buffer.from(secretContext('ledger')))).rejects.toMatchObject({
      code: 'unreadable',
    });
  });
});

test('keys and data on one disk are told', async () => {
  const data = await mkdtemp(join(tmpdir(), 'drawbridge-data-'));
  expect(await onOneDisk(keysDir, data)).toBe(true);
  expect(await onOneDisk(keysDir, '/proc')).toBe(false);
  await rm(data, { recursive: true });
});
