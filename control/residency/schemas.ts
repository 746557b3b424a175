import { FieldClassSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { PageQuerySchema, pageSchema, ReasonSchema } from '../platform/index.ts';
import { FALLING } from './flows.ts';
import { PLACE } from './place.ts';
import { placeMethods } from './place-of.ts';
import { LONGEST_TABLE } from './ranges-store.ts';
import { placeKinds, verdicts } from './verdict.ts';

export const VendorSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'is no id of a vendor');
const ServiceSchema = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,60}$/, 'is no id of a service');
const CountrySchema = z.string().regex(/^[A-Z]{2}$/, 'is no country of two capital letters');
export const PlaceSchema = z
  .string()
  .regex(PLACE, 'is no country (DE), EU, EEA, GLOBAL, UNKNOWN or region of a cloud (aws:eu-central-1)');
/** Where something has to be: what may be anywhere can't be demanded. */
export const DemandedSchema = PlaceSchema.refine((place) => place !== 'GLOBAL' && place !== 'UNKNOWN', {
  error: 'name a country, EU, EEA or a region of a cloud',
});
const Flag = z.boolean().nullable().openapi({ description: 'Null: not known' });

const BasisSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('eea') }),
    z.strictObject({ kind: z.literal('adequacy'), country: CountrySchema }),
    z.strictObject({ kind: z.literal('dpf'), certified: Flag, active: Flag, coversHr: Flag }),
    z.strictObject({
      kind: z.literal('scc'),
      modules: z.array(z.int().min(1).max(4)).min(1).max(4),
      assessedOn: z.iso
        .date()
        .nullable()
        .openapi({ description: 'The day of the assessment of the transfer' }),
    }),
    z.strictObject({ kind: z.literal('bcr') }),
    z.strictObject({ kind: z.literal('derogation'), letter: z.enum(['a', 'b', 'c', 'd', 'e', 'f', 'g']) }),
  ])
  .openapi('TransferBasis');

const Short = z.string().trim().min(1).max(200);
export const NewStatementSchema = z
  .strictObject({
    vendor: VendorSchema,
    service: ServiceSchema.optional().openapi({ description: 'Left out: all services' }),
    class: FieldClassSchema.optional().openapi({ description: 'Left out: all data' }),
    kind: z.enum(placeKinds),
    place: PlaceSchema,
    jurisdiction: CountrySchema.optional().openapi({
      description: 'The country whose law binds who controls the vendor; left out: unknown',
    }),
    bases: z.array(BasisSchema).max(6),
    conditions: z.strictObject({
      plan: Short.optional(),
      region: Short.optional(),
      option: Short.optional(),
    }),
    source: z
      .string()
      .trim()
      .min(3)
      .max(500)
      .openapi({ description: 'Who said so: an address, a contract and its clause' }),
    asOf: z.iso.date().openapi({ description: 'The day on which it was read' }),
  })
  .openapi('NewResidencyStatement');
export type NewStatement = z.infer<typeof NewStatementSchema>;

export const StatementSchema = z
  .object({
    id: z.string(),
    version: z.int(),
    vendor: z.string(),
    service: z.string().nullable(),
    class: FieldClassSchema.nullable(),
    kind: z.enum(placeKinds),
    place: z.string(),
    jurisdiction: z.string().nullable(),
    bases: z.array(BasisSchema),
    conditions: z.object({
      plan: z.string().optional(),
      region: z.string().optional(),
      option: z.string().optional(),
    }),
    source: z.string(),
    asOf: z.string(),
    withdrawn: z.boolean(),
    statedAt: z.string(),
    statedBy: z.string(),
    reason: z.string(),
  })
  .openapi('ResidencyStatement');
export type StatementView = z.infer<typeof StatementSchema>;
export const StatementPageSchema = pageSchema(StatementSchema);
export const StatementQuerySchema = PageQuerySchema.extend({ vendor: VendorSchema.optional() });
export const AskedStatementSchema = NewStatementSchema.extend({ reason: ReasonSchema.optional() });
export const AskedChangeSchema = AskedStatementSchema.extend({
  basedOn: z
    .int()
    .min(1)
    .openapi({ description: 'The version that was read: another one in force is a conflict' }),
});
export const ReasonOnlySchema = z.strictObject({ reason: ReasonSchema.optional() });

const FoundSchema = z.object({
  place: z.string(),
  by: z.enum(placeMethods),
  says: z.string(),
});
/** Who saw an endpoint. */
export const seenSources = ['gateway', 'egress', 'evidence'] as const;
export const SeenSchema = z
  .object({
    source: z.enum(seenSources).openapi({
      description: 'A gateway’s connection, the egress proxy, or evidence of traffic that was brought in',
    }),
    connection: z
      .object({ id: z.string(), name: z.string() })
      .nullable()
      .openapi({ description: 'Null: it went through none' }),
    service: z.string().nullable().openapi({ description: 'Null: a host alone does not say' }),
    host: z
      .string()
      .nullable()
      .openapi({ description: 'Null: the configuration of that time is no longer kept' }),
    address: z.string().nullable().openapi({ description: 'Null: the evidence has none' }),
    found: FoundSchema,
    crossings: z.int().openapi({ description: 'Crossings; of evidence, requests that it shows' }),
    firstAt: z.string(),
    lastAt: z.string(),
    lastCrossing: z.string().nullable().openapi({ description: 'Null: what evidence shows is no crossing' }),
    evidence: z
      .object({ source: z.string(), file: z.string() })
      .nullable()
      .openapi({ description: 'Where it stands, of evidence' }),
  })
  .openapi('SeenPlace');
export type SeenView = z.infer<typeof SeenSchema>;

