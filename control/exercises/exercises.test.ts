import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { incidentsFrom, readPlaybook } from '../incidents/index.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import { createRouter, handleErrors, runDueJob } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createExercises } from './index.ts';
import { type Exercise, readExercise } from './pack.ts';
import { createRuns } from './runs.ts';
import type { RunView } from './schemas.ts';

/** Exercises on a real database. Vendors, people and messages are made up. */
let platform: TestPlatform;
let app: ReturnType<typeof createRouter>;
let play: ReturnType<typeof createRuns>;
let who: ReturnType<typeof testCaller>;
let ended: Map<string, Date>;

const MINUTE = 60_000;
const because = { reason: 'A test' };
const scenarios = new URL('../../packs/scenarios/exercises/', import.meta.url);
const playbooks = new URL('../../packs/playbooks/', import.meta.url);

const exercise: Exercise = {
  format: 'drawbridge.exercise/1',
  id: 'made-up',
  title: 'Made up',
  seat: 'customer',
  playbook: 'vendor-data-breach',
  party: 'acme',
  summary: 'In tests',
  as_of: '2026-01-01',
  day_zero: '2025-11-25',
  window: { from: '2025-11-08', to: '2025-11-25' },
  lasts_minutes: 30,
  messages: [
    {
      id: 'one',
      at_minute: 0,
      about: 'vendor_noticed',
      text: '{2025-11-24}',
      note: 'They say so',
      from: 'Notice',
      confidence: 'likely',
      read_in: 'nowhere, made up',
    },
    {
      id: 'two',
      at_minute: 10,
      about: 'vendor_noticed',
      text: '{2025-11-23}',
      from: 'Another notice',
      confidence: 'likely',
      read_in: 'nowhere, made up',
    },
  ],
  goals: [
    { id: 'fact', text: 'A fact', within_minutes: 5, met_by: { line: 'claim' } },
    { id: 'told', text: 'Told', within_minutes: 20, met_by: { clock: 'gdpr-33' } },
  ],
  debrief: [{ text: 'It was made up', read_in: 'nowhere, made up' }],
};

beforeAll(async () => {
  platform = await testPlatform();
  const sealer = await testSealer(platform);
  const read = readPlaybook(
    'vendor-data-breach.yaml',
    await readFile(new URL('vendor-data-breach.yaml', playbooks), 'utf8'),
  );
  if (!('playbook' in read)) throw new Error('the playbook is not valid');
  const incidents = incidentsFrom({
    platform,
    sealer,
    playbooks: [read.playbook],
    vendorNames: async () => new Map(),
    person: async () => null,
  });
  const deps = { platform, incidents: incidents.book, clocksEnded: async () => ended };
  play = createRuns({ ...deps, exercises: new Map([[exercise.id, exercise]]) });
  app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', who);
    await next();
  });
  app.route('/', incidents.routes).route('/', createExercises({ ...deps, exercises: [exercise] }).routes);
});
afterAll(() => platform.close());
beforeEach(async () => {
  who = { ...testCaller(), kind: 'person', id: 'person-1', name: 'Ada Example' };
  ended = new Map();
  await platform.pool.query('TRUNCATE incident, exercise_run, change, job CASCADE');
});

async function ask(method: string, path: string, body?: object) {
  const response = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) };
}
async function begin(pace = 1): Promise<RunView> {
  const { status, body } = await ask('POST', '/exercises/made-up/runs', { pace, ...because });
  expect(status).toBe(201);
  return body;
}
const deliverDue = async () => {
  while (await runDueJob(platform, [play.deliver], 'a test'));
};
const run = async (id: string): Promise<RunView> => (await ask('GET', `/exercise-runs/${id}`)).body;
const claimsOf = async (incident: string) => (await ask('GET', `/incidents/${incident}`)).body;

