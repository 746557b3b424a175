import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  decodeCursor,
  encodeCursor,
  givenReason,
  type HttpEnv,
  invalid,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  page,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { asSaasBom } from './cyclonedx.ts';
import type { Edges } from './edges.ts';
import { asCsv, asJson } from './exports.ts';
import { fromSaasBom } from './from-cyclonedx.ts';
import { differences, edgesAt } from './graph.ts';
import { edgeView, type Picture } from './picture.ts';
import type { Published } from './published.ts';
import { decideReview, listReviews } from './reviews.ts';
import {
  AtSchema,
  ChainSchema,
  ChangesSchema,
  ConcentrationSchema,
  EdgeAskedSchema,
  EdgeChangeSchema,
  EdgePageSchema,
  EdgeQuerySchema,
  EdgeSchema,
  ExportSchema,
  FetchAskedSchema,
  ImportAskedSchema,
  ImportedSchema,
  ListAskedSchema,
  ListPageSchema,
  ListSchema,
  MatchAskedSchema,
  NodeId,
  ReviewDecisionSchema,
  ReviewPageSchema,
  ReviewQuerySchema,
  ReviewSchema,
  TakenListSchema,
  WatchAskedSchema,
  WatchPageSchema,
  WatchSchema,
} from './schemas.ts';
import type { Watches } from './watches.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const read = needs('chain.read');
const change = needs('chain.change');
const ofVendor = z.object({ vendor: NodeId });

