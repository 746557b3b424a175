import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  pageSchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { acknowledgeKeyAlarm, listKeyAlarms } from './key-alarms.ts';
import { KeyAlarmSchema } from './schemas.ts';

const listAlarms = createRoute({
  method: 'get',
  path: '/key-alarms',
  'x-needs': needs('key_alarm.read'),
  summary: 'Uses of keys of ours by somebody who is not us, newest first',
  request: { query: PageQuerySchema.extend({ state: z.enum(['open', 'all']).default('open') }) },
  responses: { 200: json(pageSchema(KeyAlarmSchema), 'A page of alarms'), ...problemResponses },
});

const acknowledge = createRoute({
  method: 'post',
  path: '/key-alarms/{id}/acknowledge',
  'x-needs': needs('key_alarm.acknowledge'),
  summary: 'Say that a person has looked at an alarm: it is not warned of any more, and stays',
  request: {
    params: z.object({ id: z.string().max(60) }),
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: { 200: json(KeyAlarmSchema, 'The alarm, acknowledged'), ...problemResponses },
});

export function keyAlarmRoutes(platform: Platform) {
  return createRouter()
    .openapi(listAlarms, async (c) => c.json(await listKeyAlarms(platform, c.req.valid('query')), 200))
    .openapi(acknowledge, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      return c.json(await acknowledgeKeyAlarm(platform, c.req.valid('param').id, by), 200);
    });
}
