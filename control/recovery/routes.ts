import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { drillView, listDrills, planDrill, type RecoveryDeps, reportText, stopDrill } from './drills.ts';
import {
  NewRecoveryDrillSchema,
  RecoveryDrillPageSchema,
  RecoveryDrillViewSchema,
  ReportSchema,
} from './schemas.ts';

const params = z.object({ recoveryDrill: z.uuid() });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const whole = { 200: json(RecoveryDrillViewSchema, 'The drill'), ...problemResponses };

const list = createRoute({
  method: 'get',
  path: '/recovery-drills',
  'x-needs': needs('recovery.read'),
  summary: 'Drills in which a vendor was, is or will be treated as lost, the newest first',
  request: {
    query: PageQuerySchema.extend({
      vendor: z.string().max(61).optional(),
      app: z.string().max(60).optional().openapi({ description: 'Also those that are for all apps' }),
    }),
  },
  responses: { 200: json(RecoveryDrillPageSchema, 'A page of drills'), ...problemResponses },
});
const plan = createRoute({
  method: 'post',
  path: '/recovery-drills',
  'x-needs': needs('recovery.run'),
  summary: 'Lose a vendor for some minutes, at once or on a schedule, for one app or a share of the traffic',
  description:
    'What no other connection takes fails, as it would if the vendor were gone. It ends by the gateways’ own clocks, whether or not the control plane is there.',
  request: { body: body(NewRecoveryDrillSchema) },
  responses: { 201: json(RecoveryDrillViewSchema, 'The drill'), ...problemResponses },
});
const one = createRoute({
  method: 'get',
  path: '/recovery-drills/{recoveryDrill}',
  'x-needs': needs('recovery.read'),
  summary: 'A drill, with what broke as far as it is known',
  request: { params },
  responses: whole,
});
const report = createRoute({
  method: 'get',
  path: '/recovery-drills/{recoveryDrill}/report',
  'x-needs': needs('recovery.read'),
  summary: 'The report as it was written down; the audit log has its SHA-256',
  request: { params },
  responses: { 200: json(ReportSchema, 'The exact text'), ...problemResponses },
});
const stop = createRoute({
  method: 'post',
  path: '/recovery-drills/{recoveryDrill}/stop',
  'x-needs': needs('recovery.stop'),
  summary: 'End a drill at once; one that is planned never begins, and none follows it',
  request: { params, body: body(z.strictObject({ reason: ReasonSchema.optional() })) },
  responses: whole,
});

export function recoveryRoutes(deps: RecoveryDeps) {
  return createRouter()
    .openapi(list, async (c) => c.json(await listDrills(deps, c.req.valid('query')), 200))
    .openapi(plan, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const id = await planDrill(deps, given, { actor: c.get('actor'), reason: givenReason(c, reason) });
      return c.json(await drillView(deps, id), 201, { location: `${c.req.path}/${id}` });
    })
    .openapi(one, async (c) => c.json(await drillView(deps, c.req.valid('param').recoveryDrill), 200))
    .openapi(report, async (c) => {
      const { recoveryDrill: id } = c.req.valid('param');
      const text = await reportText(deps, id);
      // Byte for byte: the log has the hash of exactly this.
      return c.body(text, 200, {
        'content-type': 'application/json',
        'content-disposition': `attachment; filename="recovery-drill-${id}.json"`,
      }) as never;
    })
    .openapi(stop, async (c) => {
      const { recoveryDrill: id } = c.req.valid('param');
      const reason = givenReason(c, c.req.valid('json').reason);
      await stopDrill(deps, id, { actor: c.get('actor'), reason });
      return c.json(await drillView(deps, id), 200);
    });
}
