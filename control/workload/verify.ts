import { type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose';
import { OutboundError } from '../platform/index.ts';
import { matchesSubject } from './subject.ts';

/** Signatures that are taken: made with a private key that the issuer alone has. Neither `none` nor a shared secret. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** How far clocks may be apart, in seconds. */
const SKEW_S = 30;
/** A token that lives longer than a day is a password that was written down. */
const LONGEST_LIFE_S = 24 * 3600;
export const LONGEST_TOKEN = 16_384;

/** Why a token is not taken: stable codes, which say nothing of what would be taken. */
export type Refusal =
  | 'malformed'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'wrong_subject'
  | 'wrong_signature'
  | 'unknown_key'
  | 'wrong_algorithm'
  | 'expired'
  | 'not_yet'
  | 'lives_too_long'
  | 'issuer_away';

export class WorkloadTokenError extends Error {
  readonly code: Refusal;
  constructor(code: Refusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkloadTokenError';
    this.code = code;
  }
}

/** What an entry says of the tokens that it takes. */
export interface Trust {
  issuer: string;
  audience: string;
  subject: string;
}

/** Whom a token speaks for. */
export interface Workload {
  subject: string;
}

/**
 * Verifies a token (RFC 7519): signature by a key of the issuer, then issuer, audience, times, then subject. `now` in ms.
 * Throws WorkloadTokenError, whose message quotes nothing of the token.
 */
export async function verifyWorkload(
  token: string,
  trust: Trust,
  keys: JWTVerifyGetKey,
  now: number,
): Promise<Workload> {
  if (token.length > LONGEST_TOKEN) throw refused('malformed');
  const payload = await verified(token, trust, keys, now);
  const { exp, iat, nbf, sub } = payload;
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof sub !== 'string')
    throw refused('malformed');
  const seconds = now / 1000;
  if (iat > seconds + SKEW_S) throw refused('not_yet');
  if (exp - Math.min(iat, nbf ?? iat) > LONGEST_LIFE_S) throw refused('lives_too_long');
  if (!matchesSubject(trust.subject, sub)) throw refused('wrong_subject');
  return { subject: sub };
}

async function verified(token: string, { issuer, audience }: Trust, keys: JWTVerifyGetKey, now: number) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [...ALGORITHMS],
      clockTolerance: SKEW_S,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return payload;
  } catch (cause) {
    throw why(cause);
  }
}

function why(cause: unknown): unknown {
  if (cause instanceof WorkloadTokenError) return cause;
  if (cause instanceof OutboundError) {
    return new WorkloadTokenError('issuer_away', `The issuer’s keys could not be read. ${cause.message}`, {
      cause,
    });
  }
  if (cause instanceof joseErrors.JWTExpired) return refused('expired');
  if (cause instanceof joseErrors.JWTClaimValidationFailed) {
    if (cause.claim === 'iss') return refused('wrong_issuer');
    if (cause.claim === 'aud') return refused('wrong_audience');
    if (cause.claim === 'nbf' && cause.reason === 'check_failed') return refused('not_yet');
    return refused('malformed');
  }
  if (cause instanceof joseErrors.JOSEAlgNotAllowed || cause instanceof joseErrors.JOSENotSupported)
    return refused('wrong_algorithm');
  if (cause instanceof joseErrors.JWSSignatureVerificationFailed) return refused('wrong_signature');
  if (cause instanceof joseErrors.JWKSNoMatchingKey) return refused('unknown_key');
  if (cause instanceof joseErrors.JOSEError) return refused('malformed');
  // Keys that fit no algorithm, and what else was wrong with what strangers sent.
  return cause instanceof TypeError ? refused('malformed') : cause;
}

const texts: Readonly<Record<Refusal, string>> = {
  malformed:
    'It is no signed token with issuer, audience, subject, and the times from and to which it holds.',
  wrong_issuer: 'It was issued by another than the entry names.',
  wrong_audience: 'It was made for another audience than the entry names.',
  wrong_subject: 'Its subject is none that the entry means.',
  wrong_signature: 'Its signature is not the issuer’s.',
  unknown_key: 'It is signed with a key that is not among the issuer’s.',
  wrong_algorithm: 'It is not signed in a way that is taken: with RSA, ECDSA or EdDSA.',
  expired: 'Its time is over.',
  not_yet: 'Its time has not begun: the clocks are apart.',
  lives_too_long: 'It lives for more than a day. Have one made that lives for an hour.',
  issuer_away: 'The issuer’s keys could not be read.',
};

export const refused = (code: Refusal): WorkloadTokenError => new WorkloadTokenError(code, texts[code]);
