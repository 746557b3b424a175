export type AuthenticityErrorCode =
  /** More bytes, headers or parts than are looked at. */
  | 'too_large'
  /** Not a message: no header can be read. */
  | 'not_a_message'
  /** A register that does not fit together. */
  | 'bad_register';

/** A message that can't be judged at all: nothing is said of it. */
export class AuthenticityError extends Error {
  readonly code: AuthenticityErrorCode;
  constructor(code: AuthenticityErrorCode, message: string) {
    super(message);
    this.name = 'AuthenticityError';
    this.code = code;
  }
}
