import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PostgresError, systemErrorCode } from './errors.ts';
import type { Home } from './location.ts';
import { canReach } from './user.ts';

/** The socket's name is `.s.PGSQL.<port>`; with no TCP listener the number only has to be agreed on. */
export const socketPort = 5432;

/** `sockaddr_un.sun_path` has 108 bytes, the last of them zero. */
const longestSocketPath = 107;

/** The socket's path where it fits beside the data. */
export function besideSocket(homePath: string): string {
  return socketPath(join(homePath, 'run'));
}

function socketPath(folder: string): string {
  return join(folder, `.s.PGSQL.${socketPort}`);
}

const shortFolder = /^drawbridge-[0-9a-f]{24}$/;

/**
 * The folder for the socket, mode 0700, of the user whom PostgreSQL runs as: `<home>/run`, or where the path would be too
 * long a folder with an unguessable name under XDG_RUNTIME_DIR, TMPDIR or /tmp.
 * @throws PostgresError socket_path_too_long
 */
export async function makeSocketFolder(home: Home): Promise<string> {
  const beside = join(home.path, 'run');
  if (fits(beside)) {
    await mkdir(beside, { recursive: true, mode: 0o700 });
    return own(beside, home);
  }
  const name = `drawbridge-${randomBytes(12).toString('hex')}`;
  for (const parent of [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp']) {
    if (!parent || !fits(join(parent, name)) || !(await canReach(parent, home.rights))) continue;
    await mkdir(join(parent, name), { mode: 0o700 });
    return own(join(parent, name), home);
  }
  throw new PostgresError(
    'socket_path_too_long',
    `A socket in ${beside} would have a path of over ${longestSocketPath} bytes, and neither XDG_RUNTIME_DIR, TMPDIR nor /tmp can be used. ` +
      'Choose a data directory with a shorter path.',
  );
}

/** Removes a folder that `makeSocketFolder` made in a shared place; any other stays. */
export async function removeSocketFolder(folder: string, home: Home): Promise<void> {
  if (!shortFolder.test(basename(folder)) || dirname(folder) === home.path) return;
  try {
    const { uid } = await lstat(folder);
    if (uid === (home.rights?.uid ?? process.getuid?.())) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

function fits(folder: string): boolean {
  return Buffer.byteLength(socketPath(folder)) <= longestSocketPath;
}

async function own(folder: string, { rights }: Home): Promise<string> {
  await chmod(folder, 0o700);
  if (rights !== undefined) await chown(folder, rights.uid, rights.gid);
  return folder;
}
