import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

interface ConsoleFile {
  type: string;
  plain: Buffer<ArrayBuffer>;
  packed: Buffer<ArrayBuffer> | null;
  /** Names with a content hash never change. */
  forEver: boolean;
}

const pack = promisify(gzip);

/** Reads the built console into memory: a few hundred kilobytes, so that no request reaches the disk. */
async function load(dist: string): Promise<Map<string, ConsoleFile>> {
  const files = new Map<string, ConsoleFile>();
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries
      .filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined)
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const plain = Buffer.from(await readFile(path));
        const squeezable = !/\.(woff2?|png|ico)$/.test(entry.name);
        const name = `/${relative(dist, path).split(sep).join('/')}`;
        files.set(name, {
          type: types[extname(entry.name)] ?? 'application/octet-stream',
          plain,
          packed: squeezable ? Buffer.from(await pack(plain)) : null,
          forEver: name.startsWith('/assets/'),
        });
      }),
  );
  return files;
}

/** What is not found there must be said so: a page would look like success to a program. */
const isForPrograms = (path: string): boolean => path.startsWith('/api/') || path.startsWith('/fleet/');

/** Serves the built console. Every path that is no file is a page of it, and gets index.html. */
export async function consoleFiles(dist: string): Promise<MiddlewareHandler> {
  const files = await load(dist);
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next();
    if (isForPrograms(c.req.path)) return next();
    const asked = files.get(c.req.path);
    const file = asked ?? (c.req.path.startsWith('/assets/') ? undefined : files.get('/index.html'));
    if (file === undefined) return next();
    const squeezed = file.packed !== null && /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
    return c.body(squeezed && file.packed !== null ? file.packed : file.plain, 200, {
      'content-type': file.type,
      'cache-control': file.forEver ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(squeezed ? { 'content-encoding': 'gzip' } : {}),
    });
  };
}
