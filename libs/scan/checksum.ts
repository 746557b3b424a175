import { ALPHABETS } from './alphabets.ts';
import type { Checksum } from './types.ts';

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (ISO 3309) of ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++)
    crc = (table[(crc ^ text.charCodeAt(at)) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62))
    text = ALPHABETS.base62.charAt(rest % 62) + text;
  return text.padStart(6, '0');
}

/** The checksum that belongs to what follows a prefix; its own last six characters are not looked at. */
export function checksumOf(kind: Checksum, body: string): string {
  switch (kind) {
    case 'crc32_base62':
      // As in "Behind GitHub's new authentication token formats", 2021.
      return base62(crc32(body.slice(0, -6)));
  }
}

/** Whether the text after a token's prefix ends with its checksum. */
export const checksumFits = (kind: Checksum, body: string): boolean =>
  body.length > 6 && body.endsWith(checksumOf(kind, body));
