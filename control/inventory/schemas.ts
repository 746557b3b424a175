import { EndpointSchema, ModelPatternSchema, NetworkSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../platform/index.ts';
import { jsonFormats } from './read-json.ts';

/** Days that are looked back: whole days (UTC), today among them. */
export const DaysSchema = z.object({ days: z.enum(['30', '90']).default('30').transform(Number) });

const CountSchema = z.object({ name: z.string(), crossings: z.number() });
const BoundsSchema = z.object({
  connections: z.array(z.string()).optional(),
  classes: z.array(EndpointSchema.shape.class).optional(),
  models: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
});
const EffectSchema = z
  .object({
    crossings: z.number().openapi({ description: 'That went out in these days' }),
    refused: z.number().openapi({ description: 'Of these: what the bounds would have refused' }),
    unknown: z.number().openapi({ description: 'Of these: of which the records do not say enough to tell' }),
  })
  .openapi('BoundsEffect');

const findings = ['idle', 'never_used', 'unused_grants', 'one_network', 'no_end', 'old'] as const;

export const KeyUseSchema = z
  .object({
    id: z.string(),
    app: z.object({ id: z.string(), name: z.string() }),
    kind: z.enum(['secret', 'publishable']),
    person: z.object({ id: z.string(), name: z.string() }).nullable(),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    ageDays: z.number(),
    lastUsedAt: z
      .string()
      .nullable()
      .openapi({ description: 'Ever; null: never, as far as journals are stored here' }),
    crossings: z.number().openapi({ description: 'That went out in these days' }),
    refused: z.number(),
    granted: z.object({
      connections: z.array(z.string()),
      classes: z.array(z.string()),
      models: z.array(z.string()).nullable(),
      networks: z.array(z.string()).nullable(),
    }),
    unused: z.object({
      connections: z.array(z.string()),
      classes: z.array(z.string()),
      models: z.array(z.string()),
    }),
    findings: z.array(z.enum(findings)),
    proposal: BoundsSchema.nullable().openapi({
      description: 'The tightest bounds that refuse nothing of what went out; null: there are none tighter',
    }),
    effect: EffectSchema.nullable().openapi({ description: 'What the proposal would have done' }),
  })
  .openapi('KeyUse');
export type KeyUseView = z.infer<typeof KeyUseSchema>;

export const KeyUseListSchema = z
  .object({
    days: z.number(),
    since: z.string(),
    items: z.array(KeyUseSchema),
    apps: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          keys: z.number(),
          crossings: z.number(),
          idleKeys: z.number(),
          unused: z.object({ connections: z.array(z.string()), classes: z.array(z.string()) }),
        }),
      )
      .openapi({ description: 'What no key of the app used, though one of them may' }),
  })
  .openapi('KeyUseList');
export type KeyUseList = z.infer<typeof KeyUseListSchema>;

export const KeyUseDetailSchema = KeyUseSchema.extend({
  days: z.number(),
  since: z.string(),
  used: z.object({
    connections: z.array(CountSchema),
    classes: z.array(CountSchema),
    models: z
      .array(CountSchema)
      .openapi({ description: 'As pack or key write them; "": not recorded, "-": none asked for' }),
    networks: z.array(CountSchema).openapi({ description: '/24 or /48; "": not recorded' }),
  }),
}).openapi('KeyUseDetail');
export type KeyUseDetail = z.infer<typeof KeyUseDetailSchema>;

export const PreviewSchema = z
  .strictObject({
    connections: z.array(z.string().max(60)).min(1).max(500).optional(),
    classes: z.array(EndpointSchema.shape.class).min(1).max(20).optional(),
    models: z.array(ModelPatternSchema).min(1).max(200).nullable().optional(),
    networks: z.array(NetworkSchema).min(1).max(100).nullable().optional(),
    days: z.union([z.literal(30), z.literal(90)]).default(30),
  })
  .openapi('BoundsPreview');
export type Preview = z.infer<typeof PreviewSchema>;

export const PreviewAnswerSchema = EffectSchema.extend({
  days: z.number(),
  text: z.string(),
  refusals: z
    .array(
      z.object({
        connection: z.string(),
        class: z.string(),
        model: z.string(),
        network: z.string(),
        crossings: z.number(),
      }),
    )
    .openapi({ description: 'What would have been refused, most first; at most 20' }),
}).openapi('BoundsPreviewAnswer');
export type PreviewAnswer = z.infer<typeof PreviewAnswerSchema>;

