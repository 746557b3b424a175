/**
 * How well a sign-in is guarded, best first. `enforced`: the organisation's rule asks for a second factor and this
 * account has one. `unknown` is no level: it is never counted as good.
 */
export const levels = ['enforced', 'phishing_resistant', 'enrolled', 'sms_only', 'none', 'unknown'] as const;
export type Level = (typeof levels)[number];

/** What a level rests on: an export of the vendor's, a rule by which it signs in elsewhere, or somebody's word. */
export type Evidence = 'observed' | 'inferred' | 'declared' | 'unknown';

/** Exports are believed for as long; then what they said is not known any more. */
export const FRESH_DAYS = 90;
/** Nobody's word holds longer. */
export const LONGEST_ATTESTATION_DAYS = 365;

const DAY_MS = 86_400_000;

/** What an export said of an account, and when it was made. */
export interface Seen {
  level: Level;
  asOf: number;
}

/** A person's account where the vendor lets people sign in. */
export interface ProviderAccount extends Seen {
  vendor: string;
  state: AccountState;
}

export interface Attested {
  id: string;
  level: Level;
  /** From when on it holds, and until when, in ms. */
  from: number;
  until: number;
}

export type AccountState = 'active' | 'invited' | 'suspended' | 'gone';

/** A level with what it rests on. `via`: the identity provider or the attestation. */
export interface Posture {
  level: Level;
  evidence: Evidence;
  via: string | null;
  asOf: number | null;
  /** Known once, but longer ago than exports are believed. */
  stale: boolean;
}

interface PostureFacts {
  now: number;
  seen: Seen;
  /** Where everyone signs in, as the vendor's rule says; null: there is no rule that is known. */
  rule: { provider: string } | null;
  /** The person's account there; null: none is known. */
  provider: ProviderAccount | null;
  attested: Attested | null;
}

const nothing: Posture = { level: 'unknown', evidence: 'unknown', via: null, asOf: null, stale: false };

/**
 * The level of one account: what the vendor's own export says, else what its identity provider's says, else what somebody
 * attested. What is older than 90 days is not known any more.
 */
export function postureOf({ now, seen, rule, provider, attested }: PostureFacts): Posture {
  const isFresh = (asOf: number) => now - asOf <= FRESH_DAYS * DAY_MS;
  let stale = false;
  if (seen.level !== 'unknown') {
    if (isFresh(seen.asOf)) return { ...nothing, level: seen.level, evidence: 'observed', asOf: seen.asOf };
    stale = true;
  }
  if (rule !== null && provider !== null && provider.state === 'active' && provider.level !== 'unknown') {
    if (isFresh(provider.asOf)) {
      const { level, asOf } = provider;
      return { level, evidence: 'inferred', via: rule.provider, asOf, stale: false };
    }
    stale = true;
  }
  if (attested !== null) {
    if (attested.from <= now && now < attested.until) {
      const { level, id, from } = attested;
      return { level, evidence: 'declared', via: id, asOf: from, stale: false };
    }
    stale = true;
  }
  return { ...nothing, stale };
}

/** Whether the person behind an account is still with us, as their accounts at identity providers say. */
export type Presence = 'here' | 'left' | 'unknown';

/** Somebody whose every account at the identity providers is gone or suspended has left. */
export function presenceOf(accounts: readonly Pick<ProviderAccount, 'state'>[]): Presence {
  if (accounts.length === 0) return 'unknown';
  return accounts.some(({ state }) => state === 'active' || state === 'invited') ? 'here' : 'left';
}
