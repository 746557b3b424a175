import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { exposedBy } from '../exposure/index.ts';
import {
  type By,
  createRouter,
  decodeCursor,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  page,
  problemResponses,
  readSetting,
  type Setting,
  writeSetting,
} from '../platform/index.ts';
import type { Demands } from './demands.ts';
import type { Falling } from './flows.ts';
import { type KeptStands, madeOf } from './kept-stands.ts';
import { adequateOn, type Transfers } from './law.ts';
import {
  AffectedPageSchema,
  AskedChangeSchema,
  AskedDemandSchema,
  AskedStatementSchema,
  BringSchema,
  ContradictionPageSchema,
  DemandPageSchema,
  DemandSchema,
  FallsQuerySchema,
  HomeSchema,
  LawSchema,
  RangesSchema,
  ReasonOnlySchema,
  StatementPageSchema,
  StatementQuerySchema,
  StatementSchema,
  VendorSchema,
  WherePageSchema,
  WhereSchema,
  WorldSchema,
} from './schemas.ts';
import { readWhere, vendorsAfter, type WhereDeps } from './where.ts';
import { affectedBy, contradictionsOf, withPeople, worldOf } from './world.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const statementParams = z.object({ statement: z.uuid() });
const connectionParams = z.object({ connection: z.string().max(60) });
const list = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });

const world = createRoute({
  method: 'get',
  path: '/residency/world',
  'x-needs': needs('residency.read'),
  summary: 'Where vendors are, by place: as declared and as seen in the last 30 days',
  responses: { 200: json(WorldSchema, 'The places'), ...problemResponses },
});
const setHome = createRoute({
  method: 'put',
  path: '/residency/home',
  'x-needs': needs('residency.change'),
  summary: 'Say in which country we are',
  request: { body: body(HomeSchema) },
  responses: { 204: { description: 'Said' }, ...problemResponses },
});
const listVendors = createRoute({
  method: 'get',
  path: '/residency/vendors',
  'x-needs': needs('residency.read'),
  summary: 'Vendors with what was declared, what was seen, and how they fit, by id',
  request: { query: PageQuerySchema },
  responses: { 200: json(WherePageSchema, 'A page of vendors'), ...problemResponses },
});
const readVendor = createRoute({
  method: 'get',
  path: '/residency/vendors/{vendor}',
  'x-needs': needs('residency.read'),
  summary: 'Where one vendor keeps data',
  request: { params: z.object({ vendor: VendorSchema }) },
  responses: {
    200: json(WhereSchema, 'What is known of it; of an unknown vendor nothing'),
    ...problemResponses,
  },
});
const listContradictions = createRoute({
  method: 'get',
  path: '/residency/contradictions',
  'x-needs': needs('residency.read'),
  summary: 'Statements that crossings contradict, with what was seen',
  request: { query: PageQuerySchema },
  responses: { 200: json(ContradictionPageSchema, 'A page of contradictions'), ...problemResponses },
});
const whatFalls = createRoute({
  method: 'get',
  path: '/residency/what-if',
  'x-needs': needs('residency.read'),
  summary: 'Which flows lose their basis if it falls, and what would carry them',
  request: { query: FallsQuerySchema },
  responses: { 200: json(AffectedPageSchema, 'A page of flows, with counts over all'), ...problemResponses },
});
const law = createRoute({
  method: 'get',
  path: '/residency/law',
  'x-needs': needs('residency.read'),
  summary: 'The states of the European Economic Area, and decisions on adequacy, with sources',
  responses: { 200: json(LawSchema, 'The pack'), ...problemResponses },
});
const listStatements = createRoute({
  method: 'get',
  path: '/residency/statements',
  'x-needs': needs('residency.read'),
  summary: 'What was declared of where vendors keep data',
  request: { query: StatementQuerySchema },
  responses: { 200: json(StatementPageSchema, 'A page of statements'), ...problemResponses },
});
const state = createRoute({
  method: 'post',
  path: '/residency/statements',
  'x-needs': needs('residency.change'),
  summary: 'Declare where a vendor keeps, processes or hands on data',
  request: { body: body(AskedStatementSchema) },
  responses: { 201: json(StatementSchema, 'The statement'), ...problemResponses },
});
const change = createRoute({
  method: 'put',
  path: '/residency/statements/{statement}',
  'x-needs': needs('residency.change'),
  summary: 'Make a new version of a statement',
  request: { params: statementParams, body: body(AskedChangeSchema) },
  responses: { 200: json(StatementSchema, 'The version that holds now'), ...problemResponses },
});
const withdraw = createRoute({
  method: 'post',
  path: '/residency/statements/{statement}/withdraw',
  'x-needs': needs('residency.change'),
  summary: 'Withdraw a statement: its versions stay',
  request: { params: statementParams, body: body(ReasonOnlySchema) },
  responses: { 204: { description: 'Withdrawn' }, ...problemResponses },
});
const versions = createRoute({
  method: 'get',
  path: '/residency/statements/{statement}/versions',
  'x-needs': needs('residency.read'),
  summary: 'The versions of a statement, the latest first (at most 200)',
  request: { params: statementParams },
  responses: { 200: json(list(StatementSchema), 'The versions'), ...problemResponses },
});
const listRanges = createRoute({
  method: 'get',
  path: '/residency/ranges',
  'x-needs': needs('residency.read'),
  summary: 'The tables of providers’ networks that were brought in, the one in use first (at most five)',
  responses: { 200: json(list(RangesSchema), 'The tables'), ...problemResponses },
});
const bringRanges = createRoute({
  method: 'post',
  path: '/residency/ranges',
  'x-needs': needs('residency.change'),
  summary: 'Bring in a table of the networks that providers publish',
  request: { body: body(BringSchema) },
  responses: { 201: json(RangesSchema, 'The table as it is in use'), ...problemResponses },
});
const listDemands = createRoute({
  method: 'get',
  path: '/residency/demands',
  'x-needs': needs('residency.read'),
  summary: 'Connections that have to be in a place',
  request: { query: PageQuerySchema },
  responses: { 200: json(DemandPageSchema, 'A page of demands'), ...problemResponses },
});
const setDemand = createRoute({
  method: 'put',
  path: '/residency/demands/{connection}',
  'x-needs': needs('residency.change'),
  summary: 'Demand that a connection is in a place: gateways refuse what would go elsewhere',
  request: { params: connectionParams, body: body(AskedDemandSchema) },
  responses: { 200: json(DemandSchema, 'The demand, and whether it is met now'), ...problemResponses },
});
const liftDemand = createRoute({
  method: 'delete',
  path: '/residency/demands/{connection}',
  'x-needs': needs('residency.change'),
  summary: 'Demand it no longer',
  request: { params: connectionParams },
  responses: { 204: { description: 'Lifted' }, ...problemResponses },
});

