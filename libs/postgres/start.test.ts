import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startParent } from './fixtures/child.ts';
import { asRoot, temporaryFolder, usedFolder } from './fixtures/folders.ts';
import { type RunningPostgres, type StartPostgresOptions, startPostgres } from './index.ts';
import { clusterProcesses, waitUntil } from './processes.ts';
import { dedicatedUid } from './user.ts';

async function start(dataDir: string, options: Partial<StartPostgresOptions> = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, log: () => undefined, ...options });
  onTestFinished(() => postgres.stop());
  return postgres;
}

async function query(postgres: RunningPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client(postgres.connection);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a life', () => {
  test('what was written is there after a stop and a start, and nothing runs in between', async () => {
    const folder = await temporaryFolder();
    const first = await start(folder);
    await query(first, "create table kept as select 'Brücke' as name");
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null, expected: true });
    expect(await clusterProcesses(join(folder, 'postgres', 'data'))).toEqual([]);
    const second = await start(folder);
    expect(await query(second, 'select name, upper(name) as upper from kept')).toEqual([
      { name: 'Brücke', upper: 'BRÜCKE' },
    ]);
    expect(second.version).toMatch(/^18\.\d+$/);
    expect(second.location.path).toBe(join(folder, 'postgres'));
  });

  test('it is durable, checksummed and off the network, and configuration cannot change that', async () => {
    const folder = await usedFolder();
    const first = await start(folder);
    const administrator = new pg.Client(first.administrator);
    await administrator.connect();
    for (const [name, value] of [
      ['fsync', 'off'],
      ['synchronous_commit', 'off'],
      ['listen_addresses', '*'],
    ])
      await administrator.query(`alter system set ${name} = '${value}'`);
    await administrator.end();
    await first.stop();
    const second = await start(folder);
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'data_checksums'];
    const shown = await Promise.all(names.map((name) => query(second, `show ${name}`)));
    expect(Object.assign({}, ...shown.flat())).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      data_checksums: 'on',
    });
  });

  test('nobody gets in without the password, which only we can read', async () => {
    const folder = await usedFolder();
    const postgres = await start(folder);
    const stranger = new pg.Client({ ...postgres.connection, password: 'guessed' });
    await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
    const rules = await readFile(join(folder, 'postgres', 'data', 'pg_hba.conf'), 'utf8');
    const methods = rules.split('\n').filter((line) => /^(local|host)/.test(line));
    expect(methods.length).toBeGreaterThan(0);
    expect(methods.filter((line) => !line.trimEnd().endsWith('scram-sha-256'))).toEqual([]);
    const modes = { 'credentials.json': 0o600, run: 0o700, data: 0o700, 'server.log': 0o600 };
    for (const [name, mode] of Object.entries(modes))
      expect([name, (await stat(join(folder, 'postgres', name))).mode & 0o777]).toEqual([name, mode]);
    expect(await query(postgres, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([
      { rolsuper: false },
    ]);
  });

  test("its log holds no statement and no value, not even when a query's process is killed", async () => {
    const folder = await usedFolder();
    const postgres = await start(folder);
    const marker = 'alice@example.com';
    await query(postgres, 'create table people (mail text primary key)');
    await query(postgres, `insert into people values ('${marker}')`);
    await expect(query(postgres, `insert into people values ('${marker}')`)).rejects.toThrow(/duplicate/);
    await expect(query(postgres, `select '${marker}'::int`)).rejects.toThrow(/invalid input/);
    const client = new pg.Client(postgres.connection);
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const slow = expect(client.query(`select '${marker}', pg_sleep(60)`)).rejects.toThrow();
    const isAsleep = `select 1 from pg_stat_activity where pid = ${rows[0]?.pid} and wait_event = 'PgSleep'`;
    await waitUntil(async () => (await query(postgres, isAsleep)).length === 1, 5000);
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    await slow;
    const readLog = () => readFile(join(folder, 'postgres', 'server.log'), 'utf8');
    await expect.poll(readLog).toContain('was terminated by signal 9');
    await postgres.stop();
    expect(await readLog()).not.toContain(marker);
  });

  test('a signal given at the start stops it, also in the middle of starting', async () => {
    const folder = await usedFolder();
    await expect(start(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'start_cancelled',
    });
    const [fresh, early] = [await temporaryFolder(), new AbortController()];
    await expect(start(fresh, { signal: early.signal, log: () => early.abort() })).rejects.toMatchObject({
      code: 'start_cancelled',
    });
    const later = new AbortController();
    const postgres = await start(folder, { signal: later.signal });
    later.abort();
    expect(await postgres.exited).toMatchObject({ code: 0, expected: true });
  });
});

