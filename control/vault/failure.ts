/**
 * - `kek_missing`: the database holds secrets, but the key-encryption key they need is not where it should be.
 * - `kek_permissions`: others than its owner can read or replace the key-encryption key.
 * - `kek_malformed`: the key file does not hold a key.
 * - `kek_wrong`: the key file holds another deployment's key.
 * - `kek_unreadable`: the key file can't be read or made; the system's reason is named.
 * - `data_key_damaged`: the key-encryption key is right, the data key in the database was changed.
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
  | 'data_key_damaged'
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
