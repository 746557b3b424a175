import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  json,
  needs,
  PageQuerySchema,
  pageSchema,
  problemResponses,
  type Router,
} from '../platform/index.ts';
import { listExercises, listRuns, readRun } from './read.ts';
import type { createRuns, ExerciseDeps } from './runs.ts';
import { BeginSchema, EndSchema, ExercisesSchema, RunRowSchema, RunSchema } from './schemas.ts';

const read = needs('incident.read');
const work = needs('incident.work');
const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/);
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const params = z.object({ run: z.uuid() });

const exercises = createRoute({
  method: 'get',
  path: '/exercises',
  'x-needs': read,
  summary: 'Incidents of others that can be played as an exercise, with the last run of each',
  responses: { 200: json(ExercisesSchema, 'The exercises'), ...problemResponses },
});
const begin = createRoute({
  method: 'post',
  path: '/exercises/{exercise}/runs',
  'x-needs': work,
  summary: 'Begin an exercise: it opens a drill, into which its messages come',
  request: { params: z.object({ exercise: Slug }), body: body(BeginSchema) },
  responses: { 201: json(RunSchema, 'The run'), ...problemResponses },
});
const runs = createRoute({
  method: 'get',
  path: '/exercise-runs',
  'x-needs': read,
  summary: 'Exercises that were begun, the newest first',
  request: { query: PageQuerySchema.extend({ exercise: Slug.optional() }) },
  responses: { 200: json(pageSchema(RunRowSchema), 'A page of runs'), ...problemResponses },
});
const one = createRoute({
  method: 'get',
  path: '/exercise-runs/{run}',
  'x-needs': read,
  summary: 'A run: what came, what is reached, and after its end what really happened',
  request: { params },
  responses: { 200: json(RunSchema, 'The run'), ...problemResponses },
});
const end = createRoute({
  method: 'post',
  path: '/exercise-runs/{run}/end',
  'x-needs': work,
  summary: 'End an exercise: no message comes any more, and its score stands',
  request: { params, body: body(EndSchema) },
  responses: { 200: json(RunSchema, 'The run'), ...problemResponses },
});

export function exerciseRoutes(deps: ExerciseDeps, play: ReturnType<typeof createRuns>): Router {
  const { platform } = deps;
  return createRouter()
    .openapi(exercises, async (c) => c.json({ items: await listExercises(deps) }, 200))
    .openapi(begin, async (c) => {
      const { pace, reason } = c.req.valid('json');
      const { exercise } = c.req.valid('param');
      const id = await platform.db
        .transaction()
        .execute((tx) => play.begin(tx, exercise, pace, { actor: c.get('actor'), reason }));
      platform.events.publish('incidents');
      return c.json(await readRun(deps, id), 201);
    })
    .openapi(runs, async (c) => c.json(await listRuns(deps, c.req.valid('query')), 200))
    .openapi(one, async (c) => c.json(await readRun(deps, c.req.valid('param').run), 200))
    .openapi(end, async (c) => {
      const { run } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      await platform.db.transaction().execute((tx) => play.end(tx, run, { actor: c.get('actor'), reason }));
      platform.events.publish('incidents');
      return c.json(await readRun(deps, run), 200);
    });
}
