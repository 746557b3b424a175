import { z } from '@hono/zod-openapi';
import { keyAlarmKinds } from './tables.ts';

export const KeyAlarmSchema = z
  .object({
    id: z.string(),
    kind: z.enum(keyAlarmKinds),
    about: z.object({ kind: z.string(), id: z.string() }).openapi({ description: 'Whose key it was' }),
    vendor: z.string().nullable(),
    text: z.string().openapi({ description: 'What happened, and what to do' }),
    evidence: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .openapi({ description: 'What it rests on' }),
    raisedAt: z.string(),
    firstAt: z.string().openapi({ description: 'The first use that it is of' }),
    lastAt: z.string(),
    times: z.number(),
    acknowledged: z
      .object({ at: z.string(), by: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'Who has looked at it; null: it is warned of' }),
  })
  .openapi('KeyAlarm');
export type KeyAlarmView = z.infer<typeof KeyAlarmSchema>;
