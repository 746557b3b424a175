import { z } from '@hono/zod-openapi';
import { isAddress } from '../mail/index.ts';
import { ReasonSchema } from '../platform/index.ts';
import { LONGEST_BOUNCE } from './bounces.ts';
import { BreachEntrySchema } from './breach.ts';
import { SheetSchema, words } from './sheet.ts';
import { languages, noticeStates, recipientStates } from './tables.ts';

const reason = ReasonSchema.optional();
const Language = z.enum(languages);

export const SheetViewSchema = z
  .object({
    version: z
      .number()
      .openapi({ description: '0: none was kept; what is here is what claims and blast radius give' }),
    sheet: SheetSchema,
    madeAt: z.string().nullable(),
    madeBy: z.string().nullable(),
  })
  .openapi('FactSheet');
export const SheetEntrySchema = z
  .strictObject({ sheet: SheetSchema, basedOn: z.int().min(0), reason })
  .openapi('FactSheetEntry');
export const SheetVersionSchema = z
  .object({ version: z.number(), madeAt: z.string(), madeBy: z.string(), changed: z.array(z.string()) })
  .openapi('FactSheetVersion');

export const TemplateViewSchema = z
  .object({
    id: z.string(),
    for: z.string(),
    basis: z.string().nullable(),
    asOf: z.string(),
    recipients: z.enum(['directory', 'entered']),
    ownScope: z.boolean(),
    fields: z.enum(['none', 'dora']),
    names: z.record(z.string(), z.string()).openapi({ description: 'By language' }),
  })
  .openapi('NoticeTemplate');

const Block = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('heading'), text: z.string() }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('list'), items: z.array(z.string()) }),
]);

const head = {
  id: z.string(),
  number: z.number(),
  template: z.string(),
  name: z.string(),
  language: Language,
  reader: z.string().nullable(),
  state: z.enum(noticeStates),
  version: z.number(),
  sheetVersion: z.number(),
  follows: z.string().nullable(),
  edited: z.object({
    by: z.string(),
    at: z.string(),
    self: z.boolean().openapi({ description: 'By who asks' }),
  }),
  approved: z.object({ by: z.string(), at: z.string(), sha256: z.string() }).nullable(),
  sending: z
    .object({
      since: z.string(),
      sentAt: z.string().nullable(),
      nextTryAt: z.string().nullable(),
      trouble: z.string().nullable(),
    })
    .nullable(),
  recipients: z.record(z.enum(recipientStates), z.number()),
};
export const NoticeRowSchema = z.object(head).openapi('NoticeRow');
export type NoticeRowView = z.infer<typeof NoticeRowSchema>;
export const NoticeSchema = z
  .object({
    ...head,
    subject: z.string(),
    text: z.string(),
    readers: z
      .array(
        z.object({
          country: z.string().nullable(),
          language: z.string().nullable(),
          recipients: z.number(),
        }),
      )
      .openapi({ description: 'Its recipients by where they are and what they read; null: nobody says' }),
    blocks: z.array(Block).openapi({ description: 'As a reader sees it' }),
    plain: z.string().openapi({ description: 'As a mail without HTML has it' }),
    problems: z.array(z.object({ code: z.string(), text: z.string(), blocking: z.boolean() })),
    latestSheet: z.number(),
    drill: z.boolean(),
  })
  .openapi('Notice');
export type NoticeView = z.infer<typeof NoticeSchema>;

export const NoticeEntrySchema = z
  .strictObject({
    template: z.string().max(61),
    language: Language,
    reader: z
      .strictObject({ name: words(200).pipe(z.string().min(1)), scope: words(4000).pipe(z.string().min(1)) })
      .optional(),
    follows: z.uuid().optional().openapi({ description: 'The notice that this one is the later version of' }),
    reason,
  })
  .openapi('NoticeEntry');
