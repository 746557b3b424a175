import { type AgreementDates, type AgreementKind, lastDayOf, stateOn } from './agreements.ts';
import { addDays, type Day, dayOf } from './days.ts';
import { type Rules, type Tier, tierOf } from './rules.ts';

/** Whether a connection's credential may be used at the gateway, from what is in the register: pure, and erring closed. */

/** How long before it happens one is told that a condition runs out. */
export const TOLD_DAYS = 30;

export interface StandingFacts {
  /** When the connection was made, in ISO 8601. */
  connectedAt: string;
  /** Null: nobody asked for it to be used. */
  request: { tier: string; askedOn: Day } | null;
  agreements: readonly AgreementDates[];
  /** Of the vendor's last review; null: there is none, or the last one failed. */
  reviewedOn: Day | null;
  /** It is stated where the vendor keeps data. */
  residency: boolean;
  /** Exceptions that are in force, by their ends in ISO 8601. */
  exceptions: readonly string[];
}

export interface Reason {
  code: 'request_missing' | 'tier_unknown' | 'agreement' | 'review' | 'residency';
  /** The same as long as what it says is so: no counts of days. */
  text: string;
}

export type Standing = {
  /** What is missing, though it is open: told, or lifted by an exception. */
  missing: readonly Reason[];
  /** What runs out within `TOLD_DAYS` days, and on which day it holds for the last time. */
  runsOut: readonly { code: Reason['code'] | 'exception'; text: string; on: Day }[];
} & ({ open: true } | { open: false; reasons: readonly Reason[] });

interface Condition {
  reason: Reason;
  holds: boolean;
  /** Its last day; null: no end is known, or it does not hold. */
  until: Day | null;
  /** It held at some time since the request was made, and ran out. */
  ranOut: boolean;
}

/** `today`: the day in UTC. */
export function standingOf(facts: StandingFacts, rules: Rules, today: Day): Standing {
  const { request, connectedAt } = facts;
  if (request === null) {
    const { requestsSince } = rules;
    if (requestsSince === null || Date.parse(connectedAt) < Date.parse(requestsSince)) {
      return { open: true, missing: [], runsOut: [] };
    }
    const text = 'No request was made for this connection. Say what it is for, and who owns it.';
    return withExceptions(facts, [{ code: 'request_missing', text }], [], [], today);
  }
  const tier = tierOf(rules, request.tier);
  if (tier === undefined) {
    const text = `Its tier "${request.tier}" is not there any more. Choose another.`;
    return withExceptions(facts, [{ code: 'tier_unknown', text }], [], [], today);
  }
  const conditions = conditionsOf(tier, facts, request.askedOn, today);
  const failing = conditions.filter(({ holds }) => !holds);
  const isLetGoOn = (one: Condition) => one.ranOut && tier.atExpiry === 'warn';
  return withExceptions(
    facts,
    failing.filter((one) => !isLetGoOn(one)).map(({ reason }) => reason),
    failing.filter(isLetGoOn).map(({ reason }) => reason),
    conditions.flatMap(({ holds, until, reason }) =>
      holds && until !== null && until <= addDays(today, TOLD_DAYS)
        ? [{ code: reason.code, text: endText(reason, tier), on: until }]
        : [],
    ),
    today,
  );
}

/** When what is open closes by time alone, if nobody does anything; null: it does not. Milliseconds since 1970. */
export function closesAt(facts: StandingFacts, rules: Rules, now: number): number | null {
  const { reviewEveryDays = null } = facts.request === null ? {} : (tierOf(rules, facts.request.tier) ?? {});
  const lastDays = [
    ...facts.agreements.map(lastDayOf),
    facts.reviewedOn === null || reviewEveryDays === null ? null : addDays(facts.reviewedOn, reviewEveryDays),
  ].filter((day) => day !== null);
  const exceptions = facts.exceptions.map((end) => Date.parse(end));
  const times = [...exceptions, ...lastDays.map((day) => Date.parse(addDays(day, 1)))];
  const closing = times
    .filter((time) => time > now)
    .toSorted((a, b) => a - b)
    .find((time) => {
      const left = facts.exceptions.filter((end) => Date.parse(end) > time);
      return !standingOf({ ...facts, exceptions: left }, rules, dayOf(time)).open;
    });
  return closing ?? null;
}

function withExceptions(
  { exceptions }: StandingFacts,
  reasons: readonly Reason[],
  missing: readonly Reason[],
  runsOut: Standing['runsOut'],
  today: Day,
): Standing {
  if (reasons.length === 0) return { open: true, missing, runsOut };
  const latest = exceptions.toSorted().at(-1)?.slice(0, 10);
  if (latest === undefined) return { open: false, reasons, missing: [...reasons, ...missing], runsOut };
  const text = 'The exception ends; then this connection is closed unless its conditions hold.';
  const ends = latest <= addDays(today, TOLD_DAYS) ? [{ code: 'exception' as const, text, on: latest }] : [];
  return { open: true, missing: [...reasons, ...missing], runsOut: [...runsOut, ...ends] };
}

function conditionsOf(tier: Tier, facts: StandingFacts, askedOn: Day, today: Day): Condition[] {
  return [
    ...tier.agreements.map((kind) => agreementCondition(kind, facts.agreements, askedOn, today)),
    ...(tier.reviewed ? [reviewCondition(tier, facts.reviewedOn, askedOn, today)] : []),
    ...(tier.residency
      ? [
          {
            reason: {
              code: 'residency' as const,
              text: 'It is not stated where the vendor keeps data.',
            },
            holds: facts.residency,
            until: null,
            ranOut: false,
          },
        ]
      : []),
  ];
}

function agreementCondition(
  kind: AgreementKind,
  agreements: readonly AgreementDates[],
  askedOn: Day,
  today: Day,
): Condition {
  const mine = agreements.filter((one) => one.kind === kind);
  const inForce = mine.filter((one) => stateOn(one, today) === 'in_force');
  const ends = inForce.map(lastDayOf);
  return {
    reason: { code: 'agreement', text: `No ${kind.toUpperCase()} is in force with the vendor.` },
    holds: inForce.length > 0,
    until: ends.includes(null) ? null : (ends.toSorted().at(-1) ?? null),
    ranOut: mine.some((one) => {
      const last = lastDayOf(one);
      const began = one.validFrom ?? one.signedOn;
      return (
        one.signedOn !== null &&
        began !== null &&
        last !== null &&
        began <= last &&
        last >= askedOn &&
        last < today
      );
    }),
  };
}

function reviewCondition(tier: Tier, reviewedOn: Day | null, askedOn: Day, today: Day): Condition {
  const until =
    reviewedOn === null || tier.reviewEveryDays === null ? null : addDays(reviewedOn, tier.reviewEveryDays);
  return {
    reason: { code: 'review', text: 'The vendor has no review that is in date and did not fail.' },
    holds: reviewedOn !== null && reviewedOn <= today && (until === null || until >= today),
    until,
    ranOut: until !== null && until < today && until >= askedOn,
  };
}

function endText({ code, text }: Reason, { atExpiry }: Tier): string {
  const then =
    atExpiry === 'close' ? 'then this connection is closed' : 'then it is told, and the connection goes on';
  if (code === 'review') return `The review is in date for the last time; ${then}.`;
  const kind = /^No (\S+) /.exec(text)?.[1] ?? 'agreement';
  return `The ${kind} holds for the last day; ${then}.`;
}
