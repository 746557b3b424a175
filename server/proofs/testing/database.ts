import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@drawbridge/control';

type Pool = ReturnType<typeof openDatabase>['pool'];

export interface OpenedDatabase {
  pool: Pool;
  close(): Promise<void>;
}

/** The folder that holds the embedded database of a deployment: beside its data, or where the record there says. */
export async function databaseFolder(dataDir: string): Promise<string> {
  const record = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
  return record === null ? join(dataDir, 'postgres') : (JSON.parse(record) as { path: string }).path;
}

/** The embedded server's process id and socket folder, as it wrote them down itself. */
async function serverOf(dataDir: string): Promise<{ pid: number; socket: string }> {
  const note = await readFile(join(await databaseFolder(dataDir), 'data', 'postmaster.pid'), 'utf8');
  const lines = note.split('\n');
  return { pid: Number(lines[0]), socket: lines[4] ?? '' };
}

export async function postmasterPid(dataDir: string): Promise<number> {
  return (await serverOf(dataDir)).pid;
}

/** Connects to the embedded database of a running deployment as its superuser, who sees every table. */
export async function openEmbedded(dataDir: string): Promise<OpenedDatabase> {
  const folder = await databaseFolder(dataDir);
  const passwords: unknown = JSON.parse(await readFile(join(folder, 'credentials.json'), 'utf8'));
  const { administrator } = passwords as { administrator: string };
  const { socket } = await serverOf(dataDir);
  const opened = openDatabase(
    { host: socket, port: 5432, user: 'postgres', password: administrator, database: 'drawbridge' },
    () => undefined,
  );
  return { pool: opened.pool, close: () => opened.close() };
}

/** Every table of the database, its rows as JSON text, in one order. */
export async function dump(pool: Pool): Promise<Map<string, string[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const all = new Map<string, string[]>();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`);
    all.set(name, rows.map(({ row }) => row).sort());
  }
  return all;
}
