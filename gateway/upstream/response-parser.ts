/** What a response is read into. `end` comes once the message is whole. */
export interface ResponseSink {
  /** Final status (never 1xx) and raw header pairs: name, value, name, value. */
  head(status: number, rawHeaders: string[]): void;
  data(chunk: Buffer): void;
  /** `reusable`: how long the connection may lie idle and take another request, milliseconds; 0: not at all. */
  end(reusableMs: number): void;
}

/** A response that is not HTTP/1.1 as RFC 9112 has it, or that could be read in two ways. */
export class ResponseError extends Error {
  readonly code = 'bad_response';
  constructor(what: string) {
    super(`The response is not valid HTTP/1.1: ${what}.`);
    this.name = 'ResponseError';
  }
}

/** Status line and headers, bytes. */
const HEAD_LIMIT = 64 * 1024;
/** A chunk's size line, and the trailers behind the last chunk, bytes. */
const LINE_LIMIT = 4 * 1024;
const TRAILER_LIMIT = 16 * 1024;
/** Interim responses (1xx) before the final one. */
const INTERIM_LIMIT = 8;
const IDLE_MS = 4_000;
/** Given up so much earlier than the server says, so that no request is sent into a connection that it closes. */
const EARLIER_MS = 1_000;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
/** Longer sizes go the long way. 16^7 fits everywhere. */
const PLAIN_DIGITS = 7;
/** By byte: the value of a hexadecimal digit, or -1. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) => {
  return '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase());
});
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const LF = 0x0a;
const CR = 0x0d;
const nothing = Buffer.alloc(0);

/** Where a message is: in its head; in a body of known length, up to the end of the connection, or in chunks. */
type State = 'idle' | 'head' | 'length' | 'close' | 'size' | 'chunk' | 'chunk_end' | 'trailers';

/** What of a header says how the message is framed, and how the connection goes on. */
interface Framing {
  length: number;
  chunked: boolean;
  close: boolean;
  idleMs: number;
}

/**
 * Reads HTTP/1.1 responses (RFC 9112) off one connection, as strictly as a gateway must: what two readers could take
 * for different messages (two lengths, a length beside chunks, bare line feeds, folded lines) is an error, and bytes
 * that nobody asked for end the connection. Bodies are handed on without copying.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  #state: State = 'idle';
  #isHead = false;
  #held: Buffer = nothing;
  #left = 0;
  #trailerBytes = 0;
  #interim = 0;
  #framing: Framing = { length: -1, chunked: false, close: false, idleMs: IDLE_MS };

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Expects the response to a request that was just sent. */
  begin(method: string): void {
    this.#state = 'head';
    this.#isHead = method === 'HEAD';
    this.#interim = 0;
  }

  /** Reads what came. Throws ResponseError; the connection is then of no more use. */
  read(received: Buffer): void {
    let bytes = received;
    if (this.#held.length > 0) {
      bytes = Buffer.concat([this.#held, received]);
      this.#held = nothing;
    }
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (next < 0) {
        this.#held = bytes.subarray(at);
        return;
      }
      at = next;
    }
  }

  /** The server closed its side. Throws ResponseError when something is missing. */
  finish(): void {
    if (this.#state === 'close') this.#end(0);
    else if (this.#state !== 'idle') throw new ResponseError('the connection was closed before its end');
  }

  /** Reads one piece from `at`. Returns where the next begins, or -1 when more must come first. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'idle':
        throw new ResponseError('bytes came that belong to no request');
      case 'head':
        return this.#head(bytes, at);
      case 'length':
      case 'chunk':
        return this.#body(bytes, at);
      case 'close':
        this.#sink.data(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      case 'size':
        return this.#size(bytes, at);
      case 'chunk_end':
        if (bytes.length - at < 2) return -1;
        if (bytes[at] !== CR || bytes[at + 1] !== LF)
          throw new ResponseError('a chunk is longer than it says');
        this.#state = 'size';
        return at + 2;
      case 'trailers':
        return this.#trailers(bytes, at);
    }
  }

  #head(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(HEAD_END, at);
    if (end < 0 || end - at > HEAD_LIMIT) {
      if (bytes.length - at > HEAD_LIMIT) throw new ResponseError('its head is too large');
      // What can't become one need not be waited for.
      if (bytes[at] !== 0x48) throw new ResponseError('it does not begin with HTTP/1.1');
      return -1;
    }
    const lines = bytes.toString('latin1', at, end).split('\r\n');
    const status = STATUS_LINE.exec(lines[0] ?? '');
    if (status === null) throw new ResponseError('its status line can not be read');
    const code = Number(status[2]);
    const headers = headersOf(lines);
    const framing = framingOf(headers, status[1] === '0');
    const next = end + HEAD_END.length;
    if (code < 200) {
      if (code === 101) throw new ResponseError('it switches protocols, which nobody asked for');
      if (++this.#interim > INTERIM_LIMIT) throw new ResponseError('too many interim responses came');
      return next;
    }
    this.#framing = framing;
    const hasBody = !this.#isHead && code !== 204 && code !== 304;
    this.#left = framing.length;
    if (!hasBody || framing.length === 0) this.#state = 'idle';
    else if (framing.chunked) this.#state = 'size';
    else this.#state = framing.length < 0 ? 'close' : 'length';
    this.#sink.head(code, headers);
    if (this.#state === 'idle') this.#end(bytes.length - next);
    return next;
  }

  #body(bytes: Buffer, at: number): number {
    const take = Math.min(this.#left, bytes.length - at);
    const end = at + take;
    this.#left -= take;
    this.#sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left > 0) return end;
    if (this.#state === 'chunk') this.#state = 'chunk_end';
    else this.#end(bytes.length - end);
    return end;
  }

  #size(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LINE_END, at);
    if (end < 0 || end - at > LINE_LIMIT) {
      if (bytes.length - at > LINE_LIMIT) throw new ResponseError('the size of a chunk is too long');
      return -1;
    }
    this.#left = chunkSize(bytes, at, end);
    this.#trailerBytes = 0;
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return end + 2;
  }

  /** Trailers are read to their end and dropped: nobody asked for them. */
  #trailers(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LINE_END, at);
    this.#trailerBytes += end < 0 ? 0 : end - at;
    if (end < 0 ? bytes.length - at > TRAILER_LIMIT : this.#trailerBytes > TRAILER_LIMIT) {
      throw new ResponseError('its trailers are too large');
    }
    if (end < 0) return -1;
    if (end > at) headersOf(['', bytes.toString('latin1', at, end)]);
    else this.#end(bytes.length - end - 2);
    return end + 2;
  }

  /** `surplus`: bytes that came behind the message, which no request asked for. */
  #end(surplus: number): void {
    const { close, idleMs } = this.#framing;
    const isDelimited = this.#state !== 'close';
    this.#state = 'idle';
    this.#sink.end(isDelimited && !close && surplus === 0 ? idleMs : 0);
    if (surplus > 0) throw new ResponseError('bytes came that belong to no request');
  }
}

