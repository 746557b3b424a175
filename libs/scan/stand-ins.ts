/** First digits (zeros) of the scripts whose digits are read as ASCII's: Unicode's decimal digits in the basic plane. */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
  0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0xa620, 0xa8d0, 0xa900, 0xa9d0,
  0xa9f0, 0xaa50, 0xabf0,
];

/** A character that stands for nothing: joiners, marks of direction, soft hyphens. */
export const IGNORED = 0xffff;
/** The first half of mathematical letters and digits. */
export const HIGH = 0xd835;

/** For each UTF-16 unit the ASCII character that it stands for (full-width, digits of other scripts), `IGNORED`, or 0. */
export const standsFor = new Uint16Array(0x10000);
for (const zero of ZEROS) for (let digit = 0; digit < 10; digit++) standsFor[zero + digit] = 48 + digit;
for (let code = 0xff01; code <= 0xff5e; code++) standsFor[code] = code - 0xfee0;
standsFor[0x3000] = 32;
for (const [first, last] of [
  [0xad, 0xad],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x2069],
  [0xfeff, 0xfeff],
] as const)
  standsFor.fill(IGNORED, first, last + 1);
