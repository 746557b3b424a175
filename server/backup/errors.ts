/**
 * - `target_not_empty`: where something is to be written, something is.
 * - `unfinished`: a restore into this data directory was interrupted.
 * - `no_backup`: the directory has no manifest: it is none, or a backup was interrupted.
 * - `damaged`: a file of the backup is not what the manifest says.
 * - `newer`: the backup was made by a newer program.
 * - `other_deployment`: keys, data and backup are not of one deployment.
 * - `keys_missing`: the keys that the backup needs are not there.
 * - `keys_conflict`: a key that is there is another than the one that was to be put there.
 * - `log_unsigned`: a log's newest entries come under no checkpoint.
 * - `would_fork`: the vault signed more of a log than the backup has of it.
 * - `not_loaded`: the database did not take the rows.
 */
export type BackupErrorCode =
  | 'target_not_empty'
  | 'unfinished'
  | 'no_backup'
  | 'damaged'
  | 'newer'
  | 'other_deployment'
  | 'keys_missing'
  | 'keys_conflict'
  | 'log_unsigned'
  | 'would_fork'
  | 'not_loaded';

/** Why nothing was backed up or restored. */
export class BackupError extends Error {
  readonly code: BackupErrorCode;
  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupError';
    this.code = code;
  }
}
