import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningNote } from '../../running.ts';
import { databaseFolder, dump, openEmbedded } from '../testing/database.ts';
import { type Answer, send } from '../testing/http.ts';

/** Something to search: a file, a table, an answer, a log. */
export interface Place {
  where: string;
  bytes: Buffer | string;
}

/** Every file below a folder, links not followed. Sockets and files that were removed meanwhile are passed over. */
export async function filesBelow(folder: string, name: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (bytes !== null) places.push({ where: `${name} ${path.slice(folder.length + 1)}`, bytes });
  }
  return places;
}

/** The data directory, and the database's folder where that lies elsewhere. */
export async function dataFiles(dataDir: string): Promise<Place[]> {
  const database = await databaseFolder(dataDir);
  const files = await filesBelow(dataDir, 'data');
  return database.startsWith(dataDir) ? files : [...files, ...(await filesBelow(database, 'database'))];
}

/** Every row of every table, and PostgreSQL told to write all it holds into its files. */
export async function databaseRows(dataDir: string): Promise<Place[]> {
  const { pool, close } = await openEmbedded(dataDir);
  try {
    const tables = await dump(pool);
    await pool.query('CHECKPOINT');
    return [...tables].map(([table, rows]) => ({ where: `table ${table}`, bytes: rows.join('\n') }));
  } finally {
    await close();
  }
}

const whole = ({ status, headers, body }: Answer): string => `${status}\n${JSON.stringify(headers)}\n${body}`;

/** What stands for the braces of a route's path. Each name has at least one value, or the search has a hole. */
type Examples = Readonly<Record<string, readonly string[]>>;

/** The answers of every GET that the API documents, for every example, and of the pages that need no session. */
export async function apiAnswers(
  note: Pick<RunningNote, 'apiUrl' | 'operatorToken'>,
  examples: Examples,
): Promise<Place[]> {
  const headers = { authorization: `Bearer ${note.operatorToken}` };
  const get = async (path: string): Promise<Place> => {
    const answer = await send(`${note.apiUrl}${path}`, { method: 'GET', headers });
    if (answer.status >= 500) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    return { where: `GET ${path}`, bytes: whole(answer) };
  };
  const document = await send(`${note.apiUrl}/api/v1/openapi.json`, { method: 'GET', headers });
  const { paths } = JSON.parse(document.body) as { paths: Record<string, Record<string, unknown>> };
  const routes = Object.entries(paths)
    .filter(([, methods]) => 'get' in methods)
    .map(([path]) => path);
  const places: Place[] = [{ where: 'openapi', bytes: document.body }];
  const logs = [
    'control/checkpoint',
    'root/checkpoint',
    'gateways/1/checkpoint',
    'gateways/1/tile/entries/000.p/9',
  ];
  const undocumented = ['/api/v1/replay', '/api/v1/nowhere', ...logs.map((file) => `/api/v1/logs/${file}`)];
  for (const path of ['/healthz', '/readyz', '/metrics', '/', ...undocumented]) {
    places.push(await get(path));
  }
  for (const route of routes) {
    for (const path of filledIn(route, examples)) places.push(await get(`/api/v1${path}?limit=200`));
  }
  return places;
}

/** The paths that a route's template stands for, such as `/connections/{id}/contract`. */
function filledIn(route: string, examples: Examples): string[] {
  const [, before = '', name = '', after = ''] = /^(.*?)\{(\w+)\}(.*)$/.exec(route) ?? [];
  if (name === '') return [route];
  const kind = name === 'id' ? (before.split('/').at(-2) ?? '') : name;
  const values = examples[kind];
  if (values === undefined || values.length === 0)
    throw new Error(`${route}: there is no example of ${kind}`);
  return values.flatMap((value) => filledIn(`${before}${encodeURIComponent(value)}${after}`, examples));
}

/** The gateway's own pages. */
export async function gatewayPages(gatewayUrl: string): Promise<Place[]> {
  const pages = ['/metrics', '/healthz', '/readyz', '/-/metrics'];
  const answers = pages.map(async (page) => ({
    where: `gateway ${page}`,
    bytes: whole(await send(`${gatewayUrl}${page}`, { method: 'GET' })),
  }));
  return Promise.all(answers);
}
