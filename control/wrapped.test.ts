import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKeyPair, openSealed, sealTo } from '@drawbridge/envelope';
import { credentialContext } from '@drawbridge/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from './fleet/testing.ts';
import {
  createSecrets,
  finishRotation,
  type KeySource,
  openLogKey,
  rotateKek,
  secretUses,
  startVault,
  type Vault,
} from './vault/index.ts';
import { wrappedColumns } from './wrapped.ts';

const columns = wrappedColumns('test-deployment');

/** Another key for everything that is wrapped, wherever it lies, while it is used. All secrets are made up. */
const CREDENTIAL = 'made-up-credential-0123456789';
const LOG = 'example.test/log';
const ENV: KeySource = { kind: 'env', key: Buffer.alloc(32, 9).toString('base64') };
const FILE: KeySource = { kind: 'file' };

let house: TestHouse;
const vaults: Vault[] = [];
beforeEach(async () => {
  house = await testHouse();
});
afterEach(async () => {
  for (const vault of vaults.splice(0)) await vault.stop();
  await house.close();
});

const by = { actor: { id: 'person:1', name: 'Ada Example' }, reason: 'A test' };
const place = () => ({
  platform: house.platform,
  keysDir: house.keysDir,
  deploymentId: 'test-deployment',
  columns,
  by,
  progress: () => undefined,
});
const keyFiles = async () =>
  (await readdir(house.keysDir)).filter((name) => name.startsWith('test-deployment.kek')).toSorted();
async function start(source: KeySource): Promise<Vault> {
  const { db, clock, log } = house.platform;
  const vault = await startVault({
    db,
    clock,
    log,
    keysDir: house.keysDir,
    deploymentId: 'test-deployment',
    source,
  });
  vaults.push(vault);
  return vault;
}

