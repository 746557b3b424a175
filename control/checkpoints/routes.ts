import { CHECKPOINT_POST_LIMIT, CheckpointPostSchema } from '@drawbridge/protocol';
import { createRoute, z } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import {
  createRouter,
  givenReason,
  json,
  needs,
  type Platform,
  Problem,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { acknowledge, ContradictionSchema, readContradictions } from './contradictions.ts';
import { REQUEST_ENTRIES, takeCheckpoint } from './take.ts';

/** What the guard in front has found out about the caller. */
interface PostingEnv {
  Variables: { gateway: { id: string }; requestId: string };
}

/**
 * `POST /checkpoint`: takes a log's newest checkpoint from its gateway. Mounted behind `gatewayAuth`. `most` is for tests:
 * entries that are hashed for one request.
 */
export function checkpointRoutes(platform: Platform, most = REQUEST_ENTRIES) {
  return new Hono<PostingEnv>().post(
    '/checkpoint',
    bodyLimit({ maxSize: CHECKPOINT_POST_LIMIT, onError: tooLarge }),
    async (c) => {
      const posted = CheckpointPostSchema.safeParse(parsed(await c.req.text()));
      if (!posted.success) {
        const issue = posted.error.issues[0];
        throw badRequest(issue?.path.map(String).join('.') || '(body)', issue?.message ?? 'not valid');
      }
      const { kind, verified } = await takeCheckpoint(platform, c.var.gateway.id, posted.data, most);
      return c.json({ verified }, kind === 'taken' ? 200 : 202);
    },
  );
}

const contradictions = createRoute({
  method: 'get',
  path: '/gateways/{id}/contradictions',
  'x-needs': needs('gateway.read'),
  summary: 'Checkpoints of a gateway that do not fit what is stored of its logs, as they were posted',
  request: { params: z.object({ id: z.string().max(60) }) },
  responses: {
    200: json(z.object({ items: z.array(ContradictionSchema) }), 'The evidence, newest first'),
    ...problemResponses,
  },
});

const acknowledgeOne = createRoute({
  method: 'post',
  path: '/gateways/{id}/contradictions/{contradiction}/acknowledge',
  'x-needs': needs('gateway.acknowledge'),
  summary: 'Say that a person has looked at a piece of evidence: it is not warned of any more, and stays',
  request: {
    params: z.object({
      id: z.string().max(60),
      contradiction: z.coerce
        .number()
        .int()
        .min(1)
        .max(2 ** 53 - 1),
    }),
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: { 200: json(ContradictionSchema, 'The evidence, acknowledged'), ...problemResponses },
});

/** What contradicts the gateways' logs, for people; the logs themselves are in their list. */
export function contradictionRoutes(platform: Platform) {
  return createRouter()
    .openapi(contradictions, async (c) =>
      c.json({ items: await readContradictions(platform, c.req.valid('param').id) }, 200),
    )
    .openapi(acknowledgeOne, async (c) => {
      const { id: gateway, contradiction } = c.req.valid('param');
      const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      return c.json(await acknowledge(platform, { gateway, contradiction }, by), 200);
    });
}

const badRequest = (field: string, message: string): Problem =>
  new Problem(400, 'invalid_request', `${field}: ${message}`, [{ field, message }]);

function tooLarge(): never {
  throw new Problem(413, 'too_large', `A checkpoint is posted in at most ${CHECKPOINT_POST_LIMIT} bytes.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest('(body)', 'is not JSON');
    throw error;
  }
}
