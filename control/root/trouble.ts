import type { Trouble } from '../audit/index.ts';

/**
 * Why a log's newest checkpoint is not taken in:
 * - `unreadable`: its files can't be read, or are not what its checkpoint says.
 * - `not_signed`: it is no checkpoint that the log's key has signed.
 * - `other_key`: signed with another key than the one that was taken in last.
 * - `went_back`: it has fewer entries than what was taken in.
 * - `rewritten`: its tree does not begin with the one that was taken in.
 * - `entries_missing`: entries that are needed to show that are not stored here.
 */
export type SourceTroubleCode =
  | 'unreadable'
  | 'not_signed'
  | 'other_key'
  | 'went_back'
  | 'rewritten'
  | 'entries_missing';

export type RootTrouble = Omit<Trouble, 'since'>;

/** A log's checkpoint is not taken in. */
export class SourceRefused extends Error {
  readonly code: SourceTroubleCode;
  constructor(code: SourceTroubleCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SourceRefused';
    this.code = code;
  }
}
