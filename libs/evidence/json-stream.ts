import { EvidenceError } from './error.ts';
import type { Json, JsonObject } from './line-reader.ts';
import { asBuffer } from './lines.ts';

/** What of a record is kept: all, or these members (`*`: any); of a list, each element by the same rule. */
export type Keep = true | { readonly [member: string]: Keep };

export interface JsonRecords {
  /** Where the list of records stands: names of members, `*` for each element of a list. Empty: the document is the list. */
  path: readonly string[];
  keep: Keep;
  /** Takes a record, with its number from 1. What was left out because it was too large is told by `cut`. */
  each(record: Json, number: number, cut: boolean): void;
  /** Names of members that stand beside the list, in the object that has it: their values are told as they come. */
  beside?: readonly string[];
  told?(name: string, value: Json): void;
  /** Several documents may follow each other, as in JSON lines. */
  many?: boolean;
}

/** Deeper documents are refused. */
const DEEPEST = 256;
/** Longer texts are left out of a record, and so are values beyond so many. */
const LONGEST_STRING = 1024 * 1024;
const LONGEST_KEY = 4096;
const LONGEST_LITERAL = 64;
const MOST_VALUES = 50_000;
/** Characters of texts that are kept of one record. */
const LARGEST_RECORD = 4 * 1024 * 1024;

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

type State =
  | 'value'
  | 'value_or_close'
  | 'key'
  | 'key_or_close'
  | 'colon'
  | 'next'
  | 'string'
  | 'literal'
  | 'skip'
  | 'end';

interface Frame {
  isList: boolean;
  /** What is being put together; null on the way to the records. */
  node: Json[] | JsonObject | null;
  keep: Keep | null;
  /** How many names of the path have led here; -1: beside it. */
  depth: number;
  key: string | null;
}

/**
 * Reads the records of one list in a JSON document of any length, as its bytes come. It holds one record at a time, and of it only
 * what is kept; all else is passed over on bytes, where brackets and quotes are followed and nothing is checked.
 */
export class JsonStream {
  readonly #wanted: JsonRecords;
  readonly #stack: Frame[] = [];
  #state: State = 'value';
  /** Open brackets of what is being passed over. */
  #skipDepth = 0;
  #isSkippedString = false;
  /** The text that is being read: as a key, as a value, or passed over. */
  #text: 'key' | 'value' | 'none' = 'none';
  #held: Buffer[] = [];
  #heldLength = 0;
  /** Whether the bytes before this piece end within an escape. */
  #isEscaped = false;
  #values = 0;
  #characters = 0;
  #isCut = false;
  /** Records so far. */
  count = 0;
  /** Whether the list was there. */
  found = false;
  /** Objects that should have the list, and those that have it. */
  holders = 0;
  lists = 0;

  constructor(wanted: JsonRecords) {
    this.#wanted = wanted;
  }

  write(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'string' || this.#isSkippedString) at = this.#inString(bytes, at);
      else if (this.#state === 'skip') at = this.#pass(bytes, at);
      else if (this.#state === 'literal') at = this.#inLiteral(bytes, at);
      else {
        const byte = bytes[at] ?? 0;
        at += 1;
        if (byte > 32) this.#token(byte);
        else if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) this.#malformed();
      }
    }
  }

  end(): void {
    if (this.#state === 'literal' && this.#stack.length === 0) this.#endLiteral();
    if (this.#state !== 'end') {
      const where = `after ${this.count} whole records`;
      throw new EvidenceError('truncated', `the JSON document breaks off ${where}: fetch it again`, {
        line: this.count + 1,
      });
    }
  }

  #token(byte: number): void {
    const top = this.#stack.at(-1);
    switch (this.#state) {
      case 'value_or_close':
        if (byte === CLOSE_LIST) {
          this.#close();
          return;
        }
        this.#beginValue(byte);
        return;
      case 'value':
        this.#beginValue(byte);
        return;
      case 'key_or_close':
        if (byte === CLOSE_OBJECT) {
          this.#close();
          return;
        }
        this.#beginKey(byte);
        return;
      case 'key':
        this.#beginKey(byte);
        return;
      case 'colon':
        if (byte !== COLON) this.#malformed();
        this.#state = 'value';
        return;
      case 'next':
        if (byte === COMMA) this.#state = top?.isList === true ? 'value' : 'key';
        else if (byte === (top?.isList === true ? CLOSE_LIST : CLOSE_OBJECT)) this.#close();
        else this.#malformed();
        return;
      case 'end':
        if (this.#wanted.many !== true) this.#malformed();
        this.#beginValue(byte);
        return;
      default:
        this.#malformed();
    }
  }

  #beginKey(byte: number): void {
    if (byte !== QUOTE) this.#malformed();
    this.#state = 'string';
    this.#text = 'key';
  }

