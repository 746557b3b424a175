import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that a code holds, and its digits: what every authenticator app takes without being asked (RFC 6238). */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** Steps before and after the present one that are taken too: clocks differ. */
const DRIFT = 1;

/** The code of a step (RFC 4226 §5.3, HMAC-SHA-1), with leading zeros. */
export function totpCode(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The step, in 30 s since 1970, that a moment in ms lies in. */
export const totpStep = (at: number): number => Math.floor(at / 1000 / STEP_SECONDS);

/**
 * The step whose code this is, at most one step from the moment (ms); null: of none. Looks at all of them in any case. That
 * a step is used once only is for who keeps it to see to.
 */
export function matchingStep(secret: Uint8Array, code: string, at: number): number | null {
  const given = Buffer.from(code);
  let found: number | null = null;
  for (let drift = -DRIFT; drift <= DRIFT; drift += 1) {
    const step = totpStep(at) + drift;
    if (step < 0) continue;
    const wanted = Buffer.from(totpCode(secret, step));
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) found ??= step;
  }
  return found;
}
