import { z } from 'zod';
import { claimKinds, confidences, entryKinds } from '../incidents/index.ts';
import { type Add, type PackFileProblem, readYaml } from '../platform/index.ts';
import { daysIn } from './days.ts';

/**
 * An exercise as data (`packs/scenarios/exercises/*.yaml`): what responders are told and when, and what is looked at afterwards. Each
 * message and each lesson names the public account that it was read in. Days in braces are moved to the day of the exercise.
 */
export const EXERCISE_FORMAT = 'drawbridge.exercise/1';

const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61');
const Line = z.string().trim().min(1).max(200);
const Text = z.string().trim().min(1).max(1000);
/** A public account: an address, or the name of one that was quoted by others. */
const ReadIn = z.string().trim().min(3).max(500);
const Minute = z.int().min(0).max(1_440);

const MessageSchema = z.strictObject({
  id: Slug,
  at_minute: Minute,
  about: z.enum(claimKinds),
  text: Text,
  /** Words beside the fact: what is compared with other claims is the text alone. */
  note: Text.optional(),
  /** Whose word it is, in the exercise. */
  from: Line,
  confidence: z.enum(confidences),
  read_in: ReadIn,
});

const GoalSchema = z.strictObject({
  id: Slug,
  text: Line,
  within_minutes: z.int().min(1).max(1_440),
  /** A line of a person in the timeline, or the end of a clock: submitted, or decided not to be required. */
  met_by: z.union([
    z.strictObject({ line: z.enum(entryKinds), about: z.string().max(61).optional() }),
    z.strictObject({ clock: Slug }),
  ]),
});

const ExerciseSchema = z.strictObject({
  format: z.literal(EXERCISE_FORMAT),
  id: Slug,
  title: Line,
  /** Where one sits: the company whose data lay at the vendor, or the customer of such a company. */
  seat: z.enum(['company', 'customer']),
  playbook: Slug,
  /** The vendor, or the vendor behind a vendor; absent: we ourselves. */
  party: Slug.optional(),
  summary: Text,
  as_of: z.iso.date(),
  day_zero: z.iso.date(),
  window: z.strictObject({ from: z.iso.date(), to: z.iso.date() }),
  lasts_minutes: z.int().min(5).max(1_440),
  messages: z.array(MessageSchema).min(1).max(60),
  goals: z.array(GoalSchema).min(1).max(20),
  debrief: z
    .array(z.strictObject({ text: Text, read_in: ReadIn }))
    .min(1)
    .max(20),
});
export type Exercise = z.infer<typeof ExerciseSchema>;
export type Goal = Exercise['goals'][number];

/** Reads an exercise from its text. `file`: its name, `<id>.yaml`. */
export function readExercise(
  file: string,
  text: string,
): { exercise: Exercise } | { problems: PackFileProblem[] } {
  const read = readYaml(file, text, ExerciseSchema, (exercise, add) => checkSense(file, exercise, add));
  return 'problems' in read ? read : { exercise: read.value };
}

function checkSense(file: string, exercise: Exercise, add: Add): void {
  if (`${exercise.id}.yaml` !== file) add(['id'], `the file of ${exercise.id} is called ${exercise.id}.yaml`);
  for (const part of ['messages', 'goals'] as const) {
    const ids = exercise[part].map(({ id }) => id);
    const twice = ids.findIndex((id, at) => ids.indexOf(id) !== at);
    if (twice >= 0) add([part, twice, 'id'], `${ids[twice]} is there twice`);
  }
  if (exercise.window.from > exercise.window.to) add(['window'], 'ends before it begins');
  for (const [at, message] of exercise.messages.entries()) {
    const place = ['messages', at];
    const before = exercise.messages[at - 1];
    if (before !== undefined && before.at_minute > message.at_minute)
      add([...place, 'at_minute'], 'comes before the message above it');
    if (message.at_minute > exercise.lasts_minutes) add([...place, 'at_minute'], 'comes after the end');
    for (const member of ['text', 'note'] as const)
      for (const day of daysIn(message[member] ?? ''))
        if (!z.iso.date().safeParse(day).success) add([...place, member], `{${day}} is no day`);
  }
  for (const [at, goal] of exercise.goals.entries())
    if (goal.within_minutes > exercise.lasts_minutes)
      add(['goals', at, 'within_minutes'], 'lies after the end');
}
