/** By segment: where the last of those records of a name ends that another holds. All before it are in that one, too. */
export type Covers = ReadonlyMap<string, number>;

/** What a record is of. */
export interface LineHead {
  /** Hexadecimal digits of a keyed hash. */
  name: string;
  /** When the name ends at the soonest, milliseconds since 1970. */
  until: number;
  /** It holds all that was known of the name; else it comes besides. */
  isWhole: boolean;
  /** The records that it was put together from and that need not be read any more; null: it stands for none. */
  covers: Covers | null;
}

/** One record of a name, as it stands in a segment: a line of text. */
export interface Line extends LineHead {
  /** Sealed, base64. */
  record: string;
}

export function lineOf({ name, until, isWhole, covers, record }: Line): Buffer {
  const kind = covers !== null ? `c ${coversText(covers)}` : isWhole ? 'w' : 'p';
  return Buffer.from(`${name} ${until.toString(36)} ${kind} ${record}\n`, 'latin1');
}

/** As it stands in a line, and as its record is bound to it. */
export function coversText(covers: Covers): string {
  return [...covers].map(([segment, end]) => `${segment}@${end.toString(36)}`).join(',');
}

function coversOf(text: string): Covers {
  return new Map(
    text.split(',').map((each) => {
      const at = each.indexOf('@');
      return [each.slice(0, at), Number.parseInt(each.slice(at + 1), 36)];
    }),
  );
}

const LINE_FEED = 0x0a;
const NAME_LENGTH = 32;
const LONGEST_HEAD = NAME_LENGTH + 16;
const HEAD = /^[0-9a-f]{32} ([0-9a-z]{1,11}) ([wpc]) /;
/** Segments that one record may name. */
export const MOST_COVERS = 64;
const SEGMENT = '[0-9a-z]{6,12}-[0-9a-f]{12}\\.log@[0-9a-z]{1,11}';
const LONGEST_COVERS = MOST_COVERS * 44;
const COVERS = new RegExp(`^(${SEGMENT}(?:,${SEGMENT}){0,${MOST_COVERS - 1}}) `);

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
  const [head, until = '', kind] = found;
  let covers: Covers | null = null;
  if (kind === 'c') {
    const from = at + head.length;
    const text = COVERS.exec(bytes.toString('latin1', from, Math.min(end, from + LONGEST_COVERS)))?.[1];
    if (text === undefined) return null;
    covers = coversOf(text);
  }
  // A string of its own: a part of another would keep all of that in memory.
  const name = bytes.toString('latin1', at, at + NAME_LENGTH);
  return { name, until: Number.parseInt(until, 36), isWhole: kind !== 'p', covers };
}
