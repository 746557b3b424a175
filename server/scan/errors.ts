/** A scan that can't begin, or whose answer can't be given: what, where, what to do. Ends the command with code 2. */
export class ScanError extends Error {
  readonly code:
    | 'no_such_path'
    | 'no_git'
    | 'no_repository'
    | 'git_failed'
    | 'bad_detectors'
    | 'bad_baseline'
    | 'bad_option'
    | 'worker_failed'
    | 'report_refused'
    | 'report_failed';
  constructor(code: ScanError['code'], message: string) {
    super(message);
    this.name = 'ScanError';
    this.code = code;
  }
}
