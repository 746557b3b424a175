import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { inTransaction } from '@drawbridge/control';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { BackupError } from './errors.ts';
import { type ListedFile, writeListed } from './files.ts';
import type { Manifest, StoredTable } from './manifest.ts';

export type Client = Parameters<Parameters<typeof inTransaction>[1]>[0];

const MAIN = 'main';
/** Beside the schema that the program works in: rows as of a pruned journal's beginning. */
const OTHER_SCHEMAS = ['drawbridge_horizon'];
/** What was applied is in the manifest; it is applied again when restoring. */
const NOT_COPIED = 'migration';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const qualified = ({ schema, name }: { schema: string; name: string }): string =>
  schema === MAIN ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
const columnsOf = ({ columns }: { columns: readonly string[] }): string => columns.map(quoted).join(', ');

/** Our tables in the client's transaction: columns that are computed left out. */
async function listTables(client: Client): Promise<Omit<StoredTable, 'rows' | 'path'>[]> {
  const { rows } = await client.query<{ schema: string; name: string; columns: string[] }>(
    `SELECT CASE WHEN n.nspname = current_schema() THEN '${MAIN}' ELSE n.nspname END AS schema, c.relname AS name,
       coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '{}') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relkind = 'r' AND (n.nspname = current_schema() OR n.nspname = ANY ($1))
       AND c.relname <> $2 AND pg_get_userbyid(c.relowner) = current_user
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [OTHER_SCHEMAS, NOT_COPIED],
  );
  return rows;
}

/** Copies every table that the client's transaction sees to a file, compressed, in the text form of COPY. */
export async function dumpTables(
  client: Client,
  directory: string,
): Promise<{ tables: StoredTable[]; files: ListedFile[] }> {
  const tables: StoredTable[] = [];
  const files: ListedFile[] = [];
  for (const table of await listTables(client)) {
    const path = `database/${table.schema}.${table.name}.copy.gz`;
    const rows = client.query(copyTo(`COPY ${qualified(table)} (${columnsOf(table)}) TO STDOUT`));
    const zipped = createGzip({ level: 1 });
    const [file] = await Promise.all([
      writeListed(directory, path, zipped),
      // Whatever fails here ends the other, too.
      pipeline(rows, zipped),
    ]);
    files.push(file);
    tables.push({ ...table, path, rows: rows.rowCount });
  }
  return { tables, files };
}

/** Where numbers that are given out go on. Read after the rows, they are never behind them. */
export async function dumpSequences(client: Client): Promise<Manifest['sequences']> {
  const { rows } = await client.query<{ name: string; value: number }>(
    `SELECT sequencename AS name, last_value AS value FROM pg_sequences
     WHERE schemaname = current_schema() AND sequenceowner = current_user AND last_value IS NOT NULL ORDER BY 1`,
  );
  return rows;
}

/**
 * Puts the rows into the tables of a database that has their form and none of its own. In the client's transaction.
 * Throws BackupError `not_loaded`.
 */
export async function loadTables(client: Client, directory: string, manifest: Manifest): Promise<void> {
  const there = new Set((await listTables(client)).map(qualified));
  for (const table of manifest.tables) {
    if (table.schema === MAIN && !there.has(qualified(table)))
      throw notLoaded(`there is no table ${table.name}`);
    if (table.schema !== MAIN) await makeLike(client, table);
  }
  const main = manifest.tables.filter(({ schema }) => schema === MAIN);
  // What migrations put there themselves is in the rows, too.
  if (main.length > 0) await client.query(`TRUNCATE ${main.map(qualified).join(', ')}`);
  for (const table of await inOrder(client, manifest.tables)) {
    // Triggers act on changes; these rows are what came of them.
    await client.query(`ALTER TABLE ${qualified(table)} DISABLE TRIGGER USER`);
    const rows = client.query(copyFrom(`COPY ${qualified(table)} (${columnsOf(table)}) FROM STDIN`));
    await pipeline(createReadStream(join(directory, table.path)), createGunzip(), rows);
    if (rows.rowCount !== table.rows)
      throw notLoaded(`${table.name} took ${rows.rowCount} of ${table.rows} rows`);
  }
  // What is checked at the end is checked here: a table with checks to come can't be altered.
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  for (const table of manifest.tables)
    await client.query(`ALTER TABLE ${qualified(table)} ENABLE TRIGGER USER`);
  for (const { name, value } of manifest.sequences)
    await client.query('SELECT setval(quote_ident($1)::regclass, $2)', [name, value]);
}

const notLoaded = (why: string): BackupError =>
  new BackupError(
    'not_loaded',
    `The database did not take the backup's rows: ${why}. Restore with the version of the program that made the backup, then upgrade.`,
  );

/** Tables beside the program's own schema have the form of those in it. */
async function makeLike(client: Client, { schema, name }: StoredTable): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${quoted(schema)}.${quoted(name)} (LIKE ${quoted(name)} INCLUDING ALL)`,
  );
}

/** Each table after those that it refers to, but for references that are checked at the end only. */
async function inOrder(client: Client, tables: readonly StoredTable[]): Promise<StoredTable[]> {
  const { rows } = await client.query<{ name: string; refers: string }>(
    `SELECT c.relname AS name, f.relname AS refers FROM pg_constraint k
     JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND NOT k.condeferred AND n.nspname = current_schema() AND c.oid <> f.oid`,
  );
  const waiting = new Set(tables);
  const ordered: StoredTable[] = [];
  while (waiting.size > 0) {
    const left = new Set([...waiting].map(({ name }) => name));
    const ready = [...waiting].filter(
      (table) => !rows.some(({ name, refers }) => name === table.name && left.has(refers)),
    );
    if (ready.length === 0) throw notLoaded(`tables refer to each other (${[...left].join(', ')})`);
    for (const table of ready) waiting.delete(table);
    ordered.push(...ready);
  }
  return ordered;
}
