/** What a vendor is to us, and from where to where that may go. */

export const statuses = ['candidate', 'under_review', 'approved', 'restricted', 'ending', 'ended'] as const;
export type Status = (typeof statuses)[number];

/** Who has a connection and was never entered is none of them: it is not entered, which is not approved. */
export type ShownStatus = Status | 'not_entered';

/** An approval comes after a review. Whoever ended comes back through a review too. */
const moves: Readonly<Record<Status, readonly Status[]>> = {
  candidate: ['under_review', 'ended'],
  under_review: ['candidate', 'approved', 'restricted', 'ending', 'ended'],
  approved: ['under_review', 'restricted', 'ending'],
  restricted: ['under_review', 'approved', 'ending'],
  ending: ['under_review', 'restricted', 'ended'],
  ended: ['under_review'],
};

export const movesFrom = (status: Status): readonly Status[] => moves[status];

export const mayMove = (from: Status, to: Status): boolean => moves[from].includes(to);

export const criticalities = ['critical', 'important', 'supporting', 'unknown'] as const;
export type Criticality = (typeof criticalities)[number];
