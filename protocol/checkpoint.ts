import { z } from 'zod';

/** A log's newest checkpoint, as its gateway sends it up once the entries below it are stored. */

export const CHECKPOINT_POST_LIMIT = 128 * 1024;

/** What keeps a gateway from signing, or its control plane from taking what it signed. */
export const logProblems = [
  /** Tiles, journal and last signed checkpoint do not fit each other. */
  'contradiction',
  /** The journal's first entries are gone and were never signed. */
  'incomplete',
  /** The journal on disk is damaged. */
  'unreadable',
  /** The disk does not take tiles or checkpoint; it is tried again. */
  'unwritable',
  /** The control plane does not take the checkpoint. */
  'refused',
] as const;
export type LogProblem = (typeof logProblems)[number];

export const CheckpointPostSchema = z.looseObject({
  v: z.literal(1),
  /** The log's name: a URL without scheme. */
  origin: z.string().min(1).max(255),
  /** `name+hash+base64` of C2SP signed-note; the name is the origin. */
  verifierKey: z.string().min(1).max(400),
  /** The signed note of a C2SP tlog-checkpoint. */
  note: z
    .string()
    .min(1)
    .max(64 * 1024),
  /** Milliseconds since 1970, by the gateway's clock; null: it was signed before the gateway was started. */
  signedAt: z.int().min(0).nullable().default(null),
});
export type CheckpointPost = z.infer<typeof CheckpointPostSchema>;

/**
 * What is answered. 200: it is taken, and was verified. 202: entries below `verified` are checked; send it again, or a
 * newer one. 409 with the code `journal_gap` and `next`: entries from `next` on are not stored; ship them first.
 */
export const CheckpointAnswerSchema = z.looseObject({ verified: z.int().min(0) });
