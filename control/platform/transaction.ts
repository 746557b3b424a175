import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Tx } from './database.ts';

/** Runs `work` in one transaction on one connection: all of it holds, or none of it. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // A connection that can't even roll back is not given back to the pool: the server rolls back when it closes.
    await client.query('ROLLBACK').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  }
}

/**
 * Runs `work` in one transaction that both ways of speaking to the database share: `client` for what Kysely would only
 * wrap, `tx` for what takes a Kysely transaction, such as recording the change.
 */
export async function inOneTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const borrowed = {
    connect: async () => ({ query: client.query.bind(client), release: () => undefined }),
    end: async () => undefined,
  };
  // biome-ignore lint/complexity/noBannedTypes: the platform itself knows no table
  const db = new Kysely<{}>({ dialect: new PostgresDialect({ pool: borrowed as unknown as pg.Pool }) });
  try {
    const result = await db.transaction().execute((tx) => work(client, tx));
    client.release();
    return result;
  } catch (error) {
    // Whatever state it is in: the server rolls back when it closes.
    client.release(true);
    throw error;
  }
}