const whole = createRoute({
  method: 'get',
  path: '/chain',
  'x-needs': read,
  summary: 'Who stands behind whom: vendors, sub-processors and what links them, now or at a moment',
  request: { query: AtSchema },
  responses: { 200: json(ChainSchema, 'The graph'), ...problemResponses },
});
const edges = createRoute({
  method: 'get',
  path: '/chain/edges',
  'x-needs': read,
  summary: 'Links page by page; those that are observed but not declared, or declared but never seen',
  request: { query: EdgeQuerySchema },
  responses: { 200: json(EdgePageSchema, 'A page of edges'), ...problemResponses },
});
const changes = createRoute({
  method: 'get',
  path: '/chain/changes',
  'x-needs': read,
  summary: 'The moments at which the chain changed',
  responses: { 200: json(ChangesSchema, 'When links began and ended'), ...problemResponses },
});
const losses = createRoute({
  method: 'get',
  path: '/chain/concentration',
  'x-needs': read,
  summary: 'Which vendor, lost, takes most with it; single points; chains deeper than two links',
  request: { query: AtSchema },
  responses: { 200: json(ConcentrationSchema, 'What hangs on whom'), ...problemResponses },
});
const enter = createRoute({
  method: 'post',
  path: '/chain/edges',
  'x-needs': change,
  summary: 'Enter a link: who hands what on to whom, and what shows it',
  request: { body: body(EdgeAskedSchema) },
  responses: { 201: json(EdgeSchema, 'The edge'), ...problemResponses },
});
const correct = createRoute({
  method: 'post',
  path: '/chain/edges/{id}/changes',
  'x-needs': change,
  summary: 'Say anew what a link is, or that it ended',
  request: { params: z.object({ id: z.uuid() }), body: body(EdgeChangeSchema) },
  responses: { 200: json(EdgeSchema, 'The edge as it is now'), ...problemResponses },
});
const take = createRoute({
  method: 'post',
  path: '/chain/lists',
  'x-needs': change,
  summary: 'Take in the list of sub-processors that a vendor publishes: pasted or uploaded',
  description: 'Taking in what the last version says changes nothing. A new sub-processor opens a review.',
  request: { body: body(ListAskedSchema) },
  responses: { 200: json(TakenListSchema, 'Its rows, and what is new'), ...problemResponses },
});
const fetchOne = createRoute({
  method: 'post',
  path: '/chain/list-fetches',
  'x-needs': change,
  summary: 'Read the list from the page where the vendor publishes it, and take it in',
  request: { body: body(FetchAskedSchema) },
  responses: { 200: json(TakenListSchema, 'Its rows, and what is new'), ...problemResponses },
});
const lists = createRoute({
  method: 'get',
  path: '/chain/lists',
  'x-needs': read,
  summary: 'The newest version of each vendor’s list',
  request: { query: PageQuerySchema },
  responses: { 200: json(ListPageSchema, 'A page of lists'), ...problemResponses },
});
const listWatches = createRoute({
  method: 'get',
  path: '/chain/watches',
  'x-needs': read,
  summary: 'Published lists that are read again by themselves, and what went wrong with which',
  request: { query: PageQuerySchema },
  responses: { 200: json(WatchPageSchema, 'A page of them'), ...problemResponses },
});
const readWatch = createRoute({
  method: 'get',
  path: '/chain/lists/{vendor}/watch',
  'x-needs': read,
  summary: 'How a vendor’s list is watched',
  request: { params: ofVendor },
  responses: { 200: json(WatchSchema, 'When it was read, and when it is next'), ...problemResponses },
});
const watch = createRoute({
  method: 'put',
  path: '/chain/lists/{vendor}/watch',
  'x-needs': change,
  summary: 'Have a vendor’s list read again every so many days: at once, and then by itself',
  request: { params: ofVendor, body: body(WatchAskedSchema) },
  responses: { 200: json(WatchSchema, 'How it is watched'), ...problemResponses },
});
const unwatch = createRoute({
  method: 'delete',
  path: '/chain/lists/{vendor}/watch',
  'x-needs': change,
  summary: 'Read a vendor’s list no more by itself; its versions stay',
  request: { params: ofVendor, body: body(z.strictObject({ reason: ReasonSchema.optional() })) },
  responses: { 204: { description: 'Done' }, ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/chain/lists/{vendor}',
  'x-needs': read,
  summary: 'A vendor’s list as it is now, and which vendor each row is',
  request: { params: ofVendor },
  responses: { 200: json(ListSchema, 'The list'), ...problemResponses },
});
const versions = createRoute({
  method: 'get',
  path: '/chain/lists/{vendor}/versions',
  'x-needs': read,
  summary: 'Every version of a vendor’s list, the newest first',
  request: { params: ofVendor, query: PageQuerySchema },
  responses: { 200: json(ListPageSchema, 'A page of versions'), ...problemResponses },
});
const version = createRoute({
  method: 'get',
  path: '/chain/lists/{vendor}/versions/{version}',
  'x-needs': read,
  summary: 'One version of a vendor’s list, and what the one before did not say',
  request: {
    params: ofVendor.extend({
      version: z.coerce.number().int().min(1).max(1_000_000).openapi({ type: 'integer' }),
    }),
  },
  responses: { 200: json(ListSchema, 'The version'), ...problemResponses },
});
const match = createRoute({
  method: 'post',
  path: '/chain/lists/{vendor}/matches',
  'x-needs': change,
  summary: 'Say which vendor a row of the list is; it is applied to later versions too',
  request: { params: ofVendor, body: body(MatchAskedSchema) },
  responses: { 200: json(ListSchema, 'The list as it is now'), ...problemResponses },
});
const reviews = createRoute({
  method: 'get',
  path: '/chain/reviews',
  'x-needs': read,
  summary: 'New sub-processors that wait for a person, with the end of the objection period',
  request: { query: ReviewQuerySchema },
  responses: { 200: json(ReviewPageSchema, 'A page of reviews'), ...problemResponses },
});
const decide = createRoute({
  method: 'post',
  path: '/chain/reviews/{id}/decision',
  'x-needs': change,
  summary: 'Accept a new sub-processor, or keep that one objected',
  request: { params: z.object({ id: z.uuid() }), body: body(ReviewDecisionSchema) },
  responses: { 200: json(ReviewSchema, 'The review'), ...problemResponses },
});
const exported = createRoute({
  method: 'get',
  path: '/chain/export',
  'x-needs': read,
  summary: 'The chain as JSON that can be imported again: every link there is or was',
  responses: { 200: json(ExportSchema, 'The chain'), ...problemResponses },
});
const csv = createRoute({
  method: 'get',
  path: '/chain/export.csv',
  'x-needs': read,
  summary: 'The chain as a table, one link a row',
  request: { query: AtSchema },
  responses: {
    200: { description: 'CSV (RFC 4180), UTF-8', content: { 'text/csv': { schema: z.string() } } },
    ...problemResponses,
  },
});
const bom = createRoute({
  method: 'get',
  path: '/chain/export.cdx.json',
  'x-needs': read,
  summary: 'The chain as a CycloneDX 1.6 SaaSBOM',
  request: { query: AtSchema },
  responses: {
    200: {
      description: 'CycloneDX 1.6',
      content: { 'application/vnd.cyclonedx+json': { schema: z.object({}).loose() } },
    },
    ...problemResponses,
  },
});
const imported = createRoute({
  method: 'post',
  path: '/chain/imports',
  'x-needs': change,
  summary: 'Take in an export of a chain, as JSON or SaaSBOM; what is there already stays as it is',
  request: { body: body(ImportAskedSchema) },
  responses: { 200: json(ImportedSchema, 'What it did, or with `preview` would do'), ...problemResponses },
});

interface Deps {
  platform: Platform;
  known: () => Promise<Known>;
  nameOf: (id: string, known: Known) => string;
  picture: Picture;
  edges: Edges;
  published: Published;
  watches: Watches;
  readPage: (address: string) => Promise<{ content: string; url: string }>;
  /** There may be a list to read. */
  poke: () => void;
}

export function chainRoutes(deps: Deps) {
  const { platform, picture, published } = deps;
  const now = () => new Date(platform.clock.now());
  const names = async () => {
    const known = await deps.known();
    return (id: string) => deps.nameOf(id, known);
  };
  return createRouter()
    .openapi(whole, async (c) => c.json(await picture.view(c.req.valid('query').at), 200))
    .openapi(edges, async (c) => c.json(await edgePage(picture, c.req.valid('query')), 200))
    .openapi(changes, async (c) => {
      const found = await picture.changes();
      return c.json({ items: found.map((one) => ({ ...one, at: new Date(one.at).toISOString() })) }, 200);
    })
    .openapi(losses, async (c) => c.json(await picture.losses(c.req.valid('query').at), 200))
    .openapi(enter, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(edgeView(await deps.edges.enter(asked, byOf(c, reason))), 201);
    })
    .openapi(correct, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(edgeView(await deps.edges.change(c.req.valid('param').id, asked, byOf(c, reason))), 200);
    })
    .openapi(take, async (c) => {
      const { reason, asOf, source, ...asked } = c.req.valid('json');
      const kind = /^https?:\/\//.test(source) ? ('url' as const) : ('file' as const);
      const given = {
        ...asked,
        asOf: asOf === undefined ? now() : new Date(asOf),
        source: { kind, text: source },
      };
      return c.json(await published.take(given, byOf(c, reason)), 200);
    })
    .openapi(fetchOne, async (c) => {
      const { reason, url, ...asked } = c.req.valid('json');
      const by = byOf(c, reason);
      const address = url ?? (await deps.known()).get(asked.vendor)?.urls?.sub_processors?.is;
      if (address === undefined)
        throw invalid('url', 'is not known of this vendor; say where it publishes its list');
      const page_ = await deps.readPage(address);
      const source = { kind: 'url' as const, text: page_.url.slice(0, 500) };
      return c.json(await published.take({ ...asked, content: page_.content, source, asOf: now() }, by), 200);
    })
    .openapi(lists, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const after = cursor === undefined ? null : decodeCursor(cursor, z.tuple([z.string()]))[0];
      const found = await published.newest(after, limit + 1);
      return c.json(
        page(found, limit, (row) => [row.vendor], same),
        200,
      );
    })
    .openapi(listWatches, async (c) => c.json(await deps.watches.list(c.req.valid('query')), 200))
    .openapi(readWatch, async (c) => c.json(await deps.watches.get(c.req.valid('param').vendor), 200))
    .openapi(watch, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const set = await deps.watches.set(c.req.valid('param').vendor, asked, byOf(c, reason));
      deps.poke();
      return c.json(set, 200);
    })
    .openapi(unwatch, async (c) => {
      await deps.watches.end(c.req.valid('param').vendor, byOf(c, c.req.valid('json').reason));
      return c.body(null, 204);
    })
    .openapi(list, async (c) => c.json(await published.read(c.req.valid('param').vendor), 200))
    .openapi(versions, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const below = cursor === undefined ? null : decodeCursor(cursor, z.tuple([z.int()]))[0];
      const found = await published.versions(c.req.valid('param').vendor, below, limit + 1);
      return c.json(
        page(found, limit, (row) => [row.version], same),
        200,
      );
    })
    .openapi(version, async (c) => {
      const { vendor, version: wanted } = c.req.valid('param');
      return c.json(await published.read(vendor, wanted), 200);
    })
    .openapi(match, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      return c.json(await published.decide(c.req.valid('param').vendor, asked, byOf(c, reason)), 200);
    })
    .openapi(reviews, async (c) =>
      c.json(await listReviews(platform, c.req.valid('query'), await names()), 200),
    )
    .openapi(decide, async (c) => {
      const { reason, state } = c.req.valid('json');
      const by = byOf(c, reason);
      return c.json(await decideReview(platform, c.req.valid('param').id, state, by, await names()), 200);
    })
    .openapi(exported, async (c) => {
      const all = await picture.all();
      const { names: called } = await picture.namesOf(all);
      return c.json(asJson(platform.clock.now(), called, all), 200);
    })
    .openapi(csv, async (c) => {
      const found = await picture.standing(c.req.valid('query').at);
      return c.body(asCsv(found), 200, attachment('text/csv; charset=utf-8', 'chain.csv'));
    })
    .openapi(bom, async (c) => {
      const found = await picture.standing(c.req.valid('query').at);
      const headers = attachment('application/vnd.cyclonedx+json; version=1.6', 'chain.cdx.json');
      return c.json(asSaasBom(found, platform.deployment), 200, headers);
    })
    .openapi(imported, async (c) => {
      const { reason, export: exported, bom, preview } = c.req.valid('json');
      const given = exported ?? fromSaasBom(bom);
      const computed = await picture.computed();
      return c.json(await deps.edges.takeExport(given, computed, preview, byOf(c, reason)), 200);
    });
}

