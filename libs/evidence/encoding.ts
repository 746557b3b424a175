import { isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/**
 * How a text is written, by its first bytes: a byte order mark; else zeros in every second place; else UTF-8 where it is that,
 * and windows-1252 (which holds Latin-1) where it isn't.
 */
export function encodingOf(head: Buffer): { encoding: Encoding; mark: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', mark: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', mark: 2 };
  const [even, odd] = zeros(head.subarray(0, 512));
  const pairs = Math.floor(Math.min(head.length, 512) / 2);
  if (pairs >= 4 && odd > pairs * 0.7 && even === 0) return { encoding: 'utf-16le', mark: 0 };
  if (pairs >= 4 && even > pairs * 0.7 && odd === 0) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: isUtf8(withoutCutEnd(head)) ? 'utf-8' : 'windows-1252', mark: 0 };
}

function zeros(bytes: Buffer): [even: number, odd: number] {
  let even = 0;
  let odd = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  return [even, odd];
}

/** The head may end within a character: at most three bytes of one. */
function withoutCutEnd(head: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= head.length; back += 1) {
    const byte = head[head.length - back] ?? 0;
    if (byte >= 0xc0) return head.subarray(0, head.length - back);
    if (byte < 0x80) return head;
  }
  return head;
}

/** The same text in UTF-8, piece by piece. */
export async function* inUtf8(
  chunks: AsyncIterable<Buffer>,
  { encoding, mark }: { encoding: Encoding; mark: number },
): AsyncGenerator<Buffer> {
  const decoder = encoding === 'utf-8' ? null : new TextDecoder(encoding, { ignoreBOM: true });
  let toSkip = mark;
  for await (const chunk of chunks) {
    const bytes = toSkip === 0 ? chunk : chunk.subarray(toSkip);
    toSkip -= chunk.length - bytes.length;
    if (bytes.length === 0) continue;
    yield decoder === null ? bytes : Buffer.from(decoder.decode(bytes, { stream: true }));
  }
  if (decoder === null) return;
  const rest = decoder.decode();
  if (rest !== '') yield Buffer.from(rest);
}
