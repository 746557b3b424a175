import { hash } from 'node:crypto';
import { z } from 'zod';
import { RecordedHostSchema } from './egress.ts';
import { FieldClassSchema, ShapeSchema, TreatmentNameSchema } from './fields.ts';
import { LeafDrillSchema } from './recovery.ts';
import { UnknownVersionError } from './version.ts';
import {
  type CrossingMode,
  crossingModes,
  type EgressEnd,
  type EgressName,
  egressEnds,
  egressModes,
  egressNames,
  type Stage,
  stages,
} from './vocabulary.ts';

export {
  type CrossingMode,
  crossingModes,
  type EgressEnd,
  type EgressName,
  egressEnds,
  egressNames,
  type Stage,
  stages,
};

/**
 * The crossing, as it goes up: a leaf (no personal data, at most 2 KB, kept for ever) and a payload (items, one per
 * subject, each erasable) before anything is sent; a settlement after.
 */
export const LEAF_LIMIT = 2048;
export const CROSSING_VERSION = 1;

const Id = z.string().min(1).max(60);
const Base64Url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/** Field class, treatment, count. */
const FieldsSchema = z.array(z.tuple([FieldClassSchema, TreatmentNameSchema, z.int().min(1)])).max(40);

export const LEAF_NETWORK = /^[0-9a-f.:]{2,39}\/(?:24|48|128)$/;

export const LeafSchema = z.strictObject({
  v: z.literal(CROSSING_VERSION),
  type: z.literal('crossing'),
  /** UUID version 7. */
  id: z.uuid(),
  /** Milliseconds since 1970, by the gateway's clock. */
  at: z.int(),
  gateway: Id,
  vendor: Id,
  service: Id,
  connection: Id,
  app: Id,
  key: Id,
  /** Endpoint id and class of the pack. */
  endpoint: Id,
  class: z.string().max(40),
  method: z.string().max(10),
  decision: z.enum(['forwarded', 'refused']),
  /** A reason code of the catalogue when refused, else null. Never free text. */
  reason: z.string().max(60).nullable(),
  /** The stage that refused. */
  stage: z.enum(stages).nullable(),
  contract: z.strictObject({ id: Id, version: z.int() }),
  /** Hash of the policy set that decided; null: no policies. */
  policy: z.string().max(64).nullable(),
  /** Names of the policies that refused, or would have in this mode; at most eight. Absent: none did. */
  decided_by: z.array(z.string().max(60)).max(8).optional(),
  snapshot: z.int(),
  /** Field class, treatment, count. At most 40; the rest is folded into the last one of class `event.unmapped`. */
  fields: FieldsSchema,
  /** Which version of the connection's credential it went with. Absent: the connection had only one. */
  credential: z.int().min(1).optional(),
  /**
   * The model asked for, as the vendor's pack or the key's own list writes it (`gpt-4o*`); absent: none, or one that
   * neither has. What an app makes up stands in no leaf.
   */
  model: z.string().min(1).max(60).optional(),
  /** The /24 or /48 that a workload called from; absent for keys that persons hold, whose networks say where they are. */
  network: z.string().regex(LEAF_NETWORK).optional(),
  /** Absent: `enforce`. `fields` says what was done in this mode. */
  mode: z.enum(crossingModes).optional(),
  /** With mode `break_glass`: which one. */
  break_glass: Id.optional(),
  /**
   * Secrets that Drawbridge keeps and that were found in the request: `credential:…`, `virtual_key:…`, `canary:…`, each with its
   * id. Absent: none was, or it was not looked through.
   */
  kept: z.array(Id).min(1).max(8).optional(),
  /** Texts in the form of a token that the request came with, and that stand for nothing. Absent: none. */
  imitated: z.int().min(1).optional(),
  /**
   * Where the mode is not `enforce`: what contract and policies would have done under it. `fields`: only what would
   * have been treated in another way than it was. `reason`: the code with which the crossing would have been refused.
   */
  would: z.strictObject({ fields: FieldsSchema, reason: z.string().max(60).nullable() }).optional(),
  /**
   * It went through the egress proxy, and not over a connection: `connection`, `service` and the contract's id are
   * `@egress`; `vendor` is that of the host, `@unknown` where none is known. `would`: why `enforce` would have refused
   * it. What was sent stands in the settlement. Absent: it went over a connection.
   */
  egress: z
    .strictObject({
      host: RecordedHostSchema,
      port: z.int().min(1).max(65_535),
      mode: z.enum(egressModes),
      would: z.string().max(60).nullable(),
    })
    .optional(),
  /**
   * It is one try of a request that came over a route. `try`: 1 is the first that was made. `first`: the crossing of that
   * one. Absent: it came over a connection's own prefix.
   */
  route: z.strictObject({ id: Id, try: z.int().min(1).max(100), first: z.uuid().optional() }).optional(),
  /** A recovery drill refused it or sent it another way. Absent: none did. */
  drill: LeafDrillSchema.optional(),
  /** Body bytes as the app sent them and as the vendor gets them. */
  bytes: z.strictObject({ received: z.int().min(0), sent: z.int().min(0) }),
  /** 16 random bytes: two equal crossings have different leaves. */
  nonce: Base64Url.min(22),
  /** `payloadCommitment` of the item hashes. */
  payload: Base64Url,
  items: z.int().min(0),
});
export type Leaf = z.infer<typeof LeafSchema>;

/**
 * `cut_off`: the gateway ended it, as its key may not be used any more, its vendor was severed, or its answer could not be
 * restored.
 */
