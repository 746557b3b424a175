/**
 * - `kek_missing`: the database holds secrets, but the key-encryption key they need is not where it should be, or it was
 *   wrapped for another source than the one that is set.
 * - `kek_permissions`: others than its owner can read or replace the key-encryption key.
 * - `kek_malformed`: what should be a key is none.
 * - `kek_wrong`: the source has a key, but not the one that this database was made with.
 * - `kek_unreadable`: a file can't be read or made; the system's reason is named.
 * - `kek_denied`: the service that keeps the key does not let us use it.
 * - `kek_unusable`: that key is of a kind that can't be used, or is disabled.
 * - `kek_unavailable`: the service or the command that has the key does not answer as it should. It may be temporary.
 * - `data_key_damaged`: the key-encryption key is right, the data key in the database was changed.
 * - `key_unknown`: the wrapped bytes are under a data key that this process has not heard of yet.
 * - `unreadable`: the wrapped bytes were made for another context, or were changed.
 * - `bad_recipient`: nothing can be sealed to this public key.
 * - `wrong_log`: the text to sign is no checkpoint of the log that the key is for.
 * - `log_would_go_back`: the vault signed a larger tree of this log, or another one of the same size.
 * - `marks_unusable`: how far logs were signed can't be read or kept.
 * - `too_large`: more bytes than a secret may have.
 * - `crashed`: the vault ended in the middle of this call. It is being restarted.
 * - `timed_out`: the vault did not answer in time.
 * - `stopped`: the vault was stopped.
 * - `failed`: the vault failed in a way that it does not know.
 */
export type VaultErrorCode =
  | 'kek_missing'
  | 'kek_permissions'
  | 'kek_malformed'
  | 'kek_wrong'
  | 'kek_unreadable'
  | 'kek_denied'
  | 'kek_unusable'
  | 'kek_unavailable'
  | 'data_key_damaged'
  | 'key_unknown'
  | 'unreadable'
  | 'bad_recipient'
  | 'wrong_log'
  | 'log_would_go_back'
  | 'marks_unusable'
  | 'too_large'
  | 'crashed'
  | 'timed_out'
  | 'stopped'
  | 'failed';

/** What failed inside the vault's process: what may be said of it outside, and no more. */
export class VaultFailure extends Error {
  readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string) {
    super(message);
    this.name = 'VaultFailure';
    this.code = code;
  }
}
