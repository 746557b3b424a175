/** A value of a class that the contract refuses. Says where by the rule's path, never what. */
export class FieldRefusedError extends Error {
  readonly code = 'field_refused';
  readonly path: string;
  readonly class: string;
  constructor(path: string, fieldClass: string) {
    super(`the data contract refuses ${fieldClass} (at ${path})`);
    this.name = 'FieldRefusedError';
    this.path = path;
    this.class = fieldClass;
  }
}

/** A place where a key stands holds something else than the key that was authenticated. */
export class KeyMixedError extends Error {
  readonly code = 'key_mixed';
  readonly path: string;
  constructor(path: string) {
    super(`another key than the authenticated one (at ${path})`);
    this.name = 'KeyMixedError';
    this.path = path;
  }
}

/** The key that was authenticated stands where its credential may not. */
export class KeyPlaceError extends Error {
  readonly code = 'key_place';
  readonly path: string;
  constructor(path: string) {
    super(`a key in a place that the credential is not for (at ${path})`);
    this.name = 'KeyPlaceError';
    this.path = path;
  }
}

/** A field map that can't be compiled: which path, and why. */
export class FieldMapError extends Error {
  readonly code: 'bad_path' | 'bad_grain' | 'too_complex';
  readonly path: string;
  constructor(code: FieldMapError['code'], path: string, what: string) {
    super(`${path}: ${what}`);
    this.name = 'FieldMapError';
    this.code = code;
    this.path = path;
  }
}

export type EnvelopeErrorCode =
  | 'not_utf8'
  | 'not_recognised'
  | 'not_inflatable'
  | 'too_large'
  | 'no_data'
  | 'repeated_data'
  | 'bad_escape'
  | 'bad_base64';

/** A body that can't be brought down to JSON text. The message never quotes it. */
export class EnvelopeError extends Error {
  readonly code: EnvelopeErrorCode;
  constructor(code: EnvelopeErrorCode, what: string) {
    super(what);
    this.name = 'EnvelopeError';
    this.code = code;
  }
}
