import { type Router, runJobs } from '../platform/index.ts';
import type { Exercise } from './pack.ts';
import { exerciseRoutes } from './routes.ts';
import { createRuns, type ExerciseDeps } from './runs.ts';

export { EXERCISE_FORMAT, type Exercise, readExercise } from './pack.ts';

interface Options extends Omit<ExerciseDeps, 'exercises'> {
  exercises: readonly Exercise[];
}

/** Messages come at most so much later than their time. */
const LOOK_MS = 2_000;

/** Incidents of others, played as drills with a clock and a score. `start` brings their messages at their time. */
export function createExercises({ exercises, ...rest }: Options): {
  routes: Router;
  start(): { stop(): Promise<void> };
} {
  const deps = { ...rest, exercises: new Map(exercises.map((one) => [one.id, one])) };
  const play = createRuns(deps);
  return {
    routes: exerciseRoutes(deps, play),
    start: () => runJobs(deps.platform, [play.deliver], LOOK_MS),
  };
}