describe('an exercise', () => {
  test('opens a drill, and its messages come at their time, once, with days moved', async () => {
    const begun = await begin();
    const today = new Date(platform.clock.now()).toISOString().slice(0, 10);
    const yesterday = new Date(platform.clock.now() - 86_400_000).toISOString().slice(0, 10);
    const drill = await claimsOf(begun.incident.id);
    expect([drill.drill, drill.party.id, drill.occurredTo.slice(0, 10)]).toEqual([true, 'acme', today]);
    expect(drill.claims).toEqual([]);

    await deliverDue();
    const [first] = (await claimsOf(begun.incident.id)).claims;
    expect([first.text, first.source, first.by]).toEqual([yesterday, 'Notice. They say so', 'The exercise']);
    expect((await run(begun.id)).messagesToCome).toBe(1);

    platform.advance(9 * MINUTE);
    await deliverDue();
    expect((await run(begun.id)).messages).toHaveLength(1);
    platform.advance(2 * MINUTE);
    await deliverDue();
    const after = await claimsOf(begun.incident.id);
    expect(after.claims).toHaveLength(2);
    expect(after.contradicted).toEqual(['vendor_noticed']);

    // A runner that died after its transaction and before it said so: the job is done once more.
    await platform.pool.query(`UPDATE job SET state = 'waiting', run_after = '2000-01-01'`);
    await deliverDue();
    expect((await claimsOf(begun.incident.id)).claims).toHaveLength(2);
  });

  test('goes faster by its pace', async () => {
    const begun = await begin(10);
    platform.advance(1.1 * MINUTE);
    await deliverDue();
    expect((await run(begun.id)).messages.map(({ id }) => id)).toEqual(['one', 'two']);
  });

  test('scores what people enter, and keeps the score at its end', async () => {
    const begun = await begin();
    await deliverDue();
    expect((await run(begun.id)).score.map(({ state }) => state)).toEqual(['open', 'open']);
    platform.advance(3 * MINUTE);
    await ask('POST', `/incidents/${begun.incident.id}/claims`, {
      about: 'data',
      text: 'Names',
      source: 'Our ledger',
      learnedAt: '2026-01-01T00:00:00Z',
      confidence: 'confirmed',
      ...because,
    });
    platform.advance(MINUTE);
    const { body } = await ask('POST', `/exercise-runs/${begun.id}/end`, because);
    expect(body.score.map((goal: { state: string }) => goal.state)).toEqual(['met', 'missed']);
    expect([body.met, body.goals, body.score[0].afterMinutes]).toEqual([1, 2, 3]);

    ended.set('gdpr-33', new Date(platform.clock.now() + MINUTE));
    platform.advance(2 * MINUTE);
    expect((await run(begun.id)).score[1]?.state).toBe('missed');
    const again = await ask('POST', `/exercise-runs/${begun.id}/end`, because);
    expect([again.status, again.body.code]).toEqual([409, 'exercise_ended']);
  });

  test('tells where its words were read after its end alone, and brings nothing any more', async () => {
    const begun = await begin();
    await deliverDue();
    const running = await run(begun.id);
    expect([running.messages[0]?.readIn, running.debrief]).toEqual([null, []]);
    expect(JSON.stringify(running)).not.toContain('nowhere, made up');
    expect(JSON.stringify(running)).not.toContain('Another notice');
    await ask('POST', `/exercise-runs/${begun.id}/end`, because);
    platform.advance(20 * MINUTE);
    await deliverDue();
    const over = await run(begun.id);
    expect(over.messages.map(({ readIn }) => readIn)).toEqual(['nowhere, made up']);
    expect([over.messagesToCome, over.nextMessageAt, over.debrief.length]).toEqual([0, null, 1]);
  });

  test('is listed with its last run; one that is not there is not begun', async () => {
    const first = await begin();
    platform.advance(MINUTE);
    const second = await begin();
    const { items } = (await ask('GET', '/exercises')).body;
    expect(items.map((one: { id: string }) => one.id)).toEqual(['made-up']);
    expect(items[0].lastRun.id).toBe(second.id);
    const page = (await ask('GET', '/exercise-runs?limit=1')).body;
    expect(page.items[0].id).toBe(second.id);
    const next = (await ask('GET', `/exercise-runs?limit=1&cursor=${encodeURIComponent(page.next)}`)).body;
    expect([next.items[0].id, next.next]).toEqual([first.id, null]);
    expect((await ask('POST', '/exercises/none/runs', because)).status).toBe(404);
    expect((await ask('POST', '/exercises/made-up/runs', {})).status).toBe(400);
  });
});

describe('exercises as data', () => {
  test('all that are shipped are valid, and their playbooks are there', async () => {
    const files = (await readdir(scenarios)).filter((file) => file.endsWith('.yaml'));
    const read = await Promise.all(
      files.map(async (file) => readExercise(file, await readFile(new URL(file, scenarios), 'utf8'))),
    );
    expect(read.flatMap((one) => ('problems' in one ? one.problems : []))).toEqual([]);
    const shipped = read.flatMap((one) => ('exercise' in one ? [one.exercise] : []));
    expect(shipped.length).toBeGreaterThanOrEqual(5);
    const books = await readdir(playbooks);
    for (const { playbook } of shipped) expect(books).toContain(`${playbook}.yaml`);
  });

  const yaml = (more: object = {}) => JSON.stringify({ ...exercise, ...more });
  test.each([
    [
      'has a message before the one above it',
      { messages: exercise.messages.toReversed() },
      'messages.1.at_minute',
    ],
    ['has a message after its end', { lasts_minutes: 5 }, 'messages.1.at_minute'],
    ['has one message twice', { messages: [exercise.messages[0], exercise.messages[0]] }, 'messages.1.id'],
    [
      'has a day that is none',
      { messages: [{ ...exercise.messages[0], text: '{2025-02-30}' }] },
      'messages.0.text',
    ],
    ['ends before it begins', { window: { from: '2025-11-25', to: '2025-11-08' } }, 'window'],
    ['is called otherwise', { id: 'other' }, 'id'],
    [
      'has a goal after its end',
      { goals: [{ ...exercise.goals[0], within_minutes: 31 }] },
      'goals.0.within_minutes',
    ],
    ['names no account', { messages: [{ ...exercise.messages[0], read_in: '' }] }, 'messages.0.read_in'],
  ])('one that %s is refused with its place', (_, more, field) => {
    const read = readExercise('made-up.yaml', yaml(more));
    if (!('problems' in read)) throw new Error('it was read');
    expect(read.problems.map((problem) => problem.field)).toContain(field);
  });
});
