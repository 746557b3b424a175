/** Reads the name out of a TLS greeting (ClientHello, RFC 8446, 4.1.2; server_name, RFC 6066, 3). Nothing is decrypted. */

/** The most of a greeting that is read, in bytes. */
export const LONGEST_GREETING = 16 * 1024;

export type Greeting =
  /** More is needed: so many bytes in all, at least. */
  | { is: 'more'; need: number }
  | { is: 'no_tls' }
  /** It begins as one does, and is none, or is too long. */
  | { is: 'unreadable' }
  /** `name`: as it was written; null: it has none. */
  | { is: 'greeting'; name: string | null };

const RECORD = 5;
const HEAD = 4;
const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const unreadable: Greeting = { is: 'unreadable' };

/** Reads what a client sent first. Work and memory grow with its length, of which at most `LONGEST_GREETING` counts. */
export function readGreeting(bytes: Buffer): Greeting {
  if (bytes.length === 0) return { is: 'more', need: RECORD };
  if (bytes[0] !== HANDSHAKE) return { is: 'no_tls' };
  const fragments: Buffer[] = [];
  let held = 0;
  /** Of the whole message, as soon as its head is there. */
  let whole: number | null = null;
  // A greeting may lie in several records.
  for (let at = 0; ; ) {
    if (bytes.length < at + RECORD) return more(at + RECORD);
    if (bytes[at] !== HANDSHAKE || bytes[at + 1] !== 3) return unreadable;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > LONGEST_GREETING) return unreadable;
    const end = at + RECORD + length;
    if (bytes.length < end) return more(end);
    fragments.push(bytes.subarray(at + RECORD, end));
    held += length;
    at = end;
    if (held < HEAD) continue;
    if (whole === null) {
      // At most four fragments: none is empty.
      const head = Buffer.concat(fragments, held);
      if (head[0] !== CLIENT_HELLO) return unreadable;
      whole = HEAD + head.readUIntBE(1, 3);
      if (whole > LONGEST_GREETING) return unreadable;
    }
    // Put together once: a client may send each byte in a record of its own.
    if (held >= whole) return nameIn(Buffer.concat(fragments, held).subarray(HEAD, whole));
  }
}

function more(need: number): Greeting {
  return need > LONGEST_GREETING ? unreadable : { is: 'more', need };
}

/** A place in bytes that can't be read past their end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  number(size: 1 | 2): number {
    const value = this.#bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }
  take(length: number): Buffer {
    if (length > this.left) throw new RangeError('a length points past the end');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function nameIn(hello: Buffer): Greeting {
  try {
    const reader = new Reader(hello);
    reader.take(2 + 32);
    reader.take(reader.number(1));
    reader.take(reader.number(2));
    reader.take(reader.number(1));
    if (reader.left === 0) return { is: 'greeting', name: null };
    const extensions = new Reader(reader.take(reader.number(2)));
    let found: Greeting = { is: 'greeting', name: null };
    let seen = false;
    while (extensions.left > 0) {
      const type = extensions.number(2);
      const body = extensions.take(extensions.number(2));
      if (type !== SERVER_NAME) continue;
      // Twice: who reads the first and who reads the last would not agree.
      if (seen) return unreadable;
      seen = true;
      found = hostName(body);
    }
    return found;
  } catch (cause) {
    if (cause instanceof RangeError) return unreadable;
    throw cause;
  }
}

function hostName(body: Buffer): Greeting {
  const outer = new Reader(body);
  const list = new Reader(outer.take(outer.number(2)));
  if (outer.left > 0) return unreadable;
  let name: string | null = null;
  while (list.left > 0) {
    const type = list.number(1);
    const text = list.take(list.number(2));
    if (type !== HOST_NAME) continue;
    if (name !== null) return unreadable;
    name = text.toString('latin1');
  }
  return { is: 'greeting', name };
}
