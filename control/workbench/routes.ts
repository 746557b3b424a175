import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  Problem,
  problemResponses,
} from '../platform/index.ts';
import {
  ContractTestEntrySchema,
  ContractTestImportSchema,
  ContractTestListSchema,
  ContractTestRunEntrySchema,
  ContractTestRunSchema,
  ContractTestSchema,
  PreparedSchema,
  WorkbenchEntrySchema,
  WorkbenchRunSchema,
} from './schemas.ts';
import type { ContractTests } from './tests.ts';
import type { Workbench } from './workbench.ts';

const params = z.object({ id: z.string().max(60) });
const testParams = params.extend({ test: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const tryOut = createRoute({
  method: 'post',
  path: '/connections/{id}/workbench',
  'x-needs': needs('connection.read'),
  summary: 'What would be found in a request, what would cross of it, and what would come back',
  description:
    'As the gateway does it, under the contract in force or a draft, with keys that are made for it and thrown away. Nothing of the request is stored or logged, so it takes no `Idempotency-Key`. Own patterns, lists and registered secrets are looked for; credentials of connections and canaries are not.',
  request: { params, body: body(WorkbenchEntrySchema) },
  responses: { 200: json(WorkbenchRunSchema, 'What became of it'), ...problemResponses },
});

const listTests = createRoute({
  method: 'get',
  path: '/connections/{id}/contract-tests',
  'x-needs': needs('connection.read'),
  summary: 'Samples that are kept with what is expected of them',
  description: 'The answer can be given to `/contract-tests/import` of another connection as it is.',
  request: { params },
  responses: { 200: json(ContractTestListSchema, 'All tests, by name'), ...problemResponses },
});
const prepareTest = createRoute({
  method: 'post',
  path: '/connections/{id}/contract-tests/prepare',
  'x-needs': needs('connection.read'),
  summary: 'A sample with made-up values, as it would be kept, and what becomes of it; keeps nothing',
  request: { params, body: body(WorkbenchEntrySchema) },
  responses: { 200: json(PreparedSchema, 'What would be kept'), ...problemResponses },
});
const saveTest = createRoute({
  method: 'post',
  path: '/connections/{id}/contract-tests',
  'x-needs': needs('contract.change'),
  summary: 'Keep a sample with what is expected of it; one of the same name is replaced',
  request: { params, body: body(ContractTestEntrySchema) },
  responses: { 201: json(ContractTestSchema, 'The test'), ...problemResponses },
});
const importTests = createRoute({
  method: 'post',
  path: '/connections/{id}/contract-tests/import',
  'x-needs': needs('contract.change'),
  summary: 'Keep several tests, all or none; those of the same names are replaced',
  request: { params, body: body(ContractTestImportSchema) },
  responses: { 200: json(ContractTestListSchema, 'The tests that were kept'), ...problemResponses },
});
const runTests = createRoute({
  method: 'post',
  path: '/connections/{id}/contract-tests/run',
  'x-needs': needs('connection.read'),
  summary: 'Run the tests under the contract in force, or a draft of one',
  request: { params, body: body(ContractTestRunEntrySchema) },
  responses: { 200: json(ContractTestRunSchema, 'Which passed'), ...problemResponses },
});
const removeTest = createRoute({
  method: 'delete',
  path: '/connections/{id}/contract-tests/{test}',
  'x-needs': needs('contract.change'),
  summary: 'Remove a test',
  request: { params: testParams },
  responses: { 204: { description: 'It is gone' }, ...problemResponses },
});

/** Answers to requests with a key are kept for a day, and these hold what was pasted. Throws Problem 400. */
function expectNoKey(c: Context<HttpEnv>): void {
  if (c.req.header('idempotency-key') === undefined) return;
  throw new Problem(
    400,
    'invalid_request',
    'Nothing of a request to the workbench is kept: send it without an Idempotency-Key.',
  );
}

export function workbenchRoutes(workbench: Workbench, tests: ContractTests) {
  const by = (c: Context<HttpEnv>, reason: string | undefined) => ({
    actor: c.get('actor'),
    reason: givenReason(c, reason),
  });
  return createRouter()
    .openapi(tryOut, async (c) => {
      expectNoKey(c);
      const { sample, rules } = c.req.valid('json');
      const run = await workbench.run(c.req.valid('param').id, sample, rules ?? null);
      return c.json(run, 200, { 'cache-control': 'no-store' });
    })
    .openapi(listTests, async (c) => c.json({ items: await tests.list(c.req.valid('param').id) }, 200))
    .openapi(prepareTest, async (c) => {
      expectNoKey(c);
      const { sample, rules } = c.req.valid('json');
      const prepared = await tests.prepare(c.req.valid('param').id, sample, rules ?? null);
      return c.json(prepared, 200, { 'cache-control': 'no-store' });
    })
    .openapi(runTests, async (c) =>
      c.json(await tests.run(c.req.valid('param').id, c.req.valid('json').rules ?? null), 200),
    )
    .openapi(importTests, async (c) => {
      const { items, despite = false, reason } = c.req.valid('json');
      const saved = await tests.save(c.req.valid('param').id, items, by(c, reason), despite);
      return c.json({ items: saved }, 200);
    })
    .openapi(saveTest, async (c) => {
      const { despite = false, reason, ...test } = c.req.valid('json');
      const [saved] = await tests.save(c.req.valid('param').id, [test], by(c, reason), despite);
      if (saved === undefined) throw new Error('a test was kept and is not there');
      return c.json(saved, 201);
    })
    .openapi(removeTest, async (c) => {
      const { id, test } = c.req.valid('param');
      await tests.remove(id, test, by(c, undefined));
      return c.body(null, 204);
    });
}
