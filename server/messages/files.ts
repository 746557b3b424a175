import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Messages in files: one a file (`.eml`, or any name), or many in a mailbox (`mbox`). Folders are walked. */

export interface FoundMessage {
  file: string;
  raw: Buffer;
}

/** A path that could not be read, such as one that is not there. `code`: the system's, such as `ENOENT`. */
export interface UnreadPath {
  file: string;
  problem: { code: string; message: string };
}

/** Larger ones are given cut, so that whoever judges them says that they are too large. */
const LARGEST = 61 * 1024 * 1024;
const MOST_FILES = 200_000;
const CHUNK = 1 << 20;

/** What can't be read is given as such, and the rest is gone on with. Throws RangeError where there are too many files. */
export async function* messagesIn(paths: readonly string[]): AsyncGenerator<FoundMessage | UnreadPath> {
  let files = 0;
  const waiting = paths.toReversed();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    try {
      const found = await stat(path);
      if (found.isDirectory()) {
        const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
        for (const name of names.toReversed()) waiting.push(join(path, name));
        continue;
      }
      if (!found.isFile()) continue;
      files++;
      if (files > MOST_FILES) throw new RangeError(`more than ${MOST_FILES} files; hand in fewer at a time`);
      yield* messagesOf(path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
      yield { file: path, problem: { code: String(error.code), message: error.message } };
    }
  }
}

async function* messagesOf(file: string): AsyncGenerator<FoundMessage> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(5);
    const { bytesRead } = await handle.read(head, 0, 5, 0);
    if (bytesRead < 5 || head.toString('latin1') !== 'From ') {
      const { size } = await handle.stat();
      const raw = Buffer.alloc(Math.min(size, LARGEST));
      await handle.read(raw, 0, raw.length, 0);
      yield { file, raw };
      return;
    }
    let number = 0;
    for await (const raw of mailbox(handle.createReadStream({ highWaterMark: CHUNK, autoClose: false }))) {
      number++;
      yield { file: `${file}#${number}`, raw };
    }
  } finally {
    await handle.close();
  }
}

/** Messages of a mailbox: each begins with a line `From `, and `>From ` within is a quoted one. */
export async function* mailbox(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let kept: Buffer[] = [];
  let size = 0;
  let begun = false;
  const keep = (part: Buffer): void => {
    if (size < LARGEST) kept.push(part);
    size += part.length;
  };
  const take = (): Buffer => {
    const whole = Buffer.concat(kept);
    kept = [];
    size = 0;
    return whole;
  };
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    let at = 0;
    for (let end = rest.indexOf(10, at); end >= 0; end = rest.indexOf(10, at)) {
      const line = rest.subarray(at, end + 1);
      at = end + 1;
      if (line.subarray(0, 5).toString('latin1') === 'From ') {
        if (begun) yield take();
        begun = true;
        continue;
      }
      keep(/^>+From /.test(line.subarray(0, 40).toString('latin1')) ? line.subarray(1) : line);
    }
    rest = rest.subarray(at);
    // A line without end is a part of a message like any other.
    if (rest.length > CHUNK) {
      keep(rest);
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0) keep(rest);
  if (begun) yield take();
}
