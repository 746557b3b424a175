import { realpath, stat } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import { ScanError } from '../errors.ts';
import { headAndRemote, repositoryRoot } from '../git.ts';

/** What a report is of. */
export interface Source {
  name: string;
  /** The commit that its repository stands at. */
  commit: string | null;
}

const LONGEST_NAME = 200;
const UNUSABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text as a control plane takes it: no control characters. */
export const plainText = (text: string): string => text.replaceAll(UNUSABLE, '\ufffd');

/** A path's repository by where it was cloned from, else its folder; `name`: as the user says. */
export async function sourceOf(path: string, name: string | undefined): Promise<Source> {
  const place = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    throw new ScanError('no_such_path', `${path} can't be read (${error.code ?? error.message})`);
  });
  const isFolder = (await stat(place)).isDirectory();
  const root = isFolder ? await rootOf(place) : null;
  const { head, remote } = root === null ? { head: null, remote: null } : await headAndRemote(root);
  const below = root === null ? '' : relative(root, place).split(sep).join('/');
  const own = (remote === null ? null : remoteName(remote)) ?? basename(root ?? place);
  const named = plainText(name ?? (below === '' ? own : `${own}/${below}`)).trim();
  return { name: named.slice(-LONGEST_NAME) || 'unnamed', commit: head };
}

async function rootOf(folder: string): Promise<string | null> {
  try {
    return await realpath(await repositoryRoot(folder));
  } catch (error) {
    // Not in a repository, a bare one, or no git here: then it is a folder as any other.
    if (error instanceof ScanError) return null;
    throw error;
  }
}

/** `github.com/acme/shop`: without protocol, user, password, and `.git`; null for a path of this machine. */
export function remoteName(remote: string): string | null {
  const short = /^(?:[^@/\s]+@)?([\w.-]+\.[\w-]+):(?!\/\/)(.+)$/.exec(remote);
  const url = short === null && URL.canParse(remote) ? new URL(remote) : null;
  const named = short !== null ? `${short[1]}/${short[2]}` : url?.host ? `${url.host}${url.pathname}` : null;
  return named?.replace(/\/+$/, '').replace(/\.git$/, '') ?? null;
}
