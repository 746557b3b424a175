import { createHmac } from 'node:crypto';
import { EnvelopeError, unwrap, wrap } from '@drawbridge/envelope';

/** What is kept of one id: tokens with their originals, and the names of entries that it rests on besides. */
export interface Entry {
  tokens: ReadonlyMap<string, string>;
  of: readonly string[];
}

/** A line of an entry's file that can't be opened: another key, a changed byte, or no line of ours. */
export class HistoryDamaged extends Error {
  readonly code = 'history_damaged';
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HistoryDamaged';
  }
}

const NAME_CHARACTERS = 40;
const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * The keys of what one app has kept at one connection's vendor, in one epoch of that vendor. All of them are made of the
 * gateway's disk key and the vendor's secret: without the disk key nothing can be read, and with the epoch's secret all ends.
 */
export class EntryKeys {
  readonly #seal: Buffer;
  readonly #name: Buffer;
  readonly #owner: string;

  /** `diskKey`, `vendorSecret`: 32 bytes each. */
  constructor(diskKey: Uint8Array, vendorSecret: Uint8Array, connection: string, app: string) {
    const root = createHmac('sha256', hmac(diskKey, 'drawbridge history 1')).update(vendorSecret).digest();
    this.#owner = JSON.stringify([connection, app]);
    this.#seal = hmac(root, `seal\n${this.#owner}`);
    this.#name = hmac(root, `name\n${this.#owner}`);
  }

  /** Under which name an id's entry lies: 40 hexadecimal digits of a keyed hash. */
  nameOf(id: string): string {
    return hmac(this.#name, id).toString('hex').slice(0, NAME_CHARACTERS);
  }

  /** A record of the entry with this name, as a line between line breaks: what is cut short spoils no other. */
  seal(name: string, { tokens, of }: Entry, nonce: Uint8Array): Buffer {
    const text = JSON.stringify({ t: [...tokens], of });
    return Buffer.from(
      `\n${wrap(this.#seal, Buffer.from(text), this.#context(name), nonce).toString('base64')}\n`,
    );
  }

  /** All records of an entry; null: none is whole. Throws HistoryDamaged. */
  open(name: string, bytes: Buffer): Entry | null {
    const lines = bytes.toString('latin1').split('\n');
    // What stands behind the last line break is being written, or was cut short before its crossing went out.
    lines.pop();
    const tokens = new Map<string, string>();
    const of = new Set<string>();
    let isAny = false;
    for (const line of lines) {
      if (line === '') continue;
      const record = this.#record(name, line);
      isAny = true;
      for (const [token, original] of record.tokens) tokens.set(token, original);
      for (const each of record.of) of.add(each);
    }
    return isAny ? { tokens, of: [...of] } : null;
  }

  #record(name: string, line: string): Entry {
    try {
      const opened = unwrap(this.#seal, Buffer.from(line, 'base64'), this.#context(name));
      return entryOf(JSON.parse(opened.toString('utf8')));
    } catch (cause) {
      if (cause instanceof EnvelopeError)
        throw new HistoryDamaged('A record of kept history can not be opened.', cause);
      throw cause;
    }
  }

  #context(name: string): Buffer {
    return Buffer.from(`drawbridge history record 1\n${this.#owner}\n${name}`);
  }
}

/** What was sealed here: its form is ours. */
function entryOf(value: { t: [string, string][]; of: string[] }): Entry {
  return { tokens: new Map(value.t), of: value.of };
}
