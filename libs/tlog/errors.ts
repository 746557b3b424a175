/**
 * - `out_of_range`: an index, a size or a node that the tree can't have, or hashes that do not fit it.
 * - `bad_tile`: a hash tile that is not what its name says, or a name that is none.
 * - `bad_bundle`: an entry bundle that is not what its name says.
 * - `too_large`: an entry, a note or a request is larger than the format takes.
 */
export type TlogErrorCode = 'out_of_range' | 'bad_tile' | 'bad_bundle' | 'too_large';

/** What was read can't be used, or what was asked for can't be made. Nothing of it is to be believed. */
export class TlogError extends Error {
  readonly code: TlogErrorCode;
  constructor(code: TlogErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TlogError';
    this.code = code;
  }
}
