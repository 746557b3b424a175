/** What a record is of. */
export interface LineHead {
  /** Hexadecimal digits of a keyed hash. */
  name: string;
  /** When the name ends at the soonest, milliseconds since 1970. */
  until: number;
  /** It holds all that was known of the name; else it comes besides. */
  isWhole: boolean;
}

/** One record of a name, as it stands in a segment: a line of text. */
export interface Line extends LineHead {
  /** Sealed, base64. */
  record: string;
}

export function lineOf({ name, until, isWhole, record }: Line): Buffer {
  return Buffer.from(`${name} ${until.toString(36)} ${isWhole ? 'w' : 'p'} ${record}\n`, 'latin1');
}

const LINE_FEED = 0x0a;
const NAME_LENGTH = 32;
const LONGEST_HEAD = NAME_LENGTH + 16;
const HEAD = /^[0-9a-f]{32} ([0-9a-z]{1,11}) ([wp]) /;

/**
 * The lines of a piece of a segment, with where they begin; `head` null: it is no record. What lacks its line break is being
 * written, or never was. Records themselves are not read: there may be a hundred thousand.
 */
export function* readHeads(bytes: Buffer): Generator<{ head: LineHead | null; at: number; length: number }> {
  let at = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
    yield { head: headOf(bytes, at, end), at, length: end + 1 - at };
    at = end + 1;
  }
}

/** The whole line that these bytes are; null: they are none. */
export function readLine(bytes: Buffer): Line | null {
  const end = bytes.length - 1;
  const head = bytes[end] === LINE_FEED ? headOf(bytes, 0, end) : null;
  if (head === null) return null;
  return { ...head, record: bytes.toString('latin1', bytes.lastIndexOf(' ', end) + 1, end) };
}

function headOf(bytes: Buffer, at: number, end: number): LineHead | null {
  const found = HEAD.exec(bytes.toString('latin1', at, Math.min(end, at + LONGEST_HEAD)));
  if (found === null) return null;
  const [, until = '', kind] = found;
  // A string of its own: a part of another would keep all of that in memory.
  const name = bytes.toString('latin1', at, at + NAME_LENGTH);
  return { name, until: Number.parseInt(until, 36), isWhole: kind === 'w' };
}
