import { readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PoolClient } from 'pg';
import { type By, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import { startProcess, type VaultChild } from './child.ts';
import type { KeyRecord } from './messages.ts';
import { insertRecord, insertWrapped, lockKeys, readKeyRecords } from './records.ts';
import { type RewrapProgress, rewrapAll, type UnreadableRow } from './rewrap.ts';
import type { KeySource } from './sources/settings.ts';
import { placeOf, startWith, syncFolder } from './supervise.ts';
import type { VaultTables } from './tables.ts';
import type { WrappedColumn } from './wrapped.ts';

/**
 * Going from one key-encryption key to another while everything serves. Both wrap the data keys until `finishRotation`
 * ends it, so that a process started with either opens them. All that has been done is in the database, in transactions:
 * whoever is killed is called again.
 */
export interface RotationOptions {
  platform: Pick<Platform, 'db' | 'pool' | 'clock' | 'random'>;
  keysDir: string;
  deploymentId: string;
  /** Where wrapped bytes are. */
  columns: readonly WrappedColumn[];
  by: By;
  progress: (at: RewrapProgress) => void;
}

export interface KeyView {
  id: number;
  source: string;
  label: string;
}

export interface Rotated {
  /** The first is left, the second is what is used from now on. */
  from: KeyView;
  to: KeyView;
  /** The data key that everything is under. */
  dataKey: number;
  /** True: it was begun before, and went on. */
  resumed: boolean;
  unreadable: UnreadableRow[];
}

/** Held by whoever rotates keys: of any number, that no other lock here has. */
const LOCK = 4_028_000_001;

/**
 * Wraps the data keys under the key of another source, or another key of the same; of the source `file` it is made. With
 * `addDataKey` a new data key is made, too, and all that is wrapped is wrapped anew. One that was interrupted goes on.
 * Throws VaultError for a source that can't be used, Problem 409 `rotation_runs`, `rotation_unfinished`, `no_keys`;
 * nothing is changed then.
 */
export async function rotateKek(
  options: RotationOptions & { source: KeySource; to: KeySource; addDataKey: boolean },
): Promise<Rotated> {
  return alone(options, async () => {
    const records = await readKeyRecords(options.platform.db);
    const [oldest] = records;
    if (oldest === undefined) throw noKeys();
    const resumed = records.length > 1;
    const target = resumed ? expectSame(records, options) : await begin(options, oldest);
    // As a process that knows of nothing else: what it opens now, it opens after the end.
    return withVault({ ...options, source: options.to }, [target], async (child) => {
      const unreadable = await rewrapAll(
        options.platform.db,
        options.columns,
        rewrapBy(child),
        options.progress,
      );
      return { from: viewOf(oldest), to: viewOf(target), dataKey: newestOf(target), resumed, unreadable };
    });
  });
}

function expectSame(
  records: readonly KeyRecord[],
  { to, addDataKey }: { to: KeySource; addDataKey: boolean },
): KeyRecord {
  const target = records.at(-1);
  if (target === undefined) throw noKeys();
  const isSame = target.source === to.kind;
  const hasDataKey = target.dataKeys.length > 1;
  if (isSame && (!addDataKey || hasDataKey)) return target;
  throw new Problem(
    409,
    'rotation_unfinished',
    `A rotation to ${target.source} (${target.label})${hasDataKey ? '' : ' without a new data key'} was begun and is not finished. Finish it first: "drawbridge vault rotate-kek --finish".`,
  );
}

async function begin(
  options: RotationOptions & { source: KeySource; to: KeySource; addDataKey: boolean },
  oldest: KeyRecord,
): Promise<KeyRecord> {
  const { platform, keysDir, to, addDataKey, by } = options;
  const place = placeOf(options);
  const child = startProcess({ ...place, sources: [options.source, to] });
  try {
    await child.call('start', startWith(options, [oldest]));
    const { made, added } = await child.call('addKey', { to, id: oldest.id + 1, addDataKey });
    await syncFolder(resolve(keysDir));
    await platform.db.transaction().execute(async (tx) => {
      await lockKeys(tx);
      const now = await readKeyRecords(tx);
      if (!isDeepStrictEqual(now.map(viewOf), [viewOf(oldest)])) throw runs();
      await insertRecord(tx, platform.clock, made);
      if (added !== null) await insertWrapped(tx, oldest.id, added);
      await recordChange(tx, platform, {
        ...by,
        act: 'vault.rotate_key',
        subject: { kind: 'vault', id: String(made.id) },
        detail: { from: viewOf(oldest), to: viewOf(made), dataKey: newestOf(made) },
      });
    });
    return made;
  } finally {
    await child.stop();
  }
}

export interface Finished {
  key: KeyView;
  /** Keys that nothing needs any more. */
  removed: KeyView[];
  /** Key files that were removed with them. */
  files: string[];
}

/**
 * Ends a rotation: what is left under older data keys is wrapped anew, then older keys are removed from the database, and
 * older key files. `source` has to be that of the newest key. Called again, it removes what an interrupted call left.
 * Throws Problem 409 `rotation_runs`, `no_keys`, `not_rotated` for another source, `rows_left` where a row can't be
 * opened; VaultError. Nothing was removed then.
 */
export async function finishRotation(options: RotationOptions & { source: KeySource }): Promise<Finished> {
  const { platform, source, by } = options;
  return alone(options, async () => {
    const records = await readKeyRecords(platform.db);
    const key = records.at(-1);
    if (key === undefined) throw noKeys();
    if (key.source !== source.kind) throw notRotated(key, source);
    const unreadable = await withVault(options, [key], (child) =>
      rewrapAll(platform.db, options.columns, rewrapBy(child), options.progress),
    );
    if (unreadable.length > 0) throw rowsLeft(unreadable);
    const old = records.slice(0, -1);
    if (old.length > 0)
      await platform.db.transaction().execute(async (tx) => {
        await lockKeys(tx);
        await removeOlder(tx, key);
        await recordChange(tx, platform, {
          ...by,
          act: 'vault.finish_rotation',
          subject: { kind: 'vault', id: String(key.id) },
          detail: { removed: old.map(viewOf), dataKey: newestOf(key) },
        });
      });
    return { key: viewOf(key), removed: old.map(viewOf), files: await removeFiles(options, key) };
  });
}

/** The database refuses to let a data key go that something is wrapped under. */
async function removeOlder(tx: Tx, key: KeyRecord): Promise<void> {
  const rows = tx.withTables<VaultTables>();
  await rows.deleteFrom('key_encryption_key').where('id', '<', key.id).execute();
  await rows.deleteFrom('data_key').where('version', '<', newestOf(key)).execute();
}

/** Those of numbers below this key's. A file with a higher one belongs to a newer database than this. */
async function removeFiles({ keysDir, deploymentId }: RotationOptions, key: KeyRecord): Promise<string[]> {
  const folder = resolve(keysDir);
  const first = basename(placeOf({ keysDir, deploymentId }).keyFile);
  const removed: string[] = [];
  for (const name of await readdir(folder)) {
    const id =
      name === first ? 1 : Number(name.startsWith(`${first}-`) ? name.slice(first.length + 1) : Number.NaN);
    if (!(id < key.id)) continue;
    await rm(join(folder, name));
    removed.push(name);
  }
  if (removed.length > 0) await syncFolder(folder);
  return removed.toSorted();
}

/** The work of one process at a time: the lock goes with the connection, however the process ends. */
async function alone<Result>(
  { platform }: RotationOptions,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await platform.pool.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [LOCK]);
    if (rows[0]?.mine !== true) throw runs();
    try {
      return await work(client);
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    }
  } finally {
    client.release();
  }
}

