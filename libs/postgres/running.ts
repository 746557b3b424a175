import { join } from 'node:path';
import { readCredentials } from './cluster.ts';
import { applicationConnection, type PostgresConnection } from './connection.ts';
import { findHome } from './location.ts';
import { recordedSocketFolder } from './server.ts';

/**
 * How to reach the database of `dataDir` that another process runs; null where none runs. Whether it answers is not tried.
 * @throws PostgresError location_missing, location_unreadable, location_closed, credentials_missing
 */
export async function runningPostgres(
  dataDir: string,
  registryDir = '/var/lib/drawbridge',
): Promise<PostgresConnection | null> {
  const home = await findHome({ dataDir, registryDir });
  const socketFolder = await recordedSocketFolder(join(home.path, 'data'));
  if (socketFolder === undefined) return null;
  const credentials = await readCredentials(join(home.path, 'credentials.json'), true, () => '');
  return applicationConnection(socketFolder, credentials);
}
