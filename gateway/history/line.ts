/** One record of a name, as it stands in a segment: a line of text. */
export interface Line {
  /** Hexadecimal digits of a keyed hash; '': the line can't be read. */
  name: string;
  /** When the name ends at the soonest, milliseconds since 1970. */
  until: number;
  /** It holds all that was known of the name; else it comes besides. */
  isWhole: boolean;
  /** Sealed, base64. */
  record: string;
}

export function lineOf({ name, until, isWhole, record }: Line): Buffer {
  return Buffer.from(`${name} ${until.toString(36)} ${isWhole ? 'w' : 'p'} ${record}\n`, 'latin1');
}

const LINE_FEED = 0x0a;
const FORM = /^([0-9a-f]{32}) ([0-9a-z]{1,11}) ([wp]) ([A-Za-z0-9+/]+={0,2})$/;
const unreadable: Line = { name: '', until: 0, isWhole: false, record: '' };

/** The lines of a piece of a segment, with where they begin. What lacks its line break is being written, or never was. */
export function* readLines(bytes: Buffer): Generator<{ line: Line; at: number; length: number }> {
  let at = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
    const [, name = '', until = '', kind, record = ''] = FORM.exec(bytes.toString('latin1', at, end)) ?? [];
    const line: Line =
      name === '' ? unreadable : { name, until: Number.parseInt(until, 36), isWhole: kind === 'w', record };
    yield { line, at, length: end + 1 - at };
    at = end + 1;
  }
}
