import { z } from 'zod';
import type { IncidentBook } from '../incidents/index.ts';
import {
  type By,
  defineJob,
  enqueue,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { daysFrom, movedDay, withMovedDays } from './days.ts';
import type { Exercise } from './pack.ts';
import { exerciseActor } from './score.ts';
import type { ExerciseTables, RunRow } from './tables.ts';

/** Exercises that are played: a drill, messages that come into it at their time, and an end. */

export interface ExerciseDeps {
  platform: Platform;
  incidents: IncidentBook;
  exercises: ReadonlyMap<string, Exercise>;
  /** Rules whose clock ended in an incident, and when that was entered. */
  clocksEnded(incident: string): Promise<ReadonlyMap<string, Date>>;
}

const MINUTE_MS = 60_000;

/** When a message comes, in real time. */
export const comesAt = (run: Pick<RunRow, 'begun_at' | 'pace'>, atMinute: number): Date =>
  new Date(run.begun_at.getTime() + (atMinute * MINUTE_MS) / run.pace);

export function createRuns(deps: ExerciseDeps) {
  const { platform, incidents, exercises } = deps;
  const { db, clock } = platform;

  const lockRun = async (tx: Tx, id: string): Promise<RunRow> => {
    const row = await tx
      .withTables<ExerciseTables>()
      .selectFrom('exercise_run')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw notFound('exercise run');
    return row;
  };

  const deliver = defineJob({
    kind: 'exercise.deliver',
    input: z.object({ run: z.uuid(), message: z.string() }),
    maxAttempts: 10,
    leaseMs: 30_000,
    run: async ({ run, message }) => {
      await db.transaction().execute((tx) => deliverOne(tx, run, message));
      platform.events.publish('incidents');
      return null;
    },
  });

  /** A message comes once, however often it is tried: the run says which came. */
  const deliverOne = async (tx: Tx, id: string, messageId: string): Promise<void> => {
    const run = await lockRun(tx, id);
    const message = exercises.get(run.exercise)?.messages.find((one) => one.id === messageId);
    if (message === undefined || run.ended_at !== null || run.delivered.includes(messageId)) return;
    const { state } = await incidents.head(run.incident);
    if (state === 'closed' || state === 'merged') return;
    const text = withMovedDays(message.text, run.moved_days);
    const note = message.note === undefined ? '' : `. ${withMovedDays(message.note, run.moved_days)}`;
    await incidents.tell(
      tx,
      run.incident,
      {
        kind: 'claim',
        about: message.about,
        text,
        source: `${message.from}${note}`,
        confidence: message.confidence,
        happenedAt: new Date(clock.now()),
      },
      { actor: exerciseActor, reason: `A message of the exercise ${run.exercise}` },
    );
    await tx
      .withTables<ExerciseTables>()
      .updateTable('exercise_run')
      .set({ delivered: [...run.delivered, messageId] })
      .where('id', '=', id)
      .execute();
  };

  const begin = async (tx: Tx, exerciseId: string, pace: number, by: By): Promise<string> => {
    const exercise = exercises.get(exerciseId);
    if (exercise === undefined) throw notFound('exercise');
    const begunAt = new Date(clock.now());
    const by_days = daysFrom(exercise.day_zero, begunAt);
    const moved = (day: string, time: string) => new Date(`${movedDay(day, by_days)}T${time}Z`);
    const incident = await incidents.openDrill(
      tx,
      {
        title: exercise.title,
        playbook: exercise.playbook,
        party: exercise.party ?? null,
        severity: 'unknown',
        occurredFrom: moved(exercise.window.from, '00:00:00'),
        occurredTo: moved(exercise.window.to, '23:59:59'),
        learned: null,
      },
      by,
    );
    const run: RunRow = {
      id: newId(clock, platform.random),
      exercise: exercise.id,
      incident,
      pace,
      moved_days: by_days,
      begun_at: begunAt,
      begun_by: by.actor.name,
      delivered: [],
      ended_at: null,
    };
    await tx.withTables<ExerciseTables>().insertInto('exercise_run').values(run).execute();
    for (const message of exercise.messages)
      await enqueue(
        tx,
        platform,
        deliver,
        { run: run.id, message: message.id },
        { idempotencyKey: `${run.id} ${message.id}`, runAfter: comesAt(run, message.at_minute) },
      );
    await recordChange(tx, platform, {
      ...by,
      act: 'exercise.begin',
      subject: { kind: 'exercise_run', id: run.id },
      detail: { exercise: exercise.id, pace },
    });
    return run.id;
  };

  const end = async (tx: Tx, id: string, by: By): Promise<void> => {
    const run = await lockRun(tx, id);
    if (run.ended_at !== null)
      throw new Problem(409, 'exercise_ended', 'The exercise has ended already; its score stands.');
    await tx
      .withTables<ExerciseTables>()
      .updateTable('exercise_run')
      .set({ ended_at: new Date(clock.now()) })
      .where('id', '=', id)
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'exercise.end',
      subject: { kind: 'exercise_run', id },
      detail: { exercise: run.exercise },
    });
  };

  return { begin, end, deliver };
}
