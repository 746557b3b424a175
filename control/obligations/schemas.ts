import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { OwnRuleFormSchema, OwnRulesSchema, ProfileSchema, ReviewsSchema } from './organisation.ts';
import { endKinds } from './tables.ts';

/** As `Text` of a file of facts: what is entered has to fit into one. No control characters: they would swell it. */
const text = z
  .string()
  .trim()
  .min(1)
  .max(600)
  .refine((given) => !/[^\P{Cc}\n\t]/u.test(given), 'holds a control character; leave it out');
const Instant = z.string().max(40).openapi({ example: '2025-11-25T14:25:00+01:00' });
const Word = z.string().regex(/^[a-z][a-z0-9_]{0,60}$/, 'lower case letters, digits and _, at most 61');
const atMost = (most: number) => (given: object) => Object.keys(given).length <= most;

export const RuleParam = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'is the id of a rule: lower case letters, digits and -');

const MomentSchema = z.object({
  at: z.string().openapi({ description: 'ISO 8601 with the offset of the place' }),
  text: z.string(),
});
const SourceSchema = z.object({
  citation: z.string(),
  url: z.string().optional(),
  grade: z.enum(['official', 'copy', 'secondary', 'contract']),
  as_of: z.string(),
});
const StepSchema = z.object({
  does: z.enum(['start', 'add', 'count', 'end', 'choose', 'note']),
  text: z.string(),
  amount: z.object({ n: z.number(), unit: z.enum(['hours', 'days', 'months', 'working_days']) }).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  skipped: z
    .array(z.object({ day: z.string(), why: z.string() }))
    .readonly()
    .optional(),
});

export const ClockSchema = z
  .object({
    rule: z.string(),
    regime: z.string(),
    kind: z.enum(['law', 'contract', 'insurer', 'customer']),
    article: z.string(),
    title: z.string(),
    recipient: z.string(),
    content: z.array(z.string()).readonly(),
    state: z.enum(['running', 'due', 'submitted', 'late', 'not_required', 'waiting', 'armed', 'unknown']),
    questions: z.array(z.string()),
    waits_for: z
      .object({ what: z.enum(['time', 'submission']), ids: z.array(z.string()), text: z.string() })
      .nullable(),
    start: MomentSchema.nullable(),
    due: MomentSchema.nullable().openapi({ description: 'The strict time' }),
    latest: z
      .object({
        ...MomentSchema.shape,
        disputed: z.boolean(),
        readings: z.array(
          z.object({ at: z.string(), text: z.string(), disputed: z.boolean(), reason: z.string() }),
        ),
      })
      .nullable(),
    no_number: z.string().nullable(),
    numbers: z.array(z.object({ rule: z.string(), due: MomentSchema.nullable() })),
    outlook: z.object({ ...MomentSchema.shape, if: z.string() }).nullable(),
    steps: z.array(StepSchema),
    end: z
      .object({
        submissions: z
          .array(z.object({ at: z.string(), what: z.string(), receipt: z.string().optional() }))
          .readonly(),
        not_required: z.object({ reason: z.string(), decided_by: z.string(), at: z.string() }).nullable(),
        late: z.string().nullable(),
      })
      .nullable(),
    review: z
      .object({ by: z.string(), on: z.string() })
      .nullable()
      .openapi({ description: 'Null: nobody of counsel reviewed the rule; its notes say so' }),
    notes: z.array(z.string()),
    disputed: z.array(z.string()).readonly(),
    source: SourceSchema,
    as_of: z.string(),
  })
  .openapi('Clock');

const changes = z.array(z.object({ question: z.string(), answer: z.string() }));
const aside = { rule: z.string(), regime: z.string(), article: z.string(), title: z.string() };
export const DeadlinesSchema = z
  .object({
    format: z.literal('drawbridge.deadlines-result/1'),
    at: z.string(),
    clocks: z.array(ClockSchema),
    set_aside: z.array(z.object({ ...aside, because: changes, would_change: changes })),
    horizon: z.array(z.object({ ...aside, notes: z.array(z.string()).readonly(), source: SourceSchema })),
    questions: z.array(
      z.object({
        id: z.string(),
        text: z.string(),
        of: z.enum(['organisation', 'incident']),
        choices: z.array(z.string()).readonly(),
        rules: z.array(z.string()),
      }),
    ),
    times: z.array(z.object({ id: z.string(), text: z.string(), rules: z.array(z.string()) })),
  })
  .openapi('Deadlines');

const EndSchema = z.object({
  submissions: z
    .array(z.object({ at: z.string(), what: z.string(), receipt: z.string().optional() }))
    .readonly()
    .optional(),
  not_required: z.object({ reason: z.string(), decided_by: z.string(), at: z.string() }).optional(),
  late: z.object({ reason: z.string() }).optional(),
});

