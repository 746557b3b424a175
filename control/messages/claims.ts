/**
 * What a message claims of our account, held against our own records. *Contradicted* speaks against it; *consistent* never speaks for
 * it, since whoever listens in knows what is the case too.
 */

export const claimKinds = [
  'key_disabled',
  'limit_reached',
  'payment_failed',
  'new_sign_in',
  'cancelled',
] as const;
export type ClaimKind = (typeof claimKinds)[number];

/** What our gateway saw of a vendor lately. */
export interface VendorRecords {
  /** The last answer that was no refusal; null: none lately, or nothing goes there through Drawbridge. */
  answeredAt: Date | null;
  /** The last answer 401 or 403. */
  unauthorisedAt: Date | null;
  /** The last answer 429. */
  limitedAt: Date | null;
  /** Answers in the last day. */
  answers: number;
}

export interface Claim {
  claim: ClaimKind;
  result: 'contradicted' | 'consistent' | 'cannot_tell';
  text: string;
  /** A page of the console that shows it. */
  href: string | null;
}

const patterns: Readonly<Record<ClaimKind, RegExp>> = {
  key_disabled:
    /\b(?:api[- ]?keys?|access keys?|tokens?|credentials?)\b.{0,60}\b(?:disabled|revoked|deactivated|suspended|expired|leaked|exposed)\b|\b(?:disabled|revoked|deactivated|suspended)\b.{0,60}\b(?:api[- ]?keys?|access keys?|tokens?)\b|\b(?:api|zugangs)-?schlüssel\b.{0,60}\b(?:gesperrt|deaktiviert|widerrufen)\b/isu,
  limit_reached:
    /\b(?:usage|rate|spend(?:ing)?|quota|credit|monthly|token)[- ]?(?:limit|budget|quota|cap)?s?\b.{0,50}\b(?:reached|exceeded|exhausted|used up|over)\b|\b(?:reached|exceeded)\b.{0,40}\b(?:limit|quota|budget)\b|\b(?:limit|kontingent)\b.{0,40}\b(?:erreicht|überschritten)\b/isu,
  payment_failed:
    /\b(?:payment|charge|invoice|card|billing)\b.{0,50}\b(?:failed|declined|unsuccessful|overdue|could not be (?:processed|charged)|past due)\b|\bzahlung\b.{0,40}\b(?:fehlgeschlagen|abgelehnt)\b/isu,
  new_sign_in:
    /\b(?:new|unusual|suspicious|unrecogni[sz]ed)\b.{0,25}\b(?:sign[- ]?in|log[- ]?in|device|access|location)\b|\bneue anmeldung\b/isu,
  cancelled:
    /\b(?:subscription|account|plan|workspace|organi[sz]ation)\b.{0,50}\b(?:cancell?ed|suspended|terminated|deactivated|will be (?:closed|deleted))\b|\b(?:konto|abo(?:nnement)?)\b.{0,40}\b(?:gekündigt|gesperrt)\b/isu,
};

/** What the words claim, at most once each. */
export function claimsIn(text: string): ClaimKind[] {
  const read = text.slice(0, 20_000);
  return claimKinds.filter((kind) => patterns[kind].test(read));
}

const HOUR_MS = 3_600_000;
/** An answer within it shows that keys and account work now. */
const FRESH_MS = HOUR_MS;
const LATELY_MS = 24 * HOUR_MS;

/** `records`: null, nothing of this vendor goes through Drawbridge. */
export function checkClaim(
  claim: ClaimKind,
  vendor: { id: string; name: string },
  records: VendorRecords | null,
  now: Date,
): Claim {
  const href = `/crossings?vendor=${encodeURIComponent(vendor.id)}`;
  const within = (at: Date | null, ms: number): boolean => at !== null && now.getTime() - at.getTime() <= ms;
  const unknown = (text: string): Claim => ({ claim, result: 'cannot_tell', text, href: null });
  if (records === null || records.answers === 0)
    return unknown(`Nothing went to ${vendor.name} through Drawbridge lately, so our records can’t say.`);
  const works =
    within(records.answeredAt, FRESH_MS) &&
    (records.unauthorisedAt === null || (records.answeredAt ?? now) > records.unauthorisedAt);
  switch (claim) {
    case 'key_disabled':
      if (works)
        return {
          claim,
          result: 'contradicted',
          text: `Our key at ${vendor.name} was answered within the last hour.`,
          href,
        };
      if (within(records.unauthorisedAt, LATELY_MS))
        return {
          claim,
          result: 'consistent',
          text: `${vendor.name} refused our key within the last day.`,
          href,
        };
      return unknown(`Our key at ${vendor.name} was not used within the last hour.`);
    case 'limit_reached':
      if (within(records.limitedAt, LATELY_MS))
        return {
          claim,
          result: 'consistent',
          text: `${vendor.name} answered "too many requests" within the last day.`,
          href,
        };
      if (works)
        return {
          claim,
          result: 'contradicted',
          text: `${vendor.name} answered ${records.answers} calls within the last day and held none back.`,
          href,
        };
      return unknown(`No call to ${vendor.name} within the last hour shows it.`);
    case 'cancelled':
      if (works)
        return {
          claim,
          result: 'contradicted',
          text: `Our account at ${vendor.name} answered within the last hour.`,
          href,
        };
      return unknown(`No call to ${vendor.name} within the last hour shows it.`);
    case 'payment_failed':
      return unknown(`Drawbridge keeps no record of payments to ${vendor.name}.`);
    case 'new_sign_in':
      return unknown(`Drawbridge sees no sign-ins at ${vendor.name}.`);
  }
}
