import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { Approvals } from './approvals.ts';
import { ApprovalListSchema, ApprovalSchema } from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const request = {
  params,
  body: {
    required: true,
    content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
  },
} as const;

const list = createRoute({
  method: 'get',
  path: '/approvals',
  summary: 'What waits for a second person first, then the latest',
  'x-needs': needs('approval.read'),
  responses: { 200: json(ApprovalListSchema, 'At most 50'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/approvals/{id}',
  summary: 'One of them',
  'x-needs': needs('approval.read'),
  request: { params },
  responses: { 200: json(ApprovalSchema, 'What is asked for, by whom and why'), ...problemResponses },
});
const approve = createRoute({
  method: 'post',
  path: '/approvals/{id}/approve',
  summary: 'Approve what another person asked for: just that, and once',
  'x-needs': needs('approval.decide'),
  request,
  responses: { 200: json(ApprovalSchema, 'Approved: who asked does it now'), ...problemResponses },
});
const refuse = createRoute({
  method: 'post',
  path: '/approvals/{id}/refuse',
  summary: 'Refuse what another person asked for',
  'x-needs': needs('approval.decide'),
  request,
  responses: { 200: json(ApprovalSchema, 'Refused'), ...problemResponses },
});
const withdraw = createRoute({
  method: 'post',
  path: '/approvals/{id}/withdraw',
  summary: 'Take back what one asked for',
  'x-needs': needs('approval.read'),
  request,
  responses: { 200: json(ApprovalSchema, 'Taken back'), ...problemResponses },
});

export function approvalRoutes(approvals: Approvals) {
  const by = (c: Context<HttpEnv>, reason: string | undefined) => ({
    actor: c.get('actor'),
    reason: givenReason(c, reason),
  });
  return createRouter()
    .openapi(list, async (c) => c.json({ items: await approvals.list() }, 200))
    .openapi(read, async (c) => c.json(await approvals.get(c.req.valid('param').id), 200))
    .openapi(approve, async (c) =>
      c.json(
        await approvals.decide(c.req.valid('param').id, 'approved', by(c, c.req.valid('json').reason)),
        200,
      ),
    )
    .openapi(refuse, async (c) =>
      c.json(
        await approvals.decide(c.req.valid('param').id, 'refused', by(c, c.req.valid('json').reason)),
        200,
      ),
    )
    .openapi(withdraw, async (c) =>
      c.json(await approvals.withdraw(c.req.valid('param').id, by(c, c.req.valid('json').reason)), 200),
    );
}
