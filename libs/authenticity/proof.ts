import { hostOfAddress } from './domains.ts';
import type { Mail } from './mail.ts';
import { isSameOrganisation } from './register.ts';
import type { Envelope, Resolver } from './types.ts';

/** What cryptography and DNS say of a message. Headers in it that say so themselves count for nothing. */

export interface Signature {
  domain: string;
  selector: string;
  result: 'pass' | 'fail' | 'no_key' | 'unsure';
  aligned: boolean;
  /** It covers a part of the body: more can be hung on. */
  partial: boolean;
  /** Its time is over, or not come, at the time of judging. */
  expired: boolean;
  testing: boolean;
  /** It covers what people see first: the sender, and the subject where there is one. */
  covers: boolean;
  signedAt: Date | null;
}

export interface Proof {
  signatures: Signature[];
  spf: { result: string; aligned: boolean } | null;
  dmarc: { result: 'pass' | 'fail' | 'none' | 'unsure'; policy: 'none' | 'quarantine' | 'reject' | null };
  /** Who sealed it last on the way, where the chain holds; null: nobody, or it does not hold. */
  sealedBy: string | null;
}

export interface ProofOptions {
  resolver: Resolver;
  now: Date;
  /** How it reached our own server; null: that is not known, and SPF says nothing. */
  envelope: Envelope | null;
}

const STRONG_BITS = 1024;

/** Resolves also where DNS fails: what could not be asked is `unsure`, never a pass and never a fail. */
export async function proofOf(raw: Uint8Array, mail: Mail, options: ProofOptions): Promise<Proof> {
  const { resolver, now, envelope } = options;
  let failed = false;
  const asking: Resolver = async (name, type) => {
    try {
      return await resolver(name, type);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code !== 'ENOTFOUND' && code !== 'ENODATA') failed = true;
      throw error;
    }
  };
  // It brings half a second of other libraries along: whoever judges nothing does without.
  const { authenticate } = await import('mailauth');
  const found = await authenticate(Buffer.from(raw), {
    resolver: asking,
    mta: 'drawbridge',
    minBitLength: STRONG_BITS,
    rejectRsaSha1: true,
    disableBimi: true,
    ...(envelope === null
      ? { ip: '', helo: '', sender: '' }
      : { ip: envelope.ip, helo: envelope.helo, sender: envelope.mailFrom }),
  });
  const fromHost = hostOfAddress(mail.from[0]?.address ?? '') ?? '';
  const aligned = (domain: string | null) =>
    domain !== null && domain !== '' && fromHost !== '' && isSameOrganisation(domain, fromHost);
  const seen = ['from', ...(mail.headers.some(({ key }) => key === 'subject') ? ['subject'] : [])];
  const signatures = (found.dkim.results ?? []).map((one): Signature => {
    const expires = one.expiresAfter == null ? null : Date.parse(one.expiresAfter);
    const signed = one.signTime == null ? null : new Date(one.signTime);
    return {
      domain: one.signingDomain ?? '',
      selector: one.selector ?? '',
      result: resultOf(one.status.result, one.status.comment ?? ''),
      aligned: aligned(one.signingDomain ?? null),
      partial: one.canonBodyLengthLimited === true,
      expired:
        (expires !== null && expires < now.getTime()) ||
        (signed !== null && signed.getTime() > now.getTime() + 3_600_000),
      testing: one.status.testing === true,
      covers: seen.every((name) => keysOf(one.signingHeaders?.keys ?? '').includes(name)),
      signedAt: signed,
    };
  });
  const policy = found.dmarc === false || found.dmarc === undefined ? null : (found.dmarc.policy ?? null);
  return {
    signatures,
    spf:
      envelope === null || found.spf === false || found.spf === undefined
        ? null
        : {
            result: found.spf.status.result,
            aligned: found.spf.status.result === 'pass' && aligned(found.spf.domain ?? null),
          },
    dmarc: {
      result: failed && dmarcResult(found.dmarc) !== 'pass' ? 'unsure' : dmarcResult(found.dmarc),
      policy: policy === 'none' || policy === 'quarantine' || policy === 'reject' ? policy : null,
    },
    sealedBy: sealerOf(found.arc),
  };
}

const keysOf = (keys: string): string[] => keys.split(':').map((key) => key.trim().toLowerCase());

/** `neutral` says why in its comment alone: no key, other bytes than were signed, a time that is over. */
const resultOf = (result: string, comment: string): Signature['result'] => {
  if (result === 'pass') return 'pass';
  if (/no key/i.test(comment)) return 'no_key';
  return result === 'fail' || /body hash/i.test(comment) ? 'fail' : 'unsure';
};

const dmarcResult = (dmarc: unknown): 'pass' | 'fail' | 'none' | 'unsure' => {
  if (typeof dmarc !== 'object' || dmarc === null || !('status' in dmarc)) return 'none';
  const { status } = dmarc;
  const result = typeof status === 'object' && status !== null && 'result' in status ? status.result : 'none';
  return result === 'pass' || result === 'fail' || result === 'none' ? result : 'unsure';
};

function sealerOf(arc: unknown): string | null {
  if (typeof arc !== 'object' || arc === null || !('status' in arc) || !('signature' in arc)) return null;
  const { status, signature } = arc;
  const holds =
    typeof status === 'object' && status !== null && 'result' in status && status.result === 'pass';
  if (!holds || typeof signature !== 'object' || signature === null || !('signingDomain' in signature))
    return null;
  return typeof signature.signingDomain === 'string' ? signature.signingDomain : null;
}

/** A signature that carries: of the From's own domain, whole, over the From and the subject. Of a key that is too short none passes. */
export const carries = (one: Signature): boolean =>
  one.result === 'pass' && one.aligned && !one.partial && !one.expired && !one.testing && one.covers;
