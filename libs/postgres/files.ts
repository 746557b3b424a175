import { readFile, stat } from 'node:fs/promises';
import { PostgresError, systemErrorCode } from './errors.ts';

export async function isThere(path: string): Promise<boolean> {
  return (await unlessMissing(path, () => stat(path))) !== undefined;
}

export async function readIfThere(path: string): Promise<string | undefined> {
  return unlessMissing(path, () => readFile(path, 'utf8'));
}

/** @throws PostgresError not_owner where permission lacks */
export async function unlessMissing<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    if (systemErrorCode(error) !== 'EACCES') throw error;
    throw new PostgresError(
      'not_owner',
      `${path} is closed to user ${process.getuid?.()}. Start as the user that made it, or choose another data directory.`,
      { cause: error },
    );
  }
}
