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
  problemResponses,
} from '../platform/index.ts';
import type { Apps } from './apps.ts';
import {
  AppChangeSchema,
  AppPageSchema,
  AppSchema,
  KeyBindingSchema,
  KeyBoundsSchema,
  KeyCapsSchema,
  KeyLifetimeChangeSchema,
  KeyLifetimeSchema,
  KeyRollSchema,
  NewAppSchema,
  NewKeySchema,
  ShownKeySchema,
  VirtualKeyPageSchema,
  VirtualKeySchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const listApps = createRoute({
  method: 'get',
  path: '/apps',
  'x-needs': needs('app.read'),
  summary: 'Apps, in order of creation',
  request: { query: PageQuerySchema },
  responses: { 200: json(AppPageSchema, 'A page of apps'), ...problemResponses },
});
const createApp = createRoute({
  method: 'post',
  path: '/apps',
  'x-needs': needs('app.write'),
  summary: 'Name a workload that will hold virtual keys',
  request: { body: body(NewAppSchema) },
  responses: { 201: json(AppSchema, 'The new app'), ...problemResponses },
});
const readApp = createRoute({
  method: 'get',
  path: '/apps/{id}',
  'x-needs': needs('app.read'),
  summary: 'One app',
  request: { params },
  responses: { 200: json(AppSchema, 'The app'), ...problemResponses },
});
const changeApp = createRoute({
  method: 'patch',
  path: '/apps/{id}',
  'x-needs': needs('app.write', { own: 'app' }),
  summary: 'Give an app another name or owner',
  request: { params, body: body(AppChangeSchema) },
  responses: { 200: json(AppSchema, 'The app as it is now'), ...problemResponses },
});
const listKeysOfApp = createRoute({
  method: 'get',
  path: '/apps/{id}/keys',
  'x-needs': needs('app.read'),
  summary: 'The virtual keys of one app, oldest first',
  request: { params, query: PageQuerySchema },
  responses: { 200: json(VirtualKeyPageSchema, 'A page of keys'), ...problemResponses },
});
const createKey = createRoute({
  method: 'post',
  path: '/apps/{id}/keys',
  'x-needs': needs('key.write', { own: 'app' }),
  summary: 'Make a virtual key, which is shown in this answer only',
  request: { params, body: body(NewKeySchema) },
  responses: { 201: json(ShownKeySchema, 'The key, whole'), ...problemResponses },
});
const listKeys = createRoute({
  method: 'get',
  path: '/keys',
  'x-needs': needs('app.read'),
  summary: 'All virtual keys, oldest first',
  request: { query: PageQuerySchema },
  responses: { 200: json(VirtualKeyPageSchema, 'A page of keys'), ...problemResponses },
});
const bindKey = createRoute({
  method: 'put',
  path: '/keys/{id}/connections',
  'x-needs': needs('key.write', { own: 'key' }),
  summary: 'Bind a virtual key to these connections and no others',
  request: { params, body: body(KeyBindingSchema) },
  responses: { 200: json(VirtualKeySchema, 'The key as it is now'), ...problemResponses },
});
const rollKey = createRoute({
  method: 'post',
  path: '/keys/{id}/roll',
  'x-needs': needs('key.write', { own: 'key' }),
  summary: 'Make a key with the same rights; the one before works for the hours that are given, then expires',
  request: { params, body: body(KeyRollSchema) },
  responses: { 201: json(ShownKeySchema, 'The new key, whole'), ...problemResponses },
});
const setCaps = createRoute({
  method: 'patch',
  path: '/keys/{id}',
  'x-needs': needs('key.write', { own: 'key' }),
  summary: 'Change what a virtual key may use per minute and per day',
  request: { params, body: body(KeyCapsSchema) },
  responses: { 200: json(VirtualKeySchema, 'The key as it is now'), ...problemResponses },
});
const setBounds = createRoute({
  method: 'patch',
  path: '/keys/{id}/bounds',
  'x-needs': needs('key.write', { own: 'key' }),
  summary: 'Change what a virtual key may be used for, from which networks, and until when',
  request: { params, body: body(KeyBoundsSchema) },
  responses: { 200: json(VirtualKeySchema, 'The key as it is now'), ...problemResponses },
});
const readLifetime = createRoute({
  method: 'get',
  path: '/key-lifetime',
  'x-needs': needs('app.read'),
  summary: 'How long virtual keys live: by default, and at most',
  responses: {
    200: json(KeyLifetimeSchema, 'For workloads, and for keys that are a person’s own'),
    ...problemResponses,
  },
});
const setLifetime = createRoute({
  method: 'put',
  path: '/key-lifetime',
  'x-needs': needs('setting.change'),
  summary: 'Say how long virtual keys live; keys that are there keep their end',
  request: { body: body(KeyLifetimeChangeSchema) },
  responses: { 200: json(KeyLifetimeSchema, 'In force from now on'), ...problemResponses },
});
const revokeKey = createRoute({
  method: 'delete',
  path: '/keys/{id}',
  'x-needs': needs('key.write', { own: 'key' }),
  summary: 'Revoke a virtual key: gateways refuse it within a second',
  request: {
    params,
    headers: z.object({
      'x-drawbridge-reason': z.string().max(2000).optional().openapi({ description: 'Why it is revoked' }),
    }),
  },
  responses: { 204: { description: 'Revoked' }, ...problemResponses },
});

function by(c: Context<HttpEnv>, reason: string | undefined): By {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

export function appRoutes(apps: Apps) {
  return createRouter()
    .openapi(listApps, async (c) => c.json(await apps.list(c.req.valid('query')), 200))
    .openapi(createApp, async (c) => {
      const given = c.req.valid('json');
      const made = await apps.create(given, by(c, given.reason));
      return c.json(made, 201, { location: `${c.req.path}/${made.id}` });
    })
    .openapi(readApp, async (c) => c.json(await apps.get(c.req.valid('param').id), 200))
    .openapi(changeApp, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await apps.change(c.req.valid('param').id, given, by(c, reason)), 200);
    })
    .openapi(listKeysOfApp, async (c) =>
      c.json(await apps.listKeys(c.req.valid('query'), c.req.valid('param').id), 200),
    )
    .openapi(createKey, async (c) => {
      const given = c.req.valid('json');
      const made = await apps.createKey(c.req.valid('param').id, given, by(c, given.reason));
      c.set('shownOnce', true);
      return c.json(made, 201, { 'cache-control': 'no-store' });
    })
    .openapi(listKeys, async (c) => c.json(await apps.listKeys(c.req.valid('query')), 200))
    .openapi(bindKey, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await apps.bindKey(c.req.valid('param').id, given, by(c, reason)), 200);
    })
    .openapi(rollKey, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const made = await apps.rollKey(c.req.valid('param').id, given, by(c, reason));
      c.set('shownOnce', true);
      return c.json(made, 201, { 'cache-control': 'no-store' });
    })
    .openapi(setCaps, async (c) => {
      const given = c.req.valid('json');
      return c.json(await apps.setCaps(c.req.valid('param').id, given, by(c, given.reason)), 200);
    })
    .openapi(setBounds, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await apps.setBounds(c.req.valid('param').id, given, by(c, reason)), 200);
    })
    .openapi(readLifetime, async (c) => c.json(await apps.lifetime(), 200))
    .openapi(setLifetime, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await apps.setLifetime(given, by(c, reason)), 200);
    })
    .openapi(revokeKey, async (c) => {
      await apps.revokeKey(c.req.valid('param').id, by(c, undefined));
      return c.body(null, 204);
    });
}
