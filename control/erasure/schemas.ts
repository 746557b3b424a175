import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';

/** What the routes of erasure and legal hold take and answer. */

export const subjectKinds = ['user', 'email', 'device', 'group'] as const;

export const AskedSubjectSchema = z.strictObject({
  subject: z.string().trim().min(1).max(1000).openapi({
    description:
      'An identifier as apps send it (a user id, an e-mail address, a device id, a group), or a pseudonym of the exposure ledger. It is turned into its pseudonym and never kept',
  }),
  kind: z.enum(subjectKinds).optional().openapi({
    description: '`group`: an organisation. Left out: whichever the ledger knows, people first',
  }),
  only: z.boolean().default(false).openapi({
    description: 'Only this identifier, not those that are linked with it',
  }),
});
export type AskedSubject = z.infer<typeof AskedSubjectSchema>;

export const ErasureAskSchema = AskedSubjectSchema.extend({ reason: ReasonSchema.optional() });
export const HoldAskSchema = AskedSubjectSchema.extend({
  reason: ReasonSchema.optional(),
  until: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Ends by itself then' }),
});
export const ReasonBodySchema = z.strictObject({ reason: ReasonSchema.optional() });

const VendorCopySchema = z.object({
  vendor: z.string(),
  connection: z.object({ id: z.string(), name: z.string() }),
  class: z.string(),
  treatment: z.string(),
  crossings: z.int(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
});

const PersistsSchema = z.object({
  what: z.enum([
    'leaves',
    'vendors',
    'accounts',
    'notices',
    'gateways',
    'backups',
    'outsiders',
    'siems',
    'change_log',
    'database_files',
    'erasures_file',
    'later_items',
  ]),
  text: z.string(),
  /** When it is gone by itself; null: not by itself, or it is not known when. */
  until: z.string().nullable(),
});
export type Persists = z.infer<typeof PersistsSchema>;

const CountsSchema = z.object({
  identifiers: z.int().openapi({ description: 'Pseudonyms that go together' }),
  items: z.int().openapi({ description: 'Payload items of theirs: bytes and salt go, the hash stays' }),
  remainders: z.int().openapi({
    description:
      "Items of others that name one of them: the name and the salt go, the rest stays and is no longer proven by the item's hash",
  }),
  crossings: z.int().openapi({ description: 'Crossings that carried such items; their leaves stay' }),
});
export type Counts = z.infer<typeof CountsSchema>;

export const ReportSchema = z.object({
  counts: CountsSchema,
  vendors: z.array(VendorCopySchema).openapi({ description: 'What crossed: what to ask vendors to delete' }),
  persists: z.array(PersistsSchema),
});
export type Report = z.infer<typeof ReportSchema>;

const PreviewedSubjectSchema = z.object({
  pseudonym: z.string(),
  about: z.enum(['person', 'organisation']),
  kind: z.string().nullable(),
});

export const PreviewSchema = ReportSchema.extend({
  subjects: z.array(PreviewedSubjectSchema).openapi({ description: 'What is erased together' }),
  shared: z.array(PreviewedSubjectSchema).openapi({
    description: 'Seen beside them, and beside others too: stays, unless it is asked for by itself',
  }),
  holds: z.array(z.string()).openapi({ description: 'Legal holds that stand against it' }),
}).openapi('ErasurePreview');
export type Preview = z.infer<typeof PreviewSchema>;

export const ErasureSchema = z
  .object({
    id: z.string(),
    state: z.enum(['held', 'done']),
    askedAt: z.string(),
    doneAt: z.string().nullable(),
    actor: z.string(),
    reason: z.string(),
    holds: z.array(z.string()).openapi({ description: 'Holds that stood against it when it was asked last' }),
    heldNow: z.boolean().openapi({ description: 'Whether one of them still stands' }),
    report: ReportSchema.nullable(),
  })
  .openapi('Erasure');
export type Erasure = z.infer<typeof ErasureSchema>;

export const HoldSchema = z
  .object({
    id: z.string(),
    setAt: z.string(),
    setBy: z.string(),
    reason: z.string(),
    until: z.string().nullable(),
    lifted: z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable(),
    stands: z.boolean(),
    identifiers: z.int().openapi({ description: 'Pseudonyms that it is about; none once it is lifted' }),
    waiting: z.array(z.string()).openapi({ description: 'Erasures that were asked for and refused by it' }),
  })
  .openapi('LegalHold');
export type Hold = z.infer<typeof HoldSchema>;
