import { StringDecoder } from 'node:string_decoder';
import { EvidenceError } from './error.ts';

/** A record that is longer has lost a quote. */
const LONGEST_RECORD = 1024 * 1024;
const MOST_COLUMNS = 1024;

const NEWLINE = 10;
const RETURN = 13;

export interface CsvSink {
  /** `line`: where the record begins, from 1. */
  record(values: readonly string[], line: number): void;
}

/**
 * Reads CSV (RFC 4180) as it comes: quotes, doubled quotes, fields of several lines, `\n`, `\r\n` and `\r`. A quote within a field
 * that does not begin with one is a character. One record is held at a time; a longer one than `LONGEST_RECORD` characters is
 * `malformed`, with the line of the quote that is never closed.
 */
export class Csv {
  readonly #sink: CsvSink;
  readonly #choose: (head: string) => string;
  #delimiter: string | null = null;
  #delimiterCode = 0;
  /** The first lines, until they are enough to choose by. */
  #head = '';
  readonly #decoder = new StringDecoder('utf8');
  #values: string[] = [];
  #value = '';
  /** Characters of the record so far. */
  #length = 0;
  #inQuotes = false;
  /** After a quote in a quoted field: its end, or half of a doubled one. */
  #afterQuote = false;
  #isQuoted = false;
  #afterReturn = false;
  #line = 1;
  #beganAt = 1;
  #quoteAt = 1;
  /** Records so far, the heading among them. */
  count = 0;
  /** Lines so far. */
  lines = 0;

  /** @param choose what separates the columns, by the first lines (20, or 64 Ki characters) */
  constructor(sink: CsvSink, choose: (head: string) => string = delimiterOf) {
    this.#choose = choose;
    this.#sink = sink;
  }

  write(chunk: Uint8Array): void {
    this.#text(this.#decoder.write(chunk));
  }

  end(): void {
    this.#text(this.#decoder.end());
    if (this.#delimiter === null) this.#begin();
    if (this.#inQuotes) this.#neverClosed();
    if (this.#length === 0 && this.#values.length === 0) return;
    this.lines = this.#line;
    this.#endRecord();
  }

  #begin(): void {
    const head = this.#head;
    this.#head = '';
    this.#delimiter = this.#choose(headLines(head).join('\n'));
    this.#delimiterCode = this.#delimiter.charCodeAt(0);
    this.#text(head);
  }

  #text(text: string): void {
    if (this.#delimiter === null) {
      this.#head += text;
      if (this.#head.length >= HEAD_LENGTH || headLines(this.#head).length >= HEAD_LINES) this.#begin();
      return;
    }
    let at = 0;
    while (at < text.length) {
      if (this.#inQuotes) at = this.#quoted(text, at);
      else at = this.#plain(text, at);
    }
  }

  #quoted(text: string, from: number): number {
    const quote = text.indexOf('"', from);
    const stop = quote === -1 ? text.length : quote;
    this.#add(text, from, stop);
    for (let at = from; at < stop; at += 1) if (text.charCodeAt(at) === NEWLINE) this.#line += 1;
    if (quote === -1) return stop;
    this.#inQuotes = false;
    this.#afterQuote = true;
    return quote + 1;
  }

  #plain(text: string, from: number): number {
    const first = text[from];
    if (this.#afterQuote && first === '"') {
      this.#add('"', 0, 1);
      this.#afterQuote = false;
      this.#inQuotes = true;
      return from + 1;
    }
    this.#afterQuote = false;
    if (this.#afterReturn && first === '\n') {
      this.#afterReturn = false;
      return from + 1;
    }
    this.#afterReturn = false;
    if (first === '"' && this.#value === '' && !this.#isQuoted) {
      this.#inQuotes = true;
      this.#isQuoted = true;
      this.#quoteAt = this.#line;
      this.#length += 1;
      return from + 1;
    }
    const delimiter = this.#delimiterCode;
    let at = from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === delimiter) {
        this.#add(text, from, at);
        this.#endValue();
        return at + 1;
      }
      if (code === NEWLINE || code === RETURN) {
        this.#add(text, from, at);
        this.lines = this.#line;
        this.#line += 1;
        if (this.#length > 0 || this.#values.length > 0) this.#endRecord();
        this.#beganAt = this.#line;
        this.#afterReturn = code === RETURN;
        return at + 1;
      }
      at += 1;
    }
    this.#add(text, from, at);
    return at;
  }

  #add(text: string, from: number, to: number): void {
    if (from === to) return;
    this.#length += to - from;
    if (this.#length > LONGEST_RECORD) {
      if (this.#isQuoted) this.#neverClosed();
      throw new EvidenceError(
        'malformed',
        `the record in line ${this.#beganAt} is longer than ${LONGEST_RECORD} characters`,
        {
          line: this.#beganAt,
        },
      );
    }
    const piece = text.slice(from, to);
    this.#value = this.#value === '' ? piece : this.#value + piece;
  }

  #endValue(): void {
    this.#length += 1;
    this.#values.push(this.#value);
    this.#value = '';
    this.#isQuoted = false;
    if (this.#values.length >= MOST_COLUMNS) {
      throw new EvidenceError('malformed', `line ${this.#beganAt} has more than ${MOST_COLUMNS} columns`, {
        line: this.#beganAt,
      });
    }
  }

  #endRecord(): void {
    this.#endValue();
    this.#length = 0;
    this.count += 1;
    this.#sink.record(this.#values, this.#beganAt);
    this.#values = [];
  }

  #neverClosed(): never {
    throw new EvidenceError('malformed', `the quote that opens in line ${this.#quoteAt} is never closed`, {
      line: this.#quoteAt,
    });
  }
}

const HEAD_LENGTH = 64 * 1024;
const HEAD_LINES = 20;

/** The first lines, whole ones only but for the last. */
export function headLines(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .slice(0, HEAD_LENGTH)
    .split(/\r?\n|\r/, HEAD_LINES);
}

const delimiters = [',', ';', '\t', '|'] as const;

/** What separates the columns: what stands most often in the heading, outside of quotes. */
export function delimiterOf(head: string): string {
  const bare = (headLines(head)[0] ?? '').replace(/"[^"]*"/g, '');
  let best: string = ',';
  let most = 0;
  for (const delimiter of delimiters) {
    const found = bare.split(delimiter).length - 1;
    if (found > most) [best, most] = [delimiter, found];
  }
  return best;
}

/** The names of a heading, as they are compared: lower case, no quotes, no spaces around. */
export function headingOf(line: string): string[] {
  return line.split(delimiterOf(line)).map((name) => name.trim().replace(/^"|"$/g, '').trim().toLowerCase());
}
