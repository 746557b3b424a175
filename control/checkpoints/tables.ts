/** What is read of the tables in `migrations/`. */

/**
 * - `other_key`: signed with another key than the log's first checkpoint.
 * - `not_signed`: the log's key did not sign it, or it is one of another log.
 * - `other_root`: the stored entries give another tree: one of the two sides holds a history that was rewritten.
 * - `went_back`: older than what was taken, by so much that nobody can check it any more.
 * - `entries_missing`: entries that were stored here are not there.
 */
export const contradictionKinds = [
  'other_key',
  'not_signed',
  'other_root',
  'went_back',
  'entries_missing',
] as const;
export type ContradictionKind = (typeof contradictionKinds)[number];

/** The newest verified checkpoint of a log. */
export interface KeptCheckpoint {
  size: number;
  root: Buffer;
  edge: Buffer;
}
