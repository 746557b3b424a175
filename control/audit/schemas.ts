import { z } from '@hono/zod-openapi';
import { PageQuerySchema } from '../platform/index.ts';

const TroubleSchema = z.object({ code: z.string(), text: z.string(), since: z.string() });

const WitnessSchema = z.object({
  name: z.string(),
  key: z.string().openapi({ description: 'The witness’s verifier key' }),
  url: z.string(),
  private: z.boolean(),
  size: z.number().openapi({ description: 'Entries of the tree that it cosigned last; 0: none yet' }),
  cosignedAt: z.string().nullable().openapi({ description: 'By the witness’s clock' }),
  trouble: TroubleSchema.nullable().openapi({
    description: 'Why it did not cosign when it was asked last. May hold words that the witness sent',
  }),
});

export const RootWitnessesSchema = z.object({
  required: z.number().openapi({ description: 'So many have to cosign a checkpoint before it is published' }),
  witnesses: z.array(WitnessSchema),
});

const RootSchema = RootWitnessesSchema.extend({
  logs: z
    .array(
      z.object({
        origin: z.string(),
        index: z
          .number()
          .nullable()
          .openapi({ description: 'The entry of the newest checkpoint; null: none' }),
        size: z.number(),
        takenAt: z.string().nullable(),
        trouble: TroubleSchema.nullable().openapi({ description: 'Why no newer one is taken in' }),
      }),
    )
    .openapi({ description: 'The logs whose checkpoints it holds' }),
});

export const LogSchema = z
  .object({
    name: z.string().openapi({ description: 'In this API', example: 'control' }),
    origin: z.string().openapi({ description: 'The log’s name for everyone: first line of its checkpoints' }),
    verifierKey: z.string().openapi({ description: 'To be given to those who verify' }),
    size: z.number().openapi({ description: 'Entries that are durable' }),
    waiting: z.number().openapi({ description: 'What is committed and not in the log yet' }),
    isCurrent: z.boolean().openapi({ description: 'False: a later epoch of this log was begun' }),
    checkpoint: z
      .object({ size: z.number(), root: z.string(), signedAt: z.string() })
      .nullable()
      .openapi({ description: 'The last one that was signed; the root in base64' }),
    trouble: TroubleSchema.nullable().openapi({ description: 'What keeps the log from being whole' }),
    root: RootSchema.nullable().openapi({
      description:
        'Of the root log, whose `checkpoint` is the last that was published; null: it is another log',
    }),
  })
  .openapi('Log');
export type LogOverview = z.infer<typeof LogSchema>;

export const ChangeSchema = z
  .object({
    id: z.string(),
    at: z.string(),
    actor: z.string(),
    reason: z.string(),
    act: z.string(),
    subject: z.object({ kind: z.string(), id: z.string() }),
    detail: z.record(z.string(), z.unknown()),
    index: z.number().nullable().openapi({ description: 'In the log; null: it is not in it yet' }),
    epoch: z.number().nullable().openapi({
      description: 'Which of the logs of changes that is in, of those that were begun one after the other',
    }),
  })
  .openapi('Change');
export type ChangeItem = z.infer<typeof ChangeSchema>;

export const ChangeDetailSchema = ChangeSchema.extend({
  log: z.string().openapi({ description: 'The log’s origin' }),
  payload: z.string().openapi({ description: 'The text that the entry commits to' }),
  salt: z.string().openapi({
    description:
      'Base64. SHA-256 of salt and payload is the entry’s `commit`: whoever is shown both can check it',
  }),
  entry: z.string().nullable().openapi({
    description: 'The entry’s bytes as the log has them, in base64; null while they can’t be read',
  }),
  agrees: z.enum(['yes', 'no', 'unknown']).openapi({
    description: 'Whether the log’s entry commits to what the database says now; unknown without an entry',
  }),
  note: z.string().nullable().openapi({ description: 'Why there is no entry, or what does not agree' }),
}).openapi('ChangeDetail');
export type ChangeDetail = z.infer<typeof ChangeDetailSchema>;

export const ChangeQuerySchema = PageQuerySchema.extend({
  act: z.string().min(1).max(80).optional(),
  actor: z.string().min(1).max(200).optional(),
  subject: z.string().min(1).max(300).optional().openapi({
    description: 'A kind, or a kind and an id',
    example: 'connection:0198c2a0-0000-7000-8000-000000000000',
  }),
  since: z.iso.datetime({ offset: true }).optional().openapi({ description: 'From this time on' }),
  until: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Before this time' }),
});
export type ChangeQuery = z.infer<typeof ChangeQuerySchema>;

/** A checkpoint of a log as the root log holds it, and what proves that. */
const HoldSchema = z.object({
  origin: z.string().openapi({ description: 'The root log’s' }),
  verifierKey: z.string(),
  index: z.number().openapi({ description: 'Of the entry in the root log' }),
  entry: z.string().openapi({
    description: 'The entry’s text, byte for byte: the other log’s checkpoint as a signed note',
  }),
  proof: z.string().openapi({ description: 'That the root log has the entry, as c2sp.org/tlog-proof' }),
  required: z
    .number()
    .openapi({ description: 'So many of the witnesses have to have cosigned the proof’s checkpoint' }),
  witnesses: z.array(z.string()).openapi({ description: 'Their verifier keys' }),
});
export type Hold = z.infer<typeof HoldSchema>;

export const ChainSchema = z
  .object({
    entry: z.string().openapi({ description: 'The change’s entry, base64' }),
    log: z
      .object({
        origin: z.string(),
        verifierKey: z.string(),
        proof: z.string().openapi({
          description: 'That the log has the entry, as c2sp.org/tlog-proof; its checkpoint is `root.entry`',
        }),
      })
      .openapi({ description: 'The log of changes' }),
    root: HoldSchema,
  })
  .openapi('ChangeChain');
export type Chain = z.infer<typeof ChainSchema>;
