import { createRoute, z } from '@hono/zod-openapi';
import {
  bodyOf,
  createRouter,
  givenReason,
  json,
  needs,
  Problem,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { IntakeOptions } from './index.ts';
import {
  addWebhook,
  type createHooks,
  HookBodySchema,
  LARGEST_HOOK,
  listWebhooks,
  removeWebhook,
  type WebhookRow,
} from './webhooks.ts';

const WebhookSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    channel: z.enum(['sms', 'chat']),
    at: z.string(),
    madeBy: z.string(),
    lastUsed: z.string().nullable(),
  })
  .openapi('MessageWebhook');
const MadeSchema = z
  .object({ ...WebhookSchema.shape, url: z.string(), secret: z.string() })
  .openapi('NewMessageWebhook');
const EntrySchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}+$/u, 'has to be one line'),
    channel: z.enum(['sms', 'chat']),
    reason: ReasonSchema.optional(),
  })
  .openapi('MessageWebhookEntry');

const list = createRoute({
  method: 'get',
  path: '/message-webhooks',
  'x-needs': needs('setting.read'),
  summary: 'Addresses at which other programs hand in texts; twenty at most',
  responses: {
    200: json(
      z.object({ items: z.array(WebhookSchema), next: z.null() }),
      'The webhooks, without their secrets',
    ),
    ...problemResponses,
  },
});
const add = createRoute({
  method: 'post',
  path: '/message-webhooks',
  'x-needs': needs('message.change_intake'),
  summary: 'Make an address at which a program hands in texts; address and secret are shown once',
  request: { body: { required: true, content: { 'application/json': { schema: EntrySchema } } } },
  responses: { 201: json(MadeSchema, 'The webhook'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/message-webhooks/{webhook}',
  'x-needs': needs('message.change_intake'),
  summary: 'End a webhook: its address answers nobody from now on',
  request: { params: z.object({ webhook: z.uuid() }) },
  responses: { 204: { description: 'It is ended' }, ...problemResponses },
});
const hand = createRoute({
  method: 'post',
  path: '/message-hooks/{token}',
  'x-needs': needs.anyone,
  summary: 'Hand in a text, signed',
  description:
    'x-drawbridge-timestamp: seconds since 1970, within five minutes of now. x-drawbridge-signature: v1= and the HMAC-SHA-256, in hexadecimal, by the webhook’s secret over the time, a full stop, and the body as it is sent. The same request twice is one message.',
  request: {
    params: z.object({ token: z.string().max(200) }),
    headers: z.object({
      'x-drawbridge-timestamp': z.string().max(20).optional(),
      'x-drawbridge-signature': z.string().max(200).optional(),
    }),
  },
  responses: { 202: json(z.object({ id: z.string() }), 'It was taken'), ...problemResponses },
});

const view = ({
  id,
  name,
  channel,
  made_at,
  made_by,
  last_used_at,
}: WebhookRow): z.infer<typeof WebhookSchema> => ({
  id,
  name,
  channel,
  at: made_at.toISOString(),
  madeBy: made_by,
  lastUsed: last_used_at?.toISOString() ?? null,
});

export function webhookRoutes({ platform, sealer, base }: IntakeOptions) {
  return createRouter()
    .openapi(list, async (c) =>
      c.json({ items: (await listWebhooks(platform.db)).map(view), next: null }, 200),
    )
    .openapi(add, async (c) => {
      const { reason, ...entry } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const opened = await sealer();
      const made = await platform.db
        .transaction()
        .execute((tx) => addWebhook(tx, platform, opened, entry, by));
      c.set('shownOnce', true);
      return c.json(
        {
          id: made.id,
          ...entry,
          at: new Date(platform.clock.now()).toISOString(),
          madeBy: by.actor.name,
          lastUsed: null,
          url: `${base()}/message-hooks/${made.token}`,
          secret: made.secret,
        },
        201,
      );
    })
    .openapi(remove, async (c) => {
      const { webhook } = c.req.valid('param');
      const by = { actor: c.get('actor'), reason: givenReason(c) };
      await platform.db.transaction().execute((tx) => removeWebhook(tx, platform, webhook, by));
      return c.body(null, 204);
    });
}

/** Where texts are handed in: without a session, by the signature. */
export function hookRoutes(handIn: ReturnType<typeof createHooks>) {
  const router = createRouter();
  // The body is signed as it is sent: the document says its form, and it is read by hand.
  router.openAPIRegistry.register('MessageHook', HookBodySchema);
  return router.openapi(hand, async (c) => {
    const headers = c.req.valid('header');
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of bodyOf(c.req.raw)) {
      length += part.length;
      if (length > LARGEST_HOOK)
        throw new Problem(413, 'too_large', `A text is handed in with at most ${LARGEST_HOOK} bytes.`);
      parts.push(part);
    }
    const signed = {
      token: c.req.valid('param').token,
      timestamp: headers['x-drawbridge-timestamp'],
      signature: headers['x-drawbridge-signature'],
    };
    return c.json(await handIn(signed, Buffer.concat(parts)), 202);
  });
}
