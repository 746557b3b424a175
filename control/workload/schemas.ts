import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { LONGEST_TOKEN } from './verify.ts';

const TextSchema = z.string().min(1).max(300);

export const WorkloadSchema = z
  .object({
    id: z.string().openapi({ description: 'What the app names when it exchanges a token; no secret' }),
    app: z.string(),
    name: z.string(),
    issuer: z.string(),
    audience: z.string(),
    subject: z.string(),
    connections: z.array(z.string()),
    minutes: z.int(),
    keys: z.enum(['of the issuer', 'entered']),
    private: z.boolean(),
    createdAt: z.string(),
    createdBy: z.string(),
    exchanges: z.int().openapi({ description: 'Keys that were made of it' }),
    lastUsedAt: z.string().nullable(),
    lastRefusedAt: z.string().nullable(),
    lastRefusedWhy: z.string().nullable(),
  })
  .openapi('Workload');
export type WorkloadView = z.infer<typeof WorkloadSchema>;

export const NewWorkloadSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    issuer: TextSchema.openapi({
      description: 'As tokens name it in `iss`: an https address, or any name where `jwks` is given',
      example: 'https://token.actions.githubusercontent.com',
    }),
    audience: TextSchema.openapi({
      description: 'As tokens name it in `aud`',
      example: 'https://drawbridge.example',
    }),
    subject: TextSchema.openapi({
      description:
        'As tokens name it in `sub`. `*` stands for characters of one segment; segments stand between ":" and "/", and the first two are written out',
      example: 'repo:octo-org/app:ref:refs/heads/*',
    }),
    connections: z.array(z.string().max(60)).min(1).max(500),
    minutes: z.int().min(1).max(60).default(15).openapi({ description: 'How long a key works: 1 to 60' }),
    jwks: z
      .looseObject({ keys: z.array(z.unknown()).max(100) })
      .optional()
      .openapi({ description: 'The issuer’s public keys, where it can not be asked for them' }),
    private: z.boolean().default(false).openapi({ description: 'The issuer may be in a private network' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewWorkload');
export type NewWorkload = z.infer<typeof NewWorkloadSchema>;

export const ExchangeSchema = z
  .strictObject({
    workload: z.string().max(60),
    token: z.string().min(1).max(LONGEST_TOKEN),
  })
  .openapi('WorkloadExchange');

export const ExchangedKeySchema = z
  .object({
    id: z.string(),
    key: z.string().openapi({ description: 'The virtual key, in this answer only' }),
    connections: z.array(z.string()),
    expiresAt: z.string(),
  })
  .openapi('ExchangedKey');
export type ExchangedKey = z.infer<typeof ExchangedKeySchema>;