/** Sizes are short and plain hexadecimal nearly always; extensions behind them are read, and mean nothing. */
function chunkSize(bytes: Buffer, at: number, end: number): number {
  const plain = end - at <= PLAIN_DIGITS ? plainSize(bytes, at, end) : -1;
  if (plain >= 0) return plain;
  const size = CHUNK_SIZE.exec(bytes.toString('latin1', at, end));
  if (size === null) throw new ResponseError('the size of a chunk can not be read');
  return Number.parseInt(size[1] ?? '', 16);
}

/** -1 where it is anything but digits. */
function plainSize(bytes: Buffer, at: number, end: number): number {
  let size = at < end ? 0 : -1;
  for (let index = at; index < end; index++) {
    const digit = HEX_DIGITS[bytes[index] ?? 0] ?? -1;
    if (digit < 0) return -1;
    size = size * 16 + digit;
  }
  return size;
}

/** Names that were checked before: vendors send the same few. Bounded. */
const checkedNames = new Set<string>();
const NAMES = 1000;

/** Raw pairs of the lines behind the first. */
function headersOf(lines: readonly string[]): string[] {
  const headers: string[] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!checkedNames.has(name)) {
      if (!TOKEN.test(name)) throw new ResponseError('a header has no proper name');
      if (checkedNames.size < NAMES) checkedNames.add(name);
    }
    const value = trimmed(line, colon + 1);
    if (NOT_IN_VALUE.test(value)) throw new ResponseError('a header holds a control character');
    headers.push(name, value);
  }
  return headers;
}

/** From `start` on, without spaces and tabs around it: other white space is part of a value (RFC 9110, 5.6.3). */
function trimmed(line: string, start: number): string {
  let from = start;
  let to = line.length;
  while (from < to && isBlank(line.charCodeAt(from))) from++;
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--;
  return line.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function framingOf(headers: readonly string[], isHttp10: boolean): Framing {
  const framing: Framing = { length: -1, chunked: false, close: isHttp10, idleMs: IDLE_MS };
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    switch (name.length) {
      case 10:
        if (!is(name, 'connection') && !is(name, 'keep-alive')) break;
        if (is(name, 'keep-alive')) framing.idleMs = idleOf(value);
        else if (/(?:^|,)\s*close\s*(?:,|$)/i.test(value)) framing.close = true;
        break;
      case 14:
        if (!is(name, 'content-length')) break;
        if (framing.length >= 0) throw new ResponseError('it has two lengths');
        if (!/^\d{1,15}$/.test(value)) throw new ResponseError('its length is not a number');
        framing.length = Number(value);
        break;
      case 17:
        if (!is(name, 'transfer-encoding')) break;
        if (framing.chunked || isHttp10 || !is(value, 'chunked')) {
          throw new ResponseError('its transfer encoding is not "chunked"');
        }
        framing.chunked = true;
        break;
      default:
    }
  }
  if (framing.chunked && framing.length >= 0) throw new ResponseError('it has a length and chunks');
  return framing;
}

/** `lower`: in lower case, of the same length or not. */
function is(text: string, lower: string): boolean {
  return text.length === lower.length && text.toLowerCase() === lower;
}

/** From `Keep-Alive: timeout=5, max=100`. */
function idleOf(value: string): number {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(value)?.[1];
  if (seconds === undefined) return IDLE_MS;
  return Math.max(0, Math.min(IDLE_MS, Number(seconds) * 1000 - EARLIER_MS));
}