async function withVault<Result>(
  options: RotationOptions & { source: KeySource },
  known: readonly KeyRecord[],
  work: (child: VaultChild) => Promise<Result>,
): Promise<Result> {
  const child = startProcess(placeOf(options));
  try {
    await child.call('start', startWith(options, known));
    return await work(child);
  } finally {
    await child.stop();
  }
}

const rewrapBy =
  (child: VaultChild): Parameters<typeof rewrapAll>[2] =>
  async (wrapped, of) =>
    (await child.call('rewrap', { wrapped, of })).wrapped;

const viewOf = ({ id, source, label }: KeyRecord): KeyView => ({ id, source, label });
const newestOf = ({ dataKeys }: KeyRecord): number => Math.max(...dataKeys.map(({ version }) => version));

const runs = (): Problem =>
  new Problem(409, 'rotation_runs', 'Another process rotates keys of this deployment just now. Wait for it.');

const noKeys = (): Problem =>
  new Problem(
    409,
    'no_keys',
    'This deployment has no keys yet: it was never started. There is nothing to rotate.',
  );

const notRotated = (key: KeyRecord, source: KeySource): Problem =>
  new Problem(
    409,
    'not_rotated',
    `The newest key is from ${key.source} (${key.label}), and the key source that is set is ${source.kind}. Set DRAWBRIDGE_KEY_SOURCE=${key.source}, restart Drawbridge with it, then finish. Nothing was removed.`,
  );

const rowsLeft = (rows: readonly UnreadableRow[]): Problem =>
  new Problem(
    409,
    'rows_left',
    `${rows.length} rows can not be opened with the data key that they name, and keep it here: ${rows
      .slice(0, 5)
      .map(({ table, row }) => `${table} (${row})`)
      .join(
        '; ',
      )}. They were changed behind Drawbridge's back; enter those credentials again. Nothing was removed.`,
  );
