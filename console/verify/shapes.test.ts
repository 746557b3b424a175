import type { Hono } from 'hono';
import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { webhookRoutes } from '../../control/intake/hook-routes.ts';
import type { mailboxRoutes } from '../../control/intake/mailbox-routes.ts';
import type { intakeRoutes } from '../../control/intake/routes.ts';
import type { messageRoutes } from '../../control/messages/routes.ts';
import type {
  CampaignSchema,
  ClosedSchema,
  CountsSchema,
  DetailView,
  JudgedView,
  ReplySchema,
  TextSchema,
} from '../../control/messages/schemas.ts';
import type { senderRoutes } from '../../control/messages/sender-routes.ts';
import type { HttpEnv } from '../../control/platform/index.ts';
import type { Page } from '../api/types.ts';
import type {
  Campaign,
  Closed,
  Dashboard,
  Intake,
  Judged,
  Mailbox,
  MessageCounts,
  MessageDetail,
  MessageWebhook,
  Rejudged,
  Reply,
  Sender,
  SenderReview,
  VendorAddress,
} from './shapes.ts';

/** What GET of a path answers with 200, as the routes are typed. */
type Answer<Routes extends (...given: never[]) => unknown, Path extends string> =
  ReturnType<Routes> extends Hono<HttpEnv, infer Schema, string>
    ? Path extends keyof Schema
      ? Schema[Path] extends { $get: infer Endpoint }
        ? Extract<Endpoint, { status: 200 }> extends { output: infer Output }
          ? Output
          : never
        : never
      : never
    : never;

test('what the verify desk reads is what the control plane answers', () => {
  expectTypeOf<JudgedView>().toExtend<Judged>();
  expectTypeOf<DetailView>().toExtend<MessageDetail>();
  expectTypeOf<z.infer<typeof CountsSchema>>().toExtend<MessageCounts>();
  expectTypeOf<z.infer<typeof CampaignSchema>>().toExtend<Campaign>();
  expectTypeOf<z.infer<typeof ClosedSchema>>().toExtend<Closed>();
  expectTypeOf<z.infer<typeof ReplySchema>>().toExtend<Reply>();
  expectTypeOf<z.infer<typeof TextSchema>>().toExtend<{ text: string; cut: boolean }>();
  expectTypeOf<Answer<typeof messageRoutes, '/messages'>>().toExtend<Page<Judged>>();
  expectTypeOf<Answer<typeof senderRoutes, '/senders'>>().toExtend<Page<Sender>>();
  expectTypeOf<Answer<typeof senderRoutes, '/sender-reviews'>>().toExtend<Page<SenderReview>>();
  expectTypeOf<Answer<typeof senderRoutes, '/senders/rejudging'>>().toExtend<{ rejudging: Rejudged }>();
  expectTypeOf<Answer<typeof senderRoutes, '/vendor-addresses'>>().toExtend<Page<VendorAddress>>();
  expectTypeOf<Answer<typeof senderRoutes, '/vendor-dashboards/:vendor'>>().toExtend<Dashboard>();
  expectTypeOf<Answer<typeof intakeRoutes, '/message-intake'>>().toExtend<Intake>();
  expectTypeOf<Answer<typeof mailboxRoutes, '/message-mailboxes'>>().toExtend<Page<Mailbox>>();
  expectTypeOf<Answer<typeof webhookRoutes, '/message-webhooks'>>().toExtend<Page<MessageWebhook>>();
  // `never` extends everything: a path that is not there must not look like agreement.
  expectTypeOf<Answer<typeof messageRoutes, '/messages'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof senderRoutes, '/senders'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof senderRoutes, '/sender-reviews'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof senderRoutes, '/senders/rejudging'>>().toHaveProperty('rejudging');
  expectTypeOf<Answer<typeof senderRoutes, '/vendor-addresses'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof senderRoutes, '/vendor-dashboards/:vendor'>>().toHaveProperty('url');
  expectTypeOf<Answer<typeof intakeRoutes, '/message-intake'>>().toHaveProperty('smtp');
  expectTypeOf<Answer<typeof mailboxRoutes, '/message-mailboxes'>>().toHaveProperty('items');
  expectTypeOf<Answer<typeof webhookRoutes, '/message-webhooks'>>().toHaveProperty('items');
});
