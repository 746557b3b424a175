/** What waits for a second person, as rules. Times in milliseconds since 1970. */

export const approvalStates = ['asked', 'approved', 'refused', 'withdrawn', 'used', 'expired'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** From asking to doing: who approves late, approves what nobody remembers. */
export const APPROVAL_MS = 24 * 3600_000;

export interface ApprovalTimes {
  expiresAt: number;
  decision: 'approved' | 'refused' | 'withdrawn' | null;
  usedAt: number | null;
}

export function approvalStateAt({ expiresAt, decision, usedAt }: ApprovalTimes, now: number): ApprovalState {
  if (usedAt !== null) return 'used';
  if (decision === 'refused' || decision === 'withdrawn') return decision;
  if (now >= expiresAt) return 'expired';
  return decision === 'approved' ? 'approved' : 'asked';
}

/** Why this one can't decide; null when they can. A program is nobody's second person. */
export function wrongDecision(
  state: ApprovalState,
  askedBy: string,
  by: { id: string; kind: 'person' | 'token' | 'command' },
): 'not_asked' | 'own' | 'no_person' | null {
  if (state !== 'asked') return 'not_asked';
  if (by.kind !== 'person') return 'no_person';
  return askedBy === by.id ? 'own' : null;
}
