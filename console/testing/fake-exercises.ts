import type { Exercise, ExerciseRun } from '../api/exercise-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** Exercises that can be played, and runs of them; all made up. */
export interface FakeExercises {
  exercises: Exercise[];
  runs: Map<string, ExerciseRun>;
}

const goals = [
  { id: 'fact', text: 'Enter the first fact of your own', withinMinutes: 5 },
  { id: 'people', text: 'Say how many people are touched, and how you know', withinMinutes: 10 },
  { id: 'sever', text: 'Cut the vendor off (in an exercise nothing is cut)', withinMinutes: 10 },
];

const made = (id: string, title: string, seat: Exercise['seat']): Exercise => ({
  id,
  title,
  seat,
  summary: 'An analytics vendor was smished. For two weeks it only says that it is looking into it.',
  playbook: 'vendor-data-breach',
  party: 'mixpanel',
  lastsMinutes: 60,
  messages: 8,
  goals,
  asOf: '2026-11-21',
  lastRun: null,
});

const message = (id: string, atMinute: number, text: string): ExerciseRun['messages'][number] => ({
  id,
  atMinute,
  about: 'vendor_noticed',
  text,
  note: null,
  from: 'Notice of the vendor, as quoted by others',
  readIn: null,
});

export function makeFakeExercises(empty: boolean): FakeExercises {
  const platform = made('mixpanel-2025-platform', 'Mixpanel 2025, from the seat of the company', 'company');
  const customer = made('mixpanel-2025-customer', 'Mixpanel 2025, from the seat of a customer', 'customer');
  if (empty) return { exercises: [platform, customer], runs: new Map() };
  const run: ExerciseRun = {
    id: '0199c0de-0000-7000-8000-0000000000e1',
    exercise: { id: platform.id, title: platform.title },
    incident: { id: '0199c0de-0000-7000-8000-0000000000f1', number: 3 },
    pace: 1,
    begunAt: ago(8),
    begunBy: 'Ada Example',
    endedAt: null,
    met: 1,
    goals: 3,
    summary: platform.summary,
    party: 'mixpanel',
    lastsMinutes: 60,
    messages: [message('one', 0, '2026-03-02'), message('two', 3, '2026-03-03')],
    messagesToCome: 6,
    nextMessageAt: ago(-4),
    score: goals.map((goal) =>
      goal.id === 'fact'
        ? { ...goal, state: 'met', afterMinutes: 3.2, line: 12 }
        : { ...goal, state: 'open', afterMinutes: null, line: null },
    ),
    debrief: [],
  };
  return { exercises: [{ ...platform, lastRun: run }, customer], runs: new Map([[run.id, run]]) };
}

const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such exercise run.' },
};

export function answerExercises(world: FakeExercises, { method, path, body }: Asked): Answer | null {
  if (method === 'GET' && path === '/exercises') return { status: 200, body: { items: world.exercises } };
  const [, exerciseId] = /^\/exercises\/([^/]+)\/runs$/.exec(path) ?? [];
  if (method === 'POST' && exerciseId !== undefined) {
    const exercise = world.exercises.find(({ id }) => id === exerciseId);
    if (exercise === undefined) return missing;
    const run: ExerciseRun = {
      ...([...world.runs.values()][0] ?? emptyRun),
      id: '0199c0de-0000-7000-8000-0000000000e2',
      exercise: { id: exercise.id, title: exercise.title },
      pace: Number((body as { pace?: number }).pace ?? 1),
      begunAt: ago(0),
      messages: [],
      messagesToCome: exercise.messages,
      met: 0,
      score: exercise.goals.map((goal) => ({ ...goal, state: 'open', afterMinutes: null, line: null })),
    };
    world.runs.set(run.id, run);
    return { status: 201, body: run };
  }
  const [, runId, act] = /^\/exercise-runs\/([^/]+)(\/end)?$/.exec(path) ?? [];
  if (runId === undefined) return null;
  const run = world.runs.get(runId);
  if (run === undefined) return missing;
  if (method === 'POST' && act === '/end') {
    run.endedAt = ago(0);
    run.messagesToCome = 0;
    run.messages = run.messages.map((one) => ({ ...one, readIn: 'https://news.example/mixpanel' }));
    run.score = run.score.map((goal) => (goal.state === 'open' ? { ...goal, state: 'missed' } : goal));
    run.debrief = [
      {
        text: 'Between the phishing and the data set lay 17 days.',
        readIn: 'https://news.example/mixpanel',
      },
    ];
  }
  return { status: 200, body: run };
}

const emptyRun = {
  incident: { id: '0199c0de-0000-7000-8000-0000000000f1', number: 1 },
  begunBy: 'Ada Example',
  endedAt: null,
  goals: 3,
  summary: 'Made up.',
  party: null,
  lastsMinutes: 60,
  nextMessageAt: null,
  debrief: [],
};
