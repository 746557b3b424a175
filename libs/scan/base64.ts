const values = new Int8Array(128).fill(-1);
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
const bytes = new Uint8Array(8192);

/**
 * The text that base64 (either alphabet) stands for, when it is ASCII without control characters other than tab and line
 * ends; `null` as soon as something else comes. Most text that only looks like base64 ends at its first characters.
 */
export function decodedAscii(text: string, from: number, to: number): string | null {
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let at = from; at < to && length < bytes.length; at++) {
    const value = values[text.charCodeAt(at)] ?? -1;
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const code = (held >> bits) & 0xff;
    if (code > 126 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) return null;
    bytes[length++] = code;
  }
  return Reflect.apply(String.fromCharCode, null, bytes.subarray(0, length));
}
