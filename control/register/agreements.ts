import { addDays, type Day } from './days.ts';

/** What was agreed with a vendor, and whether it holds on a day. */

export const agreementKinds = ['dpa', 'scc', 'baa', 'nda', 'msa', 'dpf', 'bcr', 'sla', 'other'] as const;
export type AgreementKind = (typeof agreementKinds)[number];

export interface AgreementDates {
  kind: AgreementKind;
  /** Null: not signed, or nobody said so. What is not signed does not hold. */
  signedOn: Day | null;
  /** Null: from when it was signed. */
  validFrom: Day | null;
  /** Its last day; null: it is open-ended, or unknown. */
  validUntil: Day | null;
  openEnded: boolean;
  noticeDays: number | null;
  /** The day it was ended before its time. */
  endedOn: Day | null;
}

export const agreementStates = ['not_signed', 'to_come', 'in_force', 'ran_out', 'ended'] as const;
export type AgreementState = (typeof agreementStates)[number];

/** The last day on which it holds; null: no end is known. */
export function lastDayOf({ validUntil, endedOn }: AgreementDates): Day | null {
  if (validUntil === null || endedOn === null) return validUntil ?? endedOn;
  return validUntil < endedOn ? validUntil : endedOn;
}

export function stateOn(agreement: AgreementDates, today: Day): AgreementState {
  const { signedOn, validFrom, validUntil, endedOn } = agreement;
  if (signedOn === null) return 'not_signed';
  if (endedOn !== null && endedOn < today) return 'ended';
  if (validUntil !== null && validUntil < today) return 'ran_out';
  return (validFrom ?? signedOn) > today ? 'to_come' : 'in_force';
}

/** Days before the end at which one is reminded. */
export const REMINDERS = [90, 30, 7] as const;
export type Due = '90' | '30' | '7' | 'over';

/** Which reminder is due; null: none. One that was ended on purpose reminds nobody. */
export function dueOn(agreement: AgreementDates, today: Day): Due | null {
  const { validUntil, endedOn, signedOn } = agreement;
  if (validUntil === null || endedOn !== null || signedOn === null) return null;
  if (validUntil < today) return 'over';
  const reached = REMINDERS.filter((days) => validUntil <= addDays(today, days)).at(-1);
  return reached === undefined ? null : (String(reached) as Due);
}

/** By when notice must be given for it not to go on; null: not known. */
export function noticeBy({ validUntil, noticeDays, endedOn }: AgreementDates): Day | null {
  return validUntil === null || noticeDays === null || endedOn !== null
    ? null
    : addDays(validUntil, -noticeDays);
}
