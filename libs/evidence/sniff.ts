import { EvidenceError } from './error.ts';
import type { Format } from './format.ts';

/** How much of a file is looked at to know its format. */
export const HEAD_BYTES = 64 * 1024;
/** Below this a format is not taken. */
const LEAST = 0.3;

/**
 * The format of a file: the one named, else what fits best by name and first bytes; of two that fit as well, the one that comes
 * first. Throws `unknown_format`, with what it looks like instead.
 */
export function formatOf(
  formats: readonly Format[],
  name: string,
  head: Buffer,
  text: string,
  asked?: string,
): Format {
  if (asked !== undefined) {
    const format = formats.find(({ id }) => id === asked);
    if (format !== undefined) return format;
    const known = formats.map(({ id }) => id).join(', ');
    throw new EvidenceError('unknown_format', `there is no such format; there are ${known}`, {
      field: 'format',
    });
  }
  let best: Format | null = null;
  let most = 0;
  for (const format of formats) {
    const fit = format.fits(name, text);
    if (fit >= LEAST && fit > most) {
      best = format;
      most = fit;
    }
  }
  if (best !== null) return best;
  throw new EvidenceError('unknown_format', `it looks like ${looksLike(head, text)}`);
}

const magic: readonly [bytes: string, is: string][] = [
  ['504b0304', 'a ZIP archive (or an Office document): unpack it, or save it as CSV'],
  ['25504446', 'a PDF: export the data behind it as CSV or JSON'],
  ['28b52ffd', 'a file packed with zstd: unpack it first'],
  ['fd377a585a', 'a file packed with xz: unpack it first'],
  ['425a68', 'a file packed with bzip2: unpack it first'],
  ['377abcaf', 'a 7z archive: unpack it first'],
  ['89504e47', 'a picture'],
  ['ffd8ff', 'a picture'],
  ['47494638', 'a picture'],
  ['d0cf11e0', 'an old Office document or Outlook message: save it as CSV or EML'],
  ['2142444e', 'an Outlook data file: export it as mbox'],
  ['7f454c46', 'a program'],
  ['4d5a', 'a program'],
  ['d4c3b2a1', 'a packet capture: read it with Zeek first'],
  ['0a0d0d0a', 'a packet capture: read it with Zeek first'],
  ['53514c69', 'an SQLite database: export the table as CSV'],
];

function looksLike(head: Buffer, text: string): string {
  if (head.length === 0) return 'an empty file';
  const hex = head.subarray(0, 8).toString('hex');
  for (const [bytes, is] of magic) if (hex.startsWith(bytes)) return is;
  if (head.includes(0)) return 'no text: export it as CSV, JSON lines or one of the formats that are known';
  const begin = text.trimStart();
  const name = (is: string) => `${is} of no kind that is known: name its format, or map its columns`;
  if (/^<(?:!doctype html|html)/i.test(begin)) return name('a web page');
  if (begin.startsWith('<')) return name('XML');
  if (/^\{[^\n]*\}\s*\r?\n\s*\{/.test(begin)) return name('JSON lines');
  if (begin.startsWith('{') || begin.startsWith('[')) return name('JSON');
  if (/^[^\n,;\t]+([,;\t])[^\n]*\1[^\n]*\r?\n/.test(begin)) return name('a table');
  return name('text');
}
