import { EvidenceError } from '../error.ts';
import type { Reader } from '../format.ts';

/** Documents are read as a whole; longer ones are refused. */
export const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** A reader of a document that makes sense only as a whole: holds its bytes, at most `LARGEST_DOCUMENT`. */
export function wholeReader(read: (text: string) => void): Reader {
  const held: Buffer[] = [];
  let length = 0;
  return {
    write: (chunk) => {
      length += chunk.length;
      if (length > LARGEST_DOCUMENT) {
        held.length = 0;
        throw new EvidenceError(
          'too_large',
          `a document of this kind is read up to ${LARGEST_DOCUMENT / 1024 ** 2} MiB: split it`,
        );
      }
      // A copy: the bytes are the caller's again after the call.
      held.push(Buffer.from(chunk));
    },
    end: () => {
      const text = new TextDecoder().decode(Buffer.concat(held, length));
      held.length = 0;
      const zero = text.indexOf('\0');
      if (zero === -1) {
        read(text);
        return;
      }
      const line = lineAt(text, zero);
      throw new EvidenceError('encoding', `line ${line}: a zero byte: this is no text`, { line });
    },
  };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (
    let found = text.indexOf('\n');
    found !== -1 && found < offset;
    found = text.indexOf('\n', found + 1)
  ) {
    line += 1;
  }
  return line;
}
