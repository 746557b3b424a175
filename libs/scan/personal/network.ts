import { ALNUM, DIGIT, HEX, kindAt, LETTER, WORD } from './characters.ts';
import { ABOUT } from './context.ts';
import type { Piece } from './piece.ts';

/** Called at the ':' after a piece of hexadecimal, or at the second of `::`. Finds an IPv6 or a MAC address around it. */
export function findAtColon(piece: Piece, colon: number): void {
  const { bytes } = piece;
  const before = kindAt(bytes, colon - 1);
  const double = bytes[colon + 1] === 58;
  if ((before & HEX) === 0 && !double) return;
  if (!double && (kindAt(bytes, colon + 1) & HEX) === 0) return;
  let start = colon;
  while ((kindAt(bytes, start - 1) & HEX) !== 0) if (colon - --start > 4) return;
  // Only the first colon of an address looks.
  if (bytes[start - 1] === 58) return;
  if ((kindAt(bytes, start - 1) & WORD) !== 0 || bytes[start - 1] === 46) return;
  if (colon - start === 2 && !double && bytes[colon + 3] === 58 && findMac(piece, start, 58)) return;
  findIpv6(piece, start);
}

function findIpv6(piece: Piece, start: number): void {
  const { bytes } = piece;
  let at = start;
  while (at - start < 46 && ((kindAt(bytes, at) & HEX) !== 0 || bytes[at] === 58 || bytes[at] === 46)) at++;
  while (at > start && (bytes[at - 1] === 46 || (bytes[at - 1] === 58 && bytes[at - 2] !== 58))) at--;
  if ((kindAt(bytes, at) & WORD) !== 0) return;
  const shape = ipv6Shape(bytes, start, at);
  if (shape === 0) return;
  const first = bytes[start] ?? 0;
  const global = bytes[start + 4] === 58 && (first === 50 || first === 51 || (first | 32) === 102);
  const digit = holdsDigit(bytes, start, at);
  const sure = shape === 8 || (global && digit && shape > 1);
  if (!sure && (shape < 3 || !digit) && (piece.about(start) & ABOUT.ip) === 0) return;
  piece.report(
    'network.ip',
    sure ? 'certain' : 'likely',
    start,
    at,
    'personal.ipv6',
    'form of an IPv6 address',
  );
}

function holdsDigit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((kindAt(bytes, at) & DIGIT) !== 0) return true;
  return false;
}

/** How many groups an IPv6 address writes (8 when it leaves none out); 0 when it is none, or the loopback or unspecified one. */
export function ipv6Shape(bytes: Uint8Array, start: number, end: number): number {
  let groups = 0;
  let gap = false;
  let paired = true;
  let value = 0;
  for (let at = start; at < end; ) {
    if (bytes[at] === 58) {
      if (bytes[at + 1] === 58 && at + 1 < end) {
        if (gap) return 0;
        gap = true;
        at += 2;
      } else if (at === start || ++at === end) return 0;
      if (bytes[at] === 58) return 0;
      continue;
    }
    const from = at;
    let group = 0;
    while (at < end && (kindAt(bytes, at) & HEX) !== 0) {
      const code = bytes[at] ?? 0;
      group = group * 16 + (code < 58 ? code - 48 : (code | 32) - 87);
      at++;
    }
    if (bytes[at] === 46 && at < end) {
      if (ipv4End(bytes, from) !== end) return 0;
      groups += 2;
      value = 1 << 16;
      break;
    }
    if (at === from || at - from > 4) return 0;
    if (at - from !== 2) paired = false;
    value += group;
    groups++;
  }
  if (gap ? groups > 7 : groups !== 8) return 0;
  // Eight pairs are a hardware address or a fingerprint; :: and ::1 are nobody's.
  if ((groups === 8 && paired) || (groups <= 1 && value < 2)) return 0;
  return groups;
}

/** Where four octets from `start` on end; 0 when they are none. */
export function ipv4End(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && bytes[at++] !== 46) return 0;
    const from = at;
    let value = 0;
    while (at - from < 4 && (kindAt(bytes, at) & DIGIT) !== 0) value = value * 10 + (bytes[at++] ?? 0) - 48;
    const length = at - from;
    if (length === 0 || value > 255 || (length > 1 && bytes[from] === 48)) return 0;
  }
  return (kindAt(bytes, at) & DIGIT) !== 0 ? 0 : at;
}

