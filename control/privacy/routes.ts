import { createRoute, z } from '@hono/zod-openapi';
import type { Names } from '../crossings/index.ts';
import { createRouter, json, needs, type Platform, problemResponses } from '../platform/index.ts';
import { appPrivacy } from './privacy.ts';
import { AppPrivacySchema } from './schemas.ts';

const read = createRoute({
  method: 'get',
  path: '/apps/{id}/privacy',
  'x-needs': needs('app.read'),
  summary: 'What kinds of data an app’s crossings carried, by day, and what became of them',
  request: {
    params: z.object({ id: z.string().max(60) }),
    query: z.object({ days: z.enum(['7', '30']).default('30') }),
  },
  responses: { 200: json(AppPrivacySchema, 'By day'), ...problemResponses },
});

export function privacyRoutes(platform: Platform, names: Names) {
  return createRouter().openapi(read, async (c) => {
    const { days } = c.req.valid('query');
    return c.json(await appPrivacy(platform, names, c.req.valid('param').id, Number(days)), 200);
  });
}