const homeSetting: Setting<string> = {
  key: 'residency.home',
  schema: z.string().regex(/^(?:[A-Z]{2})?$/),
  initial: '',
};

interface ResidencyDeps extends WhereDeps {
  demands: Demands;
  transfers: Transfers;
  stands: KeptStands;
}

export function residencyRoutes(deps: ResidencyDeps) {
  const { platform, statements, ranges, demands, transfers, groups, stands } = deps;
  const worldFrom = madeOf((wheres) => worldOf(wheres));
  const contradictionsFrom = madeOf((wheres) => contradictionsOf(wheres));
  const affectedFrom = madeOf((wheres, of) => {
    const [falls = '', day = ''] = of.split(' ');
    return affectedBy(falls as Falling, wheres, { groups, adequate: adequateOn(transfers, day) });
  });
  return createRouter()
    .openapi(world, async (c) => {
      const home = await readSetting(platform.db, homeSetting);
      return c.json({ home: home === '' ? null : home, ...worldFrom(await stands()) }, 200);
    })
    .openapi(setHome, async (c) => {
      const { country, reason } = c.req.valid('json');
      await platform.db
        .transaction()
        .execute((tx) => writeSetting(tx, platform, homeSetting, country ?? '', byOf(c, reason)));
      platform.events.publish('residency');
      return c.body(null, 204);
    })
    .openapi(listVendors, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const [after] = cursor === undefined ? [''] : decodeCursor(cursor, z.tuple([z.string()]));
      const ids = await vendorsAfter(platform, after, limit + 1);
      const wheres = await readWhere(deps, ids);
      return c.json(
        page(
          wheres,
          limit,
          ({ vendor }) => [vendor],
          (where) => where,
        ),
        200,
      );
    })
    .openapi(readVendor, async (c) => {
      const { vendor } = c.req.valid('param');
      const [where] = await readWhere(deps, [vendor]);
      const nothing = {
        vendor,
        name: vendor,
        verdict: null,
        statements: [],
        seen: [],
        classes: [],
        people: 0,
      };
      return c.json(where ?? nothing, 200);
    })
    .openapi(listContradictions, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      return c.json(cut(contradictionsFrom(await stands()), cursor, limit), 200);
    })
    .openapi(whatFalls, async (c) => {
      const { falls, cursor, limit } = c.req.valid('query');
      const today = new Date(platform.clock.now()).toISOString().slice(0, 10);
      const all = affectedFrom(await stands(), `${falls} ${today}`);
      const { items, next } = cut(all, cursor, limit);
      const exposed = await exposedBy(
        platform,
        items.map(({ vendor }) => vendor),
      );
      return c.json(
        {
          items: withPeople(items, exposed),
          next,
          falls,
          affected: all.length,
          vendors: new Set(all.map(({ vendor }) => vendor)).size,
          uncovered: all.filter(({ fallback }) => fallback === null).length,
        },
        200,
      );
    })
    .openapi(law, (c) => c.json(lawOf(transfers), 200))
    .openapi(listStatements, async (c) => c.json(await statements.list(c.req.valid('query')), 200))
    .openapi(state, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await statements.state(given, byOf(c, reason)), 201);
    })
    .openapi(change, async (c) => {
      const { reason, basedOn, ...given } = c.req.valid('json');
      const { statement } = c.req.valid('param');
      return c.json(await statements.change(statement, given, basedOn, byOf(c, reason)), 200);
    })
    .openapi(withdraw, async (c) => {
      await statements.withdraw(c.req.valid('param').statement, byOf(c, c.req.valid('json').reason));
      return c.body(null, 204);
    })
    .openapi(versions, async (c) =>
      c.json({ items: await statements.versions(c.req.valid('param').statement) }, 200),
    )
    .openapi(listRanges, async (c) => c.json({ items: await ranges.list() }, 200))
    .openapi(bringRanges, async (c) => {
      const { table, reason } = c.req.valid('json');
      return c.json(await ranges.bring(table, byOf(c, reason)), 201);
    })
    .openapi(listDemands, async (c) => c.json(await demands.list(c.req.valid('query')), 200))
    .openapi(setDemand, async (c) => {
      const { place, reason } = c.req.valid('json');
      return c.json(await demands.set(c.req.valid('param').connection, place, byOf(c, reason)), 200);
    })
    .openapi(liftDemand, async (c) => {
      await demands.lift(c.req.valid('param').connection, byOf(c, undefined));
      return c.body(null, 204);
    });
}

function byOf(c: Context<HttpEnv>, reason: string | undefined): By {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

/** A page of a list that is computed whole: its cursor is a place in it. */
function cut<Item>(all: readonly Item[], cursor: string | undefined, limit: number) {
  const [from] = cursor === undefined ? [0] : decodeCursor(cursor, z.tuple([z.int().min(0)]));
  return page(
    all.slice(from, from + limit + 1),
    limit,
    () => [from + limit],
    (item) => item,
  );
}

function lawOf({ as_of: asOf, states, adequacy, sources }: Transfers): z.infer<typeof LawSchema> {
  return {
    asOf,
    eu: states.eu.is,
    eea: states.eea.is,
    adequacy: adequacy.map((one) => ({
      country: one.country,
      name: one.name,
      covers: one.covers,
      scope: one.scope ?? null,
      decision: one.decision,
      validFrom: one.valid_from,
      validUntil: one.valid_until ?? null,
      status: one.status,
      note: one.note ?? null,
      source: sources[one.from]?.url ?? '',
      asOf: sources[one.from]?.as_of ?? asOf,
    })),
  };
}
