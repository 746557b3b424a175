import { repeatRule } from '@drawbridge/protocol';
import type { LiveRoute } from '../crossing.ts';
import type { Outcome } from '../forward/index.ts';
import type { CompiledEndpoint } from '../inspect/index.ts';
import type { RefusalCode } from '../refusal/index.ts';

/** What the end of a try says: of the vendor, and of whether another one may be made. */

/** Statuses with which a vendor says that it can't serve now. */
export function isFailure(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Whether a request that the vendor may have acted on may be made again, with the next member. */
export function mayRepeat(route: LiveRoute, endpoint: CompiledEndpoint, method: string): boolean {
  const rule = repeatRule(endpoint.endpoint, method);
  return rule === 'safe' || (rule === 'pays_twice' && route.config.pay_twice);
}

/** The vendor has certainly not acted on it: nothing of it was sent. */
export function isUnsent({ outcome }: Pick<Outcome, 'outcome'>): boolean {
  return outcome === 'connect_failed' || outcome === 'not_sent';
}

/** Ends that are the vendor's, or its connection's; others (a key that was revoked, a contract's rule) end the request. */
const vendors: ReadonlySet<RefusalCode> = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_forbidden',
  'connection_severed',
  'connection_withheld',
]);

/** Whether another member may be asked after this end. */
export function goesOn(outcome: Outcome, isRepeatable: boolean): boolean {
  if (outcome.diverted !== undefined) return true;
  if (outcome.refusal === null || !vendors.has(outcome.refusal.code)) return false;
  return isUnsent(outcome) || isRepeatable;
}

/** What a member may refuse that another one need not: its own contract, policies, place, key bindings and credential. */
const members: ReadonlySet<RefusalCode> = new Set([
  'connection_severed',
  'connection_withheld',
  'credential_missing',
  'credential_unusable',
  'signer_not_supported',
  'field_refused',
  'history_unknown',
  'kept_at_vendor',
  'key_missing',
  'key_not_allowed',
  'model_not_allowed',
  'policy_denied',
  'price_unknown',
  'region_not_allowed',
  'scan_over_budget',
  'unknown_endpoint',
]);

/**
 * Whether a refusal passes the request on. That of the first try is an answer: going round a rule is no failover. Of those
 * that come after a vendor failed, each only says that this member may not have the request.
 */
export function passesOn(code: RefusalCode, hasFailedBefore: boolean): boolean {
  return hasFailedBefore && members.has(code);
}

const LONGEST_REST_MS = 600_000;

/** Milliseconds that the vendor asks to be left alone for (`Retry-After` in seconds or as a date); null: it does not say. */
export function restOf(rawHeaders: readonly string[], now: number): number | null {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'retry-after') continue;
    const text = rawHeaders[at + 1] ?? '';
    const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
    return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_REST_MS) : null;
  }
  return null;
}