describe('a stop', () => {
  test('in the middle of recovery from a crash does not wait for ever', async () => {
    const folder = await usedFolder();
    const postgres = await start(folder);
    const [child = 0] = (await clusterProcesses(join(folder, 'postgres', 'data'))).filter(
      (pid) => pid !== postgres.pid,
    );
    process.kill(child, 'SIGKILL');
    const readLog = () => readFile(join(folder, 'postgres', 'server.log'), 'utf8');
    await expect.poll(readLog, { timeout: 10_000, interval: 5 }).toContain('reinitializing');
    await postgres.stop();
    expect(await clusterProcesses(join(folder, 'postgres', 'data'))).toEqual([]);
  }, 12_000);

  test('of a server that hears nothing any more is done by force', async () => {
    const folder = await usedFolder();
    const postgres = await start(folder);
    process.kill(postgres.pid, 'SIGSTOP');
    await postgres.stop();
    expect(await postgres.exited).toMatchObject({ signal: 'SIGKILL', expected: true });
    expect(await clusterProcesses(join(folder, 'postgres', 'data'))).toEqual([]);
    expect(await query(await start(folder), 'select 1 as one')).toEqual([{ one: 1 }]);
  }, 20_000);
});

describe('two at once', () => {
  test("a second process is told the first one's pid, and gets in when that is gone", async () => {
    const folder = await usedFolder();
    const first = startParent([folder]);
    await first.line('ready');
    await expect(start(folder)).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(`process ${first.pid},`),
    });
    await first.end('SIGTERM');
    expect(await query(await start(folder), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a copy of a data directory whose database lies elsewhere does not get to it', async () => {
    const folder = await usedFolder();
    const first = await start(folder);
    await mkdir(join(folder, 'copy'));
    const record = { path: first.location.path, reason: 'copied' };
    await writeFile(join(folder, 'copy', 'postgres.location'), JSON.stringify(record));
    await expect(start(join(folder, 'copy'))).rejects.toMatchObject({ code: 'in_use' });
  });
});

