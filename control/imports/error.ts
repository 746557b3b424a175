/** A file that somebody handed in can't be taken in: where in it, and what to do. */
export class ImportError extends Error {
  readonly code = 'unreadable';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'ImportError';
    this.field = field;
  }
}

/** `message` goes on from "content". */
export const unreadable = (message: string, field = 'content'): ImportError =>
  new ImportError(field, message);
