/**
 * - `files_damaged`: the log's files are not what its last checkpoint says.
 * - `files_older`: the files end before what was signed or put into the log: they were set back, or are gone.
 * - `set_back`: files and database both end before what the vault signed: an older backup was brought back.
 * - `other_history`: the files hold another log, or another history of this one.
 * - `in_use`: another process writes into the log's directory.
 * - `unavailable`: the disk, the database or the vault did not do what the log needs.
 * - `not_cosigned`: fewer witnesses than are required have cosigned the newest checkpoint, so it is not published.
 * - `witness_ahead`: a witness has cosigned more entries than the log has: the log was set back.
 * - `witness_differs`: a witness does not see that the log begins with what it has cosigned.
 * - `changes_missing`: the log holds entries of changes that the database no longer has.
 */
export type TroubleCode =
  | 'files_damaged'
  | 'files_older'
  | 'set_back'
  | 'other_history'
  | 'in_use'
  | 'unavailable'
  | 'not_cosigned'
  | 'witness_ahead'
  | 'witness_differs'
  | 'changes_missing';

export interface Trouble {
  code: TroubleCode;
  text: string;
  since: Date;
}

/** A checkpoint was signed and is kept, and is not published: witnesses are wanting. It is tried again. */
export class NotCosigned extends Error {
  readonly code = 'not_cosigned';
  constructor(message: string) {
    super(message);
    this.name = 'NotCosigned';
  }
}

/** Why nothing can be put into the log. Nothing was appended, nothing was signed. */
export class LogRefused extends Error {
  readonly code: TroubleCode;
  constructor(code: TroubleCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LogRefused';
    this.code = code;
  }
}
