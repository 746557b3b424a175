import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  type Caller,
  createRouter,
  givenReason,
  type HttpEnv,
  invalid,
  json,
  needs,
  PageQuerySchema,
  problemResponses,
} from '../platform/index.ts';
import type { Asked } from './gather.ts';
import { markLine } from './mark.ts';
import { listSeverances, planOf, type ReadDeps, severanceOf } from './read.ts';
import {
  BeginSchema,
  MarkSchema,
  PlanQuerySchema,
  PlanSchema,
  ReopenSchema,
  SeverancePageSchema,
  SeveranceSchema,
} from './schemas.ts';
import { beginSeverance, destroyAsked, reopenSeverance } from './severances.ts';

const params = z.object({ severance: z.uuid() });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const whole = { 200: json(SeveranceSchema, 'The severance'), ...problemResponses };

const plan = createRoute({
  method: 'get',
  path: '/severance-plan',
  'x-needs': needs('severance.read'),
  summary: 'What cutting off a vendor, a connection, a sub-processor’s dependents or a field class would do',
  description: 'One of `vendor`, `connection` and `party`; with `vendor` also `fieldClass`.',
  request: { query: PlanQuerySchema },
  responses: { 200: json(PlanSchema, 'Four lists, and what would stop'), ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/severances',
  'x-needs': needs('severance.read'),
  summary: 'What is and was cut off, the newest first',
  request: {
    query: PageQuerySchema.extend({
      incident: z.uuid().optional(),
      vendor: z.string().max(61).optional(),
      open: z.enum(['true', 'false']).optional().openapi({ description: '`true`: only what has not ended' }),
    }),
  },
  responses: { 200: json(SeverancePageSchema, 'A page of severances'), ...problemResponses },
});
const begin = createRoute({
  method: 'post',
  path: '/severances',
  'x-needs': needs('severance.run'),
  summary: 'Cut something off, at every gateway and at the egress proxy within a second',
  description:
    'With the incident of a drill nothing is cut: it is a rehearsal. `destroyPseudonyms` needs `epoch.begin` too and can not be undone.',
  request: { body: body(BeginSchema) },
  responses: { 201: json(SeveranceSchema, 'The severance'), ...problemResponses },
});
const one = createRoute({
  method: 'get',
  path: '/severances/{severance}',
  'x-needs': needs('severance.read'),
  summary: 'A severance: what is cut and where that is in force, what people still have to end elsewhere',
  request: { params },
  responses: whole,
});
const mark = createRoute({
  method: 'post',
  path: '/severances/{severance}/lines/{line}',
  'x-needs': needs('severance.mark'),
  summary: 'Say that something was ended elsewhere, and what shows it',
  request: { params: params.extend({ line: z.string().min(1).max(400) }), body: body(MarkSchema) },
  responses: whole,
});
const reopen = createRoute({
  method: 'post',
  path: '/severances/{severance}/reopen',
  'x-needs': needs('severance.run'),
  summary: 'Reopen what a severance cut off; what another one holds stays cut off',
  request: { params, body: body(ReopenSchema) },
  responses: whole,
});

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By & { actor: Caller } => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

export function severRoutes(deps: ReadDeps) {
  const { platform } = deps;
  return createRouter()
    .openapi(plan, async (c) => c.json(await planOf(deps, askedOf(c.req.valid('query'))), 200))
    .openapi(list, async (c) => {
      const { open, ...query } = c.req.valid('query');
      if (query.incident !== undefined) await deps.book.expectVisible(query.incident, c.get('actor'));
      return c.json(await listSeverances(deps, c.get('actor'), { ...query, open: open === 'true' }), 200);
    })
    .openapi(begin, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = byOf(c, reason);
      if (given.destroyPseudonyms === true) await c.get('expectMay')?.('epoch.begin');
      if (given.incident !== undefined) await deps.book.expectVisible(given.incident, c.get('actor'));
      const id = await beginSeverance(deps, given, by);
      await destroyAsked(deps, id).catch((error: unknown) => {
        platform.log.error(
          { err: error, severance: id },
          'a pseudonym secret could not be destroyed yet; it is tried again',
        );
      });
      return c.json(await severanceOf(deps, id, c.get('actor')), 201, { location: `${c.req.path}/${id}` });
    })
    .openapi(one, async (c) =>
      c.json(await severanceOf(deps, c.req.valid('param').severance, c.get('actor')), 200),
    )
    .openapi(mark, async (c) => {
      const { severance, line } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await markLine(deps, severance, line, given, byOf(c, reason));
      return c.json(await severanceOf(deps, severance, c.get('actor')), 200);
    })
    .openapi(reopen, async (c) => {
      const { severance } = c.req.valid('param');
      const { reason, contracts } = c.req.valid('json');
      await reopenSeverance(deps, severance, contracts ?? {}, byOf(c, reason));
      return c.json(await severanceOf(deps, severance, c.get('actor')), 200);
    });
}

function askedOf(query: z.infer<typeof PlanQuerySchema>): Asked {
  const { vendor, connection, party, fieldClass, treatment, vendors } = query;
  const given = [vendor, connection, party].filter((id) => id !== undefined);
  if (given.length !== 1) throw invalid('vendor', 'give one of `vendor`, `connection` and `party`');
  const chosen = vendors?.split(',').filter((id) => id !== '');
  const rest = { fieldClass, treatment, vendors: chosen };
  if (connection !== undefined) return { kind: 'connection', id: connection, ...rest };
  if (party !== undefined) return { kind: 'party', id: party, ...rest };
  return { kind: fieldClass === undefined ? 'vendor' : 'field_class', id: vendor ?? '', ...rest };
}
