import { DayBudgetSchema, EndpointSchema, ModelPatternSchema, NetworkSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../platform/index.ts';

const NameSchema = z.string().trim().min(1).max(100);

export const AppSchema = z
  .object({ id: z.string(), name: z.string(), owner: z.string(), createdAt: z.string() })
  .openapi('App');
export type AppView = z.infer<typeof AppSchema>;
export const AppPageSchema = pageSchema(AppSchema);

export const NewAppSchema = z
  .strictObject({ name: NameSchema, owner: NameSchema, reason: ReasonSchema.optional() })
  .openapi('NewApp');
export type NewApp = z.infer<typeof NewAppSchema>;

export const AppChangeSchema = z
  .strictObject({
    name: NameSchema.optional(),
    owner: NameSchema.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('AppChange');
export type AppChange = Omit<z.infer<typeof AppChangeSchema>, 'reason'>;

const PerMinuteSchema = z
  .int()
  .min(1)
  .max(1_000_000)
  .openapi({ description: 'Requests per minute, over all workers of a gateway' });

const MostPerDay = z.int().min(1).max(1_000_000_000_000).nullable();
const PerDaySchema = z
  .strictObject({
    requests: MostPerDay,
    tokens: MostPerDay.openapi({ description: 'In and out together' }),
    money: z
      .strictObject({
        micros: z.int().min(1).max(1_000_000_000_000_000).openapi({ description: 'Millionths of the unit' }),
        currency: DayBudgetSchema.shape.money.unwrap().shape.currency,
      })
      .nullable()
      .openapi({ description: 'By the list prices of the vendors’ packs' }),
  })
  .openapi('DayBudget', { description: 'What may be used per day (UTC) and gateway; null: not limited' });

const ModelsSchema = z
  .array(ModelPatternSchema)
  .min(1)
  .max(200)
  .nullable()
  .openapi({ description: 'Models that it may ask for; * at an end: all that begin so. Null: any' });
const NetworksSchema = z
  .array(NetworkSchema)
  .min(1)
  .max(100)
  .nullable()
  .openapi({
    description: 'Networks that it may be used from (CIDR, IPv4 or IPv6). Null: any',
    example: ['10.1.0.0/16'],
  });
const ExpirySchema = z.iso.datetime({ offset: true });

export const VirtualKeySchema = z
  .object({
    id: z.string(),
    app: z.object({ id: z.string(), name: z.string() }),
    kind: z.enum(['secret', 'publishable']),
    connections: z.array(z.string()),
    classes: z.array(z.string()).openapi({ description: 'The classes of endpoints that it may call' }),
    origins: z.array(z.string()),
    models: ModelsSchema,
    networks: NetworksSchema,
    person: z
      .object({ id: z.string(), name: z.string() })
      .nullable()
      .openapi({ description: 'Whose own key it is, such as that on a laptop; null: a workload’s' }),
    perMinute: z.int().nullable(),
    perDay: PerDaySchema.nullable(),
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
    replaces: z.string().nullable().openapi({ description: 'The key that it was made to follow' }),
    replacedBy: z.string().nullable().openapi({ description: 'The key that was made to follow it' }),
    firstUsedAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    crossings24h: z.number().openapi({ description: 'Forwarded and refused together' }),
    refused24h: z.number(),
  })
  .openapi('VirtualKey');
export type VirtualKeyView = z.infer<typeof VirtualKeySchema>;
export const VirtualKeyPageSchema = pageSchema(VirtualKeySchema);

export const ShownKeySchema = VirtualKeySchema.extend({
  key: z.string().openapi({ description: 'The whole key, in this answer only: it is stored as a hash' }),
}).openapi('NewVirtualKeyAnswer');
export type ShownKey = z.infer<typeof ShownKeySchema>;

export const NewKeySchema = z
  .strictObject({
    kind: z.enum(['secret', 'publishable']).openapi({
      description:
        'secret: for servers. publishable: for browsers; ingest only, from exact origins, with a rate cap.',
    }),
    connections: z.array(z.string().max(60)).min(1).max(500),
    classes: z.array(EndpointSchema.shape.class).min(1).max(20).optional().openapi({
      description: 'Left out: publishable keys get ingest, secret keys all of their services’ but admin',
    }),
    origins: z.array(z.string().max(300)).max(200).optional(),
    perMinute: PerMinuteSchema.optional(),
    perDay: PerDaySchema.optional(),
    models: ModelsSchema.optional(),
    networks: NetworksSchema.optional(),
    person: z.string().max(60).optional().openapi({ description: 'Id of the person whose own key it is' }),
    expiresAt: ExpirySchema.nullable().optional().openapi({
      description:
        'Left out: as long as keys live here by default (GET /key-lifetime). Null: for ever, where that is permitted',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewVirtualKey');
export type NewKey = z.infer<typeof NewKeySchema>;

export const KeyBindingSchema = z
  .strictObject({
    connections: z
      .array(z.string().max(60))
      .min(1)
      .max(500)
      .openapi({ description: 'All that it may use from now on' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('KeyBinding');
export type KeyBinding = Omit<z.infer<typeof KeyBindingSchema>, 'reason'>;

export const KeyRollSchema = z
  .strictObject({
    overlapHours: z
      .number()
      .min(0)
      .max(30 * 24)
      .openapi({ description: 'How long the key before still works: 0 to 720 hours' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('KeyRoll');
export type KeyRoll = Omit<z.infer<typeof KeyRollSchema>, 'reason'>;

export const KeyCapsSchema = z
  .strictObject({
    perMinute: PerMinuteSchema.nullable().optional(),
    perDay: PerDaySchema.nullable().optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('KeyCaps', { description: 'What is left out stays as it is; null takes a cap away' });
export type KeyCapsChange = z.infer<typeof KeyCapsSchema>;

export const KeyBoundsSchema = z
  .strictObject({
    connections: z.array(z.string().max(60)).min(1).max(500).optional(),
    classes: z.array(EndpointSchema.shape.class).min(1).max(20).optional(),
    models: ModelsSchema.optional(),
    networks: NetworksSchema.optional(),
    expiresAt: ExpirySchema.nullable().optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('KeyBounds', { description: 'What is left out stays as it is; null takes a bound away' });
export type KeyBounds = Omit<z.infer<typeof KeyBoundsSchema>, 'reason'>;

const Days = z.int().min(1).max(3650).nullable();
const LifetimeSchema = z
  .strictObject({
    defaultDays: Days.openapi({ description: 'For keys that are made without an end; null: none' }),
    mostDays: Days.openapi({ description: 'No key may live longer; null: as long as one likes' }),
  })
  .refine(({ defaultDays, mostDays }) => mostDays === null || (defaultDays ?? 0) <= mostDays, {
    path: ['defaultDays'],
    message: 'is more than the most',
  });
export const KeyLifetimeSchema = z
  .strictObject({ workload: LifetimeSchema, person: LifetimeSchema })
  .openapi('KeyLifetime');
export type KeyLifetime = z.infer<typeof KeyLifetimeSchema>;
export const KeyLifetimeChangeSchema = KeyLifetimeSchema.extend({ reason: ReasonSchema.optional() });
