import { DetectorIdSchema, FoundClassSchema, MOST_PATTERN } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { formats, LONGEST_IMPORT } from './read.ts';

const NoNul = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character; leave it out');
const Confidence = z.enum(['certain', 'likely', 'possible']);
/** Made where nothing adds words for the API's document. */
const Class = z.string().pipe(FoundClassSchema);
const Example = z.string().min(1).max(2000);

export const PatternIdSchema = z.string().pipe(DetectorIdSchema).openapi({ example: 'employee-number' });
const pattern = {
  name: NoNul(100).openapi({ example: 'Employee number' }),
  class: Class,
  pattern: z.string().min(1).max(MOST_PATTERN).openapi({ description: 'RE2 syntax', example: 'EMP-\\d{6}' }),
  confidence: Confidence,
};
export const PatternAskedSchema = z
  .strictObject({
    ...pattern,
    flags: z.literal('i').optional().openapi({ description: 'In any case' }),
    finds: z
      .array(Example)
      .min(1)
      .max(20)
      .openapi({ description: 'Made-up texts that it must find something in' }),
    passes: z.array(Example).max(20).openapi({ description: 'Made-up texts that it must find nothing in' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('PatternAsked');
export type PatternAsked = Omit<z.infer<typeof PatternAskedSchema>, 'reason'>;

export const PatternSchema = z
  .object({
    id: z.string(),
    ...pattern,
    flags: z.literal('i').nullable(),
    finds: z.array(z.string()),
    passes: z.array(z.string()),
    state: z.enum(['enabled', 'disabled']),
    version: z.number(),
    changedAt: z.string(),
    changedBy: z.string(),
  })
  .openapi('Pattern');
export type PatternView = z.infer<typeof PatternSchema>;
export const PatternVersionSchema = PatternSchema.omit({ state: true }).extend({ reason: z.string() });

export const ShippedDetectorSchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    name: z.string(),
    class: z.string(),
    source: z.string().openapi({ description: 'Where the form is documented' }),
    revoke: z.string().nullable().openapi({ description: 'Where one takes such a secret back' }),
    sure: z.enum(['checksum', 'form', 'context']).openapi({ description: 'What tells it' }),
  })
  .openapi('ShippedDetector');

const ListKind = z.enum(['people', 'words']);
export const ListAskedSchema = z
  .strictObject({
    name: NoNul(54).openapi({ example: 'Projects', description: 'Refusals name it' }),
    kind: ListKind,
    class: Class.optional(),
    reason: ReasonSchema.optional(),
  })
  .refine(({ kind, class: name }) => (kind === 'words') === (name !== undefined), {
    path: ['class'],
    message: 'is said of words, and of people it is not',
  })
  .openapi('KnownListAsked');
export const ListSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: ListKind,
    class: z.string().nullable(),
    entries: z.number(),
    forms: z.number().openapi({ description: 'In how many forms they are found' }),
    madeAt: z.string(),
    madeBy: z.string(),
    importedAt: z.string().nullable(),
    importedBy: z.string().nullable(),
  })
  .openapi('KnownList');
export type ListView = z.infer<typeof ListSchema>;

export const ImportAskedSchema = z
  .strictObject({
    format: z.enum(formats),
    content: z.string().min(1).max(LONGEST_IMPORT),
    preview: z.boolean().default(false).openapi({ description: 'Only say what it would do' }),
    skipRefused: z.boolean().default(false).openapi({ description: 'Take the others in' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('KnownListImport');
export const ImportedSchema = z
  .object({
    entries: z.number(),
    forms: z.number(),
    added: z.number(),
    changed: z.number(),
    gone: z.number().openapi({ description: 'In the list now, and not in this import' }),
    refused: z.number(),
    rows: z
      .array(z.object({ line: z.number(), field: z.string(), message: z.string() }))
      .openapi({ description: 'The first hundred that are refused: line and field' }),
    ignored: z.array(z.string()).openapi({ description: 'Columns that say nothing here' }),
  })
  .openapi('KnownListImported');
export type Imported = z.infer<typeof ImportedSchema>;

export const ShowAskedSchema = z.strictObject({
  find: z.string().trim().min(1).max(300).optional().openapi({
    description: 'A whole name, address, number or term, as it would be found in a text',
  }),
  cursor: z.string().max(500).optional(),
  limit: z.number().int().min(1).max(200).default(50),
  reason: ReasonSchema.optional(),
});
export type ShowAsked = Omit<z.infer<typeof ShowAskedSchema>, 'reason'>;
export const EntryViewSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['person', 'organisation', 'term']),
    name: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    alias: z.string().nullable(),
    employer: z.string().nullable(),
    country: z.string().nullable().openapi({ description: 'ISO 3166-1' }),
    language: z.string().nullable().openapi({ description: 'BCP 47, the primary one' }),
    externalId: z.string().nullable(),
    forms: z.number(),
  })
  .openapi('KnownEntry');
export type EntryView = z.infer<typeof EntryViewSchema>;

export const RegisterAskedSchema = z
  .strictObject({
    label: NoNul(38).openapi({ example: 'Deploy key', description: 'Refusals name it' }),
    owner: NoNul(200).openapi({ description: 'Who is asked when it turns up' }),
    class: Class.refine(
      (name) => name.startsWith('secret.'),
      'is a class of secrets, such as secret.password',
    ),
    value: z.string().min(8).max(1024).openapi({ description: 'Never shown again: a keyed hash is kept' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('RegisterSecret');
export type RegisterAsked = Omit<z.infer<typeof RegisterAskedSchema>, 'reason'>;
export const RegisteredSchema = z
  .object({
    id: z.string(),
    label: z.string(),
    owner: z.string(),
    class: z.string(),
    inScans: z.boolean().openapi({
      description: 'Reports of scans know it: not passwords, nor what was registered before they did',
    }),
    registeredAt: z.string(),
    registeredBy: z.string(),
  })
  .openapi('RegisteredSecret');

export const TryAskedSchema = z.strictObject({ text: z.string().min(1).max(65_536) }).openapi('DetectorTry');
export const TriedSchema = z
  .object({
    findings: z.array(
      z.object({
        class: z.string(),
        start: z.number().openapi({ description: 'UTF-16 units' }),
        end: z.number(),
        confidence: Confidence,
        detector: z.string(),
        why: z.string(),
        known: z.string().nullable(),
      }),
    ),
  })
  .openapi('DetectorTried');
