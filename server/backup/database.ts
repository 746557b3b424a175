import { openDatabase } from '@drawbridge/control';
import { checkServerVersion, runningPostgres, startPostgres } from '@drawbridge/postgres';
import type { ServerConfig } from '../config.ts';
import { NotRunningError, readRunningNote } from '../running.ts';

export type Database = ReturnType<typeof openDatabase>;
type Place = Pick<ServerConfig, 'dataDir' | 'keysDir' | 'databaseUrl'>;

/** Works on the deployment's database, whether it is running or not: one that is not is started for that. */
export async function withDatabase<T>(place: Place, work: (database: Database) => Promise<T>): Promise<T> {
  if (place.databaseUrl !== null) return withConnection({ connectionString: place.databaseUrl }, work);
  const running = (await isRunning(place)) ? await runningPostgres(place.dataDir) : null;
  if (running !== null) return withConnection(running, work);
  const postgres = await startPostgres({ dataDir: place.dataDir, log: () => undefined });
  try {
    return await withConnection(postgres.connection, work);
  } finally {
    await postgres.stop();
  }
}

async function withConnection<T>(
  connection: Parameters<typeof openDatabase>[0],
  work: (database: Database) => Promise<T>,
): Promise<T> {
  // What breaks while it idles fails the next query.
  const database = openDatabase(connection, () => undefined, 2);
  try {
    await checkServerVersion(database.pool);
    return await work(database);
  } finally {
    await database.close();
  }
}

async function isRunning({ dataDir, keysDir }: Place): Promise<boolean> {
  try {
    await readRunningNote(dataDir, keysDir);
    return true;
  } catch (error) {
    if (error instanceof NotRunningError) return false;
    throw error;
  }
}
