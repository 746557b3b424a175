import { HIGH, standsFor } from './stand-ins.ts';

/** Code of every UTF-16 unit that is not ASCII. */
export const OTHER = 0x80;
/** Zeros behind the text, so that a look ahead needs no test of bounds. */
const MARGIN = 64;
/** Larger ones are made for one text and let go. */
const KEPT = 1 << 17;

const encoder = new TextEncoder();
/** Decided without a look at the text where the engine keeps one byte for each of its characters. */
const WIDE = /[\u0100-\uffff]/;

/** Writes a text that is ASCII; `false`: it is not, and what stands in `bytes` now is of no use. */
export function writeAscii(text: string, bytes: Uint8Array): boolean {
  if (WIDE.test(text)) return false;
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length && written === text.length;
}

/**
 * A text as one byte for each UTF-16 unit: engines read bytes several times as fast as characters of a string. Borrowed
 * (`codesOf`) and given back: a scan may begin another one.
 */
export class Codes {
  readonly bytes: Uint8Array;
  /** The same memory, for copies that the engine makes at once. */
  readonly #narrow: Buffer;
  /** Characters that stand for others or for nothing are among them. */
  holdsStandIns = false;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity + MARGIN);
    this.#narrow = Buffer.from(this.bytes.buffer);
  }

  load(text: string): void {
    const { bytes } = this;
    const { length } = text;
    this.holdsStandIns = false;
    if (!writeAscii(text, bytes)) this.#loadOthers(text);
    bytes.fill(0, length, length + MARGIN);
  }

  #loadOthers(text: string): void {
    const { bytes } = this;
    this.#narrow.write(text, 0, text.length, 'latin1');
    eachOther(text, (at, code) => {
      bytes[at] = OTHER;
      if (standsFor[code] !== 0 || code === HIGH) this.holdsStandIns = true;
    });
  }

  /** May be used for another text from now on. */
  giveBack(): void {
    if (this.bytes.length <= KEPT + MARGIN && idle.length < 4) idle.push(this);
  }
}

const idle: Codes[] = [];

export function codesOf(text: string): Codes {
  const codes = (text.length <= KEPT ? idle.pop() : undefined) ?? new Codes(Math.max(KEPT, text.length));
  codes.load(text);
  return codes;
}

const UNITS = 16_384;
const units = Buffer.alloc(2 * UNITS);
const pairs = new Uint32Array(units.buffer, units.byteOffset, UNITS / 2);

/** Visits each UTF-16 unit of a text that is not ASCII. */
export function eachOther(text: string, visit: (at: number, code: number) => void): void {
  for (let base = 0; base < text.length; base += UNITS) {
    const part = base === 0 && text.length <= UNITS ? text : text.slice(base, base + UNITS);
    const count = units.write(part, 0, 2 * part.length, 'utf16le') >> 1;
    if ((count & 1) === 1) units.writeUInt16LE(0, 2 * count);
    for (let pair = 0; pair < (count + 1) >> 1; pair++) {
      const both = pairs[pair] ?? 0;
      if ((both & 0xff80ff80) === 0) continue;
      if ((both & 0xff80) !== 0) visit(base + 2 * pair, both & 0xffff);
      if ((both & 0xff800000) !== 0) visit(base + 2 * pair + 1, both >>> 16);
    }
  }
}
