import { z } from '@hono/zod-openapi';
import { PageQuerySchema, pageSchema, ReasonSchema } from '../platform/index.ts';
import { layers, scopes, sourceKinds, US } from './graph.ts';
import { LONGEST_LIST, listFormats } from './lists/read.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out');

export const NodeId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'a vendor’s id has lower-case letters, digits and hyphens, at most 61')
  .openapi({
    description: 'As in its pack; of a vendor without one any name of this form',
    example: 'mixpanel',
  });
const TargetId = NodeId.refine((id) => id !== US, 'is this organisation; nobody hands data on to it here');
const Time = z.iso.datetime({ offset: true });

export const LayerSchema = z.enum(layers);
const ConditionSchema = z.strictObject({ kind: z.enum(['plan', 'region', 'option']), is: line(100) });
const StoredSourceKind = z.enum(sourceKinds);
const EnteredSource = z
  .strictObject({ kind: z.enum(['url', 'file', 'evidence']), text: line(500) })
  .refine(({ kind, text }) => kind !== 'url' || /^https?:\/\//.test(text), 'is no address of the web')
  .openapi({ description: 'What shows it: an address, a file’s name, a record' });

const said = {
  scopes: z.array(z.enum(scopes)).max(scopes.length).openapi({
    description: 'Kinds of data that go over it; empty: nobody knows',
  }),
  validFrom: Time.nullable().default(null),
  validUntil: Time.nullable().default(null).openapi({ description: 'No longer in it; null: it holds' }),
  conditions: z.array(ConditionSchema).max(20).default([]),
  conditionsText: line(500).nullable().default(null),
  note: line(1_000).nullable().default(null),
};

export const EdgeAskedSchema = z
  .strictObject({
    from: NodeId,
    to: TargetId,
    layer: LayerSchema,
    ...said,
    source: EnteredSource,
    firstSeenAt: Time.optional().openapi({ description: 'Now, where nothing is said' }),
    lastSeenAt: Time.optional(),
    names: z
      .record(NodeId, line(120))
      .refine((names) => Object.keys(names).length <= 2, 'names the two ends')
      .default({})
      .openapi({ description: 'What an end is called that no pack knows' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewChainEdge');
export type EdgeAsked = z.infer<typeof EdgeAskedSchema>;

export const EdgeChangeSchema = z
  .strictObject({
    ...said,
    source: EnteredSource,
    lastSeenAt: Time.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('ChainEdgeChange');
export type EdgeChange = z.infer<typeof EdgeChangeSchema>;

export const EdgeSchema = z
  .object({
    id: z
      .string()
      .nullable()
      .openapi({ description: 'Null: it is computed from connections, crossings and accounts' }),
    from: z.string(),
    to: z.string(),
    layer: LayerSchema,
    scopes: z.array(z.enum(scopes)),
    source: z.object({ kind: StoredSourceKind, text: z.string() }),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    validFrom: z.string().nullable(),
    validUntil: z.string().nullable(),
    conditions: z.array(z.object({ kind: z.enum(['plan', 'region', 'option']), is: z.string() })),
    conditionsText: z.string().nullable(),
    note: z.string().nullable(),
  })
  .openapi('ChainEdge');
export type EdgeView = z.infer<typeof EdgeSchema>;

export const criticalities = ['critical', 'important', 'supporting', 'unknown'] as const;
export type Criticality = (typeof criticalities)[number];

export const NodeSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    known: z.boolean().openapi({ description: 'Whether facts about it are shipped' }),
    depth: z
      .number()
      .nullable()
      .openapi({ description: 'Links from us, at least; null: not reached from us' }),
    people: z.number().openapi({ description: 'About whom it was seen to get data from us' }),
    criticality: z.enum(criticalities),
    dependents: z.number().openapi({ description: 'Vendors that need it, directly or through others' }),
    onlyThrough: z.number().openapi({ description: 'Vendors that are reached through it alone' }),
  })
  .openapi('ChainNode');
export type NodeView = z.infer<typeof NodeSchema>;

const At = Time.optional().openapi({ description: 'The chain as it was then; now, where nothing is said' });
export const AtSchema = z.object({ at: At });
export const ChainSchema = z
  .object({ at: z.string(), nodes: z.array(NodeSchema), edges: z.array(EdgeSchema) })
  .openapi('Chain');
export type ChainView = z.infer<typeof ChainSchema>;

export const EdgeQuerySchema = PageQuerySchema.extend({
  at: At,
  from: NodeId.optional(),
  to: NodeId.optional(),
  layer: LayerSchema.optional(),
  difference: z.enum(['observed_only', 'declared_only']).optional().openapi({
    description: '`observed_only`: observed but not declared; `declared_only`: declared but never seen',
  }),
});
export const NamedEdgeSchema = EdgeSchema.extend({
  fromName: z.string(),
  toName: z.string().openapi({ description: 'What the end is called; its id, where nobody said' }),
}).openapi('ChainNamedEdge');
export type NamedEdgeView = z.infer<typeof NamedEdgeSchema>;
export const EdgePageSchema = pageSchema(NamedEdgeSchema);

export const ChangesSchema = z.object({
  items: z.array(z.object({ at: z.string(), began: z.number(), ended: z.number() })),
});

const LossSchema = z.object({
  id: z.string(),
  name: z.string(),
  depth: z.number(),
  dependents: z.number(),
  direct: z.number().openapi({ description: 'Of itself and its dependents, those that we use ourselves' }),
  dependency: z.number().openapi({ description: 'Sum of the criticality of itself and of all that need it' }),
  data: z.number().openapi({
    description:
      'Sum over itself and all whose data reaches it of the people they got data about, counted per vendor',
  }),
  onlyThrough: z.number(),
});
export const ConcentrationSchema = z
  .object({
    at: z.string(),
    vendors: z.number(),
    criticalityUnknown: z
      .number()
      .openapi({ description: 'Vendors counted as important, since nobody said' }),
    losses: z.array(LossSchema),
    singlePoints: z.array(LossSchema).openapi({ description: 'Those that others are reached through alone' }),
    deep: z.array(z.object({ id: z.string(), path: z.array(z.string()) })),
    deepCount: z.number(),
    weakest: z.object({ byDependency: z.string().nullable(), byData: z.string().nullable() }),
  })
  .openapi('ChainConcentration');

const RowSchema = z.object({
  name: z.string(),
  purpose: z.string(),
  location: z.string(),
  data: z.string(),
  conditions: z.string(),
  url: z.string(),
});
const MatchSchema = z.object({
  by: z.enum(['decision', 'name', 'domain', 'nobody']),
  vendor: z.string().nullable(),
  suggestions: z.array(z.string()),
});
const MatchedRowSchema = RowSchema.extend({ key: z.string(), match: MatchSchema });
const Days = z
  .int()
  .min(0)
  .max(365)
  .openapi({ description: 'How long one may object to a new sub-processor, in days' });

const listAsked = {
  vendor: TargetId.openapi({ description: 'Whose sub-processors these are' }),
  objectionDays: Days.optional(),
  confirmed: z.boolean().default(false).openapi({
    description:
      'Take it in though it shares no name with the last version, or more than half of them are gone',
  }),
  preview: z.boolean().default(false).openapi({ description: 'Only say what it would do' }),
  reason: ReasonSchema.optional(),
};
export const ListAskedSchema = z
  .strictObject({
    ...listAsked,
    content: z.string().min(1).max(LONGEST_LIST),
    format: z
      .enum(listFormats)
      .optional()
      .openapi({ description: 'Found by what it looks like, if nothing is said' }),
    source: line(500).openapi({ description: 'Where it is from: an address, or a file’s name' }),
    asOf: Time.optional().openapi({
      description: 'When it was published like this; now, where nothing is said',
    }),
  })
  .openapi('ChainListAsked');
export const FetchAskedSchema = z
  .strictObject({
    ...listAsked,
    url: z
      .url({ protocol: /^https$/, error: 'is no https address' })
      .max(500)
      .optional()
      .openapi({
        description: 'Where the vendor publishes it, if it is not the address that its facts have',
      }),
  })
  .openapi('ChainListFetch');

export const WatchAskedSchema = z
  .strictObject({
    everyDays: z.int().min(1).max(90),
    url: FetchAskedSchema.shape.url,
    reason: ReasonSchema.optional(),
  })
  .openapi('ChainWatchAsked');
export const WatchSchema = z
  .object({
    vendor: z.string(),
    name: z.string(),
    url: z.string().nullable(),
    everyDays: z.number(),
    nextAt: z.string(),
    triedAt: z.string().nullable(),
    readAt: z.string().nullable().openapi({ description: 'When the page was last read, new or not' }),
    error: z
      .object({ code: z.string(), text: z.string() })
      .nullable()
      .openapi({ description: 'Why the last reading took nothing in: it is tried again the day after' }),
    setAt: z.string(),
    setBy: z.string(),
  })
  .openapi('ChainWatch');
export type WatchView = z.infer<typeof WatchSchema>;
export const WatchPageSchema = pageSchema(WatchSchema);

const ListHead = {
  vendor: z.string(),
  name: z.string(),
  version: z.number(),
  takenAt: z.string(),
  takenBy: z.string(),
  asOf: z.string(),
  source: z.object({ kind: z.enum(['url', 'file']), text: z.string() }),
  format: z.enum(listFormats),
  hash: z.string().openapi({ description: 'SHA-256 of its rows in canonical JSON' }),
  rows: z.number(),
  objectionDays: z.number().nullable(),
};
export const ListHeadSchema = z.object(ListHead).openapi('ChainListHead');
export const ListPageSchema = pageSchema(ListHeadSchema);
export const ListSchema = z
  .object({
    ...ListHead,
    items: z.array(MatchedRowSchema),
    unmatched: z.number(),
    names: z
      .record(z.string(), z.string())
      .openapi({ description: 'What the vendors are called that rows are, or may be' }),
    diff: z.object({
      added: z.array(RowSchema),
      gone: z.array(RowSchema),
      changed: z.array(z.object({ was: RowSchema, is: RowSchema, fields: z.array(z.string()) })),
    }),
  })
  .openapi('ChainList');
export type ListView = z.infer<typeof ListSchema>;
const ObjectionFromSchema = z.enum(['agreement', 'list', 'usual']).openapi({
  description: 'An agreement that is in force; what was said of the list; `usual`: nobody said so',
});
export const TakenListSchema = z
  .object({
    list: ListSchema,
    isNew: z
      .boolean()
      .openapi({ description: 'False: it says what the last version says, and nothing was kept' }),
    reviews: z.number().openapi({ description: 'Reviews that it opened' }),
    held: z.enum(['replaced', 'shrunk']).nullable().openapi({
      description: 'Why it needs `confirmed`: none, or fewer than half, of the last names are on it',
    }),
    objection: z.object({ days: z.number(), from: ObjectionFromSchema }).openapi({
      description: 'How long one may object to who is new, from the day of the list, and who says so',
    }),
  })
  .openapi('ChainListTaken');

export const MatchAskedSchema = z
  .strictObject({
    key: z.string().min(1).max(200),
    target: TargetId.nullable().optional().openapi({
      description:
        'Null: none that belongs into the chain; left out: what was decided is taken back, and the row is matched by what is known',
    }),
    name: line(120).optional().openapi({ description: 'What the vendor is called, if no pack knows it' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('ChainMatch');

export const ReviewSchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    vendorName: z.string(),
    key: z.string(),
    name: z.string(),
    openedAt: z.string(),
    objectionDays: z.number().nullable(),
    dueAt: z.string().nullable().openapi({ description: 'Until when one may object; null: nobody said' }),
    objectionFrom: ObjectionFromSchema.nullable().openapi({
      description: 'Null: it was opened before this was kept',
    }),
    state: z.enum(['open', 'accepted', 'objected', 'withdrawn']),
    decidedAt: z.string().nullable(),
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('ChainReview');
export const ReviewQuerySchema = PageQuerySchema.extend({ state: z.enum(['open', 'all']).default('open') });
export const ReviewPageSchema = pageSchema(ReviewSchema);
export const ReviewDecisionSchema = z
  .strictObject({ state: z.enum(['accepted', 'objected']), reason: ReasonSchema.optional() })
  .openapi('ChainReviewDecision');

export const EXPORT_FORMAT = 'drawbridge.chain/1';
export const ExportSchema = z
  .strictObject({
    format: z.literal(EXPORT_FORMAT),
    at: Time,
    vendors: z.array(z.strictObject({ id: NodeId, name: line(120) })).max(50_000),
    edges: z
      .array(
        z.strictObject({
          from: NodeId,
          to: TargetId,
          layer: LayerSchema,
          ...said,
          source: z.strictObject({ kind: StoredSourceKind, text: line(500) }),
          firstSeenAt: Time,
          lastSeenAt: Time,
        }),
      )
      .max(50_000),
  })
  .openapi('ChainExport');
export type ChainExport = z.infer<typeof ExportSchema>;
export const ImportAskedSchema = z
  .strictObject({
    export: ExportSchema.optional(),
    bom: z.unknown().optional().openapi({
      type: 'object',
      description: 'Instead of `export`: a CycloneDX SaaSBOM that was made here',
    }),
    preview: z.boolean().default(false),
    reason: ReasonSchema.optional(),
  })
  .refine((given) => (given.export === undefined) !== (given.bom === undefined), {
    error: 'give `export` or `bom`, one of them',
    path: ['export'],
  })
  .openapi('ChainImport');
export const ImportedSchema = z
  .object({ edges: z.number(), added: z.number(), known: z.number(), vendors: z.number() })
  .openapi('ChainImported');
