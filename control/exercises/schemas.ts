import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';

const GoalSchema = z.object({
  id: z.string(),
  text: z.string(),
  withinMinutes: z.int(),
});

const RunHeadSchema = z.object({
  id: z.uuid(),
  exercise: z.object({ id: z.string(), title: z.string() }),
  incident: z.object({ id: z.uuid(), number: z.int() }),
  pace: z.int(),
  begunAt: z.iso.datetime(),
  begunBy: z.string(),
  endedAt: z.iso.datetime().nullable(),
  met: z.int().openapi({ description: 'Goals that were met in time' }),
  goals: z.int(),
});

export const RunRowSchema = RunHeadSchema.openapi('ExerciseRunRow');

export const ExerciseSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    seat: z.enum(['company', 'customer']),
    summary: z.string(),
    playbook: z.string(),
    party: z.string().nullable(),
    lastsMinutes: z.int(),
    messages: z.int(),
    goals: z.array(GoalSchema),
    asOf: z.iso.date(),
    lastRun: RunRowSchema.nullable(),
  })
  .openapi('Exercise');

export const ExercisesSchema = z.object({ items: z.array(ExerciseSchema) });

export const RunSchema = RunHeadSchema.extend({
  summary: z.string(),
  party: z.string().nullable(),
  lastsMinutes: z.int(),
  /** Those that came, in their order. */
  messages: z.array(
    z.object({
      id: z.string(),
      atMinute: z.int(),
      about: z.string(),
      text: z.string(),
      note: z.string().nullable(),
      from: z.string(),
      readIn: z
        .string()
        .nullable()
        .openapi({ description: 'The public account that it was read in; told after the end' }),
    }),
  ),
  messagesToCome: z.int(),
  nextMessageAt: z.iso.datetime().nullable(),
  score: z.array(
    GoalSchema.extend({
      state: z.enum(['met', 'late', 'open', 'overdue', 'missed']),
      afterMinutes: z.number().nullable(),
      line: z.int().nullable(),
    }),
  ),
  /** Told after the end. */
  debrief: z.array(z.object({ text: z.string(), readIn: z.string() })),
}).openapi('ExerciseRun');
export type RunView = z.infer<typeof RunSchema>;
export type RunRowView = z.infer<typeof RunRowSchema>;
export type ExerciseView = z.infer<typeof ExerciseSchema>;

export const BeginSchema = z
  .strictObject({
    pace: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .openapi({ description: 'Minutes of the exercise that pass in a minute; goals count real minutes' }),
    reason: ReasonSchema,
  })
  .openapi('ExerciseBegin');
export const EndSchema = z.strictObject({ reason: ReasonSchema }).openapi('ExerciseEnd');