const Column = z.string().trim().min(1).max(100);
const MappingSchema = z
  .strictObject({
    id: Column,
    label: Column.optional(),
    kind: Column.optional(),
    owner: Column.optional(),
    place: Column.optional(),
    scopes: Column.optional(),
    madeAt: Column.optional(),
    rotatedAt: Column.optional(),
    lastUsedAt: Column.optional(),
    expiresAt: Column.optional(),
    active: Column.optional(),
  })
  .openapi('HeldKeyMapping', { description: 'Names of columns' });
export type Mapping = z.infer<typeof MappingSchema>;

export const HeldKeyImportSchema = z
  .strictObject({
    source: z
      .string()
      .trim()
      .regex(
        /^[\p{L}\p{N}][\p{L}\p{N} ._:/()-]{0,99}$/u,
        'a name: letters, digits, spaces and ._:/()-, at most 100',
      )
      .openapi({
        description: 'What the list is of; the same again takes the place of what was there',
        example: 'AWS 123456789012',
      }),
    format: z.enum(['aws_credential_report', ...jsonFormats, 'csv']),
    content: z.string().min(1).max(4_000_000).openapi({ description: 'The list as it was downloaded' }),
    mapping: MappingSchema.optional().openapi({ description: 'For csv' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('HeldKeyImport');
export type HeldKeyImport = Omit<z.infer<typeof HeldKeyImportSchema>, 'reason'>;

export const ImportAnswerSchema = z
  .object({
    source: z.string(),
    taken: z.number(),
    fresh: z.number(),
    gone: z.number().openapi({ description: 'Were there before, and are not in this list' }),
    refused: z.number().openapi({ description: 'Rows that hold what looks like a whole key' }),
    refusals: z
      .array(z.object({ line: z.number(), column: z.string(), message: z.string() }))
      .openapi({ description: 'At most 50' }),
  })
  .openapi('HeldKeyImportAnswer');
export type ImportAnswer = z.infer<typeof ImportAnswerSchema>;

export const heldFindings = ['never_rotated', 'no_owner', 'stored_outside', 'idle'] as const;
export const HeldKeySchema = z
  .object({
    id: z.string(),
    source: z.string(),
    externalId: z.string(),
    label: z.string(),
    kind: z.string(),
    owner: z.string().nullable(),
    place: z.string().nullable(),
    scopes: z.array(z.string()),
    madeAt: z.string().nullable(),
    rotatedAt: z.string().nullable(),
    ageDays: z
      .number()
      .nullable()
      .openapi({ description: 'Since it was made or last made anew; null: not said' }),
    lastUsedAt: z.string().nullable(),
    use: z
      .enum(['used', 'never', 'unknown'])
      .openapi({ description: 'unknown: the source says no last uses' }),
    expiresAt: z.string().nullable(),
    active: z.boolean(),
    listedAt: z.string().openapi({ description: 'When it was last in an imported list' }),
    goneAt: z.string().nullable(),
    findings: z.array(z.enum(heldFindings)),
  })
  .openapi('HeldKey');
export type HeldKeyView = z.infer<typeof HeldKeySchema>;
export const HeldKeyPageSchema = pageSchema(HeldKeySchema);

export const HeldKeyQuerySchema = z.object({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  source: z.string().max(100).optional(),
  finding: z.enum(heldFindings).optional(),
  gone: z.enum(['true', 'false']).default('false').openapi({ description: 'true: those that vanished, too' }),
});
export type HeldKeyQuery = z.infer<typeof HeldKeyQuerySchema>;

const WordsSchema = z.string().trim().min(1).max(200).nullable().optional();
export const HeldKeyChangeSchema = z
  .strictObject({ owner: WordsSchema, place: WordsSchema, reason: ReasonSchema.optional() })
  .openapi('HeldKeyChange', {
    description: 'What the source does not say. "Drawbridge" as the place: it lies in the vault here',
  });
export type HeldKeyChange = Omit<z.infer<typeof HeldKeyChangeSchema>, 'reason'>;

export const InventorySchema = z
  .object({
    sources: z.array(
      z.object({
        source: z.string(),
        format: z.string(),
        importedAt: z.string(),
        importedBy: z.string(),
        keys: z.number(),
        refused: z.number(),
      }),
    ),
    ages: z
      .array(z.object({ upToDays: z.number().nullable(), held: z.number(), virtual: z.number() }))
      .openapi({
        description: 'Keys that can be used, by age: held elsewhere, and virtual keys here. Null: older',
      }),
    unknownAge: z.number(),
    findings: z.record(z.enum(heldFindings), z.number()),
  })
  .openapi('KeyInventory');
export type InventoryView = z.infer<typeof InventorySchema>;
