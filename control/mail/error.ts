/** Why a mail was not taken. `in_doubt`: it was handed over whole and no answer came, so that it may have been taken. */
export type MailErrorCode =
  | 'not_set_up'
  | 'invalid'
  | 'private_address'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'sign_in'
  | 'refused'
  | 'deferred'
  | 'in_doubt';

export class MailError extends Error {
  readonly code: MailErrorCode;
  /** Whether this mail to this recipient will never be taken: trying again is no use. */
  readonly permanent: boolean;
  /** `server`: any other mail would have failed as well, and nothing is said about this one. */
  readonly about: 'message' | 'server';
  /** What the server said, in one line of at most 500 characters; null: nothing. It may quote the recipient's address. */
  readonly response: string | null;
  constructor(
    code: MailErrorCode,
    message: string,
    { permanent = false, about = 'message', response = null, cause }: MailErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'MailError';
    this.code = code;
    this.permanent = permanent;
    this.about = about;
    this.response = response;
  }
}

interface MailErrorDetails {
  permanent?: boolean;
  about?: 'message' | 'server';
  response?: string | null;
  cause?: unknown;
}
