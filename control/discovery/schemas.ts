import { grades, traceKinds } from '@drawbridge/evidence';
import { z } from '@hono/zod-openapi';
import { PageQuerySchema, pageSchema, ReasonSchema } from '../platform/index.ts';
import { grounds } from './identify.ts';
import { candidateStates, decisionActs } from './tables.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out');
const VendorIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'is lower case letters, digits and -, at most 61');
const CandidateKeySchema = line(600).openapi({ example: 'domain:example.com' });

/** Decided in one call. */
export const MOST_DECISIONS = 200;

export const NewRunSchema = z
  .strictObject({
    source: line(200).openapi({
      description: 'What the files are of, the same each time: another run is compared with the one before',
      example: 'Squid, office Berlin',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewEvidenceRun');

export const EndRunSchema = z
  .strictObject({
    whole: z.boolean().openapi({
      description: 'All of the source was handed in: what was not seen again is gone',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('EndEvidenceRun');

export const RunSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    number: z.int(),
    by: z.string(),
    state: z.enum(['running', 'ended']),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    whole: z.boolean().nullable(),
    files: z.int(),
    refused: z.int().openapi({ description: 'Files that could not be read as a whole' }),
    bytes: z.int(),
    sightings: z.int(),
    fresh: z.int().openapi({ description: 'Names that this source did not show before' }),
    gone: z.int().openapi({ description: 'Names that it shows no longer' }),
    changed: z.int().openapi({ description: 'Names that came back, or get fields they did not get before' }),
  })
  .openapi('EvidenceRun');
export type RunView = z.infer<typeof RunSchema>;
export const RunPageSchema = pageSchema(RunSchema);

export const FileSchema = z
  .object({
    name: z.string(),
    format: z.string().nullable(),
    formatName: z.string().nullable(),
    bytes: z.int(),
    lines: z.int(),
    sha256: z.string().openapi({ description: 'Of the file as it was sent, in hexadecimal' }),
    sightings: z.int(),
    unread: z.array(z.object({ line: z.int(), field: z.string().nullable(), why: z.string() })),
    unreadCount: z.int(),
    refused: z.string().nullable().openapi({ description: 'Code of why it was not read; null: it was' }),
    refusedWhy: z.string().nullable(),
    at: z.string(),
  })
  .openapi('EvidenceFile');
export type FileView = z.infer<typeof FileSchema>;
export const FilePageSchema = pageSchema(FileSchema);

export const FileQuerySchema = z.object({
  name: line(400).openapi({ description: 'Its path within the source', example: 'api/package-lock.json' }),
  format: line(40).optional().openapi({ description: 'Where its name and beginning do not tell' }),
  host: line(100).optional().openapi({ description: 'For CSV and JSON lines: the column with the host' }),
  url: line(100).optional(),
  at: line(100).optional(),
  bytesOut: line(100).optional(),
  bytesIn: line(100).optional(),
  address: line(100).optional(),
  payee: line(100).optional(),
});
export type FileQuery = z.infer<typeof FileQuerySchema>;

export const FormatsSchema = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string() })),
});

const DecisionSchema = z.object({
  act: z.enum(decisionActs),
  vendor: z.string().nullable(),
  vendorName: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
});

const PerhapsSchema = z
  .object({
    name: z.string(),
    vendor: z.string().nullable().openapi({ description: 'The vendor of our own facts of that name' }),
    said: z.string().openapi({
      description: 'Whose word it is, with its terms',
      example: 'DuckDuckGo Tracker Radar 2026.10, imported 2026-11-22, CC BY-NC-SA 4.0: your use',
    }),
  })
  .nullable()
  .openapi({ description: 'Whom a source that was taken in names, where nothing better is known' });

export const CandidateSchema = z
  .object({
    key: z.string(),
    vendor: z.string().nullable().openapi({ description: 'Whose it is, or may be (see `sure`)' }),
    name: z.string(),
    sure: z.boolean().openapi({ description: 'Evidence names the vendor; else it is suggested, or unknown' }),
    perhaps: PerhapsSchema,
    registered: z.boolean().openapi({ description: 'The vendor is in the register, or connected' }),
    grade: z.enum(grades),
    confidence: z
      .number()
      .openapi({ description: 'From 0 to 1: how sure its kinds of evidence make its use' }),
    kinds: z.array(z.enum(traceKinds)),
    sources: z.int(),
    sightings: z.int(),
    gone: z.boolean().openapi({ description: 'None of its sources shows it any longer' }),
    first: z.string().nullable(),
    last: z.string().nullable(),
    since: z.string().openapi({ description: 'When evidence of it first came in' }),
    state: z.enum(candidateStates),
    decision: DecisionSchema.nullable(),
  })
  .openapi('Candidate');
export type CandidateView = z.infer<typeof CandidateSchema>;
export const CandidatePageSchema = pageSchema(CandidateSchema);

export const CandidateQuerySchema = PageQuerySchema.extend({
  state: z.enum([...candidateStates, 'all']).default('open'),
  known: z
    .enum(['unregistered', 'registered', 'all'])
    .default('unregistered')
    .openapi({ description: 'Whether vendors that are in the register are told, too' }),
  grade: z.enum(grades).default('capable').openapi({ description: 'The weakest grade that is told' }),
  kind: z.enum(traceKinds).optional(),
  q: z.string().trim().max(100).optional().openapi({ description: 'Part of the name' }),
  gone: z.enum(['true', 'false']).default('false'),
  fresh: z
    .enum(['week'])
    .optional()
    .openapi({ description: 'Only those of which evidence first came in within seven days' }),
});
export type CandidateQuery = z.infer<typeof CandidateQuerySchema>;

export const SightingSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    file: z.string(),
    lines: z.array(z.int()).openapi({ description: 'The first places in the file, from 1' }),
    kind: z.enum(traceKinds),
    value: z.string(),
    grade: z.enum(grades),
    detail: z.record(z.string(), z.string()),
    count: z.int(),
    first: z.string().nullable(),
    last: z.string().nullable(),
    bytesOut: z.int(),
    bytesIn: z.int(),
    addresses: z.array(z.string()),
    fields: z.array(z.string()).openapi({ description: 'Names of fields that were sent, never values' }),
    vendor: z.string().nullable(),
    by: z.enum(grounds).nullable(),
    sure: z.boolean(),
    perhaps: PerhapsSchema,
    service: z.string().nullable(),
    region: z.string().nullable(),
    run: z.int().openapi({ description: 'The last run of its source that showed it' }),
    runId: z.string(),
    gone: z.boolean(),
  })
  .openapi('EvidenceTrace');
