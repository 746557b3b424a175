import { IN_RUN, kinds } from './alphabets.ts';
import { decodedAscii } from './base64.ts';
import type { Work } from './work.ts';

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

/**
 * A JSON Web Token whose header is the run `[start, headerEnd)`. Read with expressions, not as JSON: nothing that is
 * crafted to break off late costs more. Ends at `limit` at the latest.
 */
export function jwtAt(text: string, start: number, headerEnd: number, limit: number, work: Work): Jwt | null {
  if (headerEnd - start > MAX_HEADER || text.charCodeAt(headerEnd) !== DOT) return null;
  if (!text.startsWith('eyJ', headerEnd + 1)) return null;
  work.spend(headerEnd - start);
  const header = decodedAscii(text, start, headerEnd);
  if (header === null || !header.startsWith('{"') || !ALG.test(header)) return null;
  const payloadEnd = runEnd(text, headerEnd + 1, limit);
  const payload = payloadEnd - headerEnd > MIN_CLAIMS ? decodedAscii(text, headerEnd + 1, payloadEnd) : null;
  work.spend(payloadEnd - headerEnd);
  const expires = payload === null ? null : EXP.exec(payload);
  const hasSignature = text.charCodeAt(payloadEnd) === DOT;
  const end = hasSignature ? runEnd(text, payloadEnd + 1, limit) : payloadEnd;
  return { end, expires: expires === null ? null : Number(expires[1]), hasSignature };
}

function runEnd(text: string, from: number, limit: number): number {
  let end = from;
  while (end < limit && ((kinds[text.charCodeAt(end)] ?? 0) & IN_RUN) !== 0) end++;
  return end;
}
