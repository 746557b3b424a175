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
} from '../platform/index.ts';
import { type DryRunDeps, dryRun } from './dry-run.ts';
import type { Policies } from './policies.ts';
import { fullSchema } from './schema.ts';
import {
  ActivationSchema,
  AppliedSchema,
  ApplySchema,
  BecauseSchema,
  DryRunResultSchema,
  DryRunSchema,
  NewPolicySchema,
  PolicyChangeSchema,
  PolicyCheckedSchema,
  PolicyCheckSchema,
  PolicyDetailSchema,
  PolicyListSchema,
  PolicyVersionSchema,
  StarterSchema,
} from './schemas.ts';

const params = z.object({ name: z.string().max(60) });
export const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const list = createRoute({
  method: 'get',
  path: '/policies',
  'x-needs': needs('policy.read'),
  summary: 'Policies, in order of names',
  responses: { 200: json(PolicyListSchema, 'All of them'), ...problemResponses },
});
const create = createRoute({
  method: 'post',
  path: '/policies',
  'x-needs': needs('policy.change'),
  summary: 'Save a policy, and put it in force if asked for',
  description:
    'Its text is checked against the schema (422 `policy_invalid`, with lines and columns). Before it is put in force its examples are run, and those of all policies in force together with it (409 `example_fails`).',
  request: { body: body(NewPolicySchema) },
  responses: { 201: json(PolicyDetailSchema, 'The new policy'), ...problemResponses },
});
const apply = createRoute({
  method: 'put',
  path: '/policies',
  'x-needs': needs('policy.change'),
  summary: 'Save several policies and put them in force together, or none of them',
  request: { body: body(ApplySchema) },
  responses: { 200: json(AppliedSchema, 'What was done to which'), ...problemResponses },
});
const schema = createRoute({
  method: 'get',
  path: '/policies/schema',
  'x-needs': needs('policy.read'),
  summary: 'The Cedar schema that policies are checked against',
  responses: { 200: json(z.object({ text: z.string() }), 'The schema'), ...problemResponses },
});
const starters = createRoute({
  method: 'get',
  path: '/policies/starters',
  'x-needs': needs('policy.read'),
  summary: 'Policies to take over as they are',
  responses: { 200: json(z.object({ items: z.array(StarterSchema) }), 'All of them'), ...problemResponses },
});
const check = createRoute({
  method: 'post',
  path: '/policies/check',
  'x-needs': needs('policy.read'),
  summary: 'What is wrong with a text, and whether its examples hold; writes nothing',
  request: { body: body(PolicyCheckSchema) },
  responses: { 200: json(PolicyCheckedSchema, 'What was found'), ...problemResponses },
});
const tryOn = createRoute({
  method: 'post',
  path: '/policies/dry-run',
  'x-needs': needs('policy.read'),
  summary: 'What a policy would have refused of the latest real crossings; writes nothing',
  request: { body: body(DryRunSchema) },
  responses: { 200: json(DryRunResultSchema, 'What would have happened'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/policies/{name}',
  'x-needs': needs('policy.read'),
  summary: 'One policy: its newest text, its examples, its versions',
  request: { params },
  responses: { 200: json(PolicyDetailSchema, 'The policy'), ...problemResponses },
});
const change = createRoute({
  method: 'put',
  path: '/policies/{name}',
  'x-needs': needs('policy.change'),
  summary: 'Save a new version of a policy, and put it in force if asked for',
  request: { params, body: body(PolicyChangeSchema) },
  responses: { 200: json(PolicyDetailSchema, 'The policy'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/policies/{name}',
  'x-needs': needs('policy.change'),
  summary: 'Take a policy that is not in force off the list',
  request: {
    params,
    headers: z.object({
      'x-drawbridge-reason': z.string().max(2000).optional().openapi({ description: 'Why it is removed' }),
    }),
  },
  responses: { 204: { description: 'Removed' }, ...problemResponses },
});
const version = createRoute({
  method: 'get',
  path: '/policies/{name}/versions/{version}',
  'x-needs': needs('policy.read'),
  summary: 'One version of a policy, compared with the one before',
  request: { params: params.extend({ version: z.coerce.number().int().min(1) }) },
  responses: { 200: json(PolicyVersionSchema, 'The version'), ...problemResponses },
});
const activate = createRoute({
  method: 'post',
  path: '/policies/{name}/activate',
  'x-needs': needs('policy.change'),
  summary: 'Put a version in force: the newest, or an earlier one',
  request: { params, body: body(ActivationSchema) },
  responses: { 200: json(PolicyDetailSchema, 'The policy'), ...problemResponses },
});
const deactivate = createRoute({
  method: 'post',
  path: '/policies/{name}/deactivate',
  'x-needs': needs('policy.change'),
  summary: 'Take a policy out of force',
  request: { params, body: body(BecauseSchema) },
  responses: { 200: json(PolicyDetailSchema, 'The policy'), ...problemResponses },
});

export function byOf(c: Context<HttpEnv>, reason: string | undefined): By {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

export function policyRoutes(policies: Policies, dryRunDeps: DryRunDeps) {
  return createRouter()
    .openapi(list, async (c) => c.json(await policies.list(), 200))
    .openapi(create, async (c) => {
      const given = c.req.valid('json');
      const made = await policies.create(given, byOf(c, given.reason));
      return c.json(made, 201, { location: `${c.req.path}/${made.name}` });
    })
    .openapi(apply, async (c) => {
      const { policies: given, only, reason } = c.req.valid('json');
      return c.json(await policies.apply(given, only, byOf(c, reason)), 200);
    })
    .openapi(schema, (c) => c.json({ text: fullSchema }, 200))
    .openapi(starters, async (c) => c.json({ items: await policies.starters() }, 200))
    .openapi(check, async (c) => c.json(await policies.check(c.req.valid('json')), 200))
    .openapi(tryOn, async (c) => c.json(await dryRun(dryRunDeps, c.req.valid('json')), 200))
    .openapi(read, async (c) => c.json(await policies.get(c.req.valid('param').name), 200))
    .openapi(change, async (c) => {
      const given = c.req.valid('json');
      const by = byOf(c, given.reason);
      return c.json(await policies.change(c.req.valid('param').name, given, by), 200);
    })
    .openapi(remove, async (c) => {
      await policies.remove(c.req.valid('param').name, byOf(c, undefined));
      return c.body(null, 204);
    })
    .openapi(version, async (c) => {
      const given = c.req.valid('param');
      return c.json(await policies.version(given.name, given.version), 200);
    })
    .openapi(activate, async (c) => {
      const given = c.req.valid('json');
      const by = byOf(c, given.reason);
      return c.json(await policies.activate(c.req.valid('param').name, given.version, by), 200);
    })
    .openapi(deactivate, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      return c.json(await policies.deactivate(c.req.valid('param').name, by), 200);
    });
}