/** Something of each kind that is wrapped, and what shows that it still opens with a vault. */
async function fill({ vendors = 0 } = {}) {
  const { platform, secrets, vault } = house;
  const { id: connection } = await house.connect({ name: 'Acme', credential: `${CREDENTIAL}-Acme` });
  await secrets.forVendor('acme');
  for (const use of secretUses) await secrets.get(use);
  for (let at = 0; at < vendors; at++) await secrets.forVendor(`vendor-${at}`);
  const log = await openLogKey(platform, vault, LOG);
  const text = `${LOG}\n1\n${Buffer.alloc(32, 1).toString('base64')}\n`;
  const [hash, signature] = [await secrets.hashRequest(Buffer.from('a body')), await log.sign(text)];
  const code = () => Buffer.from(JSON.stringify(['drawbridge totp 1', 'test-deployment', 'person-1']));
  await platform.pool.query(
    `INSERT INTO person (id, name, roles, state, created_at) VALUES ('person-1', 'Ada Example', '{owner}', 'active', now())`,
  );
  await platform.pool.query(
    `INSERT INTO totp (person, secret, since, pending) VALUES ('person-1', $1, now(), $2)`,
    [await vault.seal(Buffer.alloc(20, 3), code()), await vault.seal(Buffer.alloc(20, 4), code())],
  );
  const place = { in: 'header', name: 'authorization' };
  const admin = Buffer.from(
    JSON.stringify(['drawbridge admin credential 1', connection, 1, 'https', 'admin.acme.test', 443, place]),
  );
  await platform.pool.query(
    `INSERT INTO vendor_admin (connection, version, scheme, host, port, private, place, parameters, wrapped, entered_at, entered_by)
     VALUES ($1, 1, 'https', 'admin.acme.test', 443, false, $2, '{}', $3, now(), 'Ada Example')`,
    [connection, JSON.stringify(place), await vault.seal('made-up-admin-credential', admin)],
  );
  const usage = Buffer.from(
    JSON.stringify([
      'drawbridge usage credential 1',
      ...['0199c0de-0000-7000-8000-0000000000f1', 'acme', '', 1, 'https', 'usage.acme.test', 443, false],
      ...['authorization', 'Bearer '],
    ]),
  );
  await platform.pool.query(
    `INSERT INTO usage_fetch (id, vendor, account, version, scheme, host, port, private, header, prefix, wrapped, entered_at, entered_by)
     VALUES ('0199c0de-0000-7000-8000-0000000000f1', 'acme', '', 1, 'https', 'usage.acme.test', 443, false, 'authorization', 'Bearer ', $1, now(), 'Ada Example')`,
    [await vault.seal('made-up-usage-credential', usage)],
  );
  return async (by: Vault) => {
    const { rows } = await platform.pool.query(
      'SELECT credential.*, name FROM credential JOIN connection ON connection.id = connection WHERE dropped_at IS NULL',
    );
    const pair = await generateKeyPair();
    for (const row of rows) {
      const here = Buffer.from('here');
      const sealed = await by.reseal(row.wrapped, credentialContext(row), pair.publicKey, here);
      expect((await openSealed(pair.privateKey, sealed, here)).toString()).toBe(`${CREDENTIAL}-${row.name}`);
    }
    // Of a process of its own, as one that was started anew would be.
    const own = createSecrets(platform, by);
    const { wrapped, context } = await own.get('requests');
    expect(await by.keyedHash(wrapped, context, Buffer.from('a body'))).toEqual(hash);
    expect(await (await openLogKey(platform, by, LOG)).sign(text)).toEqual(signature);
    const vendor = await own.forVendor('acme');
    expect(await by.keyedHash(vendor.wrapped, vendor.context, 'x')).toHaveLength(32);
    const sealed = await sealTo(house.payloadKey.publicKey, Buffer.from('a data key'), Buffer.from('there'));
    expect((await house.payloadKey.open(sealed, Buffer.from('there'))).toString()).toBe('a data key');
    const admins = await platform.pool.query('SELECT wrapped FROM vendor_admin');
    expect(await by.keyedHash(admins.rows[0].wrapped, admin, 'x')).toHaveLength(32);
    const reports = await platform.pool.query('SELECT wrapped FROM usage_fetch');
    expect(await by.keyedHash(reports.rows[0].wrapped, usage, 'x')).toHaveLength(32);
    const totp = await platform.pool.query('SELECT secret, pending FROM totp');
    for (const bytes of [totp.rows[0].secret, totp.rows[0].pending])
      expect(await by.checkCode(bytes, code(), '000000', 0)).toSatisfy((step) => step === null || step >= 0);
  };
}
const versions = async () =>
  Promise.all(
    columns.map(async ({ table, column }) => {
      const { rows } = await house.platform.pool.query(
        `SELECT DISTINCT ${column}_key AS version FROM ${table} WHERE ${column} IS NOT NULL`,
      );
      return [table, ...rows.map(({ version }) => version)];
    }),
  );
const under = (version: number) => columns.map(({ table }) => [table, version]);

describe('the list of wrapped columns', () => {
  test('is what the database holds to the data keys that there are, and has all that is named so', async () => {
    const { rows } = await house.platform.pool.query<{ name: string; held: boolean }>(
      `SELECT c.relname || '.' || a.attname AS name, EXISTS (
         SELECT FROM pg_constraint k
         JOIN pg_attribute r ON r.attrelid = c.oid AND r.attname = a.attname || '_key' AND r.attgenerated = 's'
         WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid = 'data_key'::regclass AND k.conkey = ARRAY[r.attnum]
       ) AS held
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname = current_schema() AND a.atttypid = 'bytea'::regtype
         AND c.relname <> 'wrapped_data_key'`,
    );
    const listed = columns.map(({ table, column }) => `${table}.${column}`).toSorted();
    expect(rows.flatMap(({ name, held }) => (held ? [name] : [])).toSorted()).toEqual(listed);
    expect(rows.filter(({ name, held }) => name.includes('wrapped') && !held)).toEqual([]);
  });

  test('knows every place in the code that has something wrapped', async () => {
    const root = dirname(fileURLToPath(import.meta.url));
    const found: string[] = [];
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !/(?<!\.test)\.ts$/.test(entry.name) || /node_modules|testing/.test(path))
        continue;
      if (/vault\.(seal|generate|generateKeyPair|makeLogKey|takeIn)\(/.test(await readFile(path, 'utf8')))
        found.push(relative(root, path));
    }
    // Whoever has a new place: keep what is wrapped in a column of that list, then name the file here.
    expect(found.toSorted()).toEqual([
      'connections/credentials.ts',
      'coverage/fetching/fetches.ts',
      'identity/totp.ts',
      // Of one run, kept nowhere.
      'leaks/runs.ts',
      // Makes one and keeps it nowhere.
      'operations/health.ts',
      'rotation/rotations.ts',
      'rotation/vendor-admin.ts',
      // For whoever asked for the errand: kept in `credential` by rotations.
      'vault/errand.ts',
      'vault/log-key.ts',
      'vault/payload.ts',
      'vault/secrets.ts',
    ]);
  });
});

