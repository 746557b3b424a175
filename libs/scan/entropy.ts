const counts = new Uint16Array(128);
/** n log2 n, for what one character occurs in a text. */
const weighed = Float64Array.from({ length: 1024 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));

/** Bits per character of `text[from, to)` by Shannon; characters that are not ASCII count as one. */
export function entropy(text: string, from: number, to: number): number {
  const end = Math.min(to, from + 1023);
  const length = end - from;
  if (length <= 0) return 0;
  counts.fill(0);
  for (let at = from; at < end; at++) {
    const code = Math.min(text.charCodeAt(at), 127);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let sum = 0;
  for (let code = 0; code < 128; code++) sum += weighed[counts[code] ?? 0] ?? 0;
  return Math.log2(length) - sum / length;
}

const PLACEHOLDER =
  /example|placeholder|change_?me|replace|your|dummy|redacted|sample|xxxx|\*\*\*|\.\.\.|00000000|12345678|abcdefgh|todo|insert/i;

/** Whether a value says of itself that it stands for another. */
export const isPlaceholder = (value: string): boolean => PLACEHOLDER.test(value);

/**
 * Whether a value is made of words, as names in programs are: each piece between `-`, `_`, `.` and changes of case is
 * letters with a vowel, or a short number.
 */
export function isWordy(value: string): boolean {
  const pieces = value.split(/[-_./:]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])/);
  let letters = 0;
  for (const piece of pieces) {
    if (piece === '' || /^\d{1,4}$/.test(piece)) continue;
    if (!/^(?:[A-Za-z][a-z]*|[A-Z]+)$/.test(piece)) return false;
    if (piece.length > 3 && !/[aeiouy]/i.test(piece)) return false;
    if (piece.length >= 3) letters += piece.length;
  }
  return letters * 2 >= value.length;
}
