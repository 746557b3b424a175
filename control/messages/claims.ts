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
export interface GatewayRecords {
  /** The last answer that was no refusal. */
  answeredAt: Date | null;
  /** The last answer 401 or 403. */
  unauthorisedAt: Date | null;
  /** The last answer 429. */
  limitedAt: Date | null;
  /** Answers in the last day. */
  answers: number;
}

/** A key of ours at the vendor, by the vault or by a list of keys that was brought in. */
export interface KeyRecord {
  name: string;
  /** Where it stands, in words: after "The" or a name. */
  by: string;
  /** When it was replaced, left its list, or expired; null: it can be used as far as is known. */
  endedAt: Date | null;
  href: string;
}

/** What the vendor's own reports of use say of the last days, as far as they were known then. Null: no report counts it. */
export interface UsageRecord {
  /** Days (UTC, `2026-11-21`) that the reports cover whole, and how many. */
  from: string;
  to: string;
  days: number;
  /** Every kind of use is known on every day of them. */
  isWhole: boolean;
  requests: number | null;
  tokens: number | null;
  /** Millionths of the currency of the report. */
  cost: number | null;
}

/** Our own records of a vendor at the time of a message. */
export interface VendorRecords {
  /** Null: nothing of it goes through Drawbridge. */
  gateway: GatewayRecords | null;
  /** The last call to it that a budget of ours held back. */
  heldBackAt: Date | null;
  keys: readonly KeyRecord[];
  usage: UsageRecord | null;
  /** The recipients' accounts there: when one was last active, and of when the list is. Null: none is listed. */
  accounts: { activeAt: Date | null; asOf: Date } | null;
}

export const noRecords: VendorRecords = {
  gateway: null,
  heldBackAt: null,
  keys: [],
  usage: null,
  accounts: null,
};

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
const WEEK_MS = 7 * LATELY_MS;
/** A month's invoice is over it. */
const MONTH_DAYS = 28;
/** Reports that end earlier say nothing of now. */
const REPORT_AGE_MS = 3 * LATELY_MS;

interface Vendor {
  id: string;
  name: string;
}
type Said = Omit<Claim, 'claim'>;

const said = (result: Claim['result'], text: string, href: string | null = null): Said => ({
  result,
  text,
  href,
});
const day = (at: Date): string => at.toISOString().slice(0, 10);

export function checkClaim(claim: ClaimKind, vendor: Vendor, records: VendorRecords, now: Date): Claim {
  return { claim, ...checks[claim](vendor, seen(vendor, records, now)) };
}

/** The records as the rules ask for them. */
function seen({ id }: Vendor, records: VendorRecords, now: Date) {
  const within = (at: Date | null, ms: number): boolean =>
    at !== null && at <= now && now.getTime() - at.getTime() <= ms;
  const { gateway, usage } = records;
  const isFresh = usage !== null && now.getTime() - Date.parse(usage.to) - LATELY_MS <= REPORT_AGE_MS;
  return {
    ...records,
    usage: isFresh ? usage : null,
    answers: gateway?.answers ?? 0,
    /** Keys and account are answered now. */
    works:
      gateway !== null &&
      within(gateway.answeredAt, FRESH_MS) &&
      (gateway.unauthorisedAt === null || (gateway.answeredAt ?? now) > gateway.unauthorisedAt),
    refused: within(gateway?.unauthorisedAt ?? null, LATELY_MS),
    limited: within(gateway?.limitedAt ?? null, LATELY_MS),
    heldBack: within(records.heldBackAt, LATELY_MS),
    ended: records.keys.filter(({ endedAt }) => within(endedAt, WEEK_MS)),
    signedIn: within(records.accounts?.activeAt ?? null, LATELY_MS),
    crossings: `/crossings?vendor=${encodeURIComponent(id)}`,
    reports: `/vendors/${encodeURIComponent(id)}`,
    accountList: `/accounts/${encodeURIComponent(id)}`,
  };
}
type Seen = ReturnType<typeof seen>;

const notLately = ({ name }: Vendor, answers: number): string =>
  answers === 0
    ? `Nothing went to ${name} through Drawbridge lately, so our records can’t say.`
    : `No call to ${name} within the last hour shows it.`;

