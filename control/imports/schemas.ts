import { z } from '@hono/zod-openapi';
import { PageQuerySchema, pageSchema } from '../platform/index.ts';
import { answers, purposeBases } from './entry.ts';
import { importKindNames } from './kinds.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out');

const many = importKindNames.filter((kind) => kind !== 'caiq').join('|');
export const SourceIdSchema = z
  .string()
  .regex(new RegExp(`^(?:${many}|caiq:[a-z0-9][a-z0-9-]{0,60})$`), {
    error: `is one of ${many.replaceAll('|', ', ')}, or caiq: with the id of the vendor that answered`,
  })
  .openapi({ example: 'tracker_radar' });

export const ImportQuerySchema = z.object({
  version: line(60).optional().openapi({ description: 'Where the file does not say it', example: '2026.10' }),
  asOf: z.iso.date().optional().openapi({ description: 'The day it is of, where the file does not say it' }),
  file: line(200).openapi({ description: 'What the file is called, or its address' }),
  preview: z.enum(['true', 'false']).default('false').openapi({ description: 'Only say what it would do' }),
});
export type ImportQuery = z.infer<typeof ImportQuerySchema>;

export const SourceSchema = z
  .object({
    source: z.string(),
    kind: z.enum(importKindNames),
    name: z.string(),
    licence: z.string().openapi({ description: 'Under which others may use it: yours is on you' }),
    home: z.string(),
    label: z.string().openapi({ description: 'How it is marked wherever it says something' }),
    vendor: z.string().nullable().openapi({ description: 'Whose answers these are' }),
    version: z.string(),
    asOf: z.string(),
    file: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    vendors: z.int(),
    domains: z.int(),
    answers: z.int(),
    left: z.array(z.object({ what: z.string(), count: z.int() })),
    importedAt: z.string(),
    importedBy: z.string(),
  })
  .openapi('VendorImport');
export type SourceView = z.infer<typeof SourceSchema>;
export const SourcePageSchema = pageSchema(SourceSchema);

export const TakenImportSchema = z
  .object({
    import: SourceSchema,
    isNew: z.boolean().openapi({ description: 'False: it is what is there already, and nothing was kept' }),
    counts: z.object({ new: z.int(), changed: z.int(), gone: z.int(), same: z.int() }),
  })
  .openapi('VendorImportTaken');
export type TakenImport = z.infer<typeof TakenImportSchema>;

export const ImportedVendorSchema = z
  .object({
    source: z.string(),
    said: z.string().openapi({ description: 'Whose word it is, with its terms' }),
    asOf: z.string(),
    key: z.string(),
    name: z.string(),
    legalName: z.string().nullable(),
    website: z.string().nullable(),
    country: z.string().nullable(),
    categories: z.array(z.string()),
    domains: z.array(z.string()).openapi({ description: 'The first 200' }),
    pages: z.record(z.string(), z.string()),
    purposes: z.array(z.object({ name: z.string(), basis: z.enum(purposeBases), days: z.int().nullable() })),
    data: z.array(z.string()),
    retentionDays: z.int().nullable(),
  })
  .openapi('ImportedVendor');
export type ImportedVendorView = z.infer<typeof ImportedVendorSchema>;
export const ImportedVendorPageSchema = pageSchema(ImportedVendorSchema);
export const ImportedVendorQuerySchema = PageQuerySchema.extend({
  q: z.string().trim().max(100).optional().openapi({ description: 'Part of the name' }),
});
export type ImportedVendorQuery = z.infer<typeof ImportedVendorQuerySchema>;

export const ImportedAnswerSchema = z
  .object({
    question: z.string(),
    asked: z.string(),
    answer: z.enum(answers),
    owner: z.string(),
    explanation: z.string(),
  })
  .openapi('ImportedAnswer');
export const ImportedAnswerPageSchema = pageSchema(ImportedAnswerSchema);
export type ImportedAnswerView = z.infer<typeof ImportedAnswerSchema>;

export const AboutVendorSchema = z
  .object({
    layer: z.literal('declared'),
    entries: z
      .array(ImportedVendorSchema.extend({ by: z.enum(['domain', 'name']) }))
      .openapi({ description: 'At most 50, with why they are taken to be of this vendor' }),
    answers: z.array(
      z.object({
        import: SourceSchema,
        yes: z.int(),
        no: z.int(),
        notApplicable: z.int(),
      }),
    ),
  })
  .openapi('ImportedAboutVendor');
export type AboutVendor = z.infer<typeof AboutVendorSchema>;
