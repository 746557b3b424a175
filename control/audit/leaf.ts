import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ChangeTable, canonicalJson } from '../platform/index.ts';

/** A change as its row has it; `detail` as JSON gives it. */
export type StoredChange = Omit<ChangeTable, 'detail'> & { detail: unknown };

/** Whose ids are made by us, or name a company, a setting, a program: never a person. Ids of other kinds stay out. */
const OURS = new Set([
  'app',
  'connection',
  'deployment',
  'erasure',
  'gateway',
  'hold',
  'key',
  'pack',
  'setting',
  'snapshot',
  'vault',
  'vendor',
]);

const LeafSchema = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  at: z.string(),
  act: z.string(),
  subject: z.strictObject({ kind: z.string(), id: z.string().optional() }),
  commit: z.string(),
});

/** An entry of the log: no personal data and no secret. `commit`: SHA-256 of salt and payload, in base64. */
export type ChangeLeaf = z.infer<typeof LeafSchema>;

/** All that a change says, as the text that its entry commits to. */
export function payloadOf(change: StoredChange): string {
  const { id, at, actor, reason, act, detail } = change;
  const subject = { kind: change.subject_kind, id: change.subject_id };
  return canonicalJson({ v: 1, id, at: at.toISOString(), actor, reason, act, subject, detail });
}

/** The bytes of a change's entry: the same, whenever they are made. */
export function leafOf(change: StoredChange): Buffer {
  const { id, at, act, subject_kind: kind, subject_id, salt } = change;
  const leaf: ChangeLeaf = {
    v: 1,
    id,
    at: at.toISOString(),
    act,
    subject: OURS.has(kind) ? { kind, id: subject_id } : { kind },
    commit: createHash('sha256').update(salt).update(payloadOf(change)).digest('base64'),
  };
  return Buffer.from(canonicalJson(leaf));
}

/** Null: this is no entry of a change. */
export function readLeaf(entry: Uint8Array): ChangeLeaf | null {
  try {
    return LeafSchema.parse(JSON.parse(Buffer.from(entry).toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
