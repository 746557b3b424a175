import { formats } from '@drawbridge/evidence';
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
  Problem,
  problemResponses,
} from '../platform/index.ts';
import type { Discovery } from './discovery.ts';
import {
  CandidatePageSchema,
  CandidateQuerySchema,
  DecidedSchema,
  DecideSchema,
  EndRunSchema,
  FilePageSchema,
  FileQuerySchema,
  FileSchema,
  FormatsSchema,
  NewRunSchema,
  RunPageSchema,
  RunSchema,
  SightingPageSchema,
  SightingQuerySchema,
  SummarySchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const readFormats = createRoute({
  method: 'get',
  path: '/discovery/formats',
  'x-needs': needs('discovery.read'),
  summary: 'The kinds of evidence that are understood',
  responses: { 200: json(FormatsSchema, 'All of them'), ...problemResponses },
});
const begin = createRoute({
  method: 'post',
  path: '/discovery/runs',
  'x-needs': needs('discovery.import'),
  summary: 'Begin a run over evidence of one source',
  request: { body: body(NewRunSchema) },
  responses: { 201: json(RunSchema, 'The run'), ...problemResponses },
});
const listRuns = createRoute({
  method: 'get',
  path: '/discovery/runs',
  'x-needs': needs('discovery.read'),
  summary: 'Runs over evidence, the latest first',
  request: { query: PageQuerySchema.extend({ source: z.string().max(200).optional() }) },
  responses: { 200: json(RunPageSchema, 'A page of runs'), ...problemResponses },
});
const readRun = createRoute({
  method: 'get',
  path: '/discovery/runs/{id}',
  'x-needs': needs('discovery.read'),
  summary: 'One run',
  request: { params },
  responses: { 200: json(RunSchema, 'The run'), ...problemResponses },
});
const listFiles = createRoute({
  method: 'get',
  path: '/discovery/runs/{id}/files',
  'x-needs': needs('discovery.read'),
  summary: 'The files of a run, with what could not be read of each',
  request: { params, query: PageQuerySchema },
  responses: { 200: json(FilePageSchema, 'A page of files'), ...problemResponses },
});
const takeFile = createRoute({
  method: 'put',
  path: '/discovery/runs/{id}/file',
  'x-needs': needs('discovery.import'),
  summary: 'Hand in a file as it is: only the names of hosts, packages and the like that it shows are kept',
  request: {
    params,
    query: FileQuerySchema,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: { 200: json(FileSchema, 'What was read, or why it was not'), ...problemResponses },
});
const endRun = createRoute({
  method: 'post',
  path: '/discovery/runs/{id}/end',
  'x-needs': needs('discovery.import'),
  summary: 'End a run, and learn what is new, gone and changed',
  request: { params, body: body(EndRunSchema) },
  responses: { 200: json(RunSchema, 'The run'), ...problemResponses },
});
const candidates = createRoute({
  method: 'get',
  path: '/discovery/candidates',
  'x-needs': needs('discovery.read'),
  summary: 'What may be a vendor that nobody entered: the strongest evidence first',
  request: { query: CandidateQuerySchema },
  responses: { 200: json(CandidatePageSchema, 'A page of candidates'), ...problemResponses },
});
const sightings = createRoute({
  method: 'get',
  path: '/discovery/traces',
  'x-needs': needs('discovery.read'),
  summary: 'The evidence itself: which name, in which file, on which line',
  request: { query: SightingQuerySchema },
  responses: { 200: json(SightingPageSchema, 'A page of sightings'), ...problemResponses },
});
const decide = createRoute({
  method: 'post',
  path: '/discovery/decisions',
  'x-needs': needs('discovery.decide'),
  summary: 'Say whose candidates are, that they are no vendor, that a domain is several, or take it back',
  request: { body: body(DecideSchema) },
  responses: { 200: json(DecidedSchema, 'The candidates as they are now'), ...problemResponses },
});
const summary = createRoute({
  method: 'get',
  path: '/discovery/summary',
  'x-needs': needs('discovery.read'),
  summary: 'How many candidates wait, and how many are new',
  responses: { 200: json(SummarySchema, 'Counts'), ...problemResponses },
});

const byOf = (c: Context<HttpEnv>, reason?: string): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

/** The request's body as it comes. */
function piecesOf(c: Context): AsyncIterable<Uint8Array> {
  const { body } = c.req.raw;
  if (body === null) throw new Problem(400, 'invalid_request', 'The body is the file, and there is none.');
  return body;
}

export function discoveryRoutes(discovery: Discovery) {
  const { runs } = discovery;
  return createRouter()
    .openapi(readFormats, (c) => c.json({ items: formats.map(({ id, name }) => ({ id, name })) }, 200))
    .openapi(begin, async (c) => {
      const { source, reason } = c.req.valid('json');
      return c.json(await runs.begin(source, byOf(c, reason)), 201);
    })
    .openapi(listRuns, async (c) => c.json(await runs.list(c.req.valid('query')), 200))
    .openapi(readRun, async (c) => c.json(await runs.get(c.req.valid('param').id), 200))
    .openapi(listFiles, async (c) =>
      c.json(await runs.files(c.req.valid('param').id, c.req.valid('query')), 200),
    )
    .openapi(takeFile, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await runs.take(id, c.req.valid('query'), piecesOf(c), byOf(c)), 200);
    })
    .openapi(endRun, async (c) => {
      const { whole, reason } = c.req.valid('json');
      return c.json(await runs.end(c.req.valid('param').id, whole, byOf(c, reason)), 200);
    })
    .openapi(candidates, async (c) => c.json(await discovery.candidates(c.req.valid('query')), 200))
    .openapi(sightings, async (c) => c.json(await discovery.sightings(c.req.valid('query')), 200))
    .openapi(decide, async (c) => {
      const asked = c.req.valid('json');
      return c.json({ items: await discovery.decide(asked, byOf(c, asked.reason)) }, 200);
    })
    .openapi(summary, async (c) => c.json(await discovery.summary(), 200));
}
