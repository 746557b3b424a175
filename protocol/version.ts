/** A document whose version this build does not know. Nothing of it is used. */
export class UnknownVersionError extends Error {
  readonly code = 'unknown_version';
  readonly found: string;
  constructor(what: string, found: string, known: string) {
    super(
      `This ${what} has version "${found.slice(0, 60)}"; this build knows "${known}". Update the older side.`,
    );
    this.name = 'UnknownVersionError';
    this.found = found;
  }
}
