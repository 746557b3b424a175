/** What can go wrong with the database, as a code that programs can branch on. */
export type PostgresErrorCode =
  | 'unsupported_platform'
  | 'binary_missing'
  | 'runtime_unsafe'
  | 'no_passwd_entry'
  | 'in_use'
  | 'location_missing'
  | 'location_unreadable'
  | 'location_closed'
  | 'not_owner'
  | 'data_missing'
  | 'data_newer'
  | 'data_older'
  | 'stamp_unreadable'
  | 'credentials_missing'
  | 'socket_path_too_long'
  | 'initdb_failed'
  | 'start_failed'
  | 'start_timeout'
  | 'start_cancelled'
  | 'stop_failed'
  | 'server_too_old'
  | 'server_unreachable';

/** Says what was wrong, where, and what to do; `code` is stable, the message is for people. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The `code` of a system error (`ENOENT`, …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
