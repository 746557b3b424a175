import { isUtf8 } from 'node:buffer';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { EnvelopeError } from '@drawbridge/envelope';
import {
  dataKeyContext,
  decodeShipment,
  openPayload,
  type SegmentHeader,
  ShipmentError,
} from '@drawbridge/journal';
import {
  decodePayload,
  itemHash,
  LEAF_LIMIT,
  type LogEntry,
  type PayloadItem,
  PayloadItemSchema,
  parseEntry,
  payloadCommitment,
  UnknownVersionError,
} from '@drawbridge/protocol';
import { z } from 'zod';
import { Problem } from '../platform/index.ts';
import { VaultError } from '../vault/index.ts';
import { isLeaf, isPayloadItem, isSettlement } from './well-formed.ts';

/** An entry of a shipment after every check: what is stored. */
export interface CheckedEntry {
  index: number;
  kind: LogEntry['type'];
  crossing: string;
  /** Milliseconds since 1970. */
  at: number;
  /** As shipped, byte for byte. */
  bytes: Buffer;
  /** Exact bytes and their hashes. Empty too when the gateway had deleted the payload before it was shipped. */
  items: readonly { hash: Buffer; bytes: Buffer }[];
}
export interface CheckedShipment {
  origin: string;
  /** Index of the first entry. */
  first: number;
  entries: readonly CheckedEntry[];
}

/** Opens a data key that a gateway sealed to this control plane. Throws VaultError or EnvelopeError. */
export type OpenDataKey = (sealed: SegmentHeader['sealed'], context: Uint8Array) => Promise<Buffer>;

const KEYS_KEPT = 256;

/** Opens data keys, each segment's once: an hour of shipments has one. */
export class DataKeys {
  readonly #open: OpenDataKey;
  readonly #opened = new Map<string, KeyObject>();
  constructor(open: OpenDataKey) {
    this.#open = open;
  }

