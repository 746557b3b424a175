import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, notFound, problemResponses } from '../platform/index.ts';
import { VendorFactsSchema } from './facts/index.ts';
import type { Known } from './known.ts';

const KnownVendorSchema = z
  .object({ id: z.string(), name: z.string(), category: z.string(), domains: z.array(z.string()) })
  .openapi('KnownVendor');

const listKnown = createRoute({
  method: 'get',
  path: '/known-vendors',
  'x-needs': needs('vendor.read'),
  summary: 'Vendors of which something is publicly known, by name',
  responses: {
    200: json(z.object({ items: z.array(KnownVendorSchema), next: z.null() }), 'All of them'),
    ...problemResponses,
  },
});

const readKnown = createRoute({
  method: 'get',
  path: '/known-vendors/{vendor}',
  'x-needs': needs('vendor.read'),
  summary: 'What is publicly known of one vendor, each fact with where and when it was read',
  request: { params: z.object({ vendor: z.string().max(61) }) },
  responses: { 200: json(VendorFactsSchema, 'The facts, as their file has them'), ...problemResponses },
});

export function knownRoutes(known: () => Promise<Known>) {
  return createRouter()
    .openapi(listKnown, async (c) => {
      const items = (await known()).all.map(({ id, name, category, domains }) => ({
        id,
        name,
        category,
        domains: domains.map(({ is }) => is),
      }));
      items.sort((a, b) => a.name.localeCompare(b.name, 'en'));
      return c.json({ items, next: null }, 200);
    })
    .openapi(readKnown, async (c) => {
      const facts = (await known()).get(c.req.valid('param').vendor);
      if (facts === undefined) throw notFound('known vendor');
      return c.json(facts, 200);
    });
}
