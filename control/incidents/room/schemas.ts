import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../../platform/index.ts';
import { confidences, entryKinds, phases, roles, severities, states, taskStates } from './tables.ts';

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !given.includes('\0'), 'holds a NUL character; leave it out');
const Moment = z.iso.datetime({
  offset: true,
  error: 'is a time with its zone, such as 2025-11-08T14:10:00+01:00',
});
const Party = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'a vendor’s id has lower-case letters, digits and hyphens, at most 61');

/** What a claim can be about: its facts stand beside each other. */
export const claimKinds = [
  'occurred_from',
  'occurred_to',
  'vendor_noticed',
  'vendor_told_us',
  'data',
  'people',
  'cause',
  'scope',
  'not_affected',
  'measures',
  'other',
] as const;

export const OpenSchema = z
  .strictObject({
    title: text(200),
    playbook: z.string().max(61),
    party: Party.optional(),
    severity: z.enum(severities).default('unknown'),
    drill: z.boolean().default(false),
    restricted: z.boolean().default(false),
    occurredFrom: Moment.optional(),
    occurredTo: Moment.optional(),
    learned: z
      .strictObject({ at: Moment, source: text(500), text: text(4000) })
      .optional()
      .openapi({ description: 'How we learned of it: the first claim' }),
    reason: ReasonSchema,
  })
  .openapi('IncidentEntry');

export const ChangeSchema = z
  .strictObject({
    title: text(200).optional(),
    state: z.enum(['open', 'contained', 'closed']).optional(),
    severity: z.enum(severities).optional(),
    restricted: z.boolean().optional(),
    occurredFrom: Moment.nullable().optional(),
    occurredTo: Moment.nullable().optional(),
    reason: ReasonSchema,
  })
  .openapi('IncidentChange');

