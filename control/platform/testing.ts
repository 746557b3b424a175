import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Filling, testDatabase } from '@drawbridge/postgres/testing';
import { pino } from 'pino';
import { allActions } from './actions.ts';
import { openDatabase } from './database.ts';
import { createEvents } from './events.ts';
import type { Actor, Caller } from './http.ts';
import { collectMigrations, migrate } from './migrate.ts';
import type { Platform } from './platform.ts';

export interface TestPlatform extends Platform {
  /** Moves the clock on; it stands still otherwise. */
  advance(milliseconds: number): void;
  /** Every line that was logged so far, as text. */
  logged(): string;
  close(): Promise<void>;
}

/** What a database holds once all migrations of this control plane were applied. */
export async function migrated(): Promise<Filling> {
  const migrations = await collectMigrations(dirname(dirname(fileURLToPath(import.meta.url))));
  return {
    key: migrations.map(({ name, checksum }) => `${name} ${checksum}`).join('\n'),
    async fill(connection) {
      const { pool, close } = openDatabase(connection, () => undefined, 1);
      await migrate(pool, migrations).finally(close);
    },
  };
}

/** A platform on a fresh, migrated, real database; a clock that stands still; randomness that repeats by `seed`. */
export async function testPlatform(seed = 'drawbridge'): Promise<TestPlatform> {
  const database = await testDatabase(await migrated());
  let logged = '';
  const log = pino(
    { level: 'debug' },
    {
      write(line: string) {
        logged += line;
      },
    },
  );
  const { pool, db, close } = openDatabase(
    database.connection,
    (error) => log.warn({ err: error }, 'connection lost'),
    6,
  );
  let now = Date.UTC(2025, 10, 9, 8);
  let drawn = 0;
  return {
    db,
    pool,
    log,
    clock: { now: () => now },
    random: {
      bytes(length) {
        const parts: Buffer[] = [];
        for (let have = 0; have < length; have += 32) {
          drawn += 1;
          parts.push(createHash('sha256').update(`${seed}/${drawn}`).digest());
        }
        return Buffer.concat(parts).subarray(0, length);
      },
    },
    events: createEvents((error) => log.error({ err: error }, 'listener failed')),
    deployment: { id: 'test-deployment', name: 'Test' },
    advance: (milliseconds) => {
      now += milliseconds;
    },
    logged: () => logged,
    async close() {
      await close();
      await database.drop();
    },
  };
}

/** Someone made up who may do everything, and used a factor just now. */
export function testCaller(actor: Actor = { id: 'someone', name: 'Someone' }, now = Date.now()): Caller {
  return {
    ...actor,
    kind: 'person',
    roles: ['owner'],
    level: 2,
    steppedUpAt: now,
    actions: new Set(allActions),
    ownActions: new Set(),
  };
}
