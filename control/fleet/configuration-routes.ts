import { createRoute, z } from '@hono/zod-openapi';
import type { Names } from '../crossings/index.ts';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  pageSchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { differenceKinds, type NameOf } from './differences.ts';
import type { Fleet } from './fleet.ts';
import { listVersions, readVersion } from './history.ts';
import type { Part } from './parts.ts';

const VersionSchema = z
  .object({
    version: z.number(),
    hash: z.string().openapi({ description: 'SHA-256 of the content, secrets by name only' }),
    publishedAt: z.string(),
    before: z.number().nullable().openapi({
      description: 'The version before it that is kept; null: nothing is known of the difference',
    }),
    changes: z
      .array(
        z.object({
          id: z.string(),
          at: z.string(),
          actor: z.string(),
          reason: z.string(),
          act: z.string(),
          subject: z.object({ kind: z.string(), id: z.string() }),
        }),
      )
      .openapi({ description: 'What people did that led to it: a list has the first 3, one version 500' }),
    changesInAll: z.number(),
    differences: z.array(
      z.object({
        code: z.string(),
        subject: z.object({ kind: z.enum(differenceKinds), id: z.string() }),
        text: z.string(),
      }),
    ),
    differencesInAll: z.number(),
    inForce: z.boolean(),
  })
  .openapi('ConfigurationVersion');

const LineSchema = z.object({
  subject: z.object({
    kind: z.enum(['connection', 'key', 'vendor', 'policy', 'egress', 'app']),
    id: z.string(),
    name: z.string(),
  }),
  text: z.string(),
});
const RollbackSchema = z
  .object({
    to: z.number(),
    basedOn: z.number().openapi({ description: 'The version in force when this was found out' }),
    putBack: z.array(LineSchema),
    stays: z.array(LineSchema).openapi({ description: 'What can not be put back, or was not asked for' }),
  })
  .openapi('Rollback');

const params = z.object({ version: z.coerce.number().int().min(1) });

const list = createRoute({
  method: 'get',
  path: '/snapshots',
  'x-needs': needs('gateway.read'),
  summary: 'Versions of the configuration, newest first',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(VersionSchema), 'A page of versions'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/snapshots/{version}',
  'x-needs': needs('gateway.read'),
  summary: 'One version: what led to it, and how it differs from the one before',
  request: { params },
  responses: { 200: json(VersionSchema, 'The version'), ...problemResponses },
});
const plan = createRoute({
  method: 'get',
  path: '/snapshots/{version}/rollback',
  'x-needs': needs('gateway.read'),
  summary: 'What going back to this version would do, and what it can not do',
  request: { params, query: z.object({ reopen: z.enum(['true', 'false']).default('false') }) },
  responses: { 200: json(RollbackSchema, 'What would happen'), ...problemResponses },
});
const goBack = createRoute({
  method: 'post',
  path: '/snapshots/{version}/rollback',
  'x-needs': needs('configuration.rollback'),
  summary: 'Put the configuration of this version back',
  request: {
    params,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              basedOn: z.int().min(1).openapi({ description: 'The version in force that was looked at' }),
              reopen: z
                .boolean()
                .default(false)
                .openapi({ description: 'Open connections again that were open then and are severed now' }),
              reason: ReasonSchema.optional(),
            })
            .openapi('RollbackRequest'),
        },
      },
    },
  },
  responses: { 200: json(RollbackSchema, 'What was put back, and what was not'), ...problemResponses },
});

/** What people ask about the configuration: its history, and the way back. */
export function configurationRoutes(platform: Platform, fleet: Fleet, names: Names) {
  const named = async (parts: readonly Part[]): Promise<NameOf> => {
    const [connections, apps] = await Promise.all([
      names.connections([...new Set(parts.flatMap(connectionsOf))]),
      names.apps([...new Set(parts.flatMap((part) => (part.kind === 'key' ? [part.value.app] : [])))]),
    ]);
    return { connection: (id) => connections.get(id) ?? id, app: (id) => apps.get(id) ?? id };
  };
  const inForce = (version: { version: number }) => version.version === fleet.version();
  return createRouter()
    .openapi(list, async (c) => {
      const { items, next } = await listVersions(platform, named, c.req.valid('query'));
      return c.json({ items: items.map((item) => ({ ...item, inForce: inForce(item) })), next }, 200);
    })
    .openapi(read, async (c) => {
      const found = await readVersion(platform, named, c.req.valid('param').version);
      return c.json({ ...found, inForce: inForce(found) }, 200);
    })
    .openapi(plan, async (c) => {
      const reopen = c.req.valid('query').reopen === 'true';
      return c.json(await fleet.planRollback(c.req.valid('param').version, reopen), 200);
    })
    .openapi(goBack, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await fleet.rollBack({ to: c.req.valid('param').version, ...asked }, by), 200);
    });
}

function connectionsOf(part: Part): string[] {
  if (part.kind === 'connection') return [part.value.id];
  return part.kind === 'key' ? part.value.connections : [];
}