const VerdictSchema = z.enum(verdicts);
export const JudgedSchema = z
  .object({
    statement: StatementSchema,
    verdict: VerdictSchema,
    says: z.string(),
    seen: z.array(SeenSchema).openapi({ description: 'What it was held against: at most twenty' }),
  })
  .openapi('JudgedStatement');
export type JudgedView = z.infer<typeof JudgedSchema>;

export const WhereSchema = z
  .object({
    vendor: z.string(),
    name: z.string(),
    verdict: VerdictSchema.nullable().openapi({
      description: 'The one to see first; null: nothing was declared',
    }),
    statements: z.array(JudgedSchema),
    seen: z.array(SeenSchema),
    classes: z.array(z.string()).openapi({ description: 'Kinds of data that it got' }),
    people: z.int(),
  })
  .openapi('WhereVendorIs');
export type WhereView = z.infer<typeof WhereSchema>;
export const WherePageSchema = pageSchema(WhereSchema);
export const ContradictionPageSchema = pageSchema(
  JudgedSchema.extend({ name: z.string().openapi({ description: 'The vendor’s' }) }),
);

export const WorldSchema = z
  .object({
    home: z.string().nullable().openapi({ description: 'Our own country; null: not said' }),
    vendors: z.int(),
    contradictions: z.int(),
    places: z.array(
      z.object({
        place: z.string().openapi({ description: 'A country, EU, EEA, GLOBAL, EDGE or UNKNOWN' }),
        verdicts: z.record(z.string(), z.int()),
        observed: z.int().openapi({ description: 'Vendors with an endpoint there' }),
        declared: z.int().openapi({ description: 'Vendors that are said to keep or process data there' }),
        crossings: z.int(),
        against: z.int().openapi({ description: 'Statements that an endpoint here contradicts' }),
        vendors: z
          .array(
            z.object({
              vendor: z.string(),
              name: z.string(),
              layers: z.array(z.enum(['declared', 'observed'])),
              verdict: VerdictSchema.nullable(),
            }),
          )
          .openapi({ description: 'At most 200; the counts are of all' }),
      }),
    ),
  })
  .openapi('World');
export type WorldView = z.infer<typeof WorldSchema>;
export const HomeSchema = z.strictObject({
  country: CountrySchema.nullable(),
  reason: ReasonSchema.optional(),
});

export const FallsQuerySchema = PageQuerySchema.extend({
  falls: z.string().regex(FALLING, 'is none of dpf, scc, bcr, derogation, adequacy:XX').openapi({
    description:
      'What is switched off: `dpf`, `scc`, `bcr`, `derogation` or a country’s adequacy (`adequacy:JP`)',
  }),
});
export const AffectedSchema = z
  .object({
    vendor: z.string(),
    name: z.string(),
    service: z.string().nullable().openapi({ description: 'Null: all of them' }),
    classes: z.array(z.string()),
    people: z.int(),
    layer: z.enum(['declared', 'observed']),
    kind: z.enum(placeKinds).nullable().openapi({ description: 'Null: an endpoint that was seen' }),
    place: z.string(),
    why: z.enum(['declared', 'place']),
    fallback: z.enum(['adequacy', 'scc', 'bcr']).nullable(),
    says: z.string(),
    statement: z.string().nullable(),
  })
  .openapi('AffectedFlow');
export type AffectedView = z.infer<typeof AffectedSchema>;
export const AffectedPageSchema = pageSchema(AffectedSchema).extend({
  falls: z.string(),
  affected: z.int().openapi({ description: 'Flows, over all pages' }),
  vendors: z.int(),
  uncovered: z.int().openapi({ description: 'Flows that nothing else carries' }),
});

export const RangesSchema = z
  .object({
    version: z.int(),
    sha256: z.string(),
    sources: z.array(
      z.object({ provider: z.string(), asOf: z.string(), sha256: z.string(), url: z.string() }),
    ),
    ranges: z.int(),
    broughtAt: z.string(),
    broughtBy: z.string(),
    reason: z.string(),
  })
  .openapi('ProviderRanges');
export type RangesView = z.infer<typeof RangesSchema>;
export const BringSchema = z.strictObject({
  table: z.string().min(1).max(LONGEST_TABLE).openapi({
    description:
      'The text of a table in the format drawbridge.ranges/1, which scripts/ranges.ts makes of the providers’ lists',
  }),
  reason: ReasonSchema.optional(),
});

export const DemandSchema = z
  .object({
    connection: z.object({ id: z.string(), name: z.string() }),
    vendor: z.string(),
    place: z.string(),
    host: z.string(),
    found: FoundSchema,
    met: z
      .boolean()
      .openapi({ description: 'Only what is known to be there is met; what is unknown is refused' }),
    instead: z
      .object({ host: z.string(), place: z.string() })
      .nullable()
      .openapi({ description: 'A host of the vendor that would meet it' }),
    says: z.string(),
    demandedAt: z.string(),
    demandedBy: z.string(),
    reason: z.string(),
  })
  .openapi('RegionDemand');
export type DemandView = z.infer<typeof DemandSchema>;
export const DemandPageSchema = pageSchema(DemandSchema);
export const AskedDemandSchema = z.strictObject({ place: DemandedSchema, reason: ReasonSchema.optional() });

export const LawSchema = z
  .object({
    asOf: z.string(),
    eu: z.array(z.string()),
    eea: z.array(z.string()),
    adequacy: z.array(
      z.object({
        country: z.string(),
        name: z.string(),
        covers: z.enum(['whole', 'part']),
        scope: z.string().nullable(),
        decision: z.string(),
        validFrom: z.string(),
        validUntil: z.string().nullable(),
        status: z.enum(['in_force', 'challenged', 'ended']),
        note: z.string().nullable(),
        source: z.string(),
        asOf: z.string(),
      }),
    ),
  })
  .openapi('TransferLaw');
