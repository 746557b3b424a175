import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * Changes one byte of an entry in a journal's newest segment that holds `text`, at the last place where it stands, and
 * gives the frame its right check sum: what someone does who may write the disk and knows the format.
 */
export async function tamperWithJournal(directory: string, text: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /\.(journal|leaves)$/.test(name)).sort();
  for (const name of names.reverse()) {
    const bytes = await readFile(join(directory, name));
    const at = bytes.lastIndexOf(text);
    if (at < 0) continue;
    const last = at + text.length - 1;
    bytes[last] = (bytes[last] ?? 0) ^ 1;
    resum(bytes, last);
    await writeFile(join(directory, name), bytes);
    return;
  }
  throw new Error(`no segment in ${directory} holds "${text}"`);
}

/** Frames: length of the body, CRC-32 over kind and body, kind, body. */
function resum(bytes: Buffer, at: number): void {
  for (let start = 0; start < bytes.length; ) {
    const end = start + 9 + bytes.readUInt32LE(start);
    if (at < end) {
      bytes.writeUInt32LE(crc32(bytes.subarray(start + 8, end)), start + 4);
      return;
    }
    start = end;
  }
}
