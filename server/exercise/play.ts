import { setTimeout as wait } from 'node:timers/promises';
import type { Exercise } from '@drawbridge/control';
import { z } from 'zod';
import { Stops } from '../replay/stops.ts';
import { startThrowaway, type Throwaway } from '../replay/throwaway.ts';
import { meet } from './responder.ts';
import { setStage } from './stage.ts';

const Run = z.object({
  id: z.string(),
  incident: z.object({ id: z.string() }),
  messagesToCome: z.number(),
  messages: z.array(z.unknown()),
  met: z.number(),
  score: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      withinMinutes: z.number(),
      state: z.enum(['met', 'late', 'open', 'overdue', 'missed']),
      afterMinutes: z.number().nullable(),
    }),
  ),
  debrief: z.array(z.object({ text: z.string(), readIn: z.string() })),
});
const Incident = z.object({ occurredFrom: z.string(), occurredTo: z.string() });

/** What came of an exercise that a script played. Times in milliseconds since it began. */
export interface Sheet {
  exercise: Pick<Exercise, 'id' | 'title' | 'seat' | 'party' | 'as_of'>;
  /** Made-up people of ours that were in it. */
  people: number;
  messages: number;
  goals: {
    id: string;
    text: string;
    withinMinutes: number;
    state: string;
    afterMs: number | null;
    /** Of people, in words. */
    said: string | null;
    problem: string | null;
  }[];
  met: number;
  debrief: { text: string; readIn: string }[];
}

export interface PlayOptions {
  people: number;
  log: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/** The messages of a whole exercise come at once, nearly. */
const PACE = 1_000_000;
const PATIENCE_MS = 60_000;

/** Plays an exercise by script in a throw-away deployment, which is removed at the end. */
export async function playExercise(exercise: Exercise, { people, log, signal }: PlayOptions): Promise<Sheet> {
  const stops = new Stops();
  try {
    log('Starting a throw-away deployment, with a database and keys of its own');
    const throwaway = await startThrowaway();
    stops.add(() => throwaway.stop());
    signal?.throwIfAborted();
    log(`Setting the stage with ${people} made-up people`);
    await setStage(throwaway, exercise, people, stops);
    signal?.throwIfAborted();
    log(`Playing ${exercise.id}`);
    return await play(throwaway, exercise, people, signal);
  } finally {
    await stops.all();
  }
}

async function play(
  throwaway: Throwaway,
  exercise: Exercise,
  people: number,
  signal: AbortSignal | undefined,
): Promise<Sheet> {
  const reason = 'Played by a script in a throw-away deployment';
  const started = performance.now();
  const begun = Run.parse(
    await throwaway.call('POST', `/exercises/${exercise.id}/runs`, { pace: PACE, reason }),
  );
  const { id: incident } = begun.incident;
  const { occurredFrom, occurredTo } = Incident.parse(await throwaway.call('GET', `/incidents/${incident}`));
  const reached = new Map<string, { afterMs: number; said: string | null; problem: string | null }>();
  for (const goal of exercise.goals) {
    signal?.throwIfAborted();
    let problem: string | null = null;
    let said: string | null = null;
    try {
      said = await meet(goal, {
        call: throwaway.call,
        now: Date.now,
        ...{ exercise, incident, from: occurredFrom, to: occurredTo },
      });
    } catch (error) {
      // A goal that the API refuses is a result, and the others are tried.
      problem = error instanceof Error ? error.message : String(error);
    }
    reached.set(goal.id, { afterMs: Math.round(performance.now() - started), said, problem });
  }
  await messagesOf(throwaway, begun.id, signal);
  const ended = Run.parse(await throwaway.call('POST', `/exercise-runs/${begun.id}/end`, { reason }));
  return {
    exercise: {
      id: exercise.id,
      title: exercise.title,
      seat: exercise.seat,
      party: exercise.party,
      as_of: exercise.as_of,
    },
    people,
    messages: ended.messages.length,
    goals: ended.score.map(({ id, text, withinMinutes, state }) => {
      const mine = reached.get(id);
      return {
        id,
        text,
        withinMinutes,
        state,
        afterMs: state === 'met' || state === 'late' ? (mine?.afterMs ?? null) : null,
        said: mine?.said ?? null,
        problem: mine?.problem ?? null,
      };
    }),
    met: ended.met,
    debrief: ended.debrief,
  };
}

/** Waits until all messages came. Throws after a minute. */
async function messagesOf(throwaway: Throwaway, run: string, signal: AbortSignal | undefined): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += 200) {
    const { messagesToCome } = Run.parse(await throwaway.call('GET', `/exercise-runs/${run}`));
    if (messagesToCome === 0) return;
    await wait(200, undefined, signal === undefined ? {} : { signal });
  }
  throw new Error(`The messages of the exercise did not come within ${PATIENCE_MS / 1000} seconds.`);
}
