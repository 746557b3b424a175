import { verdicts } from '@drawbridge/authenticity';
import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { FindingsShape } from './findings.ts';
import { channels, endings, senderClasses, ways } from './tables.ts';

export const topics = ['security', 'account', 'billing', 'subscription', 'usage', 'other'] as const;
const WhoSchema = z.object({ id: z.string(), name: z.string() });
const When = z.iso.datetime();

const judged = {
  id: z.uuid(),
  at: When,
  by: WhoSchema.nullable(),
  channel: z.enum(channels),
  came: z.enum(ways),
  verdict: z.enum(verdicts),
  vendor: WhoSchema.nullable(),
  topic: z.enum(topics),
  from: z.object({ name: z.string(), address: z.string() }).nullable(),
  subject: z.string(),
  sentence: z.string().openapi({ description: 'The answer' }),
  reasons: z.array(z.string()),
  dashboard: z
    .object({ url: z.string().nullable(), vendor: z.string(), lookFor: z.string() })
    .nullable()
    .openapi({ description: 'Where to look: the register’s own link, never one of the message' }),
  answer: z.object({ there: z.boolean(), at: When }).nullable(),
  forwardAsAttachment: z.boolean(),
  state: z.enum(['open', 'closed']),
  closed: z.object({ as: z.enum(endings), at: When, by: WhoSchema, reply: z.string().nullable() }).nullable(),
  harm: z.int(),
  campaign: z.uuid().nullable(),
  alike: z.int().openapi({ description: 'Other messages that are like it' }),
};
export const JudgedSchema = z.object(judged).openapi('JudgedMessage');
export type JudgedView = z.infer<typeof JudgedSchema>;

const { evidence, claims, quoted, account, attachments, review, ours } = FindingsShape.shape;
export const DetailSchema = z
  .object({
    ...judged,
    to: z.array(z.string()),
    evidence,
    claims,
    quoted,
    account,
    links: z.array(z.string()).openapi({ description: 'Written so that nothing makes them clickable' }),
    attachments,
    review,
    dns: z.array(z.object({ name: z.string(), type: z.string(), at: z.string() })),
    history: z.array(z.object({ at: When, verdict: z.enum(verdicts), because: z.string() })),
    similar: z.array(JudgedSchema),
    kept: z.object({ until: When, raw: z.boolean() }),
    ours,
    incident: z.uuid().nullable(),
    suggestsIncident: z
      .boolean()
      .openapi({ description: 'Somebody looked and it was not there: an incident may be opened' }),
  })
  .openapi('Message');
export type DetailView = z.infer<typeof DetailSchema>;

export const TextSchema = z.object({ text: z.string(), cut: z.boolean() }).openapi('MessageText');
export const AnswerSchema = z.strictObject({ there: z.boolean() });
export const ClosingSchema = z.strictObject({
  messages: z.array(z.uuid()).min(1).max(200),
  as: z.enum(endings),
  reply: z.string().max(60).nullable().default(null),
  reason: ReasonSchema.optional(),
});
export const ClosedSchema = z
  .object({
    closed: z.int(),
    skipped: z.array(z.object({ id: z.string(), why: z.string() })),
    replied: z.int().openapi({ description: 'Replies that went out by mail' }),
  })
  .openapi('ClosedMessages');
export const ReasonBody = z.strictObject({ reason: ReasonSchema.optional() });
export const OpenIncidentSchema = z.strictObject({
  title: z.string().trim().min(3).max(200),
  playbook: z
    .string()
    .max(100)
    .optional()
    .openapi({ description: 'Else by what the message is about: a leaked key, or a breach of data' }),
  reason: ReasonSchema.optional(),
});
export const CampaignSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    vendor: WhoSchema.nullable(),
    first: When,
    last: When,
    messages: z.int(),
    people: z.int(),
    open: z.int(),
    infrastructure: z.array(z.string()),
    shape: z.string().openapi({ description: 'The subject that most of them have' }),
    state: z.enum(['open', 'closed']),
  })
  .openapi('MessageCampaign');
export const CountsSchema = z
  .object({
    open: z.int(),
    byVerdict: z.object({
      'verified-authentic': z.int(),
      unverified: z.int(),
      'likely-impersonation': z.int(),
    }),
    notThere: z.int(),
    reviews: z.int(),
    medianSecondsToAnswer: z.number().nullable(),
  })
  .openapi('MessageCounts');
export const ReplySchema = z.object({ id: z.string(), title: z.string(), text: z.string() });

/** A domain, or a whole address. */
export const SenderIs = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(
    /^(?:[a-z0-9._%+-]{1,64}@)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$/,
    'is no domain and no mail address',
  );
export const VendorId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,99}$/, 'is no id of a vendor');
export const SenderSchema = z
  .object({
    id: z.string(),
    vendor: WhoSchema,
    is: z.string(),
    class: z.enum(senderClasses),
    source: z.enum(['pack', 'organisation']),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: z.string().nullable(),
  })
  .openapi('MessageSender');
export const NewSenderSchema = z.strictObject({
  vendor: VendorId,
  is: SenderIs,
  class: z.enum(senderClasses),
  reason: z.string().trim().min(3).max(500),
});
export const ReviewSchema = z
  .object({
    id: z.uuid(),
    domain: z.string(),
    vendor: WhoSchema,
    messages: z.int(),
    first: When,
    last: When,
    state: z.enum(['open', ...senderClasses]),
  })
  .openapi('SenderReview');
export const ReviewDecisionSchema = z.strictObject({
  as: z.enum(senderClasses),
  reason: z.string().trim().min(3).max(500),
});
export const RejudgingSchema = z
  .object({
    because: z.string().nullable(),
    begunAt: When.nullable(),
    total: z.int(),
    done: z.int(),
    changed: z.int(),
    endedAt: When.nullable(),
  })
  .openapi('MessageRejudging');
export const AddressSchema = z
  .object({ id: z.uuid(), vendor: WhoSchema, address: z.string(), by: z.string(), at: When })
  .openapi('VendorAddress');
export const NewAddressSchema = z.strictObject({
  vendor: VendorId,
  address: z
    .string()
    .trim()
    .toLowerCase()
    .max(254)
    .regex(/^[^\s@<>"]{1,64}@(?:[a-z0-9-]+\.)+[a-z]{2,24}$/, 'is no mail address'),
  reason: ReasonSchema.optional(),
});
export const DashboardSchema = z
  .object({
    vendor: z.string(),
    url: z.string().nullable(),
    source: z.enum(['organisation', 'pack', 'none']),
    by: z.string().nullable(),
    at: z.string().nullable(),
  })
  .openapi('VendorDashboard');
export const DashboardEntrySchema = z.strictObject({
  url: z
    .url({ protocol: /^https$/ })
    .max(500)
    .refine((url) => new URL(url).username === '', 'holds a name before the host')
    .nullable(),
  reason: ReasonSchema.optional(),
});
