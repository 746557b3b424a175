import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, givenReason, json, needs, problemResponses } from '../platform/index.ts';
import type { Inventory } from './inventory.ts';
import {
  DaysSchema,
  HeldKeyChangeSchema,
  HeldKeyImportSchema,
  HeldKeyPageSchema,
  HeldKeyQuerySchema,
  HeldKeySchema,
  ImportAnswerSchema,
  InventorySchema,
  KeyUseDetailSchema,
  KeyUseListSchema,
  PreviewAnswerSchema,
  PreviewSchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const use = createRoute({
  method: 'get',
  path: '/key-use',
  'x-needs': needs('inventory.read'),
  summary: 'What each virtual key may do against what it did, and how it could be tightened',
  request: { query: DaysSchema },
  responses: { 200: json(KeyUseListSchema, 'All keys that can be used'), ...problemResponses },
});
const useOf = createRoute({
  method: 'get',
  path: '/keys/{id}/use',
  'x-needs': needs('inventory.read', { own: 'key' }),
  summary: 'What one virtual key was used for',
  request: { params, query: DaysSchema },
  responses: { 200: json(KeyUseDetailSchema, 'Its use'), ...problemResponses },
});
const preview = createRoute({
  method: 'post',
  path: '/keys/{id}/bounds/preview',
  'x-needs': needs('inventory.read', { own: 'key' }),
  summary: 'What other bounds would have refused of what crossed; changes nothing',
  request: { params, body: body(PreviewSchema) },
  responses: { 200: json(PreviewAnswerSchema, 'What they would have done'), ...problemResponses },
});
const inventory = createRoute({
  method: 'get',
  path: '/key-inventory',
  'x-needs': needs('inventory.read'),
  summary: 'Keys by age and finding, here and elsewhere, and the lists that were imported',
  responses: { 200: json(InventorySchema, 'The inventory'), ...problemResponses },
});
const listHeld = createRoute({
  method: 'get',
  path: '/held-keys',
  'x-needs': needs('inventory.read'),
  summary: 'Keys that are held elsewhere, as imported lists say',
  request: { query: HeldKeyQuerySchema },
  responses: { 200: json(HeldKeyPageSchema, 'A page of keys'), ...problemResponses },
});
const importHeld = createRoute({
  method: 'post',
  path: '/held-keys/imports',
  'x-needs': needs('inventory.import'),
  summary: 'Import a list of keys that are held elsewhere; rows that hold a whole key are refused',
  request: { body: body(HeldKeyImportSchema) },
  responses: { 200: json(ImportAnswerSchema, 'What was taken in'), ...problemResponses },
});
const changeHeld = createRoute({
  method: 'patch',
  path: '/held-keys/{id}',
  'x-needs': needs('inventory.import'),
  summary: 'Say who owns a key that is held elsewhere, and where it is stored',
  request: { params, body: body(HeldKeyChangeSchema) },
  responses: { 200: json(HeldKeySchema, 'The key as it is now'), ...problemResponses },
});

export function inventoryRoutes(deps: Inventory) {
  return createRouter()
    .openapi(use, async (c) => c.json(await deps.use(c.req.valid('query').days), 200))
    .openapi(useOf, async (c) =>
      c.json(await deps.useOf(c.req.valid('param').id, c.req.valid('query').days), 200),
    )
    .openapi(preview, async (c) =>
      c.json(await deps.preview(c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(inventory, async (c) => c.json(await deps.inventory(), 200))
    .openapi(listHeld, async (c) => c.json(await deps.listHeld(c.req.valid('query')), 200))
    .openapi(importHeld, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await deps.importHeld(given, by), 200);
    })
    .openapi(changeHeld, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await deps.changeHeld(c.req.valid('param').id, given, by), 200);
    });
}
