import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { EnvelopeError, unwrap, wrap } from '@drawbridge/envelope';
import { type Covers, coversText, type Line, type LineHead } from './line.ts';

/** What is kept of one id: tokens with their originals, and the names of entries that it rests on besides. */
export interface Entry {
  tokens: ReadonlyMap<string, string>;
  of: readonly string[];
}

/** An entry as its records have it. */
export interface OpenedEntry extends Entry {
  /** When the last of it ends, milliseconds since 1970. */
  until: number;
  /** When it ends if it is not written anew: with the last record that has the whole. What is added later does not prolong it. */
  wholeUntil: number;
}

/** An entry as it was found. */
export interface KeptEntry extends OpenedEntry {
  /** How many records it was put together from. */
  records: number;
  /** Which they were. */
  covers: Covers;
}

/** A record that can't be opened: another key, or a changed byte. */
export class HistoryDamaged extends Error {
  readonly code = 'history_damaged';
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HistoryDamaged';
  }
}

const NAME_CHARACTERS = 32;
const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * The keys of what one app has kept at one connection's vendor, in one epoch of that vendor. All of them are made of the
 * gateway's disk key and the vendor's secret: without the disk key nothing can be read, and with the epoch's secret all ends.
 */
export class EntryKeys {
  readonly #seal: KeyObject;
  readonly #name: Buffer;
  readonly #owner: string;

  /** `diskKey`, `vendorSecret`: 32 bytes each. */
  constructor(diskKey: Uint8Array, vendorSecret: Uint8Array, connection: string, app: string) {
    const root = createHmac('sha256', hmac(diskKey, 'drawbridge history 1')).update(vendorSecret).digest();
    this.#owner = JSON.stringify([connection, app]);
    this.#seal = createSecretKey(hmac(root, `seal\n${this.#owner}`));
    this.#name = hmac(root, `name\n${this.#owner}`);
  }

  /** Under which name an id's entry lies: 32 hexadecimal digits of a keyed hash. */
  nameOf(id: string): string {
    return hmac(this.#name, id).toString('hex').slice(0, NAME_CHARACTERS);
  }

  /** A record of the entry with this name. `nonce`: 12 bytes, used once. */
  seal(head: LineHead, { tokens, of }: Entry, nonce: Uint8Array): Line {
    const text = JSON.stringify({ t: [...tokens], of });
    const sealed = wrap(this.#seal, Buffer.from(text), this.#context(head), nonce);
    return { ...head, record: sealed.toString('base64') };
  }

  /** All records of a name together. Throws HistoryDamaged. */
  open(lines: readonly Line[]): OpenedEntry {
    const tokens = new Map<string, string>();
    const of = new Set<string>();
    let [until, wholeUntil] = [0, 0];
    for (const line of lines) {
      const record = this.#record(line);
      for (const [token, original] of record.tokens) tokens.set(token, original);
      for (const each of record.of) of.add(each);
      until = Math.max(until, line.until);
      if (line.isWhole) wholeUntil = Math.max(wholeUntil, line.until);
    }
    return { tokens, of: [...of], until, wholeUntil };
  }

  #record(line: Line): Entry {
    try {
      const opened = unwrap(this.#seal, Buffer.from(line.record, 'base64'), this.#context(line));
      return entryOf(JSON.parse(opened.toString('utf8')));
    } catch (cause) {
      if (cause instanceof EnvelopeError) {
        throw new HistoryDamaged('A record of kept history can not be opened.', cause);
      }
      throw cause;
    }
  }

  #context({ name, until, isWhole, covers }: LineHead): Buffer {
    const of = covers === null ? '' : ` ${coversText(covers)}`;
    return Buffer.from(`drawbridge history record 1\n${this.#owner}\n${name} ${until} ${isWhole}${of}`);
  }
}

/** What was sealed here: its form is ours. */
function entryOf(value: { t: [string, string][]; of: string[] }): Entry {
  return { tokens: new Map(value.t), of: value.of };
}
