/**
 * - `out_of_range`: an index, a size, a node or a quorum that can't be, or hashes that do not fit the tree.
 * - `bad_tile`: a hash tile that is not what its name says, or a name that is none.
 * - `bad_bundle`: an entry bundle that is not what its name says.
 * - `too_large`: an entry, a note, a proof or a request is larger than the format takes.
 * - `bad_note`, `bad_checkpoint`, `bad_proof`, `bad_request`: a text that is no signed note, no checkpoint, no proof or
 *   no add-checkpoint request; `bad_proof` also when a proof does not show what it claims.
 * - `bad_key`: a text that is no key, or a key that stands twice where each counts.
 * - `unknown_key_type`: a key of a type that this library does not know.
 * - `bad_signature`: a known key's signature that is wrong.
 * - `unsigned`: no known key, or not the one that it takes, has signed.
 * - `no_quorum`: fewer witnesses than asked for have cosigned.
 * - `wrong_origin`: the checkpoint of another log.
 * - `contradiction`: a log's own files do not fit what it has signed, or a tree is no extension of an earlier one.
 * - `missing`: a file is not there that a checkpoint says has to be; `not_a_file`: something else has its name.
 * - `pruned`: a log has removed the entry, as its policy says; it can be proven by whoever kept it.
 * - `bad_pruned`: the file that states the policy is not of its form.
 * - `gave_up`: verifying would take more time or bytes than it was given.
 */
export type TlogErrorCode =
  | 'out_of_range'
  | 'bad_tile'
  | 'bad_bundle'
  | 'too_large'
  | 'bad_note'
  | 'bad_checkpoint'
  | 'bad_proof'
  | 'bad_request'
  | 'bad_key'
  | 'unknown_key_type'
  | 'bad_signature'
  | 'unsigned'
  | 'no_quorum'
  | 'wrong_origin'
  | 'contradiction'
  | 'missing'
  | 'not_a_file'
  | 'pruned'
  | 'bad_pruned'
  | 'gave_up';

/** What was read can't be used, or what was asked for can't be made. Nothing of it is to be believed. */
export class TlogError extends Error {
  readonly code: TlogErrorCode;
  constructor(code: TlogErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TlogError';
    this.code = code;
  }
}
