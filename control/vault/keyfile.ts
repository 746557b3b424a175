import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { VaultFailure } from './failure.ts';

const KEY_BYTES = 32;
/** As text, so that it can be printed and kept in a safe: 256 bits in base64url. */
const FORM = /^drawbridge-kek-1:([A-Za-z0-9_-]{43})\n?$/;
const FILE_LIMIT = 200;
/** O_SYNC: on disk when the write returns. The permission model of the vault's process has no fsync. */
const NEW_AND_DURABLE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_SYNC ?? 0);

export function keyFilePath(keysDir: string, deploymentId: string): string {
  return join(keysDir, `${deploymentId}.kek`);
}

/**
 * The key-encryption key, 32 bytes, from its file; null where there is no file. Throws VaultFailure `kek_permissions`,
 * `kek_malformed`, `kek_unreadable`. Changes nothing.
 */
export function readKeyFile(path: string): Buffer | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw unreadable(path, error);
  }
  try {
    checkPermissions(path, fstatSync(file));
    const text = Buffer.alloc(FILE_LIMIT);
    const length = readSync(file, text, 0, FILE_LIMIT, 0);
    const match = FORM.exec(text.toString('latin1', 0, length));
    text.fill(0);
    const key = match?.[1] === undefined ? null : Buffer.from(match[1], 'base64url');
    if (key === null || key.length !== KEY_BYTES) {
      throw new VaultFailure(
        'kek_malformed',
        `${path} does not hold a key: one line "drawbridge-kek-1:" and 43 characters is right. Restore it from your copy.`,
      );
    }
    return key;
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a key to a file that must not exist yet. Its bytes are durable when this returns; its name is when the folder
 * was synced. Where another process was faster, its key is the one returned.
 */
export function makeKeyFile(path: string, key: Buffer, suffix: string): Buffer {
  const draft = `${path}.${suffix}.new`;
  const text = Buffer.from(`drawbridge-kek-1:${key.toString('base64url')}\n`, 'latin1');
  try {
    const file = openSync(draft, NEW_AND_DURABLE, 0o600);
    try {
      writeSync(file, text);
    } finally {
      closeSync(file);
      text.fill(0);
    }
    try {
      // A link, not a rename: it fails where a key already is, and never leaves half a key behind.
      linkSync(draft, path);
    } finally {
      unlinkSync(draft);
    }
    return key;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw unreadable(path, error);
    const theirs = readKeyFile(path);
    if (theirs === null) throw unreadable(path, error);
    return theirs;
  }
}

function checkPermissions(path: string, file: { mode: number; isFile(): boolean }): void {
  if (!file.isFile())
    throw new VaultFailure('kek_malformed', `${path} is not a file. Move it away and restore the key.`);
  // Windows keeps no such bits; access there is by the folder's access list.
  if (process.platform !== 'win32' && (file.mode & 0o077) !== 0) {
    const mode = (file.mode & 0o777).toString(8).padStart(4, '0');
    throw new VaultFailure(
      'kek_permissions',
      `${path} has mode ${mode}: others can read it. Run "chmod 600" on it, and rotate the credentials if others could log in.`,
    );
  }
}

function unreadable(path: string, error: unknown): VaultFailure {
  const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new VaultFailure(
    'kek_unreadable',
    `${path} can not be read or made (${why}). Check its folder and owner.`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
