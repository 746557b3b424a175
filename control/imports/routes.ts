import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  Problem,
  problemResponses,
} from '../platform/index.ts';
import { type Imports, LARGEST_IMPORT } from './imports.ts';
import {
  AboutVendorSchema,
  ImportedAnswerPageSchema,
  ImportedVendorPageSchema,
  ImportedVendorQuerySchema,
  ImportQuerySchema,
  SourceIdSchema,
  SourcePageSchema,
  TakenImportSchema,
} from './schemas.ts';

const params = z.object({ source: SourceIdSchema });

const list = createRoute({
  method: 'get',
  path: '/vendor-imports',
  'x-needs': needs('vendor.read'),
  summary: 'Sources of others that were taken in: version, licence, when and by whom',
  request: { query: PageQuerySchema },
  responses: { 200: json(SourcePageSchema, 'A page of sources'), ...problemResponses },
});
const take = createRoute({
  method: 'put',
  path: '/vendor-imports/{source}',
  'x-needs': needs('register.change'),
  summary:
    'Take in what others publish of vendors, for your own use; what the source said before is replaced',
  description:
    'The body is the file as it is published: entity_map.json of Tracker Radar, trackerdb.json, vendor-list.json of the TCF, Probo’s list, or a CAIQ that was answered (xlsx or JSON). The reason goes in x-drawbridge-reason.',
  request: {
    params,
    query: ImportQuerySchema,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: { 200: json(TakenImportSchema, 'What it did, or with `preview` would do'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/vendor-imports/{source}',
  'x-needs': needs('register.change'),
  summary: 'Take all of a source out again',
  request: { params },
  responses: { 204: { description: 'It is gone' }, ...problemResponses },
});
const vendors = createRoute({
  method: 'get',
  path: '/vendor-imports/{source}/vendors',
  'x-needs': needs('vendor.read'),
  summary: 'What a source says of vendors',
  request: { params, query: ImportedVendorQuerySchema },
  responses: { 200: json(ImportedVendorPageSchema, 'A page of its vendors'), ...problemResponses },
});
const answers = createRoute({
  method: 'get',
  path: '/vendor-imports/{source}/answers',
  'x-needs': needs('vendor.read'),
  summary: 'What a vendor answered in a questionnaire',
  request: { params, query: PageQuerySchema },
  responses: { 200: json(ImportedAnswerPageSchema, 'A page of answers'), ...problemResponses },
});
const about = createRoute({
  method: 'get',
  path: '/known-vendors/{vendor}/imported',
  'x-needs': needs('vendor.read'),
  summary:
    'What sources that were taken in say of one vendor: declared, and each marked with whose word it is',
  request: { params: z.object({ vendor: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/) }) },
  responses: { 200: json(AboutVendorSchema, 'Entries, and answers'), ...problemResponses },
});

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export const largestVendorImport = (path: string): number | null =>
  /\/vendor-imports\/[^/]+$/.test(path) ? LARGEST_IMPORT + 1 : null;

export function importRoutes(imports: Imports) {
  return createRouter()
    .openapi(list, async (c) => c.json(await imports.list(c.req.valid('query')), 200))
    .openapi(take, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c) };
      const { body } = c.req.raw;
      if (body === null)
        throw new Problem(400, 'invalid_request', 'The body is the file, and there is none.');
      return c.json(await imports.take(c.req.valid('param').source, c.req.valid('query'), body, by), 200);
    })
    .openapi(remove, async (c) => {
      await imports.remove(c.req.valid('param').source, { actor: c.get('actor'), reason: givenReason(c) });
      return c.body(null, 204);
    })
    .openapi(vendors, async (c) =>
      c.json(await imports.vendors(c.req.valid('param').source, c.req.valid('query')), 200),
    )
    .openapi(answers, async (c) =>
      c.json(await imports.answers(c.req.valid('param').source, c.req.valid('query')), 200),
    )
    .openapi(about, async (c) => c.json(await imports.about(c.req.valid('param').vendor), 200));
}
