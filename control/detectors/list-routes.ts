import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import type { Lists } from './lists.ts';
import {
  EntryViewSchema,
  ImportAskedSchema,
  ImportedSchema,
  ListAskedSchema,
  ListSchema,
  ShowAskedSchema,
} from './schemas.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const params = z.object({ list: z.uuid() });

const all = createRoute({
  method: 'get',
  path: '/known-lists',
  'x-needs': needs('detector.read'),
  summary: 'Lists of people, organisations and words that texts are looked through for: names and counts',
  responses: { 200: json(z.object({ items: z.array(ListSchema) }), 'By name'), ...problemResponses },
});
const create = createRoute({
  method: 'post',
  path: '/known-lists',
  'x-needs': needs('directory.import'),
  summary: 'Begin a list',
  request: { body: body(ListAskedSchema) },
  responses: { 201: json(ListSchema, 'The list, empty'), ...problemResponses },
});
const take = createRoute({
  method: 'post',
  path: '/known-lists/{list}/imports',
  'x-needs': needs('directory.import'),
  summary: 'Put what is handed in in the place of all that a list holds',
  description:
    'Taking the same in twice changes nothing. Up to 100,000 entries; names and addresses are kept sealed.',
  request: { params, body: body(ImportAskedSchema) },
  responses: { 200: json(ImportedSchema, 'What it did, or with `preview` would do'), ...problemResponses },
});
const show = createRoute({
  method: 'post',
  path: '/known-lists/{list}/looks',
  'x-needs': needs('directory.show'),
  summary: 'Look at what a list holds, in clear: that somebody looked is recorded',
  request: { params, body: body(ShowAskedSchema) },
  responses: { 200: json(pageSchema(EntryViewSchema), 'A page of entries'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/known-lists/{list}',
  'x-needs': needs('directory.import'),
  summary: 'Remove a list with all it holds',
  request: { params },
  responses: { 204: { description: 'Removed' }, ...problemResponses },
});
const removeEntry = createRoute({
  method: 'delete',
  path: '/known-lists/{list}/entries/{entry}',
  'x-needs': needs('directory.import'),
  summary: 'Remove one entry of a list',
  request: { params: params.extend({ entry: z.uuid() }) },
  responses: { 204: { description: 'Removed' }, ...problemResponses },
});

export function listRoutes(lists: Lists) {
  const byOf = (c: Context<HttpEnv>, reason: string | undefined): By => ({
    actor: c.get('actor'),
    reason: givenReason(c, reason),
  });
  return createRouter()
    .openapi(all, async (c) => c.json({ items: await lists.all() }, 200))
    .openapi(create, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(await lists.create(asked, byOf(c, reason)), 201);
    })
    .openapi(take, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(await lists.take(c.req.valid('param').list, asked, byOf(c, reason)), 200);
    })
    .openapi(show, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const shown = await lists.show(c.req.valid('param').list, asked, byOf(c, reason));
      c.set('shownOnce', true);
      return c.json(shown, 200, { 'cache-control': 'no-store' });
    })
    .openapi(remove, async (c) => {
      await lists.remove(c.req.valid('param').list, byOf(c, undefined));
      return c.body(null, 204);
    })
    .openapi(removeEntry, async (c) => {
      const { list, entry } = c.req.valid('param');
      await lists.removeEntry(list, entry, byOf(c, undefined));
      return c.body(null, 204);
    });
}
