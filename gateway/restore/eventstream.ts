import { crc32 } from 'node:zlib';
import { type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import { Refusal } from '../refusal/index.ts';
import { memberOf } from './channels.ts';
import type { Enveloped } from './documents.ts';
import { type Ends, LARGEST_PIECE } from './pieces.ts';

/**
 * Messages of `application/vnd.amazon.eventstream`: total length, length of the headers, CRC-32 of these eight bytes, headers, payload,
 * CRC-32 of all before (Smithy, "Amazon event stream"). Numbers are big-endian, bytes are characters here.
 */
const PRELUDE = 12;
const CHECKSUM = 4;
const SHORTEST = PRELUDE + CHECKSUM;
const LONGEST_HEADERS = 128 * 1024;
const MOST_HEADERS = 64;
/** Bytes of a header's value by its type: true, false, 1, 2, 4 and 8 byte numbers, bytes and a string with a length before them, a time, a UUID. */
const WIDTHS: readonly (number | null)[] = [0, 0, 1, 2, 4, 8, null, null, 8, 16];
const STRING = 7;

const broken = (what: string): Refusal =>
  new Refusal('restore_failed', 'restore', `The vendor's stream ${what}, so it was cut off.`);

/** Finds where messages end. Throws Refusal `restore_failed` for one that is too long, or whose beginning is broken. */
export class MessageEnds implements Ends {
  /** The beginning of a message, as long as its length is not known. */
  #prelude = '';
  /** Bytes of the message that are still to come. */
  #missing = 0;

  in(text: string): number[] {
    const ends: number[] = [];
    let at = 0;
    while (at < text.length) {
      if (this.#missing === 0) {
        const part = text.slice(at, at + PRELUDE - this.#prelude.length);
        this.#prelude += part;
        at += part.length;
        if (this.#prelude.length < PRELUDE) break;
        this.#missing = lengthIn(this.#prelude) - PRELUDE;
        this.#prelude = '';
      }
      const step = Math.min(this.#missing, text.length - at);
      at += step;
      this.#missing -= step;
      if (this.#missing === 0) ends.push(at);
    }
    return ends;
  }
}

function lengthIn(text: string): number {
  const prelude = Buffer.from(text, 'latin1');
  if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8))
    throw broken('has a message with a wrong checksum');
  const length = prelude.readUInt32BE(0);
  const headers = prelude.readUInt32BE(4);
  if (length > LARGEST_PIECE) throw broken(`has a message of more than ${LARGEST_PIECE} bytes`);
  if (headers > LONGEST_HEADERS || length < SHORTEST + headers)
    throw broken('has a message whose lengths are wrong');
  return length;
}

/** A message whose payload is a document, or holds one: `{"bytes": base64 of a document}`. */
export class Message implements Enveloped {
  readonly data: string;
  readonly type: string;
  /** As they are written. */
  readonly #headers: Buffer;
  /** What stands around the base64 of the document in the payload; null: the payload is the document. */
  readonly #around: { before: string; after: string } | null;

  /** `strings`: what goes on instead of a JSON text beside the document. */
  constructor(message: string, strings: (before: string, after: string) => [string, string]) {
    const bytes = Buffer.from(message, 'latin1');
    const end = bytes.length - CHECKSUM;
    if (bytes.length < SHORTEST || bytes.length !== lengthIn(message.slice(0, PRELUDE)))
      throw broken('ends within a message');
    if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end))
      throw broken('has a message with a wrong checksum');
    const payloadAt = PRELUDE + bytes.readUInt32BE(4);
    this.#headers = bytes.subarray(PRELUDE, payloadAt);
    const { event, exception } = namesIn(this.#headers);
    this.type = event ?? exception ?? '';
    const payload = message.slice(payloadAt, end);
    const inner = this.type === 'chunk' ? bytesIn(payload) : null;
    if (inner === null) {
      this.#around = null;
      this.data = payload;
    } else {
      const [before, after] = strings(payload.slice(0, inner.start), payload.slice(inner.end));
      this.#around = { before, after };
      this.data = Buffer.from(inner.base64, 'base64').toString('latin1');
    }
  }

  /** A message with the same headers, and with its own lengths and checksums. */
  write(data: string): string {
    const around = this.#around;
    const payload =
      around === null ? data : around.before + Buffer.from(data, 'latin1').toString('base64') + around.after;
    const headers = this.#headers;
    const message = Buffer.alloc(SHORTEST + headers.length + payload.length);
    message.writeUInt32BE(message.length, 0);
    message.writeUInt32BE(headers.length, 4);
    message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
    headers.copy(message, PRELUDE);
    message.write(payload, PRELUDE + headers.length, 'latin1');
    const end = message.length - CHECKSUM;
    message.writeUInt32BE(crc32(message.subarray(0, end)), end);
    return message.toString('latin1');
  }
}

/** What kind of event or exception a message is, by its headers. Throws Refusal where they can't be read. */
function namesIn(headers: Buffer): { event: string | null; exception: string | null } {
  let [event, exception]: (string | null)[] = [null, null];
  let at = 0;
  for (let count = 0; at < headers.length; count++) {
    const nameEnd = at + 1 + (headers[at] ?? 0);
    const width = WIDTHS[headers[nameEnd] ?? WIDTHS.length];
    let from = nameEnd + 1;
    let length = width ?? 0;
    if (width === null && from + 2 <= headers.length) {
      length = headers.readUInt16BE(from);
      from += 2;
    }
    if (width === undefined || from + length > headers.length || count >= MOST_HEADERS)
      throw broken('has a message whose headers can not be read');
    if (headers[nameEnd] === STRING) {
      const name = headers.toString('latin1', at + 1, nameEnd);
      if (name === ':event-type') event = headers.toString('latin1', from, from + length);
      else if (name === ':exception-type') exception = headers.toString('latin1', from, from + length);
    }
    at = from + length;
  }
  return { event: event ?? null, exception: exception ?? null };
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Where the base64 stands in the payload, and it without escapes; null: the payload is no such thing. */
function bytesIn(payload: string): { start: number; end: number; base64: string } | null {
  let node: JsonNode | undefined;
  try {
    node = memberOf(parse(payload, { maxNodes: MOST_HEADERS }).root, 'bytes');
  } catch (cause) {
    throw new Refusal(
      'restore_failed',
      'restore',
      "The vendor's stream has a message that is no JSON, so it was cut off.",
      {
        cause,
      },
    );
  }
  if (node?.kind !== 'string' && node?.kind !== 'escaped') return null;
  const base64 = stringValue(payload, node);
  return BASE64.test(base64) ? { start: node.start + 1, end: node.end - 1, base64 } : null;
}