export const NoticeEditSchema = z
  .strictObject({
    basedOn: z.int().min(1),
    text: z
      .strictObject({
        subject: words(300).pipe(
          z
            .string()
            .min(1)
            .regex(/^[^\n\t]*$/, 'has to be one line'),
        ),
        text: words(40_000).pipe(z.string().min(1)),
      })
      .nullable()
      .openapi({ description: 'null: made anew of the newest fact sheet' }),
    reason,
  })
  .openapi('NoticeEdit');
export const DecisionSchema = z
  .strictObject({ version: z.int().min(1), decision: z.enum(['approve', 'return']), reason: ReasonSchema })
  .openapi('NoticeDecision');
const LanguageCode = z.string().regex(/^[a-z]{2,8}$/, 'is a primary language, such as de');
const CountryCode = z.string().regex(/^[A-Z]{2}$/, 'is a country of ISO 3166-1, such as DE');
export const CollectSchema = z
  .strictObject({
    reason,
    languages: z.array(LanguageCode.nullable()).min(1).max(200).optional().openapi({
      description: 'Only those who read one of these; null: of whom nobody says it',
    }),
    otherThan: z
      .array(LanguageCode)
      .max(200)
      .optional()
      .openapi({ description: 'All but those who read one of these, whom other notices tell' }),
    countries: z.array(CountryCode.nullable()).min(1).max(300).optional(),
  })
  .openapi('NoticeCollect');

export const WhySchema = z.strictObject({ reason }).openapi('NoticeAct');

const Recipient = z.strictObject({
  address: z.string().trim().refine(isAddress, 'is not one plain mail address'),
  name: words(200).nullable().default(null),
});
export const RecipientListSchema = z
  .strictObject({ recipients: z.array(Recipient).max(2_000), reason })
  .openapi('NoticeRecipients');
export const CollectedSchema = z
  .object({
    recipients: z.number(),
    withoutAddress: z.number().openapi({ description: 'People of whom no address is known' }),
    others: z.number().openapi({ description: 'People who were not asked for: other notices tell them' }),
  })
  .openapi('NoticeCollected');
export const RecipientQuerySchema = z
  .strictObject({
    state: z.enum(recipientStates).optional(),
    after: z.int().min(0).default(0),
    limit: z.int().min(1).max(200).default(50),
    reason,
  })
  .openapi('NoticeRecipientsAsked');
export const RecipientViewSchema = z
  .object({
    n: z.number(),
    address: z.string(),
    name: z.string().nullable(),
    country: z.string().nullable(),
    language: z.string().nullable(),
    state: z.enum(recipientStates),
    attempts: z.number(),
    at: z.string().nullable(),
    code: z.string().nullable(),
    answer: z.string().nullable().openapi({ description: 'What the mail server said' }),
    messageId: z.string().nullable(),
  })
  .openapi('NoticeRecipient');
export type RecipientView = z.infer<typeof RecipientViewSchema>;
export const SettleSchema = z
  .strictObject({ n: z.int().min(1), decision: z.enum(['sent', 'again', 'leave_out']), reason: ReasonSchema })
  .openapi('NoticeSettled');
export const BounceSchema = z
  .strictObject({
    text: z.string().min(1).max(LONGEST_BOUNCE).openapi({
      description: 'The bounce as it came, with the Message-ID of the mail that it is of',
    }),
    reason,
  })
  .openapi('NoticeBounce');
export const ExportSchema = z
  .strictObject({ format: z.enum(['text', 'html', 'pdf', 'json']), reason })
  .openapi('NoticeExport');
export const ExportedSchema = z
  .object({ name: z.string(), type: z.string(), base64: z.string(), sha256: z.string() })
  .openapi('NoticeExported');
export const DrillSchema = z
  .object({ recipients: z.array(z.object({ address: z.string(), name: z.string().nullable() })) })
  .openapi('DrillRecipients');
export const BreachPutSchema = BreachEntrySchema.extend({ reason: ReasonSchema }).openapi('BreachEntryGiven');