const same = <Item>(item: Item): Item => item;

const attachment = (type: string, name: string) => ({
  'content-type': type,
  'content-disposition': `attachment; filename="${name}"`,
});

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

/** Computed edges have no id to page by: pages are cut in the order of ends, layer and beginning. */
async function edgePage(picture: Picture, query: z.infer<typeof EdgeQuerySchema>) {
  const { cursor, limit, at, from, to, layer, difference } = query;
  const held = edgesAt(await picture.all(), picture.momentOf(at));
  const wanted =
    difference === undefined
      ? held
      : differences(held)[difference === 'observed_only' ? 'observedOnly' : 'declaredOnly'];
  const keyOf = (edge: { from: string; to: string; layer: string }) =>
    `${edge.from}\n${edge.to}\n${edge.layer}`;
  const after = cursor === undefined ? '' : decodeCursor(cursor, z.tuple([z.string()]))[0];
  const found = wanted
    .filter((edge) => from === undefined || edge.from === from)
    .filter((edge) => to === undefined || edge.to === to)
    .filter((edge) => layer === undefined || edge.layer === layer)
    .map((edge) => ({ key: keyOf(edge), edge }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const { names } = await picture.namesOf(items.map(({ edge }) => edge));
  const nameOf = (id: string): string => names.get(id) ?? id;
  return {
    items: items.map(({ edge }) => ({
      ...edgeView(edge),
      fromName: nameOf(edge.from),
      toName: nameOf(edge.to),
    })),
    next: found.length > limit && last !== undefined ? encodeCursor([last.key]) : null,
  };
}
