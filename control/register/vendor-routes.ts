import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  decodeCursor,
  json,
  needs,
  notFound,
  PageQuerySchema,
  page,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import { dayOf } from './days.ts';
import type { Register } from './register.ts';
import { dueBetween, recordReview } from './reviews.ts';
import { body, byOf, mayDecide, vendorParams } from './route-parts.ts';
import {
  ChangeSchema,
  DueItemSchema,
  EnterSchema,
  MoveSchema,
  RegisterEntrySchema,
  ReviewEntrySchema,
  StateSchema,
  UnstateSchema,
  VendorLineSchema,
} from './schemas.ts';
import { state, unstate } from './stated.ts';
import { criticalities, statuses } from './status.ts';
import { changeVendor, countByStatus, enterVendor, listOwners, listVendors, moveVendor } from './vendors.ts';
import { entryView, lineView, notEnteredView } from './views.ts';

const list = createRoute({
  method: 'get',
  path: '/register',
  'x-needs': needs('register.read'),
  summary: 'The vendors of ours, in order of their names',
  request: {
    query: PageQuerySchema.extend({
      search: z.string().max(100).optional(),
      status: z.enum(statuses).optional(),
      criticality: z.enum(criticalities).optional(),
      tier: z.string().max(31).optional(),
      owner: z.string().max(120).optional(),
      lacks: z
        .enum(['tier', 'owner', 'tier_and_owner'])
        .optional()
        .openapi({ description: 'Those of whom this is not said' }),
      dueBy: z.iso.date().optional().openapi({ description: 'Whose next review is on this day or before' }),
    }),
  },
  responses: {
    200: json(
      pageSchema(VendorLineSchema).extend({
        counts: z.partialRecord(z.enum(statuses), z.number()),
        notEntered: z
          .array(z.object({ id: z.string(), name: z.string(), connections: z.number() }))
          .openapi({ description: 'Connected, and never entered: on the first page' }),
        owners: z
          .array(z.string())
          .openapi({ description: 'Who owns vendors, at most 500: on the first page' }),
      }),
      'A page',
    ),
    ...problemResponses,
  },
});
const enter = createRoute({
  method: 'post',
  path: '/register',
  'x-needs': needs('register.change'),
  summary: 'Enter a vendor, as a candidate',
  request: { body: body(EnterSchema) },
  responses: { 201: json(RegisterEntrySchema, 'It is entered'), ...problemResponses },
});
const show = createRoute({
  method: 'get',
  path: '/register/{vendor}',
  'x-needs': needs('register.read'),
  summary: 'All that is entered of a vendor, what is missing, and whether its connections are open',
  request: { params: vendorParams },
  responses: { 200: json(RegisterEntrySchema, 'The vendor'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/register/{vendor}',
  'x-needs': needs('register.change'),
  summary: 'Change what is entered of a vendor',
  description: 'Another tier than the one that was set needs `register.decide` too.',
  request: { params: vendorParams, body: body(ChangeSchema) },
  responses: { 200: json(RegisterEntrySchema, 'The vendor'), ...problemResponses },
});
const move = createRoute({
  method: 'post',
  path: '/register/{vendor}/status',
  'x-needs': needs('register.change'),
  summary: 'Move a vendor to another status',
  request: { params: vendorParams, body: body(MoveSchema) },
  responses: { 200: json(RegisterEntrySchema, 'The vendor'), ...problemResponses },
});
const stateIt = createRoute({
  method: 'put',
  path: '/register/{vendor}/statements',
  'x-needs': needs('register.change'),
  summary: 'State something of a vendor, with its source and its day',
  request: { params: vendorParams, body: body(StateSchema) },
  responses: { 200: json(RegisterEntrySchema, 'The vendor'), ...problemResponses },
});
const takeBack = createRoute({
  method: 'post',
  path: '/register/{vendor}/statements/remove',
  'x-needs': needs('register.change'),
  summary: 'Take a statement back: it is unknown again',
  request: { params: vendorParams, body: body(UnstateSchema) },
  responses: { 200: json(RegisterEntrySchema, 'The vendor'), ...problemResponses },
});
const review = createRoute({
  method: 'post',
  path: '/register/{vendor}/reviews',
  'x-needs': needs('register.change'),
  summary: 'Record a review of a vendor',
  request: { params: vendorParams, body: body(ReviewEntrySchema) },
  responses: { 201: json(RegisterEntrySchema, 'The vendor'), ...problemResponses },
});
const due = createRoute({
  method: 'get',
  path: '/vendor-reviews',
  'x-needs': needs('register.read'),
  summary: 'What falls due between two days: reviews, ends of agreements and of exceptions',
  request: { query: z.object({ from: z.iso.date(), to: z.iso.date() }) },
  responses: { 200: json(z.object({ items: z.array(DueItemSchema) }), 'By day'), ...problemResponses },
});

const Cursor = z.tuple([z.string(), z.string()]);

export function vendorRoutes(register: Register) {
  const { deps } = register;
  const { platform } = deps;
  const today = () => dayOf(platform.clock.now());

  async function view(vendor: string): Promise<z.infer<typeof RegisterEntrySchema>> {
    const [entry, intakes, undeleted, names] = await Promise.all([
      register.get(vendor),
      register.intakes({ vendor }),
      register.undeleted(vendor),
      register.names([vendor]),
    ]);
    if (entry !== null) return entryView(entry, { intakes, undeleted, today: today() });
    if (intakes.length === 0 && undeleted.classes.length === 0) throw notFound('vendor in the register');
    return notEnteredView(vendor, names.get(vendor) ?? vendor, intakes, undeleted);
  }

  /** Vendors that have a connection and no entry. */
  async function notEntered() {
    const connected = Map.groupBy(await register.intakes(), ({ connection }) => connection.vendor);
    const ids = [...connected.keys()];
    const [states, names] = await Promise.all([register.statusOf(ids), register.names(ids)]);
    return ids
      .filter((id) => states.get(id) === 'not_entered')
      .map((id) => ({ id, name: names.get(id) ?? id, connections: connected.get(id)?.length ?? 0 }));
  }

  return createRouter()
    .openapi(list, async (c) => {
      const { cursor, limit, dueBy, lacks, ...query } = c.req.valid('query');
      const after = cursor === undefined ? null : decodeCursor(cursor, Cursor);
      const rules = await register.rules();
      const due = dueBy === undefined ? undefined : { by: dueBy, rules };
      const without = {
        ...(lacks === 'tier' || lacks === 'tier_and_owner' ? { tier: null } : {}),
        ...(lacks === 'owner' || lacks === 'tier_and_owner' ? { owner: null } : {}),
      };
      const [rows, counts, others, owners] = await Promise.all([
        listVendors(platform.db, { ...query, ...without, due, after, limit }),
        countByStatus(platform.db),
        after === null ? notEntered() : [],
        after === null ? listOwners(platform.db) : [],
      ]);
      const found = page(
        rows,
        limit,
        (row) => [row.name.toLowerCase(), row.id],
        (row) => lineView(row, rules),
      );
      return c.json({ ...found, counts, notEntered: others, owners }, 200);
    })
    .openapi(enter, async (c) => {
      const { id, reason, ...given } = c.req.valid('json');
      await register.change((tx) =>
        enterVendor(tx, platform, id, given, byOf(c, reason), mayDecide(c, platform)),
      );
      return c.json(await view(id), 201);
    })
    .openapi(due, async (c) => {
      const { from, to } = c.req.valid('query');
      return c.json({ items: await dueBetween(platform, from, to) }, 200);
    })
    .openapi(show, async (c) => c.json(await view(c.req.valid('param').vendor), 200))
    .openapi(change, async (c) => {
      const { vendor } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      const by = byOf(c, reason);
      await register.change((tx) => changeVendor(tx, platform, vendor, given, by, mayDecide(c, platform)));
      return c.json(await view(vendor), 200);
    })
    .openapi(move, async (c) => {
      const { vendor } = c.req.valid('param');
      const { to, reason } = c.req.valid('json');
      await register.change((tx) => moveVendor(tx, platform, vendor, to, byOf(c, reason)));
      return c.json(await view(vendor), 200);
    })
    .openapi(stateIt, async (c) => {
      const { vendor } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await register.change((tx) => state(tx, deps, vendor, given, byOf(c, reason)));
      return c.json(await view(vendor), 200);
    })
    .openapi(takeBack, async (c) => {
      const { vendor } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await register.change((tx) => unstate(tx, deps, vendor, given, byOf(c, reason)));
      return c.json(await view(vendor), 200);
    })
    .openapi(review, async (c) => {
      const { vendor } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await register.change((tx) => recordReview(tx, deps, vendor, given, byOf(c, reason)));
      return c.json(await view(vendor), 201);
    });
}