describe('what a kill leaves behind', () => {
  test('the orphan of a killed parent ends by itself', async () => {
    const folder = await usedFolder();
    const parent = startParent([folder]);
    await parent.line('ready');
    const dataDir = join(folder, 'postgres', 'data');
    expect((await clusterProcesses(dataDir)).length).toBeGreaterThan(0);
    await parent.end('SIGKILL');
    expect(await waitUntil(async () => (await clusterProcesses(dataDir)).length === 0, 10_000)).toBe(true);
  });

  test('a first start that was cut short is started over', async () => {
    const folder = await temporaryFolder();
    const parent = startParent([folder]);
    await parent.line('log creating');
    await parent.end('SIGKILL');
    expect(await query(await start(folder), 'select 1 as one')).toEqual([{ one: 1 }]);
    const left = (await readdir(join(folder, 'postgres'))).filter((name) => name.startsWith('data'));
    expect(left).toEqual(['data']);
  });

  test('an orphan that nothing ended is stopped at the next start', async () => {
    const folder = await usedFolder();
    const parent = startParent([folder]);
    const postmaster = Number((await parent.line('ready')).split(' ')[1]);
    for (const pid of await watchdogs(folder)) process.kill(pid, 'SIGKILL');
    await parent.end('SIGKILL');
    expect(await clusterProcesses(join(folder, 'postgres', 'data'))).toContain(postmaster);
    const lines: string[] = [];
    const next = await start(folder, { log: (line) => lines.push(line) });
    expect(lines).toEqual([
      `stopped PostgreSQL (process ${postmaster}), which a killed parent had left behind`,
    ]);
    expect(await query(next, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  async function watchdogs(folder: string): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const commands = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    const found = pids.filter((_, index) => {
      const command = commands[index]?.split('\0') ?? [];
      return (
        command.includes('drawbridge-postgres-watchdog') && command.includes(join(folder, 'postgres', 'data'))
      );
    });
    expect(found).toHaveLength(1);
    return found.map(Number);
  }
});

describe('a server that ends unasked', () => {
  test('`exited` says so, and all is clean for the next start', async () => {
    const folder = await usedFolder();
    const first = await start(folder);
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toMatchObject({ signal: 'SIGKILL', expected: false });
    expect(await clusterProcesses(join(folder, 'postgres', 'data'))).toEqual([]);
    expect(await query(await start(folder), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('it is given up after as many tries as were asked for', async () => {
    const folder = await usedFolder();
    const lines: string[] = [];
    const postgres = await start(folder, {
      log: (line) => lines.push(line),
      restart: { attempts: 2, firstPauseMs: 1 },
    });
    await rename(join(folder, 'postgres/data/global/pg_control'), join(folder, 'pg_control'));
    process.kill(postgres.pid, 'SIGKILL');
    expect(await postgres.exited).toMatchObject({ expected: false });
    const failures = lines.filter((line) => line.startsWith('PostgreSQL could not be started again'));
    expect(failures).toHaveLength(2);
    expect(failures[0]).toContain('could not find the database system');
  });
});

describe('where it lies', () => {
  test.runIf(asRoot)('in a home that is closed to others: elsewhere, recorded, found again', async () => {
    const folder = await temporaryFolder();
    const [home, registryDir] = [join(folder, 'home'), join(folder, 'registry')];
    await mkdir(home, { mode: 0o700 });
    const dataDir = join(home, 'clone', 'data');
    const first = await start(dataDir, { registryDir });
    expect(first.location.path).toMatch(new RegExp(`^${registryDir}/[0-9a-f]{16}$`));
    expect(first.location.reason).toContain(dataDir);
    expect(JSON.parse(await readFile(join(dataDir, 'postgres.location'), 'utf8'))).toEqual(first.location);
    await query(first, 'create table kept as select 1 as one');
    await first.stop();
    const second = await start(dataDir, { registryDir });
    expect(second.location).toEqual(first.location);
    expect(await query(second, 'select * from kept')).toEqual([{ one: 1 }]);
    await second.stop();
    await rename(first.location.path, join(folder, 'moved'));
    await expect(start(dataDir, { registryDir })).rejects.toMatchObject({
      code: 'location_missing',
      message: expect.stringContaining(first.location.path),
    });
  });

  test.runIf(asRoot)(
    'root gives it to a user without an account; not a file stays with another',
    async () => {
      const folder = await temporaryFolder();
      const postgres = await start(folder);
      expect((await stat(`/proc/${postgres.pid}`)).uid).toBe(dedicatedUid);
      const data = join(folder, 'postgres', 'data');
      const files = await readdir(data, { recursive: true });
      const owners = new Set(
        await Promise.all(files.map(async (file) => (await stat(join(data, file))).uid)),
      );
      expect([...owners]).toEqual([dedicatedUid]);
    },
  );

  test.runIf(asRoot)(
    'root goes on with the database of the user that made it; others are refused',
    async () => {
      const folder = await temporaryFolder();
      await chmod(folder, 0o777);
      const dataDir = join(folder, 'data');
      const nobody = startParent([dataDir], { uid: 65_534, gid: 65_534 });
      const pid = Number((await nobody.line('ready')).split(' ')[1]);
      expect((await stat(`/proc/${pid}`)).uid).toBe(65_534);
      await nobody.end('SIGTERM');
      const root = await start(dataDir);
      expect((await stat(`/proc/${root.pid}`)).uid).toBe(65_534);
      await root.stop();
      const another = startParent([dataDir], { uid: 65_533, gid: 65_533 });
      expect(await another.line('failed')).toContain('failed not_owner');
      const again = startParent([dataDir], { uid: 65_534, gid: 65_534 });
      await again.line('ready');
      await again.end('SIGTERM');
    },
  );

  test.runIf(asRoot)('a user without an entry in /etc/passwd is told so', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o777);
    const child = startParent([join(folder, 'data')], { uid: 54_321, gid: 54_321 });
    expect(await child.line('failed')).toMatch(/^failed no_passwd_entry .*54321.*DATABASE_URL/);
  });

  test('under a path too long for a socket: the socket in a short, closed folder, gone afterwards', async () => {
    const folder = await usedFolder(join('a'.repeat(60), 'with space, comma and "quotes"'));
    const postgres = await start(folder);
    expect(postgres.connection.host).toMatch(/\/drawbridge-[0-9a-f]{24}$/);
    expect((await stat(postgres.connection.host)).mode & 0o777).toBe(0o700);
    expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    const byUrl = new pg.Client({ connectionString: postgres.url });
    await byUrl.connect();
    await byUrl.end();
    await postgres.stop();
    await expect(stat(postgres.connection.host)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a short path with a comma and quotes is a socket folder like any other', async () => {
    const folder = await usedFolder('a, "b"');
    const postgres = await start(folder);
    expect(postgres.connection.host).toBe(join(folder, 'postgres', 'run'));
  });
});

describe('what is not ours to open', () => {
  test('data of another major version, told by its stamp or by itself', async () => {
    const folder = await usedFolder();
    const stamp = join(folder, 'postgres', 'stamp.json');
    const good = await readFile(stamp, 'utf8');
    const wrong = [
      [{ format: 1, postgresMajor: 19 }, 'data_newer'],
      [{ format: 1, postgresMajor: 17 }, 'data_older'],
      [{ format: 2, postgresMajor: 18 }, 'data_newer'],
      ['no stamp', 'stamp_unreadable'],
    ] as const;
    for (const [content, code] of wrong) {
      await writeFile(stamp, JSON.stringify(content));
      await expect(start(folder)).rejects.toMatchObject({ code, message: expect.stringContaining(stamp) });
    }
    await writeFile(stamp, good);
    await writeFile(join(folder, 'postgres', 'data', 'PG_VERSION'), '17\n');
    await expect(start(folder)).rejects.toMatchObject({ code: 'data_older' });
    await writeFile(join(folder, 'postgres', 'data', 'PG_VERSION'), '18\n');
    expect(await query(await start(folder), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a database that is gone is not silently replaced by an empty one', async () => {
    const folder = await usedFolder();
    await rename(join(folder, 'postgres', 'data'), join(folder, 'aside'));
    await expect(start(folder)).rejects.toMatchObject({ code: 'data_missing' });
    await rename(join(folder, 'aside'), join(folder, 'postgres', 'data'));
    await rename(join(folder, 'postgres', 'credentials.json'), join(folder, 'credentials.json'));
    await expect(start(folder)).rejects.toMatchObject({ code: 'credentials_missing' });
  });

  test('a server that cannot start is told with the last lines of its log', async () => {
    const folder = await usedFolder();
    await writeFile(join(folder, 'postgres', 'data', 'postgresql.auto.conf'), "shared_buffers = 'plenty'\n");
    await expect(start(folder)).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringMatching(/exit code 1[\s\S]*shared_buffers/),
    });
    expect(await readFile(join(folder, 'postgres', 'server.log'), 'utf8')).toContain('shared_buffers');
  });

  test('a server that does not answer in time is ended', async () => {
    const folder = await usedFolder();
    await writeFile(join(folder, 'postgres', 'data', 'pg_hba.conf'), 'local all all reject\n');
    await expect(start(folder, { startTimeoutMs: 0 })).rejects.toMatchObject({ code: 'start_timeout' });
    expect(await clusterProcesses(join(folder, 'postgres', 'data'))).toEqual([]);
  });
});
