import type { DetectorPack } from '@drawbridge/protocol';
import { type Finding, ScanBudgetError } from '@drawbridge/scan';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  invalid,
  json,
  needs,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { Patterns } from './patterns.ts';
import type { Registered, RegisteredView } from './registered.ts';
import {
  PatternAskedSchema,
  PatternIdSchema,
  PatternSchema,
  PatternVersionSchema,
  RegisterAskedSchema,
  RegisteredSchema,
  ShippedDetectorSchema,
  TriedSchema,
  TryAskedSchema,
} from './schemas.ts';
import type { Tries } from './tries.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const reasonOnly = body(z.strictObject({ reason: ReasonSchema.optional() }));
const patternParams = z.object({ pattern: PatternIdSchema });

const shipped = createRoute({
  method: 'get',
  path: '/shipped-detectors',
  'x-needs': needs('detector.read'),
  summary: 'What secrets of vendors look like: the detectors that come with this release',
  responses: {
    200: json(z.object({ items: z.array(ShippedDetectorSchema) }), 'By vendor'),
    ...problemResponses,
  },
});
const listPatterns = createRoute({
  method: 'get',
  path: '/patterns',
  'x-needs': needs('detector.read'),
  summary: 'Patterns of one’s own, as gateways look for them',
  responses: { 200: json(z.object({ items: z.array(PatternSchema) }), 'By id'), ...problemResponses },
});
const versions = createRoute({
  method: 'get',
  path: '/patterns/{pattern}',
  'x-needs': needs('detector.read'),
  summary: 'All versions of a pattern: who made them, and why',
  request: { params: patternParams },
  responses: {
    200: json(z.object({ items: z.array(PatternVersionSchema) }), 'The latest first'),
    ...problemResponses,
  },
});
const addPattern = createRoute({
  method: 'post',
  path: '/patterns/{pattern}',
  'x-needs': needs('detector.change'),
  summary: 'Add a pattern, once it does what its examples say',
  request: { params: patternParams, body: body(PatternAskedSchema) },
  responses: { 201: json(PatternSchema, 'The pattern'), ...problemResponses },
});
const changePattern = createRoute({
  method: 'put',
  path: '/patterns/{pattern}',
  'x-needs': needs('detector.change'),
  summary: 'Make a new version of a pattern',
  request: { params: patternParams, body: body(PatternAskedSchema) },
  responses: { 200: json(PatternSchema, 'The pattern as it is now'), ...problemResponses },
});
const stateRoute = <Act extends 'enable' | 'disable' | 'remove'>(act: Act, summary: string) =>
  createRoute({
    method: 'post',
    path: `/patterns/{pattern}/${act}`,
    'x-needs': needs('detector.change'),
    summary,
    request: { params: patternParams, body: reasonOnly },
    responses: { 204: { description: 'Done' }, ...problemResponses },
  });
const enable = stateRoute('enable', 'Gateways look for a pattern again');
const disable = stateRoute('disable', 'Gateways look for a pattern no longer, until it is enabled again');
const remove = stateRoute('remove', 'Remove a pattern; its versions are kept');

const listSecrets = createRoute({
  method: 'get',
  path: '/registered-secrets',
  'x-needs': needs('detector.read'),
  summary: 'Secrets that people registered: labels and owners, never a value',
  responses: { 200: json(z.object({ items: z.array(RegisteredSchema) }), 'By label'), ...problemResponses },
});
const register = createRoute({
  method: 'post',
  path: '/registered-secrets',
  'x-needs': needs('detector.change'),
  summary: 'Register a secret, so that it is known in texts: of the value a keyed hash is kept',
  request: { body: body(RegisterAskedSchema) },
  responses: { 201: json(RegisteredSchema, 'Registered'), ...problemResponses },
});
const removeSecret = createRoute({
  method: 'delete',
  path: '/registered-secrets/{secret}',
  'x-needs': needs('detector.change'),
  summary: 'Gateways forget a registered secret',
  request: { params: z.object({ secret: z.uuid() }) },
  responses: { 204: { description: 'Forgotten' }, ...problemResponses },
});
const tryText = createRoute({
  method: 'post',
  path: '/detector-tries',
  'x-needs': needs('detector.change'),
  summary: 'What would be found in a text, of which nothing is kept',
  description:
    'Credentials of connections are compared in gateways only. Who tried is written down, never what; 60 within an hour.',
  request: { body: body(TryAskedSchema) },
  responses: { 200: json(TriedSchema, 'What was found, and where'), ...problemResponses },
});