const checks: Readonly<Record<ClaimKind, (vendor: Vendor, seen: Seen) => Said>> = {
  key_disabled({ name }, { works, refused, ended, keys, answers, crossings }) {
    const [key] = ended;
    // An old key may be meant, whatever the new one does.
    if (key?.endedAt != null)
      return said('consistent', `${key.by} ${key.name} ended on ${day(key.endedAt)}.`, key.href);
    if (works)
      return said('contradicted', `Our key at ${name} was answered within the last hour.`, crossings);
    if (refused) return said('consistent', `${name} refused our key within the last day.`, crossings);
    const usable = keys.filter(({ endedAt }) => endedAt === null);
    if (usable.length === 0 && answers === 0)
      return said(
        'cannot_tell',
        `No key of ours at ${name} lies in the vault or stands in a list of keys that was brought in.`,
        '/keys',
      );
    const [one] = usable;
    return said(
      'cannot_tell',
      one === undefined
        ? `Our key at ${name} was not used within the last hour.`
        : `We have ${usable.length === 1 ? 'one key' : `${usable.length} keys`} at ${name}, such as ${one.name}; none was used through Drawbridge within the last hour.`,
      one?.href ?? null,
    );
  },
  limit_reached(vendor, { limited, heldBack, works, usage, answers, crossings, reports }) {
    const { name } = vendor;
    if (limited)
      return said('consistent', `${name} answered "too many requests" within the last day.`, crossings);
    if (heldBack)
      return said(
        'consistent',
        `A budget of our own for ${name} was used up within the last day, so much was used.`,
        crossings,
      );
    if (works)
      return said(
        'contradicted',
        `${name} answered ${answers} calls within the last day and held none back.`,
        crossings,
      );
    if (usage === null) return said('cannot_tell', notLately(vendor, answers));
    const counted = [usage.requests, usage.tokens].filter((count) => count !== null);
    const time = `from ${usage.from} to ${usage.to}`;
    return usage.isWhole && counted.length > 0 && counted.every((count) => count === 0)
      ? said('contradicted', `The reports of ${name} itself count no use ${time}.`, reports)
      : said(
          'cannot_tell',
          `The reports of ${name} itself count ${usedText(usage)} ${time}; they name no limit.`,
          reports,
        );
  },
  cancelled(vendor, seen) {
    const { works, usage, crossings, reports } = seen;
    if (works)
      return said('contradicted', `Our account at ${vendor.name} answered within the last hour.`, crossings);
    if (usage === null) return said('cannot_tell', notLately(vendor, seen.answers));
    return said(
      'cannot_tell',
      `The reports of ${vendor.name} itself count ${usedText(usage)} up to ${usage.to}; what came after they don’t say.`,
      reports,
    );
  },
  payment_failed({ name }, { usage, works, reports, crossings }) {
    if (usage?.cost === 0 && usage.days >= MONTH_DAYS)
      return said(
        'contradicted',
        `The reports of ${name} itself count nothing to pay from ${usage.from} to ${usage.to}.`,
        reports,
      );
    const paid = 'Drawbridge keeps no record of payments';
    if (usage?.cost != null && usage.cost > 0)
      return said(
        'cannot_tell',
        `The reports of ${name} itself count ${(usage.cost / 1_000_000).toFixed(2)} to pay from ${usage.from} to ${usage.to}. ${paid}.`,
        reports,
      );
    return works
      ? said('cannot_tell', `${name} answers our calls. ${paid}.`, crossings)
      : said('cannot_tell', `${paid} to ${name}.`);
  },
  new_sign_in({ name }, { accounts, signedIn, accountList }) {
    if (accounts === null) return said('cannot_tell', `Drawbridge sees no sign-ins at ${name}.`);
    const { activeAt, asOf } = accounts;
    const list = `The list of accounts of ${day(asOf)}`;
    if (activeAt === null)
      return said(
        'cannot_tell',
        `${list} does not say when the recipient was active at ${name}.`,
        accountList,
      );
    return said(
      signedIn ? 'consistent' : 'cannot_tell',
      `${list} says that the recipient was last active at ${name} on ${day(activeAt)}.`,
      accountList,
    );
  },
};

function usedText({ requests, tokens }: UsageRecord): string {
  const counts = [
    requests === null ? [] : `${requests} requests`,
    tokens === null ? [] : `${tokens} tokens`,
  ].flat();
  return counts.length === 0 ? 'use' : counts.join(' and ');
}