export const outcomes = [
  'answered',
  'connect_failed',
  'upstream_failed',
  'timed_out',
  'client_gone',
  'not_sent',
  'cut_off',
] as const;

export const SettlementSchema = z.strictObject({
  v: z.literal(CROSSING_VERSION),
  type: z.literal('settlement'),
  crossing: z.uuid(),
  at: z.int(),
  outcome: z.enum(outcomes),
  /** The vendor's HTTP status; null if none came. */
  status: z.int().nullable(),
  /** Where it really went: the address and port connected to. */
  remote: z.string().max(80).nullable(),
  bytes: z.strictObject({ response: z.int().min(0) }),
  /** Microseconds per stage, in the order of `stages`. */
  timings: z.array(z.int().min(0)).length(10),
  usage: z.strictObject({ input: z.int(), output: z.int() }).nullable(),
  /** Tokens put back into the answer, and those in it that this request did not issue. Absent: it issued none. */
  tokens: z.strictObject({ restored: z.int().min(0), unknown: z.int().min(0) }).optional(),
  /** Secrets that came back in the answer, by class: a marker stands in their place, or the answer ended. Absent: none. */
  found: z.partialRecord(FieldClassSchema, z.int().min(1)).optional(),
  /**
   * Of the egress proxy: bytes that went out on the wire (`bytes.response`: those that came back), how it ended, and what
   * the TLS greeting named, where that was looked at. Absent: it went over a connection.
   */
  egress: z
    .strictObject({
      sent: z.int().min(0),
      ended: z.enum(egressEnds),
      sni: z.enum(egressNames).optional(),
    })
    .optional(),
  /** Why the gateway ended the answer: a refusal's code. Absent: it did not. */
  reason: z.string().max(60).optional(),
  nonce: Base64Url.min(22),
});
export type Settlement = z.infer<typeof SettlementSchema>;

/** One subject's part of a payload. `f`: path, class, treatment, shape, count. `r`: names for the review queue. */
export const PayloadItemSchema = z.strictObject({
  v: z.literal(CROSSING_VERSION),
  /** Ledger pseudonym, or null where nothing identifies anyone. */
  s: z.string().max(44).nullable(),
  k: z.enum(['user', 'email', 'device', 'group']).nullable(),
  /** Ledger pseudonyms of identifiers found beside it. */
  l: z.array(z.string().max(44)).max(50),
  f: z.array(
    z.tuple([z.string().max(200), FieldClassSchema, TreatmentNameSchema, ShapeSchema, z.int().min(1)]),
  ),
  r: z.array(
    z.strictObject({
      h: z.string().max(44),
      k: z.enum(['property', 'event_name', 'path_segment', 'parameter']),
      s: ShapeSchema,
      n: z.string().max(200).optional(),
    }),
  ),
  /** 16 random bytes of this item alone. */
  salt: Base64Url.min(22),
});
export type PayloadItem = z.infer<typeof PayloadItemSchema>;

const ITEM_DOMAIN = Buffer.from('drawbridge item 1\n');
/** Where what is hashed is put together: hashing runs to its end before anything else does. */
const scratch = Buffer.alloc(16 * 1024);

/** `head` and `parts` in a row, to be used at once. */
function joined(head: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, head.length);
  if (length > scratch.length) return Buffer.concat([head, ...parts], length);
  scratch.set(head);
  let at = head.length;
  for (const part of parts) {
    scratch.set(part, at);
    at += part.length;
  }
  return scratch.subarray(0, length);
}

/** SHA-256 of one item's exact bytes, with its own domain. 32 bytes. */
export function itemHash(item: Uint8Array): Buffer {
  // By way of text: asking for a Buffer costs twice as much.
  return Buffer.from(hash('sha256', joined(ITEM_DOMAIN, [item]), 'binary'), 'latin1');
}

/** What the leaf commits to: the number and the hashes of the items, so that one can be erased and the rest proves. */
export function payloadCommitment(hashes: readonly Uint8Array[]): string {
  const head = Buffer.from(`drawbridge payload 1\n${hashes.length}\n`, 'latin1');
  return hash('sha256', joined(head, hashes), 'base64url');
}

/** Payload bytes: each item preceded by its length (u32, little endian). */
export function encodePayload(items: readonly Uint8Array[]): Buffer {
  const total = items.reduce((sum, item) => sum + 4 + item.length, 0);
  const out = Buffer.allocUnsafe(total);
  let at = 0;
  for (const item of items) {
    at = out.writeUInt32LE(item.length, at);
    out.set(item, at);
    at += item.length;
  }
  return out;
}

/** The items' exact bytes. Throws RangeError when the lengths do not add up. */
export function decodePayload(payload: Uint8Array): Buffer[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const items: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new RangeError('payload ends inside an item length');
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (at + length > bytes.length) throw new RangeError('payload ends inside an item');
    items.push(bytes.subarray(at, at + length));
    at += length;
  }
  return items;
}

export type LogEntry = Leaf | Settlement;

const HeadSchema = z.looseObject({ v: z.unknown(), type: z.string() });

/** Reads a leaf or settlement from its verbatim bytes. Throws UnknownVersionError, SyntaxError or ZodError. */
export function parseEntry(bytes: Uint8Array): LogEntry {
  const value: unknown = JSON.parse(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
  );
  const head = HeadSchema.parse(value);
  if (head.v !== CROSSING_VERSION) {
    throw new UnknownVersionError('journal entry', String(head.v), String(CROSSING_VERSION));
  }
  return head.type === 'settlement' ? SettlementSchema.parse(value) : LeafSchema.parse(value);
}
