/** Break-glass as rules: who has to agree, for how long, and what state one is in. Times in milliseconds since 1970. */

export const breakGlassStates = ['asked', 'in_force', 'ended', 'expired'] as const;
export type BreakGlassState = (typeof breakGlassStates)[number];

const MINUTE = 60_000;
export const LONGEST_MS = 24 * 60 * MINUTE;
export const USUAL_MS = 60 * MINUTE;

/**
 * How it begins. `people`: those who may approve, the one who asks among them. One alone can't be approved by another:
 * it is in force at once, and its record says that one person did it.
 */
export function beginning(people: number): 'asked' | 'in_force' {
  return people > 1 ? 'asked' : 'in_force';
}

/** What is wrong with an end time; null when nothing is. */
export function wrongEnd(until: number, now: number): string | null {
  if (until <= now) return 'lies in the past; give a time that is still to come';
  if (until > now + LONGEST_MS) return 'is more than 24 hours away; a break-glass lasts at most 24 hours';
  return null;
}

export interface BreakGlassTimes {
  until: number;
  /** Null: not in force yet. */
  inForceAt: number | null;
  /** Null: not ended by anybody. */
  endedAt: number | null;
}

export function stateAt({ until, inForceAt, endedAt }: BreakGlassTimes, now: number): BreakGlassState {
  if (endedAt !== null) return 'ended';
  if (now >= until) return 'expired';
  return inForceAt === null ? 'asked' : 'in_force';
}

/** Why this person can't approve it; null when they can. */
export function wrongApproval(
  state: BreakGlassState,
  askedBy: string,
  approver: string,
): 'not_asked' | 'own' | null {
  if (state !== 'asked') return 'not_asked';
  return askedBy === approver ? 'own' : null;
}
