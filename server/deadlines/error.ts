/** Facts that can't be used, or a flag: what, where, what to do. Ends the command with code 2. */
export class DeadlinesError extends Error {
  readonly code: 'bad_facts' | 'bad_option';
  constructor(code: DeadlinesError['code'], message: string) {
    super(message);
    this.name = 'DeadlinesError';
    this.code = code;
  }
}