export interface DetectorRouteDeps {
  shipped: DetectorPack['detectors'];
  patterns: Patterns;
  registered: Registered;
  find: (text: string) => Promise<Finding[]>;
  tries: Tries;
}

export function detectorRoutes({ shipped: detectors, patterns, registered, find, tries }: DetectorRouteDeps) {
  const kinds = detectors
    .map(shippedOf)
    .sort((a, b) => (a.vendor === b.vendor ? (a.name < b.name ? -1 : 1) : a.vendor < b.vendor ? -1 : 1));
  const by = (c: Context<HttpEnv>): By => ({ actor: c.get('actor'), reason: givenReason(c, undefined) });
  return createRouter()
    .openapi(shipped, (c) => c.json({ items: kinds }, 200))
    .openapi(listPatterns, async (c) => c.json({ items: await patterns.list() }, 200))
    .openapi(versions, async (c) => {
      const found = await patterns.versions(c.req.valid('param').pattern);
      const items = found.map((row) => ({
        id: row.pattern,
        name: row.name,
        class: row.class,
        pattern: row.expression,
        flags: row.flags === '' ? null : row.flags,
        confidence: row.confidence,
        finds: [...row.finds],
        passes: [...row.passes],
        version: row.version,
        changedAt: row.made_at.toISOString(),
        changedBy: row.made_by,
        reason: row.reason,
      }));
      return c.json({ items }, 200);
    })
    .openapi(addPattern, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const given = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await patterns.save(c.req.valid('param').pattern, asked, true, given), 201);
    })
    .openapi(changePattern, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const given = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await patterns.save(c.req.valid('param').pattern, asked, false, given), 200);
    })
    .openapi(enable, async (c) => {
      const given = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      await patterns.setState(c.req.valid('param').pattern, 'enabled', given);
      return c.body(null, 204);
    })
    .openapi(disable, async (c) => {
      const given = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      await patterns.setState(c.req.valid('param').pattern, 'disabled', given);
      return c.body(null, 204);
    })
    .openapi(remove, async (c) => {
      const given = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      await patterns.setState(c.req.valid('param').pattern, 'removed', given);
      return c.body(null, 204);
    })
    .openapi(listSecrets, async (c) => c.json({ items: (await registered.list()).map(registeredOf) }, 200))
    .openapi(register, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const given = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(registeredOf(await registered.register(asked, given)), 201);
    })
    .openapi(removeSecret, async (c) => {
      await registered.remove(c.req.valid('param').secret, by(c));
      return c.body(null, 204);
    })
    .openapi(tryText, async (c) => {
      const { text } = c.req.valid('json');
      await tries.take(c.get('actor'));
      try {
        return c.json({ findings: (await find(text)).map(findingOf) }, 200, { 'cache-control': 'no-store' });
      } catch (error) {
        if (!(error instanceof ScanBudgetError)) throw error;
        throw invalid('text', 'takes longer to look through than gateways spend on it: try a shorter piece');
      }
    });
}

function shippedOf(detector: DetectorPack['detectors'][number]): z.infer<typeof ShippedDetectorSchema> {
  const { id, vendor, name, class: found, source, revoke, checksum, keywords } = detector;
  return {
    id,
    vendor,
    name,
    class: found,
    source,
    revoke: revoke ?? null,
    sure: checksum !== undefined ? 'checksum' : keywords !== undefined ? 'context' : 'form',
  };
}

const registeredOf = (row: RegisteredView): z.infer<typeof RegisteredSchema> => ({
  id: row.id,
  label: row.label,
  owner: row.owner,
  class: row.class,
  inScans: row.in_scans,
  registeredAt: row.registered_at.toISOString(),
  registeredBy: row.registered_by,
});

const findingOf = ({ known, ...found }: Finding): z.infer<typeof TriedSchema>['findings'][number] => ({
  class: found.class,
  start: found.start,
  end: found.end,
  confidence: found.confidence,
  detector: found.detector,
  why: found.why,
  known: known ?? null,
});
