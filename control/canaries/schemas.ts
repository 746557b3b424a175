import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../platform/index.ts';

const ShortSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\0'), 'holds a NUL character; leave it out');

export const CanaryFormSchema = z
  .object({
    vendor: z.string(),
    vendorName: z.string(),
    id: z.string(),
    name: z.string(),
  })
  .openapi('CanaryForm');

export const CanarySchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    vendorName: z.string(),
    form: z.string().openapi({ description: 'What kind of key it looks like' }),
    place: z.string().openapi({ description: 'Where it was planted' }),
    owner: z.string().openapi({ description: 'Who looks when it is used' }),
    plantedAt: z.string(),
    plantedBy: z.string(),
    retiredAt: z.string().nullable(),
    uses: z.number().openapi({ description: 'At a gateway, since it was planted' }),
    lastUsedAt: z.string().nullable(),
  })
  .openapi('Canary');
export type CanaryView = z.infer<typeof CanarySchema>;
export const CanaryPageSchema = pageSchema(CanarySchema);

export const CanaryUseSchema = z
  .object({
    crossing: z.string().openapi({ description: 'Its record in the journal; the console shows it' }),
    at: z.string(),
    address: z
      .string()
      .nullable()
      .openapi({ description: 'Where it came from; null: not told, or forgotten after 180 days' }),
    client: z.string().nullable().openapi({ description: 'What kind of program it said it was' }),
    connection: z.string(),
    endpoint: z.string(),
  })
  .openapi('CanaryUse');

export const CanaryDetailSchema = CanarySchema.extend({
  latestUses: z.array(CanaryUseSchema).openapi({ description: 'Newest first, at most 50' }),
}).openapi('CanaryDetail');
export type CanaryDetail = z.infer<typeof CanaryDetailSchema>;

export const NewCanarySchema = z
  .strictObject({
    vendor: z.string().max(60),
    form: z.string().max(60).openapi({ description: 'As GET /canary-forms lists them' }),
    place: ShortSchema.openapi({ example: 'The wiki page "Deploying the shop"' }),
    owner: ShortSchema,
    reason: ReasonSchema.optional(),
  })
  .openapi('NewCanary');
export type NewCanary = Omit<z.infer<typeof NewCanarySchema>, 'reason'>;

export const ShownCanarySchema = CanarySchema.extend({
  key: z.string().openapi({ description: 'The key, in this answer only: it is kept as a hash' }),
}).openapi('NewCanaryAnswer');
export type ShownCanary = z.infer<typeof ShownCanarySchema>;

export const CanaryReportSchema = z
  .strictObject({
    by: z.enum(['vendor', 'person']),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: 'When it was used; now if left out' }),
    text: ShortSchema.openapi({
      description: 'What was said',
      example: 'The vendor disabled it after a leak report',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('CanaryReport');
export type CanaryReport = Omit<z.infer<typeof CanaryReportSchema>, 'reason'>;

/** As gateways tell it (`gateway/canary.ts`). */
export const ToldUseSchema = z.strictObject({
  canary: z.string().min(1).max(60),
  crossing: z.uuid(),
  at: z.int().min(0).max(8_640_000_000_000_000),
  address: z.union([z.ipv4(), z.ipv6()]).nullable(),
  client: z.string().min(1).max(20),
  connection: z.string().min(1).max(60),
  endpoint: z.string().min(1).max(60),
  /** It stood in what an app of ours sent with a key of its own. Absent: somebody came in with it. */
  seen: z.strictObject({ app: z.string().min(1).max(60), key: z.string().min(1).max(60) }).optional(),
});
export type ToldUse = z.infer<typeof ToldUseSchema>;
