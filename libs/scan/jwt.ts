import { IN_RUN, kindIn } from './alphabets.ts';
import { decodedAscii } from './base64.ts';
import type { Place } from './place.ts';

const MAX_HEADER = 2048;
/** Fewer characters hold no time of expiry. */
const MIN_CLAIMS = 24;
const DOT = 46;
const ALG = /"alg" ?: ?"/;
const EXP = /"exp" ?: ?(\d{1,12})[,}. ]/;

export interface Jwt {
  end: number;
  /** Seconds since 1970, as the token says. */
  expires: number | null;
  hasSignature: boolean;
}

/** `eyJ`: what `{"` begins with in base64. */
export const beginsJson = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 101 && bytes[at + 1] === 121 && bytes[at + 2] === 74;

/**
 * A JSON Web Token whose header is the run `[start, headerEnd)`. Read with expressions, not as JSON: nothing that is
 * crafted to break off late costs more.
 */
export function jwtAt(place: Place, start: number, headerEnd: number): Jwt | null {
  const { bytes, work } = place;
  if (headerEnd - start > MAX_HEADER || bytes[headerEnd] !== DOT) return null;
  if (!beginsJson(bytes, headerEnd + 1)) return null;
  work.spend(headerEnd - start);
  if (!isHeader(bytes, start, headerEnd)) return null;
  const limit = place.limit(start);
  const payloadEnd = runEnd(bytes, headerEnd + 1, limit);
  const payload = payloadEnd - headerEnd > MIN_CLAIMS ? decodedAscii(bytes, headerEnd + 1, payloadEnd) : null;
  work.spend(payloadEnd - headerEnd);
  const expires = payload === null ? null : EXP.exec(payload);
  const hasSignature = bytes[payloadEnd] === DOT;
  const end = hasSignature ? runEnd(bytes, payloadEnd + 1, limit) : payloadEnd;
  return { end, expires: expires === null ? null : Number(expires[1]), hasSignature };
}

/** The last header that was one: the same stands before most tokens of a text. */
const last = new Uint8Array(128);
let lastLength = 0;

function isHeader(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === lastLength) {
    let same = 0;
    while (same < length && bytes[start + same] === last[same]) same++;
    if (same === length) return true;
  }
  const header = decodedAscii(bytes, start, end);
  if (header === null || !header.startsWith('{"') || !ALG.test(header)) return false;
  if (length <= last.length) {
    last.set(bytes.subarray(start, end));
    lastLength = length;
  }
  return true;
}

function runEnd(bytes: Uint8Array, from: number, limit: number): number {
  let end = from;
  while (end < limit && (kindIn(bytes, end) & IN_RUN) !== 0) end++;
  return end;
}
