/**
 * - `not_ours`: made for another gateway, or by another deployment than the one that this gateway serves.
 * - `backwards`: older than, or as old as, what is in force.
 * - `inconsistent`: names something that is not in it, or names one thing twice.
 * - `policies_invalid`: a policy in it can't be read, or asks for what there is not.
 * - `unreadable`: a secret in it can't be opened with this gateway's key.
 * - `malformed`: not a snapshot, or of a format that this build does not know.
 * - `file_unreadable`: the file on disk was changed, cut short, or written under another key.
 */
export type SnapshotErrorCode =
  | 'not_ours'
  | 'backwards'
  | 'inconsistent'
  | 'policies_invalid'
  | 'unreadable'
  | 'malformed'
  | 'file_unreadable';

/** Why a snapshot was not taken. What was in force stays in force. The message holds no secret. */
export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode;
  /** Which member was wrong, as a dot path of names and ids; null where it is none in particular. Never a value. */
  readonly field: string | null;
  constructor(code: SnapshotErrorCode, message: string, cause?: unknown, field: string | null = null) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SnapshotError';
    this.code = code;
    this.field = field;
  }
}
