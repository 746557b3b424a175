import { z } from 'zod';
import { decodeCursor, notFound, page } from '../platform/index.ts';
import { withMovedDays } from './days.ts';
import type { Exercise } from './pack.ts';
import { comesAt, type ExerciseDeps } from './runs.ts';
import type { ExerciseView, RunRowView, RunView } from './schemas.ts';
import { type GoalScore, scoreOf } from './score.ts';
import type { ExerciseTables, RunRow } from './tables.ts';

/** Runs as they are shown. What an exercise still has in store is not told. */

const Cursor = z.tuple([z.iso.datetime(), z.uuid()]);

const rows = ({ platform }: Pick<ExerciseDeps, 'platform'>) =>
  platform.db.withTables<ExerciseTables>().selectFrom('exercise_run').selectAll();

async function scored(
  deps: ExerciseDeps,
  run: RunRow,
): Promise<{ head: RunRowView; exercise: Exercise | null; score: GoalScore[] }> {
  const exercise = deps.exercises.get(run.exercise) ?? null;
  const [{ number }, lines, clocksEnded] = await Promise.all([
    deps.incidents.head(run.incident),
    deps.incidents.lines(run.incident),
    deps.clocksEnded(run.incident),
  ]);
  const score = scoreOf(exercise ?? { goals: [] }, {
    begunAt: run.begun_at,
    endedAt: run.ended_at,
    now: new Date(deps.platform.clock.now()),
    lines,
    clocksEnded,
  });
  return {
    exercise,
    score,
    head: {
      id: run.id,
      exercise: { id: run.exercise, title: exercise?.title ?? run.exercise },
      incident: { id: run.incident, number },
      pace: run.pace,
      begunAt: run.begun_at.toISOString(),
      begunBy: run.begun_by,
      endedAt: run.ended_at?.toISOString() ?? null,
      met: score.filter(({ state }) => state === 'met').length,
      goals: score.length,
    },
  };
}

/** The newest first. */
export async function listRuns(
  deps: ExerciseDeps,
  query: { limit: number; cursor?: string | undefined; exercise?: string | undefined },
): Promise<{ items: RunRowView[]; next: string | null }> {
  let asked = rows(deps)
    .orderBy('begun_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.exercise !== undefined) asked = asked.where('exercise', '=', query.exercise);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, Cursor);
    asked = asked.where((e) => e(e.refTuple('begun_at', 'id'), '<', e.tuple(new Date(at), id)));
  }
  const paged = page(
    await asked.execute(),
    query.limit,
    (run) => [run.begun_at.toISOString(), run.id],
    (run) => run,
  );
  const items = await Promise.all(paged.items.map(async (run) => (await scored(deps, run)).head));
  return { items, next: paged.next };
}

/** All that can be played, with the last run of each. */
export async function listExercises(deps: ExerciseDeps): Promise<ExerciseView[]> {
  return Promise.all(
    [...deps.exercises.values()].map(async (one) => ({
      id: one.id,
      title: one.title,
      seat: one.seat,
      summary: one.summary,
      playbook: one.playbook,
      party: one.party ?? null,
      lastsMinutes: one.lasts_minutes,
      messages: one.messages.length,
      goals: one.goals.map(({ id, text, within_minutes }) => ({ id, text, withinMinutes: within_minutes })),
      asOf: one.as_of,
      lastRun: (await listRuns(deps, { limit: 1, exercise: one.id })).items[0] ?? null,
    })),
  );
}

/** Throws Problem 404. */
export async function readRun(deps: ExerciseDeps, id: string): Promise<RunView> {
  const run = await rows(deps).where('id', '=', id).executeTakeFirst();
  if (run === undefined) throw notFound('exercise run');
  const { head, exercise, score } = await scored(deps, run);
  const ended = run.ended_at !== null;
  const messages = exercise?.messages ?? [];
  const came = messages.filter((one) => run.delivered.includes(one.id));
  const next = ended ? undefined : messages.find((one) => !run.delivered.includes(one.id));
  const moved = (text: string) => withMovedDays(text, run.moved_days);
  return {
    ...head,
    summary: exercise?.summary ?? '',
    party: exercise?.party ?? null,
    lastsMinutes: exercise?.lasts_minutes ?? 0,
    messages: came.map((one) => ({
      id: one.id,
      atMinute: one.at_minute,
      about: one.about,
      text: moved(one.text),
      note: one.note === undefined ? null : moved(one.note),
      from: one.from,
      readIn: ended ? one.read_in : null,
    })),
    messagesToCome: ended ? 0 : messages.length - came.length,
    nextMessageAt: next === undefined ? null : comesAt(run, next.at_minute).toISOString(),
    score,
    debrief: ended ? (exercise?.debrief ?? []).map(({ text, read_in }) => ({ text, readIn: read_in })) : [],
  };
}