export const ClaimSchema = z
  .strictObject({
    about: z.enum(claimKinds),
    text: text(4000),
    source: text(500),
    learnedAt: Moment,
    confidence: z.enum(confidences),
    replaces: z
      .int()
      .min(1)
      .optional()
      .openapi({ description: 'The line of the claim that this one corrects; both stay' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('IncidentClaim');
export const WithdrawSchema = z
  .strictObject({ text: text(1000), reason: ReasonSchema.optional() })
  .openapi('IncidentClaimWithdrawal');
export const NoteSchema = z
  .strictObject({ text: text(4000), happenedAt: Moment.optional(), reason: ReasonSchema.optional() })
  .openapi('IncidentNote');
export const DecisionSchema = z
  .strictObject({ text: text(2000), why: text(2000), reason: ReasonSchema.optional() })
  .openapi('IncidentDecision');
export const QuestionSchema = z
  .strictObject({ text: text(2000), dueAt: Moment, reason: ReasonSchema.optional() })
  .openapi('IncidentQuestion');
export const AnswerSchema = z
  .strictObject({ text: text(4000), source: text(500), answeredAt: Moment, reason: ReasonSchema.optional() })
  .openapi('IncidentAnswer');
export const TaskEntrySchema = z
  .strictObject({
    title: text(200),
    why: text(1000).optional(),
    phase: z.enum(phases),
    owner: z.string().max(60).optional(),
    dueAt: Moment.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('IncidentTaskEntry');
export const TaskChangeSchema = z
  .strictObject({
    state: z.enum(taskStates).optional(),
    owner: z.string().max(60).nullable().optional(),
    dueAt: Moment.nullable().optional(),
    note: text(2000).optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('IncidentTaskChange');
export const MemberSchema = z
  .strictObject({ person: z.string().max(60), roles: z.array(z.enum(roles)).max(5), reason: ReasonSchema })
  .openapi('IncidentMemberEntry');
export const OtherSchema = z.strictObject({ other: z.uuid(), reason: ReasonSchema }).openapi('IncidentOther');

const Line = z.object({
  n: z.number(),
  kind: z.enum(entryKinds),
  at: z.string(),
  happenedAt: z.string().nullable(),
  by: z.string(),
  refers: z.number().nullable(),
  about: z.string().nullable(),
  dueAt: z.string().nullable(),
  confidence: z.enum(confidences).nullable(),
  text: z.string(),
  source: z.string().nullable(),
});
export type LineView = z.infer<typeof Line>;

export const FeedLineSchema = z
  .object({
    ...Line.shape,
    n: z.number().nullable().openapi({ description: 'Null: nobody entered it here' }),
    kind: z.enum([...entryKinds, 'change_made', 'first_crossing', 'message_judged', 'message_not_there']),
    origin: z.enum(['room', 'change_log', 'ledger', 'messages']).openapi({ description: 'Where it is kept' }),
    opens: z
      .string()
      .nullable()
      .openapi({ description: 'The change, the crossing or the message that it tells of' }),
  })
  .openapi('IncidentLine');
export type FeedLineView = z.infer<typeof FeedLineSchema>;

export const AttachmentSchema = z
  .object({
    n: z.number().openapi({ description: 'Its line in the timeline' }),
    name: z.string(),
    hash: z.string().openapi({ description: 'SHA-256 of the content' }),
    bytes: z.number(),
    type: z.string(),
    at: z.string(),
    by: z.string(),
  })
  .openapi('IncidentAttachment');
export type AttachmentView = z.infer<typeof AttachmentSchema>;

export const TaskSchema = z
  .object({
    id: z.string(),
    n: z.number(),
    key: z.string().nullable(),
    phase: z.enum(phases),
    title: z.string(),
    why: z.string().nullable(),
    note: z.string().nullable(),
    role: z.enum(roles).nullable(),
    owner: z.object({ id: z.string(), name: z.string() }).nullable(),
    dueAt: z.string().nullable(),
    late: z.boolean(),
    state: z.enum(taskStates),
    endedAt: z.string().nullable(),
    endedBy: z.string().nullable(),
  })
  .openapi('IncidentTask');
export type TaskView = z.infer<typeof TaskSchema>;

export const ActionSchema = z
  .object({
    incident: z.object({
      id: z.string(),
      number: z.number(),
      title: z.string(),
      drill: z.boolean(),
      state: z.enum(states),
    }),
    task: TaskSchema,
  })
  .openapi('IncidentAction');
export type ActionView = z.infer<typeof ActionSchema>;

const head = {
  id: z.string(),
  number: z.number(),
  title: z.string(),
  playbook: z.string(),
  party: z.object({ id: z.string(), name: z.string() }).nullable(),
  state: z.enum(states),
  severity: z.enum(severities),
  drill: z.boolean(),
  restricted: z.boolean(),
  occurredFrom: z.string().nullable(),
  occurredTo: z.string().nullable(),
  openedAt: z.string(),
  openedBy: z.string(),
  closedAt: z.string().nullable(),
};
export const IncidentRowSchema = z
  .object({
    ...head,
    openTasks: z.number().openapi({ description: 'Those of the review among them' }),
    openActions: z.number().openapi({ description: 'Of the review: they may stay open when it is closed' }),
    nextDueAt: z.string().nullable().openapi({ description: 'Of open tasks and unanswered questions' }),
  })
  .openapi('IncidentRow');
export type IncidentRowView = z.infer<typeof IncidentRowSchema>;

export const IncidentSchema = z
  .object({
    ...head,
    mergedInto: z.string().nullable(),
    members: z.array(
      z.object({ person: z.string(), name: z.string(), roles: z.array(z.enum(roles)), since: z.string() }),
    ),
    claims: z
      .array(
        z.object({ ...Line.shape, replacedBy: z.number().nullable(), withdrawnBy: z.number().nullable() }),
      )
      .openapi({ description: 'All of them, those that contradict each other side by side' }),
    contradicted: z.array(z.string()).openapi({
      description: 'What is claimed in two ways, of which neither was replaced or taken back',
    }),
    decisions: z.array(Line),
    questions: z.array(
      z.object({ ...Line.shape, answers: z.array(Line), silentSince: z.string().nullable() }),
    ),
    tasks: z.array(TaskSchema),
    related: z.array(z.object({ id: z.string(), number: z.number() })),
  })
  .openapi('Incident');
export type IncidentView = z.infer<typeof IncidentSchema>;

export const PlaybookSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    when: z.string(),
    asOf: z.string(),
    tasks: z.number(),
    questions: z.number(),
  })
  .openapi('Playbook');
