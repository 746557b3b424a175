import type { Mapping } from '@drawbridge/evidence';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  Problem,
  problemResponses,
} from '../platform/index.ts';
import type { Coverage } from './index.ts';
import {
  CoverageSchema,
  ImportedSchema,
  ImportListQuerySchema,
  ImportPageSchema,
  ImportQuerySchema,
  LinkKeySchema,
  ReopenSchema,
  SaySourceSchema,
  SettleSchema,
  SummaryPageSchema,
  SummaryQuerySchema,
  VendorIdSchema,
  WindowQuerySchema,
} from './schemas.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const params = z.object({ vendor: VendorIdSchema });
const done = { 204: { description: 'Done' }, ...problemResponses } as const;

const listSummaries = createRoute({
  method: 'get',
  path: '/coverage',
  'x-needs': needs('coverage.read'),
  summary: 'How much of the traffic to each vendor with reports of use we saw in the last 30 days',
  request: { query: SummaryQuerySchema },
  responses: { 200: json(SummaryPageSchema, 'A page of vendors'), ...problemResponses },
});
const listImports = createRoute({
  method: 'get',
  path: '/coverage-reports',
  'x-needs': needs('coverage.read'),
  summary: 'Reports of use that were handed in, the latest first',
  request: { query: ImportListQuerySchema },
  responses: { 200: json(ImportPageSchema, 'A page of reports'), ...problemResponses },
});
const withdraw = createRoute({
  method: 'post',
  path: '/coverage-reports/{report}/withdraw',
  'x-needs': needs('coverage.change'),
  summary: 'Withdraw a report: it counts no longer',
  request: { params: z.object({ report: z.uuid() }) },
  responses: done,
});
const saySource = createRoute({
  method: 'post',
  path: '/coverage-sources',
  'x-needs': needs('coverage.change'),
  summary: 'Say whether what the gateway sends is in a source of evidence',
  request: { body: body(SaySourceSchema) },
  responses: done,
});
const readOne = createRoute({
  method: 'get',
  path: '/coverage/{vendor}',
  'x-needs': needs('coverage.read'),
  summary: 'How much of the traffic to a vendor we can account for, and what we did not see',
  request: { params, query: WindowQuerySchema },
  responses: { 200: json(CoverageSchema, 'What is known of it'), ...problemResponses },
});
const takeReport = createRoute({
  method: 'put',
  path: '/coverage/{vendor}/reports',
  'x-needs': needs('coverage.import'),
  summary:
    'Hand in a vendor’s report of use as it is: counts by day and key are kept, and the same file counts once',
  request: {
    params,
    query: ImportQuerySchema,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: { 200: json(ImportedSchema, 'What was taken in'), ...problemResponses },
});
const linkKey = createRoute({
  method: 'post',
  path: '/coverage/{vendor}/keys',
  'x-needs': needs('coverage.change'),
  summary: 'Say which connection’s credential a key in the vendor’s reports is',
  request: { params, body: body(LinkKeySchema) },
  responses: done,
});
const settle = createRoute({
  method: 'post',
  path: '/coverage/{vendor}/settle',
  'x-needs': needs('coverage.change'),
  summary: 'Settle a finding with a reason: more of it than now opens it again',
  request: { params, body: body(SettleSchema) },
  responses: done,
});
const reopen = createRoute({
  method: 'post',
  path: '/coverage/{vendor}/reopen',
  'x-needs': needs('coverage.change'),
  summary: 'Open a settled finding again',
  request: { params, body: body(ReopenSchema) },
  responses: done,
});

export function coverageRoutes(coverage: Coverage) {
  const { imports, said } = coverage;
  return createRouter()
    .openapi(listSummaries, async (c) => c.json(await coverage.summaries(c.req.valid('query')), 200))
    .openapi(listImports, async (c) => c.json(await imports.list(c.req.valid('query')), 200))
    .openapi(withdraw, async (c) => {
      await imports.withdraw(c.req.valid('param').report, byOf(c, undefined));
      return c.body(null, 204);
    })
    .openapi(saySource, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      await said.saySource(asked, byOf(c, reason));
      return c.body(null, 204);
    })
    .openapi(readOne, async (c) => {
      const { from, to } = c.req.valid('query');
      return c.json(await coverage.ofVendor(c.req.valid('param').vendor, from, to), 200);
    })
    .openapi(takeReport, async (c) => {
      const { name, asOf, account, format, of, ...columns } = c.req.valid('query');
      const asked = {
        vendor: c.req.valid('param').vendor,
        name,
        account,
        asOf: new Date(asOf),
        format,
        of,
        mapping: mappingOf(columns),
      };
      return c.json(await imports.take(asked, piecesOf(c), byOf(c, undefined)), 200);
    })
    .openapi(linkKey, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      await said.linkKey(c.req.valid('param').vendor, asked, byOf(c, reason));
      return c.body(null, 204);
    })
    .openapi(settle, async (c) => {
      const { finding, from, to, reason } = c.req.valid('json');
      const by = byOf(c, reason);
      await said.settle(await coverage.ofVendor(c.req.valid('param').vendor, from, to), finding, by);
      return c.body(null, 204);
    })
    .openapi(reopen, async (c) => {
      const { finding, reason } = c.req.valid('json');
      await said.reopen(c.req.valid('param').vendor, finding, byOf(c, reason));
      return c.body(null, 204);
    });
}

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

/** The request's body as it comes. */
function piecesOf(c: Context): AsyncIterable<Uint8Array> {
  const { body } = c.req.raw;
  if (body === null) throw new Problem(400, 'invalid_request', 'The body is the file, and there is none.');
  return body;
}

function mappingOf(columns: Partial<Record<keyof Mapping, string | undefined>>): Mapping | null {
  const given = Object.entries(columns).filter(([, column]) => column !== undefined);
  return given.length === 0 ? null : (Object.fromEntries(given) as Mapping);
}
