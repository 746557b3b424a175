import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from './errors.ts';

/** A file of a backup, below its directory. */
export interface ListedFile {
  path: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** Makes a directory that must not hold anything yet (mode 0700). Throws BackupError `target_not_empty`. */
export async function makeEmpty(directory: string, what: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0)
    throw new BackupError('target_not_empty', `${directory} is not empty. Name a new directory for ${what}.`);
}

/** Writes a file that is not there yet (mode 0600), durably, and says what it is. */
export async function writeListed(
  directory: string,
  path: string,
  content: Uint8Array | NodeJS.ReadableStream,
): Promise<ListedFile> {
  const at = join(directory, path);
  await mkdir(dirname(at), { recursive: true, mode: 0o700 });
  await using file = await open(at, 'wx', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of content instanceof Uint8Array ? [content] : content) {
    const chunk = typeof part === 'string' ? Buffer.from(part) : part;
    await file.writeFile(chunk);
    hash.update(chunk);
    bytes += chunk.length;
  }
  await file.sync();
  return { path, bytes, sha256: hash.digest('hex') };
}

/** Throws BackupError `damaged` when the file is not as it was listed. */
export async function checkListed(directory: string, { path, bytes, sha256 }: ListedFile): Promise<void> {
  const hash = createHash('sha256');
  let length = 0;
  try {
    for await (const chunk of createReadStream(join(directory, path))) {
      hash.update(chunk);
      length += chunk.length;
    }
  } catch (cause) {
    throw damaged(path, `it can't be read (${codeOf(cause)})`, cause);
  }
  if (length !== bytes) throw damaged(path, `it has ${length} bytes, and ${bytes} were written`);
  if (hash.digest('hex') !== sha256) throw damaged(path, 'its bytes were changed');
}

function damaged(path: string, why: string, cause?: unknown): BackupError {
  return new BackupError(
    'damaged',
    `${path} of the backup is not what was written: ${why}. Nothing was restored. Use another copy of this backup, or an older one.`,
    { cause },
  );
}

/** Every directory below, so that the names in them outlive a power cut. Windows keeps names by itself. */
export async function syncTree(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await syncTree(join(directory, entry.name));
  await using folder = await open(directory, 'r');
  await folder.sync();
}

export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}

export const isMissing = (cause: unknown): boolean => codeOf(cause) === 'ENOENT';
