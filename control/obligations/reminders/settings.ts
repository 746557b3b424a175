import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../../platform/index.ts';
import type { DocumentOf } from '../documents.ts';

/** Who is reminded, through what, and when. */

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !/\p{Cc}/u.test(given), 'holds a control character; leave it out');

export const channelKinds = ['email', 'webhook', 'slack', 'teams', 'pagerduty', 'jira'] as const;
export type ChannelKind = (typeof channelKinds)[number];

function wrongUrl(given: string): string | null {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.protocol !== 'https:') return 'is not an https:// address';
  if (url.username !== '' || url.password !== '') return 'holds a password; leave it out';
  return url.hash === '' ? null : 'has a fragment, which is never sent';
}
export const HttpsUrl = z
  .string()
  .max(2000)
  .superRefine((given, context) => {
    const message = wrongUrl(given);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

const common = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'lower case letters, digits and -, at most 41'),
  name: text(120),
  drills: z.boolean().default(false).openapi({
    description: 'Takes reminders of drills, and of nothing else; without it, of nothing but what is real',
  }),
  paused: z.boolean().default(false),
  private: z.boolean().default(false).openapi({ description: 'Its address is in a private network' }),
};

/** What is told to whom. Secrets, and addresses that are secrets, lie apart, sealed. */
export const ChannelSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...common,
      kind: z.literal('email'),
      to: z
        .union([z.literal('leads'), z.email().max(254)])
        .openapi({ description: '`leads`: whoever leads the incident' }),
    }),
    z.strictObject({ ...common, kind: z.literal('webhook'), url: HttpsUrl }),
    z.strictObject({ ...common, kind: z.literal('slack') }),
    z.strictObject({ ...common, kind: z.literal('teams') }),
    z.strictObject({
      ...common,
      kind: z.literal('pagerduty'),
      region: z.enum(['us', 'eu']).default('us'),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('jira'),
      site: HttpsUrl.refine(
        (url) => URL.canParse(url) && new URL(url).pathname === '/' && new URL(url).search === '',
        'is the address of the site alone, as https://example.atlassian.net',
      ),
      email: z.email().max(254),
      project: z.string().regex(/^[A-Z][A-Z0-9_]{1,19}$/, 'is the key of a project, as SEC'),
      issueType: text(60).default('Task'),
    }),
  ])
  .openapi('ReminderChannel');
export type Channel = z.infer<typeof ChannelSchema>;

/** Kinds that need a secret, and what it is. */
export const secretOf: Readonly<Record<ChannelKind, z.ZodType<string> | null>> = {
  email: null,
  webhook: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'is whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)')
    .refine((given) => {
      const bytes = Buffer.from(given.slice(6), 'base64');
      return bytes.length >= 24 && bytes.length <= 64;
    }, 'has 24 to 64 bytes after whsec_, in base64'),
  slack: HttpsUrl,
  teams: HttpsUrl,
  pagerduty: z.string().regex(/^[A-Za-z0-9]{32}$/, 'is an integration key of 32 letters and digits'),
  jira: z.string().regex(/^[\x21-\x7e]{8,1000}$/, 'is an API token'),
};

export const LeadsSchema = z
  .strictObject({
    start: z.boolean(),
    half: z.boolean(),
    hoursBefore: z.array(z.int().min(1).max(720)).max(10),
    late: z.boolean(),
  })
  .openapi('ReminderLeadTimes');
export type Leads = z.infer<typeof LeadsSchema>;

const unique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

export const RemindersSchema = z
  .strictObject({
    channels: z
      .array(ChannelSchema)
      .max(30)
      .refine((all) => unique(all.map(({ id }) => id)), 'two channels have one id'),
    leads: LeadsSchema,
    leadsOf: z
      .record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/), LeadsSchema)
      .refine((all) => Object.keys(all).length <= 200, 'has more than 200 rules')
      .openapi({ description: 'Lead times of single rules, in place of those of all' }),
    escalation: z
      .strictObject({
        afterMinutes: z.int().min(5).max(10_080),
        deputy: z.string().max(60).openapi({ description: 'Id of a person' }),
        drillDeputy: z.string().max(60).nullable().default(null),
      })
      .nullable()
      .openapi({
        description: 'Who is told where nobody who leads the incident acknowledges a reminder in time',
      }),
  })
  .openapi('Reminders');
export type Reminders = z.infer<typeof RemindersSchema>;

export const remindersDocument: DocumentOf<Reminders> = {
  kind: 'reminders',
  schema: RemindersSchema,
  initial: {
    channels: [],
    leads: { start: true, half: true, hoursBefore: [24, 4, 1], late: true },
    leadsOf: {},
    escalation: null,
  },
};

export const RemindersChangeSchema = z
  .strictObject({
    reminders: RemindersSchema,
    secrets: z
      .record(z.string().max(41), z.string().max(2000))
      .default({})
      .openapi({ description: 'By channel; those that are left out stay as they are' }),
    revision: z.int().min(0),
    reason: ReasonSchema,
  })
  .openapi('RemindersChange');
