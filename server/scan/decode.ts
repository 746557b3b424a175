import { isAscii, isUtf8 } from 'node:buffer';
import type { Width } from './positions.ts';

/** So much of the start is looked at to tell text from binary data. */
const LOOKED_AT = 8192;

type Encoding = 'utf8' | 'utf16le' | 'utf16be';

/** What the bytes are; null: no text. `mark`: length of the byte order mark. */
export function encodingOf(head: Buffer): { encoding: Encoding; mark: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf8', mark: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf16le', mark: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf16be', mark: 2 };
  return head.subarray(0, LOOKED_AT).includes(0) ? null : { encoding: 'utf8', mark: 0 };
}

/** Text with the width that its characters had. */
export interface Stretch {
  text: string;
  width: Width;
}

/**
 * Turns bytes into text so that each character can be found again: what is no UTF-8 is taken byte by byte as
 * ISO 8859-1, so nothing is left out. The byte order mark is not part of the bytes given.
 */
export class Decoder {
  readonly #encoding: Encoding;
  #rest: Buffer = Buffer.alloc(0);

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  push(piece: Buffer): Stretch {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const cut = this.#encoding === 'utf8' ? wholeCharacters(bytes) : bytes.length - (bytes.length % 2);
    this.#rest = bytes.subarray(cut);
    return this.#decode(bytes.subarray(0, cut));
  }

  end(): Stretch {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return { text: rest.toString('latin1'), width: 'one' };
  }

  #decode(bytes: Buffer): Stretch {
    if (this.#encoding === 'utf16le') return { text: bytes.toString('utf16le'), width: 'two' };
    if (this.#encoding === 'utf16be') {
      return { text: Buffer.from(bytes).swap16().toString('utf16le'), width: 'two' };
    }
    if (!isAscii(bytes) && isUtf8(bytes)) return { text: bytes.toString('utf8'), width: 'utf8' };
    return { text: bytes.toString('latin1'), width: 'one' };
  }
}

/** Where the last character that is cut off begins. A character has at most four bytes. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return wanted > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
