export type ScanRuleErrorCode =
  | 'bad_form'
  | 'no_anchor'
  | 'bad_keyword'
  | 'bad_pattern'
  | 'not_linear'
  | 'bad_example'
  | 'duplicate_id';

/** A rule that can't be compiled: which member of the options, and what to do. */
export class ScanRuleError extends Error {
  readonly code: ScanRuleErrorCode;
  /** `rules[3].forms[0]`, `custom[0].pattern`. */
  readonly field: string;
  constructor(code: ScanRuleErrorCode, field: string, what: string) {
    super(`${field}: ${what}`);
    this.name = 'ScanRuleError';
    this.code = code;
    this.field = field;
  }
}

/** A text takes more work than the caller allows. Says how much, never what. */
export class ScanBudgetError extends Error {
  readonly code = 'scan_budget';
  readonly maxWork: number;
  constructor(maxWork: number) {
    super(`the text takes more than ${maxWork} steps to scan: split it, or allow more`);
    this.name = 'ScanBudgetError';
    this.maxWork = maxWork;
  }
}
