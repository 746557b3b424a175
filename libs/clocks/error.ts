export type ClocksErrorCode =
  /** Rules, questions or calendars that do not fit together; each problem names the rule and its member. */
  | 'bad_rules'
  /** Facts that name what is not there, or a time that is no instant; each problem names the member. */
  | 'bad_facts';

/** Where something is wrong, and what. `field`: members joined by dots, as `incident.times.high_risk`. */
export interface Problem {
  field: string;
  message: string;
}

/** Deadlines can't be reckoned from what was handed in: nothing is computed from the rest of it either. */
export class ClocksError extends Error {
  readonly code: ClocksErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: ClocksErrorCode, problems: readonly Problem[]) {
    super(problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.name = 'ClocksError';
    this.code = code;
    this.problems = problems;
  }
}