/** Four numbers with dots, from the first digit on: an address, or a version. */
export function findIpv4(piece: Piece, start: number): void {
  const { bytes } = piece;
  const end = ipv4End(bytes, start);
  if (end === 0) return;
  const before = bytes[start - 1] ?? 0;
  if ((kindAt(bytes, start - 1) & WORD) !== 0 || before === 46) return;
  // `Chrome/120.0.0.0`, `name-1.2.3.4`.
  if ((before === 47 || before === 45) && (kindAt(bytes, start - 2) & ALNUM) !== 0) return;
  const after = bytes[end] ?? 0;
  if ((kindAt(bytes, end) & WORD) !== 0 || (after === 46 && (kindAt(bytes, end + 1) & ALNUM) !== 0)) return;
  if ((after === 45 || after === 43) && (kindAt(bytes, end + 1) & LETTER) !== 0) return;
  const first = octetAt(bytes, start);
  // Loopback, unspecified and broadcast are nobody's.
  if (first === 127 || first === 0 || (first === 255 && end - start === 15)) return;
  const port = after === 58 && (kindAt(bytes, end + 1) & DIGIT) !== 0;
  const network = after === 47 && (kindAt(bytes, end + 1) & DIGIT) !== 0;
  const about = piece.about(start);
  const told = (about & ABOUT.ip) !== 0 || port || network;
  if ((about & ABOUT.version) !== 0 && !told) return;
  const why = told ? 'form of an IPv4 address, and its context' : 'form of an IPv4 address';
  piece.report('network.ip', told ? 'certain' : sureOf(bytes, start, end), start, end, 'personal.ipv4', why);
}

/** Four short numbers are as often a version, a section or an object identifier. */
function sureOf(bytes: Uint8Array, start: number, end: number): 'certain' | 'likely' | 'possible' {
  const digits = end - start - 3;
  const first = octetAt(bytes, start);
  const zeros =
    bytes[end - 1] === 48 && bytes[end - 2] === 46 && bytes[end - 3] === 48 && bytes[end - 4] === 46;
  if (first < 3 || zeros) return 'possible';
  if (digits > 8) return 'certain';
  return digits === 8 || (first === 10 && digits > 5) ? 'likely' : 'possible';
}

function octetAt(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start; (kindAt(bytes, at) & DIGIT) !== 0; at++) value = value * 10 + (bytes[at] ?? 0) - 48;
  return value;
}

/** Six pairs of hexadecimal from `start` on, with one separator. Whether it is one, found or passed over. */
function findMac(piece: Piece, start: number, separator: number): boolean {
  const { bytes } = piece;
  const end = start + 17;
  let letters = false;
  let varied = false;
  for (let at = start; at < end; at++) {
    const place = (at - start) % 3;
    if (place === 2 ? bytes[at] !== separator : (kindAt(bytes, at) & HEX) === 0) return false;
    if (place !== 2 && (kindAt(bytes, at) & LETTER) !== 0) letters = true;
    if (place !== 2 && bytes[at] !== bytes[start]) varied = true;
  }
  if ((kindAt(bytes, end) & WORD) !== 0 || (bytes[end] === separator && (kindAt(bytes, end + 1) & HEX) !== 0))
    return false;
  if ((kindAt(bytes, start - 1) & WORD) !== 0 || bytes[start - 1] === separator) return false;
  if (!varied) return true;
  const told = (piece.about(start) & ABOUT.mac) !== 0;
  // Without a letter it may be a time.
  if (!letters && !told) {
    if (separator === 58)
      piece.report('network.mac', 'possible', start, end, 'personal.mac', 'form of a MAC address');
    return true;
  }
  piece.report('network.mac', 'certain', start, end, 'personal.mac', 'form of a MAC address');
  return true;
}

/** Called at a '-' between two characters of hexadecimal that has another three before or after it. */
export function findMacAtDash(piece: Piece, dash: number): void {
  const { bytes } = piece;
  let start = dash - 2;
  for (let step = 0; step < 5 && bytes[start - 1] === 45; step++) start -= 3;
  // Each of its dashes comes here; more than six pairs are something else.
  if (bytes[start - 1] === 45) return;
  if (piece.dashed === start) return;
  piece.dashed = start;
  findMac(piece, start, 45);
}
