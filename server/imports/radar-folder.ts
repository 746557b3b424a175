import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ScanError } from '../scan/errors.ts';

const MOST_FILES = 150_000;
/** Of all files together: what the API takes. */
const MOST_BYTES = 32 * 1024 * 1024;
/** What nothing is made of takes nearly all of the room of files of domains. */
const read = ['name', 'displayName', 'properties', 'domain', 'owner', 'categories'];

/** A file as it is; of a folder, all its JSON files as one array with the members that are read. Throws ScanError. */
export async function fileOrFolder(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new ScanError('no_such_path', `${path}: can't be read (${error.code})`);
  });
  if (!found.isDirectory()) return readFile(path);
  const files = (await readdir(path)).filter((name) => name.endsWith('.json')).sort();
  if (files.length > MOST_FILES) {
    throw new ScanError('bad_option', `${path}: holds more than ${MOST_FILES} files`);
  }
  const parts: string[] = [];
  let bytes = 0;
  for (const file of files) {
    const part = membersOf(await readFile(join(path, file), 'utf8'), join(path, file));
    bytes += Buffer.byteLength(part) + 1;
    if (bytes > MOST_BYTES) {
      throw new ScanError('bad_option', `${path}: its files hold more than ${MOST_BYTES} bytes`);
    }
    parts.push(part);
  }
  return Buffer.from(`[${parts.join(',')}]`);
}

function membersOf(text: string, file: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ScanError('bad_option', `${file}: is not JSON`);
    throw error;
  }
  return JSON.stringify(value, read.concat('url', 'privacyPolicy'));
}
