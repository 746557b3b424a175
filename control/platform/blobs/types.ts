/** What files may be, told by their first and last bytes; what a sender calls them decides only among kinds of text. */

export const blobTypes = [
  'application/pdf',
  'image/png',
  'image/jpeg',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'text/plain',
  'text/csv',
  'text/markdown',
  'text/html',
  'application/json',
  // None of the above: kept as bytes where that is asked for, and never told apart.
  'application/octet-stream',
] as const;
export type BlobType = (typeof blobTypes)[number];

const texts: ReadonlySet<string> = new Set([
  'text/plain',
  'text/csv',
  'text/markdown',
  'text/html',
  'application/json',
]);

/** How much of a file's end is looked at: where the list of what a zip holds stands. */
export const TAIL_BYTES = 64 * 1024;

/**
 * The type of a file; null where it is none of those taken. `head`: its first bytes; `tail`: its last, at most `TAIL_BYTES`;
 * `isText`: all of it is UTF-8 without NUL; `said`: what the sender calls it.
 */
export function typeOf(head: Buffer, tail: Buffer, isText: boolean, said: string): BlobType | null {
  if (begins(head, '%PDF-')) return 'application/pdf';
  if (begins(head, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (begins(head, '\xff\xd8\xff')) return 'image/jpeg';
  if (begins(head, 'PK\x03\x04')) return officeType(tail);
  if (!isText) return null;
  const bare = said.split(';')[0]?.trim().toLowerCase() ?? '';
  return texts.has(bare) ? (bare as BlobType) : 'text/plain';
}

const begins = (head: Buffer, text: string): boolean =>
  head.subarray(0, text.length).equals(Buffer.from(text, 'latin1'));

/** An Office document is a zip that lists its own content types; any other zip is not taken. */
function officeType(tail: Buffer): BlobType | null {
  if (!tail.includes('[Content_Types].xml')) return null;
  if (tail.includes('word/document.xml')) {
    return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  }
  if (tail.includes('xl/workbook.xml')) {
    return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  }
  return null;
}
