export type JsonEditErrorCode =
  | 'not_utf8'
  | 'syntax'
  | 'too_deep'
  | 'too_many_nodes'
  | 'edit_overlap'
  | 'unknown_member';

/** What was wrong with the source or with the edits. The message never quotes the source. */
export class JsonEditError extends Error {
  readonly code: JsonEditErrorCode;
  /** Where, in UTF-16 code units from the start of the text. */
  readonly offset: number;
  constructor(code: JsonEditErrorCode, offset: number, what: string) {
    super(`${what} at offset ${offset}`);
    this.name = 'JsonEditError';
    this.code = code;
    this.offset = offset;
  }
}
