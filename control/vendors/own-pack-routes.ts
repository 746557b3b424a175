import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { LARGEST_PACK } from './load.ts';
import type { OwnPack, OwnPacks } from './own-packs.ts';

const PackTextSchema = z
  .union([z.string().min(1).max(LARGEST_PACK), z.looseObject({ vendor: z.string() })])
  .openapi({ description: 'A pack as packs are written: YAML as text, or the same as JSON' });
const OwnPackSchema = z
  .object({
    vendor: z.string(),
    version: z.int(),
    text: z.string().openapi({ description: 'As it was entered' }),
    versions: z.array(
      z.object({ version: z.int(), author: z.string(), reason: z.string(), createdAt: z.string() }),
    ),
  })
  .openapi('OwnPack');
const vendorParams = z.object({ vendor: z.string().max(60) });
const ofJson = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const createPack = createRoute({
  method: 'post',
  path: '/packs',
  'x-needs': needs('pack.write'),
  summary: 'Add a vendor that is not shipped',
  description: 'The pack is checked as shipped ones are, and can be connected at once. docs/add-a-vendor.md',
  request: { body: ofJson(z.strictObject({ pack: PackTextSchema, reason: ReasonSchema.optional() })) },
  responses: { 201: json(OwnPackSchema, 'The pack'), ...problemResponses },
});
const readOwnPack = createRoute({
  method: 'get',
  path: '/packs/{vendor}',
  'x-needs': needs('vendor.read'),
  summary: 'A pack that was entered here: its text and versions',
  request: { params: vendorParams },
  responses: { 200: json(OwnPackSchema, 'The pack'), ...problemResponses },
});
const replacePack = createRoute({
  method: 'put',
  path: '/packs/{vendor}',
  'x-needs': needs('pack.write'),
  summary: 'Put a new version of a pack in force',
  description: 'Connections that use it are served by the new version at once.',
  request: {
    params: vendorParams,
    body: ofJson(
      z.strictObject({ pack: PackTextSchema, basedOn: z.int().min(1), reason: ReasonSchema.optional() }),
    ),
  },
  responses: { 200: json(OwnPackSchema, 'The pack as it is now'), ...problemResponses },
});
const removePack = createRoute({
  method: 'delete',
  path: '/packs/{vendor}',
  'x-needs': needs('pack.write'),
  summary: 'Remove a pack that no connection uses',
  request: { params: vendorParams },
  responses: { 204: { description: 'It is gone' }, ...problemResponses },
});

const by = (c: Context<HttpEnv>, reason?: string): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});
const textOf = (pack: z.infer<typeof PackTextSchema>): string =>
  typeof pack === 'string' ? pack : JSON.stringify(pack, null, 2);
const tagOf = ({ version }: OwnPack) => ({ etag: `"${version}"` });

/** Packs that people enter for vendors that are not shipped. */
export function ownPackRoutes(own: OwnPacks) {
  return createRouter()
    .openapi(createPack, async (c) => {
      const { pack, reason } = c.req.valid('json');
      const made = await own.create(textOf(pack), by(c, reason));
      return c.json(made, 201, { ...tagOf(made), location: `${c.req.path}/${made.vendor}` });
    })
    .openapi(readOwnPack, async (c) => {
      const found = await own.read(c.req.valid('param').vendor);
      return c.json(found, 200, tagOf(found));
    })
    .openapi(replacePack, async (c) => {
      const { pack, basedOn, reason } = c.req.valid('json');
      const made = await own.replace(c.req.valid('param').vendor, textOf(pack), basedOn, by(c, reason));
      return c.json(made, 200, tagOf(made));
    })
    .openapi(removePack, async (c) => {
      await own.remove(c.req.valid('param').vendor, by(c));
      return c.body(null, 204);
    });
}
