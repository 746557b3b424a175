const values = new Int8Array(256).fill(-1);
for (const [at, one] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'].entries())
  values[one.charCodeAt(0)] = at;
for (const [one, value] of [
  ['+', 62],
  ['-', 62],
  ['/', 63],
  ['_', 63],
] as const)
  values[one.charCodeAt(0)] = value;

/** The longest text that is decoded. */
const decoded = Buffer.alloc(8192);

/**
 * How many characters base64 (either alphabet) stands for, when they are ASCII without control characters other than tab
 * and line ends; -1 as soon as something else comes. Most text that only looks like base64 ends at its first characters.
 */
export function decodes(bytes: Uint8Array, from: number, to: number): number {
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let at = from; at < to && length < decoded.length; at++) {
    const value = values[bytes[at] ?? 0] ?? -1;
    if (value < 0) return -1;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const code = (held >> bits) & 0xff;
    if (code > 126 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) return -1;
    decoded[length++] = code;
  }
  return length;
}

/** The text of such base64; `null` when it is none. */
export function decodedAscii(bytes: Uint8Array, from: number, to: number): string | null {
  const length = decodes(bytes, from, to);
  return length === -1 ? null : decoded.toString('latin1', 0, length);
}
