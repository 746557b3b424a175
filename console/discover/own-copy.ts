/** Characters of a line that are shown. */
const LONGEST_SHOWN = 2_000;
/** The largest file whose hash is computed here: it has to be in memory as a whole. */
const LARGEST_HASHED = 64 * 1024 * 1024;
const AROUND = 2;

interface ShownLine {
  number: number;
  text: string;
}

/** Lines of a file on one's own machine. `isSame`: whether it is the file that was read; null: too large to tell. */
export interface OwnLines {
  lines: ShownLine[];
  isSame: boolean | null;
}

/**
 * Reads a line, and two before and behind it, of a file that somebody chose; nothing of it is sent anywhere. What is packed with gzip is
 * unpacked. Reading ends where the lines are found.
 *
 * @param line from 1
 * @param sha256 of the file that was read, in hexadecimal
 */
export async function readOwnCopy(
  file: File,
  line: number,
  sha256: string | null,
  signal: AbortSignal,
): Promise<OwnLines> {
  const isSame = sha256 === null || file.size > LARGEST_HASHED ? null : (await hashOf(file)) === sha256;
  const packed = /\.t?gz$/i.test(file.name);
  const bytes = packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  const lines: ShownLine[] = [];
  let number = 1;
  let text = '';
  const end = (): void => {
    if (number >= line - AROUND && number <= line + AROUND)
      lines.push({ number, text: text.replace(/\r$/, '') });
    number += 1;
    text = '';
  };
  try {
    while (number <= line + AROUND) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) {
        if (text !== '') end();
        break;
      }
      for (let from = 0; from < value.length && number <= line + AROUND; ) {
        const at = value.indexOf('\n', from);
        const piece = value.slice(from, at === -1 ? undefined : at);
        if (text.length < LONGEST_SHOWN) text += piece.slice(0, LONGEST_SHOWN - text.length);
        if (at === -1) break;
        end();
        from = at + 1;
      }
    }
  } finally {
    await reader.cancel();
  }
  return { lines, isSame };
}

async function hashOf(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
