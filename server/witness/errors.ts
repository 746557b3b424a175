/**
 * - `in_use`: another process writes the directory.
 * - `damaged`: a file of the directory is not what was written.
 * - `memory_lost`: the key has been used, and what was cosigned with it is not here.
 * - `other_key`: the directory is that of another key.
 * - `key_lost`: the directory is that of a key that is not here.
 */
export type WitnessErrorCode = 'in_use' | 'damaged' | 'memory_lost' | 'other_key' | 'key_lost';

/** The witness does not start, as it could vouch for what is not so. Nothing was changed. */
export class WitnessError extends Error {
  readonly code: WitnessErrorCode;
  constructor(code: WitnessErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WitnessError';
    this.code = code;
  }
}