export type SightingView = z.infer<typeof SightingSchema>;
export const SightingPageSchema = pageSchema(SightingSchema);
export const SightingQuerySchema = PageQuerySchema.extend({
  candidate: CandidateKeySchema.optional(),
  vendor: VendorIdSchema.optional(),
  run: z.string().max(60).optional(),
  file: line(400).optional().openapi({ description: 'Its path within the source, as it was handed in' }),
  what: z.enum(['all', 'fresh', 'gone', 'changed']).default('all').openapi({ description: 'With `run`' }),
});
export type SightingQuery = z.infer<typeof SightingQuerySchema>;

export const DecideSchema = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          candidate: CandidateKeySchema,
          act: z.enum([...decisionActs, 'reopen']),
          vendor: VendorIdSchema.optional().openapi({ description: 'With `confirm`: whose it is' }),
          name: line(200).optional().openapi({ description: 'Of a vendor that is new' }),
        }),
      )
      .min(1)
      .max(MOST_DECISIONS),
    reason: ReasonSchema.optional(),
  })
  .openapi('DiscoveryDecisions');
export type Decide = z.infer<typeof DecideSchema>;
export const DecidedSchema = z.object({ items: z.array(CandidateSchema) });

export const SummarySchema = z
  .object({
    open: z
      .int()
      .openapi({ description: 'Candidates that nobody decided about, of vendors that are not registered' }),
    week: z.int().openapi({ description: 'Of them: first seen within seven days' }),
    sources: z.int(),
    lastRun: z.string().nullable(),
  })
  .openapi('DiscoverySummary');
export type Summary = z.infer<typeof SummarySchema>;
