/**
 * - `disk_full`: the disk took no more bytes.
 * - `write_failed`, `sync_failed`: the disk refused a write, or could not promise that it keeps what was written.
 * - `key_unavailable`: the segment's data key could not be sealed, so that no payload may be written.
 * - `overloaded`: more waits to be written than the journal holds in memory.
 * - `closed`: the journal was closed.
 */
export type JournalUnavailableCode =
  | 'disk_full'
  | 'write_failed'
  | 'sync_failed'
  | 'key_unavailable'
  | 'overloaded'
  | 'closed';

/** The entry is not durable and will not become so. The same append may pass later. */
export class JournalUnavailable extends Error {
  readonly code: JournalUnavailableCode;
  constructor(code: JournalUnavailableCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'JournalUnavailable';
    this.code = code;
  }
}

/** The entry or its payload is larger than a journal takes. The same append will never pass. */
export class EntryTooLarge extends Error {
  readonly code = 'entry_too_large';
  constructor(what: 'entry' | 'payload', length: number, limit: number) {
    super(`The ${what} is ${length} bytes long; a journal takes ${limit}. Make it smaller.`);
    this.name = 'EntryTooLarge';
  }
}

/**
 * - `bad_frame`: bytes that are no whole frame, where a whole one must be.
 * - `bad_header`: a segment that does not begin with a header that can be read.
 * - `gap`: entries are missing between two segments.
 * - `other_origin`: the segment belongs to another log.
 * - `unknown_format`: written by a version that this one does not know.
 */
export type JournalCorruptCode = 'bad_frame' | 'bad_header' | 'gap' | 'other_origin' | 'unknown_format';

/** What is on disk is not what was written. Nothing was changed; `offset` is in bytes from the start of `file`. */
export class JournalCorrupt extends Error {
  readonly code: JournalCorruptCode;
  readonly file: string;
  readonly offset: number;
  constructor(code: JournalCorruptCode, file: string, offset: number, message: string) {
    super(`${message} (file ${file}, offset ${offset}). Nothing was changed.`);
    this.name = 'JournalCorrupt';
    this.code = code;
    this.file = file;
    this.offset = offset;
  }
}

/** Another process, or another journal of this one, writes into the same directory. */
export class JournalLocked extends Error {
  readonly code = 'locked';
  readonly pid: number;
  constructor(where: string, pid: number) {
    super(
      `The journal in ${where} is in use by process ${pid}. Stop that one, or give this one another directory.`,
    );
    this.name = 'JournalLocked';
    this.pid = pid;
  }
}

/**
 * - `too_large`: more bytes than the reader takes.
 * - `not_a_shipment`: it does not begin with a header and the index of its first entry.
 * - `bad_frame`: bytes that are no whole frame.
 * - `unknown_format`: made by a version that this one does not know.
 */
export type ShipmentErrorCode = 'too_large' | 'not_a_shipment' | 'bad_frame' | 'unknown_format';

/** A shipment that can't be read; nothing of it is to be used. */
export class ShipmentError extends Error {
  readonly code: ShipmentErrorCode;
  /** Bytes from the start of the shipment. */
  readonly offset: number;
  constructor(code: ShipmentErrorCode, offset: number, message: string) {
    super(`${message} (at byte ${offset} of the shipment)`);
    this.name = 'ShipmentError';
    this.code = code;
    this.offset = offset;
  }
}
