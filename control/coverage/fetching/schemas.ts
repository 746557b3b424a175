import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../../platform/index.ts';
import { AccountSchema } from '../schemas.ts';

const UpstreamSchema = z.strictObject({
  scheme: z.enum(['https', 'http']),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65535),
  private: z.boolean(),
});
const EveryHoursSchema = z
  .int()
  .min(1)
  .max(168)
  .nullable()
  .openapi({ description: 'How often, in hours; null: only when somebody asks' });
const ErrorSchema = z.object({ code: z.string(), text: z.string() }).nullable();

export const FetchEntrySchema = z
  .strictObject({
    account: AccountSchema,
    value: z
      .string()
      .regex(/^[!-~]{8,4096}$/, 'a credential is 8 to 4096 visible ASCII characters, without spaces')
      .openapi({ description: 'The admin credential. Stored sealed; never answered.', format: 'password' }),
    everyHours: EveryHoursSchema.default(24),
    upstream: UpstreamSchema.optional().openapi({
      description: 'Where the reports are asked for; left out: at the vendor’s host',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('UsageFetchEntry');
export const ScheduleSchema = z
  .strictObject({ everyHours: EveryHoursSchema, reason: ReasonSchema.optional() })
  .openapi('UsageFetchSchedule');
export const OnlyReasonSchema = z.strictObject({ reason: ReasonSchema.optional() });

export const FetchSchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    account: z.string(),
    upstream: UpstreamSchema,
    everyHours: z.int().nullable(),
    state: z.enum(['waiting', 'fetching']),
    nextAt: z.string().nullable().openapi({ description: 'Null: when somebody asks' }),
    triedAt: z.string().nullable(),
    fetchedAt: z.string().nullable().openapi({ description: 'When a report was last taken in' }),
    failed: z.int().openapi({ description: 'Tries in a row that did not bring every report' }),
    error: ErrorSchema,
    enteredAt: z.string(),
    enteredBy: z.string(),
    reports: z.array(
      z.object({
        of: z.string(),
        triedAt: z.string(),
        fetchedAt: z.string().nullable(),
        lastDay: z.string().nullable().openapi({ description: 'The last day that was asked for' }),
        import: z.string().nullable(),
        error: ErrorSchema,
      }),
    ),
  })
  .openapi('UsageFetch');
export type FetchView = z.infer<typeof FetchSchema>;
export const FetchPageSchema = pageSchema(FetchSchema);

export const FetchingSchema = z
  .object({
    api: z
      .object({ host: z.string(), credential: z.string(), of: z.array(z.string()) })
      .nullable()
      .openapi({ description: 'Null: it is not known how reports of this vendor are fetched' }),
    items: z.array(FetchSchema),
  })
  .openapi('UsageFetching');
export type FetchingView = z.infer<typeof FetchingSchema>;
