import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/** A migration that can't be applied, or a database that this build must not touch. */
export class MigrationError extends Error {
  readonly code: 'name' | 'order' | 'changed' | 'newer' | 'failed';
  constructor(code: MigrationError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationError';
    this.code = code;
  }
}

export interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

const NAME = /^(\d{4})_([a-z]+)_[a-z0-9_]+\.sql$/;

/**
 * Collects `NNNN_<capability>_<what>.sql` from each capability's `migrations/` below `root` in one global order.
 * Throws MigrationError when a name is wrong, names another capability, or a number is used twice.
 */
export async function collectMigrations(root: string): Promise<Migration[]> {
  const found: Migration[] = [];
  for (const capability of (await readdir(root, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )) {
    const folder = join(root, capability.name, 'migrations');
    const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const file of files) {
      const match = NAME.exec(file);
      if (match === null || match[2] !== capability.name) {
        throw new MigrationError('name', `${join(folder, file)}: name it NNNN_${capability.name}_<what>.sql`);
      }
      const sql = await readFile(join(folder, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      found.push({ number: Number(match[1]), name: file, sql, checksum });
    }
  }
  found.sort((a, b) => a.number - b.number);
  found.forEach((migration, index) => {
    const before = found[index - 1];
    if (before?.number === migration.number) {
      throw new MigrationError(
        'order',
        `${migration.name} and ${before.name} have one number; take the next one.`,
      );
    }
  });
  return found;
}

const LOCK = 4_400_441_0;

/**
 * Applies what is missing, each migration in its own transaction, under an advisory lock. Forward only: a file that
 * was applied must not change, and a database that is ahead of this build is refused.
 */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[]): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS migration (
      number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now())`);
    const applied = await client.query<{ number: number; name: string; checksum: string }>(
      'SELECT number, name, checksum FROM migration ORDER BY number',
    );
    for (const row of applied.rows) {
      const mine = migrations.find((migration) => migration.number === row.number);
      if (mine === undefined) {
        throw new MigrationError(
          'newer',
          `The database has migration ${row.name}, which this build does not know. Use the newer build.`,
        );
      }
      if (mine.checksum !== row.checksum) {
        throw new MigrationError(
          'changed',
          `${mine.name} was changed after it was applied. Restore the file and add a new migration.`,
        );
      }
    }
    const newest = applied.rows.at(-1)?.number ?? 0;
    const missing = migrations.filter(
      (migration) => !applied.rows.some((row) => row.number === migration.number),
    );
    const late = missing.find((migration) => migration.number < newest);
    if (late !== undefined) {
      throw new MigrationError(
        'order',
        `${late.name} comes after number ${newest} was applied; give it the next free number.`,
      );
    }
    for (const migration of missing) await applyOne(client, migration);
    return missing.length;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).finally(() => client.release());
  }
}

async function applyOne(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new MigrationError(
      'failed',
      `${migration.name} failed: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  }
}
