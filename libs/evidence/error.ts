export type EvidenceErrorCode =
  | 'unknown_format'
  | 'malformed'
  | 'too_large'
  | 'too_deep'
  | 'truncated'
  | 'bad_mapping'
  | 'encoding';

/** A file that can't be read as a whole. The message says what is wrong and what to do, and holds nothing of its content. */
export class EvidenceError extends Error {
  readonly code: EvidenceErrorCode;
  /** From 1, where it is known. */
  readonly line: number | null;
  readonly field: string | null;

  constructor(
    code: EvidenceErrorCode,
    message: string,
    at: { line?: number; field?: string } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EvidenceError';
    this.code = code;
    this.line = at.line ?? null;
    this.field = at.field ?? null;
  }
}
