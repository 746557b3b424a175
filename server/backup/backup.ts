import { readKeyRows, statedLogs, systemClock } from '@drawbridge/control';
import type { ServerConfig } from '../config.ts';
import { findIdentity } from '../identity.ts';
import { type Database, withDatabase } from './database.ts';
import { BackupError } from './errors.ts';
import { makeEmpty, syncTree } from './files.ts';
import { dumpLogs } from './logs.ts';
import { type Manifest, newManifest, writeManifest } from './manifest.ts';
import { expectFinished } from './restore.ts';
import { type Client, dumpSequences, dumpTables } from './tables.ts';

/**
 * Writes database and logs of a deployment, running or not, to a new directory, so that they belong together: all rows as
 * of one moment, and of each log at least the entries that these rows point to. No key is in it. The manifest comes last:
 * a directory without it is no backup. Throws BackupError, PostgresError, or what the system throws.
 */
export async function backup(
  config: Pick<ServerConfig, 'dataDir' | 'keysDir' | 'databaseUrl'>,
  directory: string,
): Promise<Manifest> {
  const id = await deploymentIn(config.dataDir);
  await makeEmpty(directory, 'the backup');
  const manifest = await withDatabase(config, ({ pool }) => dump(pool, config.dataDir, id, directory));
  await syncTree(directory);
  await writeManifest(directory, manifest);
  await syncTree(directory);
  return manifest;
}

async function dump(
  pool: Database['pool'],
  dataDir: string,
  id: string,
  directory: string,
): Promise<Manifest> {
  const client = await pool.connect();
  try {
    // Rows first: a log only grows, so what is read of it later holds all that they point to.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const known = await readKnown(client, id);
    const keys = await readKeyRows(client);
    const stated = await statedLogs(client, id);
    const { logs, files } = await dumpLogs(client, { dataDir, stated }, directory);
    const sequences = await dumpSequences(client);
    const rows = await dumpTables(client, directory);
    await client.query('COMMIT');
    client.release();
    return newManifest({
      ...known,
      keys: keys.map((one) => ({
        ...one,
        checkValue: base64(one.checkValue),
        dataKeys: one.dataKeys.map(({ version, wrapped }) => ({ version, wrapped: base64(wrapped) })),
      })),
      deployment: id,
      madeAt: new Date(systemClock.now()).toISOString(),
      tables: rows.tables,
      sequences,
      logs,
      files: [...rows.files, ...files],
    });
  } catch (error) {
    client.release(true);
    throw error;
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

async function readKnown(client: Client, id: string): Promise<Pick<Manifest, 'createdAt' | 'migrations'>> {
  const { rows } = await client.query<{ id: string; created_at: Date }>(
    'SELECT id, created_at FROM deployment WHERE EXISTS (SELECT FROM data_key)',
  );
  const row = rows[0];
  if (row?.id !== id)
    throw new BackupError(
      'other_deployment',
      `The database is not that of deployment ${id}, or was never started. Point DRAWBRIDGE_DATA and DATABASE_URL to the same deployment.`,
    );
  const { rows: migrations } = await client.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM migration ORDER BY number',
  );
  return { createdAt: row.created_at.toISOString(), migrations };
}

/** The deployment whose data lies there. Throws BackupError `other_deployment` where there is none. */
export async function deploymentIn(dataDir: string): Promise<string> {
  expectFinished(dataDir);
  const identity = await findIdentity(dataDir);
  if (identity !== null) return identity.id;
  throw new BackupError(
    'other_deployment',
    `There is no deployment in ${dataDir}. Name its data with --data before the command.`,
  );
}
