import { z } from '@hono/zod-openapi';
import { approvalStates } from './rule.ts';

export const ApprovalSchema = z
  .object({
    id: z.string(),
    act: z
      .string()
      .openapi({ description: 'As the change is named that it makes', example: 'connection.change' }),
    subject: z.object({ kind: z.string(), id: z.string() }),
    what: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'All that is to be done, and nothing else' }),
    state: z.enum(approvalStates),
    reason: z.string(),
    askedAt: z.string(),
    askedBy: z.object({ id: z.string(), name: z.string() }),
    expiresAt: z.string().openapi({ description: 'After it, nothing is approved or done any more' }),
    decidedAt: z.string().nullable(),
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
    usedAt: z.string().nullable().openapi({ description: 'When it was done: an approval is good once' }),
  })
  .openapi('Approval');
export type ApprovalView = z.infer<typeof ApprovalSchema>;

export const ApprovalListSchema = z.object({ items: z.array(ApprovalSchema) });
