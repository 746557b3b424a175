import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';

/** How to reach PostgreSQL: what `pg` takes. Either a URL or the parts of a socket connection. */
export type DatabaseConfig =
  | { connectionString: string }
  | { host: string; port: number; user: string; password: string; database: string };

/** Tables are named by the capability that owns them: `db.withTables<ConnectionTables>()`. */
// biome-ignore lint/complexity/noBannedTypes: the platform itself knows no table; capabilities add theirs
export type Db = Kysely<{}>;
// biome-ignore lint/complexity/noBannedTypes: as above
export type Tx = Transaction<{}>;

export interface Database {
  pool: pg.Pool;
  db: Db;
  close(): Promise<void>;
}

/** Opens a pool. `onError` hears of idle connections that broke (the next query opens a new one). */
export function openDatabase(config: DatabaseConfig, onError: (error: Error) => void, max = 10): Database {
  const pool = new pg.Pool({ ...config, max, application_name: 'drawbridge' });
  let closing = false;
  // The driver's error carries its whole client, which is nothing to log.
  pool.on('error', (error) => {
    if (!closing) onError(new Error(error.message));
  });
  // A connection that breaks while in use fails its query, and also says so itself: unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // biome-ignore lint/complexity/noBannedTypes: as above
  const db = new Kysely<{}>({ dialect: new PostgresDialect({ pool }) });
  return {
    pool,
    db,
    async close() {
      closing = true;
      await db.destroy();
      // Kysely ends only a pool that it has used.
      if (!pool.ended) await pool.end();
    },
  };
}

// bigint columns (counts, milliseconds) are well under 2^53 here; a value that is not is an error, not a rounding.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`a bigint from the database exceeds 2^53: ${text}`);
  return value;
});

// A day has no time and no zone: as YYYY-MM-DD, where the driver would make a time of this machine's zone of it.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