describe('a rotation', () => {
  test('puts everything under a new data key and another source while it is used, and either key opens it until it is finished', async () => {
    const opens = await fill();
    const { vault } = house;
    const pid = vault.pid;
    const rotated = await rotateKek({ ...place(), source: FILE, to: ENV, addDataKey: true });
    expect(rotated).toMatchObject({
      to: { id: 2, source: 'env' },
      dataKey: 2,
      resumed: false,
      unreadable: [],
    });
    expect(await versions()).toEqual(under(2));
    // The process that knew of one data key only has learned of the other.
    await opens(vault);
    expect(vault.pid).toBe(pid);
    await house.connect({ name: 'Later', credential: `${CREDENTIAL}-Later` });
    expect(await versions()).toEqual(under(2));
    await opens(await start(FILE));
    await opens(await start(ENV));

    await expect(finishRotation({ ...place(), source: FILE })).rejects.toMatchObject({ code: 'not_rotated' });
    expect(await keyFiles()).toEqual(['test-deployment.kek']);
    const finished = await finishRotation({ ...place(), source: ENV });
    expect(finished.files).toEqual(['test-deployment.kek']);
    expect(await keyFiles()).toEqual([]);
    const other = await start(ENV);
    await opens(other);
    await opens(vault);
    await expect(start(FILE)).rejects.toMatchObject({
      code: 'kek_missing',
      message: expect.stringContaining('env (DRAWBRIDGE_KEK)'),
    });
    const { rows } = await house.platform.pool.query(
      `SELECT act, detail FROM change WHERE act LIKE 'vault.%' ORDER BY seq`,
    );
    expect(rows).toMatchObject([
      {
        act: 'vault.rotate_key',
        detail: { from: { id: 1, source: 'file' }, to: { id: 2, source: 'env' }, dataKey: 2 },
      },
      { act: 'vault.finish_rotation', detail: { removed: [{ id: 1 }], dataKey: 2 } },
    ]);
  });

  test('from one key file to the next leaves the first until the end; a copy of the keys from before opens what is not finished', async () => {
    const opens = await fill();
    const before = await readFile(join(house.keysDir, 'test-deployment.kek'));
    await rotateKek({ ...place(), source: FILE, to: FILE, addDataKey: true });
    expect(await keyFiles()).toEqual(['test-deployment.kek', 'test-deployment.kek-2']);
    expect((await stat(join(house.keysDir, 'test-deployment.kek-2'))).mode & 0o777).toBe(0o600);
    await opens(await start(FILE));
    await finishRotation({ ...place(), source: FILE });
    expect(await keyFiles()).toEqual(['test-deployment.kek-2']);
    await opens(await start(FILE));
    // What was kept in memory from before is read anew by a process that was started anew, and knows the new key only.
    const pid = house.vault.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => house.vault.pid !== undefined && house.vault.pid !== pid, { timeout: 20_000 })
      .toBe(true);
    await opens(house.vault);
    // An older copy of the keys, with a database of after it.
    const late = await readFile(join(house.keysDir, 'test-deployment.kek-2'));
    await writeFile(join(house.keysDir, 'test-deployment.kek'), before, { mode: 0o600 });
    await opens(await start(FILE));
    await rm(join(house.keysDir, 'test-deployment.kek-2'));
    await expect(start(FILE)).rejects.toMatchObject({
      code: 'kek_missing',
      message: expect.stringMatching(/kek-2, which is not there; .*\.kek is, which is of before a rotation/),
    });
    await writeFile(join(house.keysDir, 'test-deployment.kek-2'), late, { mode: 0o600 });
    // And what an interrupted end left behind goes when it is ended again.
    expect((await finishRotation({ ...place(), source: FILE })).files).toEqual(['test-deployment.kek']);
    await rotateKek({ ...place(), source: FILE, to: FILE, addDataKey: true });
    expect(await versions()).toEqual(under(3));
    await opens(house.vault);
  });

  test('that is killed at any moment goes on where it was, and meanwhile everything opens', async () => {
    const opens = await fill({ vendors: 103 });
    class Killed extends Error {}
    let resumed = 0;
    for (let steps = 0; ; steps++) {
      let left = steps;
      const progress = () => {
        if (left-- === 0) throw new Killed();
      };
      const outcome = await rotateKek({
        ...place(),
        progress,
        source: FILE,
        to: FILE,
        addDataKey: true,
      }).catch((error: unknown) => {
        if (error instanceof Killed) return null;
        throw error;
      });
      if (outcome?.resumed) resumed++;
      await house.secrets.forVendor('acme');
      if (outcome !== null) break;
    }
    expect(resumed).toBe(1);
    expect(await versions()).toEqual(under(2));
    await opens(house.vault);
    const { rows } = await house.platform.pool.query(
      `SELECT count(*)::int AS n FROM change WHERE act = 'vault.rotate_key'`,
    );
    expect(rows).toEqual([{ n: 1 }]);
    await expect(rotateKek({ ...place(), source: FILE, to: ENV, addDataKey: false })).rejects.toMatchObject({
      code: 'rotation_unfinished',
    });
  });

  test('leaves a row that does not open where it is, names it, and keeps its data key', async () => {
    const opens = await fill();
    const made = await house.connect({ name: 'Damaged', credential: CREDENTIAL });
    await house.platform.pool.query(
      `UPDATE credential SET wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1) WHERE connection = $1`,
      [made.id],
    );
    const { unreadable } = await rotateKek({ ...place(), source: FILE, to: FILE, addDataKey: true });
    expect(unreadable).toEqual([{ table: 'credential', row: made.credential.id }]);
    await expect(finishRotation({ ...place(), source: FILE })).rejects.toMatchObject({
      code: 'rows_left',
      message: expect.stringContaining(`credential (${made.credential.id})`),
    });
    expect(await keyFiles()).toEqual(['test-deployment.kek', 'test-deployment.kek-2']);
    await house.ask('PUT', `/connections/${made.id}/credential`, {
      value: `${CREDENTIAL}-Damaged`,
      reason: 'A test',
    });
    await finishRotation({ ...place(), source: FILE });
    await opens(house.vault);
  });

  test('with a wrong, missing or other key changes nothing and says why', async () => {
    await fill();
    const state = async () => [
      await keyFiles(),
      await versions(),
      (await house.platform.pool.query('SELECT * FROM wrapped_data_key')).rows,
    ];
    const before = await state();
    const wrongSources: [KeySource, KeySource, string][] = [
      [FILE, { kind: 'env', key: 'bm90IGEga2V5' }, 'kek_malformed'],
      [ENV, FILE, 'kek_missing'],
      [
        FILE,
        { kind: 'command', argv: ['/nonexistent/command'], env: {}, timeoutMs: 5_000 },
        'kek_unavailable',
      ],
    ];
    for (const [source, to, code] of wrongSources)
      await expect(rotateKek({ ...place(), source, to, addDataKey: true })).rejects.toMatchObject({ code });
    expect(await state()).toEqual(before);
  });
});