  /** Throws a Problem when the key was sealed to another control plane. */
  async of(header: SegmentHeader): Promise<KeyObject> {
    const name = JSON.stringify([header.origin, header.segment, header.sealed]);
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const key = secretKey(await this.#openFirst(header));
    const oldest = this.#opened.keys().next();
    if (this.#opened.size >= KEYS_KEPT && !oldest.done) this.#opened.delete(oldest.value);
    this.#opened.set(name, key);
    return key;
  }

  async #openFirst(header: SegmentHeader): Promise<Buffer> {
    try {
      return await this.#open(header.sealed, dataKeyContext(header.origin, header.segment));
    } catch (error) {
      const unreadable =
        error instanceof EnvelopeError || (error instanceof VaultError && error.code === 'unreadable');
      if (!unreadable) throw error;
      throw new Problem(
        422,
        'journal_key_unreadable',
        `The data key of segment ${header.segment} can't be opened here: it was sealed to another control plane, or changed.`,
      );
    }
  }
}

function secretKey(bytes: Buffer): KeyObject {
  if (bytes.length === 32) return createSecretKey(bytes);
  throw new Problem(422, 'journal_key_unreadable', `A data key has 32 bytes; this one has ${bytes.length}.`);
}

/** So that one large shipment does not keep others waiting. */
const ENTRIES_BETWEEN_PAUSES = 500;
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Reads a shipment and checks all of it: frames, versions, forms, times, and that each leaf's commitment is that of
 * its items. Throws a Problem that names the byte or the entry; then nothing of the shipment is to be used.
 * `now`: milliseconds since 1970.
 */
export async function checkShipment(body: Buffer, keys: DataKeys, now: number): Promise<CheckedShipment> {
  const { header, entries } = decode(body);
  const checked: CheckedEntry[] = [];
  let dataKey: KeyObject | undefined;
  for (const [at, { index, entry: bytes, payload, payloadDeleted }] of entries.entries()) {
    const entry = checkEntry(index, bytes, now);
    let items: CheckedEntry['items'] = [];
    if (payload !== null) {
      dataKey ??= await keys.of(header);
      items = checkItems(index, entry, open(dataKey, header.origin, index, payload));
    } else if (entry.type === 'crossing' && !payloadDeleted) {
      checkCommitment(index, entry, []);
    }
    const crossing = entry.type === 'crossing' ? entry.id : entry.crossing;
    checked.push({ index, kind: entry.type, crossing, at: entry.at, bytes, items });
    if (at % ENTRIES_BETWEEN_PAUSES === ENTRIES_BETWEEN_PAUSES - 1) await nextTurn();
  }
  const first = checked[0]?.index;
  if (first === undefined) {
    throw new Problem(400, 'journal_malformed', 'The shipment holds no entry. Ship again when there is one.');
  }
  return { origin: header.origin, first, entries: checked };
}

function decode(body: Buffer): ReturnType<typeof decodeShipment> {
  try {
    return decodeShipment(body);
  } catch (error) {
    if (!(error instanceof ShipmentError)) throw error;
    const code = error.code === 'unknown_format' ? 'journal_unknown_version' : 'journal_malformed';
    throw new Problem(400, code, `${error.message}. Nothing was stored.`);
  }
}

const malformed = (index: number, what: string): Problem =>
  new Problem(400, 'journal_entry_malformed', `Entry ${index}: ${what}. Nothing of the shipment was stored.`);

const EARLIEST = Date.UTC(2020, 0, 1);
const AHEAD_MS = 24 * 3600_000;
const NUL = '\\u0000';
/** What keyed functions give. */
const KEYED = /^[\w:-]*$/;

function checkEntry(index: number, bytes: Buffer, now: number): LogEntry {
  if (bytes.length > LEAF_LIMIT)
    throw malformed(index, `it has ${bytes.length} bytes; ${LEAF_LIMIT} are allowed`);
  if (!isUtf8(bytes)) throw malformed(index, 'it is not UTF-8');
  const text = bytes.toString('utf8');
  if (text.includes(NUL)) throw malformed(index, 'it has a NUL character');
  const entry = parsed(index, 'it', () => {
    const value: unknown = JSON.parse(text);
    return isLeaf(value) || isSettlement(value) ? value : parseEntry(bytes);
  });
  if (entry.at < EARLIEST || entry.at > now + AHEAD_MS) {
    throw malformed(
      index,
      'its time ("at") is before 2020 or more than a day ahead; set the gateway\'s clock',
    );
  }
  if (entry.type === 'settlement' && entry.status !== null && (entry.status < 100 || entry.status > 999)) {
    throw malformed(index, 'its "status" is no HTTP status');
  }
  return entry;
}

function open(dataKey: KeyObject, origin: string, index: number, payload: Buffer): Buffer[] {
  try {
    return decodePayload(openPayload(dataKey, origin, index, payload));
  } catch (error) {
    if (!(error instanceof EnvelopeError) && !(error instanceof RangeError)) throw error;
    throw new Problem(
      422,
      'journal_payload_unreadable',
      `The payload of entry ${index} can't be opened: ${error.message} Nothing of the shipment was stored.`,
    );
  }
}

function checkItems(index: number, entry: LogEntry, items: readonly Buffer[]): CheckedEntry['items'] {
  if (entry.type !== 'crossing') throw malformed(index, 'a settlement has no payload');
  const hashed = items.map((bytes) => ({ bytes, hash: itemHash(bytes) }));
  checkCommitment(
    index,
    entry,
    hashed.map((item) => item.hash),
  );
  for (const [at, { bytes }] of hashed.entries()) {
    const what = `item ${at} of its payload`;
    if (!isUtf8(bytes)) throw malformed(index, `${what} is not UTF-8`);
    const item = parsed(index, what, () => {
      const value: unknown = JSON.parse(bytes.toString('utf8'));
      return isPayloadItem(value) ? value : PayloadItemSchema.parse(value);
    });
    if (!keyedTexts(item).every((text) => KEYED.test(text))) {
      throw malformed(index, `${what} has a pseudonym or hash that is not url-safe text`);
    }
  }
  return hashed;
}

const keyedTexts = (item: PayloadItem): string[] => [
  ...(item.s === null ? [] : [item.s]),
  ...item.l,
  ...item.r.map((sighting) => sighting.h),
];

function checkCommitment(
  index: number,
  leaf: LogEntry & { type: 'crossing' },
  hashes: readonly Buffer[],
): void {
  if (hashes.length === leaf.items && payloadCommitment(hashes) === leaf.payload) return;
  throw new Problem(
    422,
    'journal_commitment_wrong',
    `Entry ${index}: the leaf commits to another payload than the one shipped. Nothing of the shipment was stored.`,
  );
}

/** Says what is wrong by place and kind, never by value. */
function parsed<T>(index: number, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UnknownVersionError) {
      throw new Problem(400, 'journal_unknown_version', `Entry ${index}: ${error.message}`);
    }
    if (error instanceof SyntaxError) throw malformed(index, `${what} is not JSON`);
    if (error instanceof z.ZodError) {
      const issue = error.issues[0];
      const field = issue?.path.map(String).join('.') ?? '';
      throw malformed(
        index,
        `${what} is not of the documented form at "${field}": ${issue?.code ?? 'invalid'}`,
      );
    }
    throw error;
  }
}
