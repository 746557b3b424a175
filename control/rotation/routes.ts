import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Approvals } from '../approvals/index.ts';
import {
  type By,
  type Caller,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  type Platform,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { listDue, recordRotationEvent, writePolicy } from './due.ts';
import type { Rotations } from './rotations.ts';
import {
  AdminEntrySchema,
  DueSchema,
  EventSchema,
  PolicySchema,
  RotationDetailSchema,
  RotationViewSchema,
  SayingSchema,
  StartSchema,
} from './schemas.ts';
import { enterVendorAdmin, removeVendorAdmin } from './vendor-admin.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const done = { description: 'Done' };

const listRotations = createRoute({
  method: 'get',
  path: '/rotations',
  'x-needs': needs('rotation.read'),
  summary: 'Rotations of credentials: those under way first, then the latest that are over',
  responses: {
    200: json(z.object({ items: z.array(RotationViewSchema) }), 'At most 200'),
    ...problemResponses,
  },
});
const readRotation = createRoute({
  method: 'get',
  path: '/rotations/{id}',
  'x-needs': needs('rotation.read'),
  summary: 'One rotation with its steps',
  request: { params },
  responses: { 200: json(RotationDetailSchema, 'The rotation'), ...problemResponses },
});
const startRotation = createRoute({
  method: 'post',
  path: '/connections/{id}/rotations',
  'x-needs': needs('rotation.run'),
  summary: 'Replace the credential of a connection without a pause',
  request: { params, body: body(StartSchema) },
  responses: { 201: json(RotationDetailSchema, 'It was started'), ...problemResponses },
});
const enterKey = createRoute({
  method: 'put',
  path: '/rotations/{id}/credential',
  'x-needs': needs('credential.enter'),
  summary: 'Enter the key that was made at the vendor, beside the one in force',
  request: {
    params,
    body: body(
      z.strictObject({
        value: AdminEntrySchema.shape.value,
        reason: ReasonSchema.optional(),
      }),
    ),
  },
  responses: { 200: json(RotationDetailSchema, 'The rotation; never the key'), ...problemResponses },
});
const sayTo = createRoute({
  method: 'post',
  path: '/rotations/{id}/say',
  'x-needs': needs('rotation.run'),
  summary: 'Try again, go back to the old key, go on, or say that the old key was deleted',
  request: { params, body: body(SayingSchema) },
  responses: { 200: json(RotationDetailSchema, 'The rotation'), ...problemResponses },
});
const listDueOnes = createRoute({
  method: 'get',
  path: '/rotations-due',
  'x-needs': needs('rotation.read'),
  summary: 'How old each credential is, when it is due, and why',
  responses: { 200: json(z.object({ items: z.array(DueSchema) }), 'Due longest first'), ...problemResponses },
});
const changePolicy = createRoute({
  method: 'put',
  path: '/connections/{id}/rotation-policy',
  'x-needs': needs('rotation.run'),
  summary: 'How often the credential of a connection is to be replaced',
  request: { params, body: body(PolicySchema) },
  responses: { 204: done, ...problemResponses },
});
const sayEvent = createRoute({
  method: 'post',
  path: '/rotation-events',
  'x-needs': needs('rotation.run'),
  summary: 'Say what makes credentials due: a person left, a vendor was breached, a key was seen elsewhere',
  description: 'Of one connection, of a vendor’s, or of all where neither is said.',
  request: { body: body(EventSchema) },
  responses: { 201: json(z.object({ id: z.string() }), 'It is on record'), ...problemResponses },
});
const enterAdmin = createRoute({
  method: 'put',
  path: '/connections/{id}/vendor-admin',
  'x-needs': needs('credential.enter'),
  summary: 'Enter the admin credential for the vendor’s API for keys',
  request: { params, body: body(AdminEntrySchema) },
  responses: { 204: done, ...problemResponses },
});
const removeAdmin = createRoute({
  method: 'delete',
  path: '/connections/{id}/vendor-admin',
  'x-needs': needs('credential.enter'),
  summary: 'Erase the admin credential for the vendor’s API for keys',
  request: { params, body: body(z.strictObject({ reason: ReasonSchema.optional() })) },
  responses: { 204: done, ...problemResponses },
});

export interface RotationRoutesDeps {
  platform: Platform;
  vault: Vault;
  catalogue: Catalogue;
  approvals: Approvals;
  rotations: Rotations;
}

export function rotationRoutes(deps: RotationRoutesDeps) {
  const { platform, catalogue, approvals, rotations } = deps;
  return createRouter()
    .openapi(listRotations, async (c) => c.json({ items: await rotations.list() }, 200))
    .openapi(readRotation, async (c) => c.json(await rotations.get(c.req.valid('param').id), 200))
    .openapi(startRotation, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await rotations.start(c.req.valid('param').id, given, byOf(c, reason)), 201);
    })
    .openapi(enterKey, async (c) => {
      const { value, reason } = c.req.valid('json');
      const by = byOf(c, reason);
      const { id } = c.req.valid('param');
      return c.json(await approvals.asking(by, () => rotations.enterKey(id, value, by)), 200);
    })
    .openapi(sayTo, async (c) => {
      const { says, reason } = c.req.valid('json');
      return c.json(await rotations.say(c.req.valid('param').id, says, byOf(c, reason)), 200);
    })
    .openapi(listDueOnes, async (c) => c.json({ items: await listDue(platform, catalogue) }, 200))
    .openapi(changePolicy, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      await writePolicy(platform, c.req.valid('param').id, given, byOf(c, reason));
      return c.body(null, 204);
    })
    .openapi(sayEvent, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await recordRotationEvent(platform, given, byOf(c, reason)), 201);
    })
    .openapi(enterAdmin, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = byOf(c, reason);
      await approvals.asking(by, () => enterVendorAdmin(deps, c.req.valid('param').id, given, by));
      return c.body(null, 204);
    })
    .openapi(removeAdmin, async (c) => {
      await removeVendorAdmin(platform, c.req.valid('param').id, byOf(c, c.req.valid('json').reason));
      return c.body(null, 204);
    });
}

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By & { actor: Caller } => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});
