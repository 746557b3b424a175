import { z } from '@hono/zod-openapi';
import { allActions, ReasonSchema } from '../platform/index.ts';

const ActionSchema = z.enum(allActions as [(typeof allActions)[number], ...(typeof allActions)[number][]]);

export const TokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    actions: z
      .array(z.string())
      .openapi({ description: 'What it was made for; its person’s rights limit it further' }),
    state: z.enum(['works', 'expired', 'revoked']),
    createdAt: z.string(),
    expiresAt: z.string(),
    lastUsedAt: z.string().nullable().openapi({ description: 'To the minute' }),
    lastUsedAddress: z.string().nullable(),
    revokedAt: z.string().nullable(),
  })
  .openapi('ApiToken');
export type TokenView = z.infer<typeof TokenSchema>;

export const ShownTokenSchema = TokenSchema.extend({
  token: z.string().openapi({ description: 'The whole token, in this answer only: it is stored as a hash' }),
}).openapi('NewApiTokenAnswer');
export type ShownToken = z.infer<typeof ShownTokenSchema>;

export const NewTokenSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    actions: z.array(ActionSchema).min(1).max(200),
    days: z.int().min(1).max(365).default(30).openapi({ description: 'How long it works: 1 to 365' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewApiToken');
export type NewToken = z.infer<typeof NewTokenSchema>;
