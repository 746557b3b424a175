import { z } from 'zod';

const Path = z.string().min(1).max(120);

/** Where a request names what the vendor keeps: a path in its document, or `{name}` for a parameter of its path. */
const TakeSchema = z.strictObject({
  id: Path,
  /** Only where another member of the same object is one of these, or is not there. */
  when: z.strictObject({ member: Path, is: z.array(z.string().max(60)).min(1).max(20) }).optional(),
  /** What this request holds, and rests on, becomes a part of what is kept there (a conversation, a thread). */
  adds: z.boolean().optional(),
});

/** Where an answer says under which id the vendor keeps what the request held. */
const GiveSchema = z.strictObject({
  id: Path,
  /** Any event of this type. Left out: an answer that is one JSON document, or the first event of a stream. */
  event: z.string().min(1).max(100).optional(),
});

/**
 * How an endpoint's requests and answers speak of what the vendor keeps, so that tokens of an earlier request can be put
 * back into a later answer. It counts only where a contract makes tokens.
 */
export const HistorySchema = z.strictObject({
  takes: z
    .array(z.union([Path, TakeSchema]))
    .max(80)
    .optional(),
  gives: z
    .array(z.union([Path, GiveSchema]))
    .max(20)
    .optional(),
  /** The vendor keeps it only where this member of the request is true; `default`: what it is where it is left out. */
  kept: z.strictObject({ by: Path, default: z.boolean() }).optional(),
  /** For how long tokens are kept after their last use, in days; 30 if left out. */
  days: z.int().min(1).max(400).optional(),
  /** The answer is lines of JSON or plain text, whatever its content type says of it. */
  content: z.literal('lines').optional(),
});

export type EndpointHistory = z.infer<typeof HistorySchema>;
