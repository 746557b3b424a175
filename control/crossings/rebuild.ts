import type pg from 'pg';
import { inTransaction, type Platform } from '../platform/index.ts';
import { holdHorizon, releaseHorizon } from './horizon.ts';
import { holdProjectors, homeOf, type Projection, projectBatch } from './projection.ts';

const BATCH = 10_000;
const SCHEMA = 'drawbridge_rebuild';
/** Key of the advisory lock that lets one rebuild go on at a time; a session's, so it goes with its connection. */
const REBUILD_LOCK = 4_400_441_2;

type Progress = (entries: number) => void | Promise<void>;

/** Another rebuild is going on, here or in another process. */
export class RebuildBusyError extends Error {
  readonly code = 'rebuild_busy';
  constructor() {
    super('Another rebuild of projections is going on. Wait until it is done, then start this one.');
    this.name = 'RebuildBusyError';
  }
}

/**
 * Makes a projection's rows anew from the journals, and from the rows that are kept of what was pruned of them, beside the ones in use, and puts them in their place in one
 * transaction: readers see the old rows or the new ones, never a part. Killed anywhere, it leaves the old rows.
 * `progress` hears how many entries were read so far, and is waited for. Throws RebuildBusyError.
 */
export async function rebuildProjection(
  platform: Pick<Platform, 'pool'>,
  projection: Projection,
  progress: Progress = () => undefined,
): Promise<{ entries: number }> {
  const lock = await platform.pool.connect();
  try {
    const locked = await lock.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      REBUILD_LOCK,
    ]);
    if (locked.rows[0]?.mine !== true) throw new RebuildBusyError();
    await holdHorizon(lock);
    try {
      return await rebuildBeside(platform, projection, progress);
    } finally {
      await releaseHorizon(lock);
    }
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [REBUILD_LOCK]).then(
      () => lock.release(),
      (broken: Error) => lock.release(broken),
    );
  }
}

const versionOf = ({ version = 1 }: Projection): number => version;

/**
 * Rebuilds the projections whose rows were made in another version, one after the other. What is done is noted in the
 * transaction that puts the rows in place, so each is made anew once. Throws RebuildBusyError.
 */
export async function rebuildChanged(
  platform: Pick<Platform, 'pool'>,
  projections: readonly Projection[],
  progress?: Progress,
): Promise<string[]> {
  const { rows } = await platform.pool.query<{ projection: string; version: number }>(
    'SELECT projection, version FROM projection_version',
  );
  const made = new Map(rows.map(({ projection, version }) => [projection, version]));
  const changed = projections.filter((one) => (made.get(one.name) ?? 1) !== versionOf(one));
  for (const projection of changed) await rebuildProjection(platform, projection, progress);
  return changed.map(({ name }) => name);
}

/**
 * Keeps rebuilds from going on until the transaction ends: what one has read before would come back with its rows.
 * Throws RebuildBusyError where one is going on.
 */
export async function holdRebuilds(client: pg.PoolClient): Promise<void> {
  const locked = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
    REBUILD_LOCK,
  ]);
  if (locked.rows[0]?.mine !== true) throw new RebuildBusyError();
}

async function rebuildBeside(
  platform: Pick<Platform, 'pool'>,
  projection: Projection,
  progress: Progress,
): Promise<{ entries: number }> {
  const tables = [...projection.tables, 'projection_cursor'];
  const home = await inTransaction(platform.pool, (client) => makeSchema(client, tables));
  let entries = 0;
  for (;;) {
    const applied = await inTransaction(platform.pool, async (client) => {
      await lookIn(client, home);
      return projectBatch(client, [projection], BATCH);
    });
    entries += applied;
    await progress(entries);
    if (applied === 0) break;
  }
  await inTransaction(platform.pool, async (client) => {
    await holdProjectors(client);
    await lookIn(client, home);
    for (let applied = 1; applied > 0; entries += applied) {
      applied = await projectBatch(client, [projection], BATCH);
    }
    await putInPlace(client, home, projection);
  });
  await progress(entries);
  return { entries };
}

/** Empty tables of the same form. Returns the schema of those in use, quoted. */
async function makeSchema(client: pg.PoolClient, tables: readonly string[]): Promise<string> {
  const home = await homeOf(client);
  await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await client.query(`CREATE SCHEMA ${SCHEMA}`);
  for (const table of tables) {
    await client.query(`CREATE UNLOGGED TABLE ${SCHEMA}.${table} (LIKE ${home}.${table} INCLUDING ALL)`);
  }
  return home;
}

/** What the projection writes is found in the new schema first; what it reads (the journals) is only in the old one. */
async function lookIn(client: pg.PoolClient, home: string): Promise<void> {
  await client.query(`SET LOCAL search_path TO ${SCHEMA}, ${home}`);
}

/** Rows are copied and tables are kept, so that names of indexes, and what refers to the tables, stay as migrated. */
async function putInPlace(client: pg.PoolClient, home: string, projection: Projection): Promise<void> {
  for (const table of projection.tables) {
    await client.query(`DELETE FROM ${home}.${table}`);
    await client.query(`INSERT INTO ${home}.${table} SELECT * FROM ${SCHEMA}.${table}`);
  }
  await client.query(`DELETE FROM ${home}.projection_cursor WHERE projection = $1`, [projection.name]);
  await client.query(`INSERT INTO ${home}.projection_cursor SELECT * FROM ${SCHEMA}.projection_cursor`);
  await client.query(
    `INSERT INTO ${home}.projection_version VALUES ($1, $2) ON CONFLICT (projection) DO UPDATE SET version = excluded.version`,
    [projection.name, versionOf(projection)],
  );
  await client.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
}
