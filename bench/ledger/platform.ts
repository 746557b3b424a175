import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@drawbridge/postgres';
import { pino } from 'pino';
import {
  collectMigrations,
  createEvents,
  migrate,
  openDatabase,
  type Platform,
  systemClock,
  systemRandom,
} from '../../control/platform/index.ts';

export interface BenchPlatform {
  platform: Platform;
  /** Of PostgreSQL. */
  version: string;
  /** Milliseconds of CPU used so far by this process and by the server's processes. */
  cpu(): { node: number; postgres: number };
  close(): Promise<void>;
}

const TICK_MS = 10;

/** From /proc (Linux): user and system time of a process's children that still run. */
function cpuOfChildren(parent: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      if (Number(fields[1]) === parent) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return ticks * TICK_MS;
}

/** A platform on an embedded database of its own, on disk (fsync on), removed at the end. */
export async function benchPlatform(): Promise<BenchPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'));
  // The server runs as another user than root, who must be able to get there.
  await chmod(folder, 0o711);
  const server = await startPostgres({
    dataDir: folder,
    registryDir: join(folder, 'registry'),
    log: () => undefined,
  });
  const log = pino({ level: 'error' });
  const database = openDatabase(server.connection, (error) => log.error({ err: error }, 'idle connection'));
  const control = fileURLToPath(new URL('../../control', import.meta.url));
  await migrate(database.pool, await collectMigrations(control));
  const platform: Platform = {
    db: database.db,
    pool: database.pool,
    clock: systemClock,
    random: systemRandom,
    log,
    events: createEvents((error) => log.error({ err: error }, 'listener')),
    deployment: { id: 'bench', name: 'Bench' },
  };
  return {
    platform,
    version: server.version,
    cpu() {
      const { user, system } = process.cpuUsage();
      return { node: (user + system) / 1000, postgres: cpuOfChildren(server.pid) };
    },
    async close() {
      await database.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
