import { chmod, lstat, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A key file that can't be used. Nothing was changed. */
export class KeyFileError extends Error {
  readonly code: 'permissions' | 'unreadable';
  constructor(code: KeyFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyFileError';
    this.code = code;
  }
}

/** Makes the key directory, open to its owner alone. */
export async function makeKeysDir(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}

/**
 * Reads a JSON key file, or makes it (mode 0600, synced) when it is not there. Throws KeyFileError when others may read
 * it or it is not JSON: a key that was exposed or damaged is not used silently.
 */
export async function readOrMakeKeyFile<T>(
  path: string,
  parse: (value: unknown) => T,
  make: () => Promise<T>,
): Promise<T> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (stat === null) {
    const made = await make();
    await writeNew(path, `${JSON.stringify(made)}\n`);
    return made;
  }
  if (!stat.isFile() || (stat.mode & 0o077) !== 0) {
    throw new KeyFileError(
      'permissions',
      `${path} must be a plain file that only its owner can read. Run: chmod 600 ${path}`,
    );
  }
  try {
    return parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new KeyFileError(
      'unreadable',
      `${path} is not a key file of this version. Restore it from your backup of the keys.`,
      {
        cause: error,
      },
    );
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

/** Writes a file (mode 0600) whole or not at all; when it returns, neither a crash nor a power cut takes it away. */
export async function replaceFile(path: string, text: string | Uint8Array): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** A name in a folder is on the disk only when the folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