  #beginValue(byte: number): void {
    const place = this.#placeOfValue();
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (place === null) {
        this.#skipDepth = 1;
        this.#state = 'skip';
        return;
      }
      this.#open(byte === OPEN_LIST, place);
      return;
    }
    const isKept = place !== null && place.keep !== null;
    if (byte === QUOTE) {
      this.#state = 'string';
      this.#text = isKept ? 'value' : 'none';
      return;
    }
    if (!/[-0-9tfn]/.test(String.fromCharCode(byte))) this.#malformed();
    this.#state = 'literal';
    this.#text = isKept ? 'value' : 'none';
    this.#take(Buffer.from([byte]), 0, 1, LONGEST_LITERAL);
  }

  /** What the value that begins now is to this reading; null: nothing, it is passed over. */
  #placeOfValue(): { keep: Keep | null; depth: number } | null {
    const top = this.#stack.at(-1);
    const { path, keep } = this.#wanted;
    if (top === undefined) return { keep: null, depth: 0 };
    if (top.keep !== null) {
      if (this.#values >= MOST_VALUES) {
        this.#isCut = true;
        return null;
      }
      if (top.keep === true || top.isList) return { keep: top.keep, depth: -1 };
      const key = top.key ?? '';
      const child = Object.hasOwn(top.keep, key) ? top.keep[key] : top.keep['*'];
      return child === undefined ? null : { keep: child, depth: -1 };
    }
    if (top.depth === path.length) return top.isList ? { keep, depth: -1 } : null;
    const step = path[top.depth];
    if (!top.isList && top.depth === path.length - 1 && this.#wanted.beside?.includes(top.key ?? '')) {
      return { keep: true, depth: -1 };
    }
    return step === (top.isList ? '*' : top.key) ? { keep: null, depth: top.depth + 1 } : null;
  }

  #open(isList: boolean, { keep, depth }: { keep: Keep | null; depth: number }): void {
    if (this.#stack.length >= DEEPEST) {
      throw new EvidenceError('too_deep', `the JSON document is nested deeper than ${DEEPEST}`, {
        line: this.count + 1,
      });
    }
    if (keep === null && isList && depth === this.#wanted.path.length) {
      this.found = true;
      this.lists += 1;
    }
    if (keep === null && !isList && depth === this.#wanted.path.length - 1) this.holders += 1;
    const node = keep === null ? null : isList ? [] : (Object.create(null) as JsonObject);
    this.#stack.push({ isList, node, keep, depth, key: null });
    this.#state = isList ? 'value_or_close' : 'key_or_close';
  }

  #close(): void {
    const frame = this.#stack.pop();
    if (frame === undefined) this.#malformed();
    else this.#ended(frame.node ?? undefined);
  }

  /** A value has ended: `undefined` where it was not kept. */
  #ended(value: Json | undefined): void {
    const top = this.#stack.at(-1);
    this.#state = top === undefined ? 'end' : 'next';
    if (top === undefined || value === undefined) return;
    if (top.node === null && !top.isList) {
      this.#wanted.told?.(top.key ?? '', value);
      this.#startAnew();
      return;
    }
    if (top.node === null) {
      this.count += 1;
      this.#wanted.each(value, this.count, this.#isCut);
      this.#startAnew();
      return;
    }
    this.#values += 1;
    if (Array.isArray(top.node)) top.node.push(value);
    else if (top.key !== null) top.node[top.key] = value;
  }

  /** What comes next counts by itself against the bounds. */
  #startAnew(): void {
    this.#values = 0;
    this.#characters = 0;
    this.#isCut = false;
  }

  /** Passes over a value with all that is in it. */
  #pass(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#isSkippedString = true;
        return at + 1;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#skipDepth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#skipDepth -= 1;
        if (this.#skipDepth > 0) continue;
        this.#ended(undefined);
        return at + 1;
      }
    }
    return bytes.length;
  }

  /** Goes to the end of a text, or of the piece. */
  #inString(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const quote = bytes.indexOf(QUOTE, at);
      const stop = quote === -1 ? bytes.length : quote;
      const isEscaped = this.#endsEscaped(bytes, at, stop);
      this.#isEscaped = isEscaped;
      if (quote === -1) break;
      at = quote + 1;
      if (isEscaped) {
        this.#isEscaped = false;
        continue;
      }
      if (this.#isSkippedString) this.#isSkippedString = false;
      else {
        this.#take(bytes, from, quote, this.#longest());
        this.#endString();
      }
      return at;
    }
    if (!this.#isSkippedString) this.#take(bytes, from, bytes.length, this.#longest());
    return bytes.length;
  }

  #longest(): number {
    return this.#text === 'key' ? LONGEST_KEY : LONGEST_STRING;
  }

  /** Whether the byte at `stop` is escaped: an odd number of backslashes stands before it. */
  #endsEscaped(bytes: Buffer, from: number, stop: number): boolean {
    let at = stop;
    while (at > from && bytes[at - 1] === BACKSLASH) at -= 1;
    const isOdd = (stop - at) % 2 === 1;
    return at === from && this.#isEscaped ? !isOdd : isOdd;
  }

  #take(bytes: Buffer, from: number, to: number, longest: number): void {
    if (this.#text === 'none' || from === to) return;
    this.#heldLength += to - from;
    if (this.#heldLength > longest) {
      this.#held = [];
      return;
    }
    // The piece may be used again by whoever gave it.
    this.#held.push(Buffer.from(bytes.subarray(from, to)));
  }

  /** What was taken; null where it was too long. */
  #taken(longest: number): string | null {
    const isWhole = this.#heldLength <= longest;
    const text = isWhole ? Buffer.concat(this.#held).toString('utf8') : null;
    this.#held = [];
    this.#heldLength = 0;
    return text;
  }

  #endString(): void {
    const kind = this.#text;
    if (kind === 'none') {
      this.#ended(undefined);
      return;
    }
    const raw = this.#taken(this.#longest());
    const text = raw === null ? null : this.#unescaped(raw);
    if (kind === 'key') {
      const top = this.#stack.at(-1);
      if (top !== undefined) top.key = text;
      this.#state = 'colon';
      return;
    }
    this.#characters += text?.length ?? 0;
    const isKept = text !== null && this.#characters <= LARGEST_RECORD;
    if (!isKept) this.#isCut = true;
    this.#ended(isKept ? text : undefined);
  }

  #unescaped(raw: string): string {
    if (!raw.includes('\\')) return raw;
    try {
      return String(JSON.parse(`"${raw.replace(/[\n\r\t]/g, ' ')}"`));
    } catch (error) {
      if (error instanceof SyntaxError) return this.#malformed();
      throw error;
    }
  }

  #inLiteral(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (byte <= 32 || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        this.#take(bytes, from, at, LONGEST_LITERAL);
        this.#endLiteral();
        return at;
      }
      at += 1;
    }
    this.#take(bytes, from, at, LONGEST_LITERAL);
    return at;
  }

  #endLiteral(): void {
    if (this.#text === 'none') {
      this.#ended(undefined);
      return;
    }
    const raw = this.#taken(LONGEST_LITERAL);
    if (raw === 'true' || raw === 'false') {
      this.#ended(raw === 'true');
      return;
    }
    if (raw === 'null') {
      this.#ended(null);
      return;
    }
    if (raw === null || !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(raw)) {
      this.#malformed();
      return;
    }
    this.#ended(Number(raw));
  }

  #malformed(): never {
    throw new EvidenceError('malformed', `this is no JSON, in or after record ${this.count}`, {
      line: this.count + 1,
    });
  }
}