export const ClocksSchema = z
  .object({
    facts: z.object({
      times: z.record(z.string(), z.string()),
      answers: z.record(z.string(), z.string()),
      ends: z.record(z.string(), EndSchema),
    }),
    result: DeadlinesSchema,
    profileComplete: z
      .boolean()
      .openapi({ description: 'Nothing that the organisation has to say of itself decides and is open' }),
    entered: z
      .array(
        z.object({
          kind: z.enum(['time', 'answer', ...endKinds]),
          name: z.string().openapi({ description: 'Of the time or question; of an end its rule' }),
          value: z.string().nullable().openapi({ description: 'Null: taken back' }),
          at: z.string(),
          by: z.string(),
          stands: z
            .boolean()
            .openapi({ description: 'False: something was entered in its place; it is kept' }),
        }),
      )
      .openapi({ description: 'All that was ever entered, in its order' }),
    acknowledged: z.array(z.object({ rule: z.string(), dueAt: z.string(), at: z.string(), by: z.string() })),
    dropped: z.array(z.string()).openapi({
      description:
        'What was entered and is not reckoned with, as the law that is shipped now does not know it',
    }),
  })
  .openapi('IncidentClocks');
export type ClocksView = z.infer<typeof ClocksSchema>;

export const FactsChangeSchema = z
  .strictObject({
    times: z.record(Word, Instant.nullable()).refine(atMost(60), 'has more than 60 times').optional(),
    answers: z
      .record(Word, z.string().max(60).nullable())
      .refine(atMost(60), 'has more than 60 answers')
      .optional(),
    reason: ReasonSchema,
  })
  .openapi('IncidentClockFacts');
export const SubmissionSchema = z
  .strictObject({ at: Instant, what: text, receipt: text.optional(), reason: ReasonSchema })
  .openapi('ClockSubmission');
export const BecauseSchema = z.strictObject({ because: text, reason: ReasonSchema }).openapi('ClockReason');
export const OnlyReasonSchema = z.strictObject({ reason: ReasonSchema.optional() }).openapi('OnlyReason');

export const WallItemSchema = z
  .object({
    incident: z.object({ id: z.string(), number: z.number(), title: z.string(), drill: z.boolean() }),
    clock: ClockSchema,
  })
  .openapi('WallClock');

export const FeedSchema = z
  .object({ id: z.string(), madeAt: z.string(), lastReadAt: z.string().nullable() })
  .openapi('ClockFeed');

const revised = {
  revision: z.int().openapi({ description: 'Send it with a change; 0: nothing was ever set' }),
  changedAt: z.string().nullable(),
  changedBy: z.string().nullable(),
};
const change = { revision: z.int().min(0), reason: ReasonSchema };

export const ProfileViewSchema = z
  .object({
    ...revised,
    profile: ProfileSchema,
    complete: z.boolean(),
    questions: z
      .array(
        z.object({
          id: z.string(),
          text: z.string(),
          choices: z.array(z.string()),
          answer: z.string().nullable(),
          bySeat: z.boolean(),
          decides: z.array(z.string()),
          wouldChange: z.array(
            z.object({ answer: z.string(), brings: z.array(z.string()), takesOut: z.array(z.string()) }),
          ),
        }),
      )
      .openapi({ description: 'What is open and decides most first' }),
    regimes: z.array(z.string()),
    calendars: z.array(z.object({ id: z.string(), name: z.string(), zone: z.string() })),
  })
  .openapi('OrganisationProfileView');
export type ProfileView = z.infer<typeof ProfileViewSchema>;
export const ProfileChangeSchema = z
  .strictObject({ ...change, profile: ProfileSchema })
  .openapi('OrganisationProfileChange');

export const ReviewsViewSchema = z
  .object({
    ...revised,
    reviews: ReviewsSchema,
    rules: z.array(
      z.object({
        rule: z.string(),
        regime: z.string(),
        article: z.string(),
        title: z.string(),
        status: z.enum(['in_force', 'armed', 'horizon']),
        source: SourceSchema,
        asOf: z.string(),
        review: z.object({ by: z.string(), on: z.string() }).nullable(),
      }),
    ),
  })
  .openapi('RuleReviews');
export type ReviewsView = z.infer<typeof ReviewsViewSchema>;
export const ReviewsChangeSchema = z
  .strictObject({ ...change, reviews: ReviewsSchema })
  .openapi('RuleReviewsChange');

export const OwnRulesViewSchema = z
  .object({
    ...revised,
    rules: z.array(OwnRuleFormSchema),
    unfit: z.array(z.string()).openapi({ description: 'Rules that do not fit the law that is shipped now' }),
    times: z.array(z.object({ id: z.string(), text: z.string() })),
  })
  .openapi('OwnRules');
export type OwnRulesView = z.infer<typeof OwnRulesViewSchema>;
export const OwnRulesChangeSchema = z
  .strictObject({ ...change, rules: OwnRulesSchema })
  .openapi('OwnRulesChange');
