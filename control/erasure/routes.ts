import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import type { Erasures } from './erasures.ts';
import type { Holds } from './holds.ts';
import {
  AskedSubjectSchema,
  ErasureAskSchema,
  ErasureSchema,
  HoldAskSchema,
  HoldSchema,
  PreviewSchema,
  ReasonBodySchema,
} from './schemas.ts';

const params = z.object({ id: z.uuid() });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const preview = createRoute({
  method: 'post',
  path: '/erasures/preview',
  'x-needs': needs('erasure.read'),
  summary: 'What an erasure would do: whom it is about, what goes, what persists. Changes nothing',
  request: { body: body(AskedSubjectSchema) },
  responses: { 200: json(PreviewSchema, 'What would be erased'), ...problemResponses },
});
const erase = createRoute({
  method: 'post',
  path: '/erasures',
  'x-needs': needs('erasure.run'),
  summary: 'Erase a subject',
  description:
    'Takes the subject out of payload items, exposure ledger, crossings and review queue, and says what persists. It can not be undone. 409 `legal_hold` where a hold stands against it: the request is kept and can be carried out later.',
  request: { body: body(ErasureAskSchema) },
  responses: { 201: json(ErasureSchema, 'The erasure, done'), ...problemResponses },
});
const carryOut = createRoute({
  method: 'post',
  path: '/erasures/{id}/carry-out',
  'x-needs': needs('erasure.run'),
  summary: 'Carry out an erasure that waited for a legal hold',
  request: { params, body: body(ReasonBodySchema) },
  responses: { 200: json(ErasureSchema, 'The erasure, done'), ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/erasures',
  'x-needs': needs('erasure.read'),
  summary: 'Erasures that were asked for, newest first. None says of whom',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(ErasureSchema), 'A page of erasures'), ...problemResponses },
});
const setHold = createRoute({
  method: 'post',
  path: '/holds',
  'x-needs': needs('hold.write'),
  summary: 'Set a legal hold: the subject is not erased, and its items are not pruned',
  request: { body: body(HoldAskSchema) },
  responses: { 201: json(HoldSchema, 'The hold'), ...problemResponses },
});
const liftHold = createRoute({
  method: 'post',
  path: '/holds/{id}/lift',
  'x-needs': needs('hold.write'),
  summary: 'Lift a legal hold; the answer names the erasures that waited for it',
  request: { params, body: body(ReasonBodySchema) },
  responses: { 200: json(HoldSchema, 'The hold'), ...problemResponses },
});
const listHolds = createRoute({
  method: 'get',
  path: '/holds',
  'x-needs': needs('erasure.read'),
  summary: 'Legal holds, newest first. None says on whom',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(HoldSchema), 'A page of holds'), ...problemResponses },
});

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

export function erasureRoutes(erasures: Erasures, holds: Holds) {
  return createRouter()
    .openapi(preview, async (c) => {
      // It shows pseudonyms: a repetition must not be answered from a copy in clear.
      c.set('shownOnce', true);
      return c.json(await erasures.preview(c.req.valid('json')), 200);
    })
    .openapi(erase, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(await erasures.erase(asked, byOf(c, reason)), 201);
    })
    .openapi(carryOut, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      return c.json(await erasures.carryOut(c.req.valid('param').id, by), 200);
    })
    .openapi(list, async (c) => c.json(await erasures.list(c.req.valid('query')), 200))
    .openapi(setHold, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(await holds.set(asked, byOf(c, reason)), 201);
    })
    .openapi(liftHold, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      return c.json(await holds.lift(c.req.valid('param').id, by), 200);
    })
    .openapi(listHolds, async (c) => c.json(await holds.list(c.req.valid('query')), 200));
}
