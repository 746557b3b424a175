import { z } from 'zod';

/** A request that is kept, as its bytes lie in a journal: a head without personal data, and all else sealed beside it. */

const HeldSchema = z.strictObject({
  v: z.literal(1),
  k: z.literal('held'),
  route: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  bytes: z.int(),
});
/** `how`: what became of it. */
const DoneSchema = z.strictObject({
  v: z.literal(1),
  k: z.literal('done'),
  i: z.int(),
  how: z.string().max(20),
});
/** Written before a request goes out that must not go out twice. */
const SendingSchema = z.strictObject({ v: z.literal(1), k: z.literal('sending'), i: z.int() });

export type HeldHead = z.infer<typeof HeldSchema>;
export type Mark = HeldHead | z.infer<typeof DoneSchema> | z.infer<typeof SendingSchema>;
const MarkSchema = z.discriminatedUnion('k', [HeldSchema, DoneSchema, SendingSchema]);

/** Reads an entry. Throws SyntaxError or ZodError. */
export function readMark(entry: Uint8Array): Mark {
  return MarkSchema.parse(JSON.parse(Buffer.from(entry).toString('utf8')));
}

export function writeMark(mark: Mark): Buffer {
  return Buffer.from(JSON.stringify(mark));
}

const StoredSchema = z.strictObject({
  /** The crossing that the client was told. */
  id: z.uuid(),
  app: z.string(),
  /** As it came, for the records; `request` is how it goes out. */
  method: z.string(),
  endpoint: z.string(),
  contract: z.strictObject({ id: z.string(), version: z.int() }),
  /** SHA-256 of the contract's rules then, base64url: a class that is severed changes them within one version. */
  rules: z.string(),
  /** The key was a person's own. */
  isPersons: z.boolean(),
  /** Its contract was not enforced when it came. */
  isLifted: z.boolean(),
  fields: z.array(z.tuple([z.string(), z.string(), z.int()])),
  /** The leaf as it would have been written then; the items that it commits to lie beside. */
  leaf: z.string(),
  /** Ledger pseudonyms of whom it speaks: what speaks of the same goes out in order. */
  subjects: z.array(z.string()),
  /** Milliseconds since 1970: then it is given up. */
  until: z.int(),
  /** What becomes of it where it may have been sent and the vendor does not remove duplicates. */
  inDoubt: z.enum(['repeat', 'lose']),
  /** It may have been sent before it was kept. */
  wasSent: z.boolean(),
  /** What stands where the credential goes. */
  placeholder: z.string(),
  request: z.strictObject({
    method: z.string(),
    path: z.string(),
    query: z.string(),
    headers: z.array(z.string()),
  }),
});

/** A request as it was minimised when it came, without the credential. */
export interface Stored extends z.infer<typeof StoredSchema> {
  items: Buffer;
  body: Buffer;
}

/** Bytes for a payload: two lengths (u32, little endian), the head as JSON, the items, the body. */
export function encodeStored({ items, body, ...head }: Stored): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(text.length, 0);
  lengths.writeUInt32LE(items.length, 4);
  return Buffer.concat([lengths, text, items, body]);
}

/** Throws RangeError, SyntaxError or ZodError. */
export function decodeStored(payload: Buffer): Stored {
  const headEnd = 8 + payload.readUInt32LE(0);
  const itemsEnd = headEnd + payload.readUInt32LE(4);
  if (itemsEnd > payload.length) throw new RangeError('a kept request ends before its parts do');
  const head = StoredSchema.parse(JSON.parse(payload.toString('utf8', 8, headEnd)));
  return { ...head, items: payload.subarray(headEnd, itemsEnd), body: payload.subarray(itemsEnd) };
}
