import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exerciseHouse } from '../../control/exercises/testing.ts';
import { type StandIn, startSmtp } from '../../control/mail/testing.ts';
import { shippedExercises, shippedPlaybooks } from '../shipped-packs.ts';
import { meet } from './responder.ts';

/**
 * Every exercise that is shipped, played to its score sheet on a clock that the test moves: messages at their minutes, a responder who
 * acts at minutes that are known, notices and reminders on the way. Addresses are made up.
 */

/** What a shipped exercise says that contradicts itself, and what its incident is about. One that is not here fails. */
const shipped: Record<
  string,
  { contradicted: string[]; disputed: string[]; window: number; clocks: string[] }
> = {
  // No time of the first notice to us; two parties date the vendor's own discovery otherwise.
  'mixpanel-2025-platform': {
    contradicted: ['vendor_noticed'],
    disputed: ['invented-fields', 'wrong-weekday'],
    window: 17,
    clocks: ['gdpr-33', 'gdpr-34'],
  },
  'mixpanel-2025-customer': {
    contradicted: ['vendor_noticed'],
    disputed: [],
    window: 17,
    clocks: ['gdpr-33'],
  },
  'drift-2025': { contradicted: [], disputed: [], window: 10, clocks: ['gdpr-33'] },
  // Two accounts of how it came to it: the code in the package, and the poisoned scanner before it.
  'litellm-2026': { contradicted: ['cause'], disputed: [], window: 0, clocks: [] },
  'gainsight-2025': { contradicted: [], disputed: [], window: 19, clocks: [] },
  'okta-2023': {
    contradicted: ['cause'],
    disputed: ['vendor-sees-nothing'],
    window: 19,
    clocks: [],
  },
};

const MINUTE = 60_000;
const DAY = 86_400_000;
const reason = 'A test';
const real = { people: ['real-1@example.com', 'real-2@example.com'], leads: 'lead@example.com' };
const trainee = 'trainee@example.com';
const drillsChannel = 'drills@example.com';
const exercises = await shippedExercises();

type House = Awaited<ReturnType<typeof exerciseHouse>>;
let house: House;
let smtp: StandIn;

beforeAll(async () => {
  smtp = await startSmtp();
  house = await exerciseHouse({ exercises, playbooks: await shippedPlaybooks(), real });
  house.as('person-1');
  for (const { party } of exercises) if (party !== undefined) house.world.known.add(party);
  await house.fleet.start();
  await call('PUT', '/organisation/mail-server', {
    ...{ host: '127.0.0.1', port: smtp.port, tls: 'none', private: true, reason },
    from: { name: 'Example Org', address: 'notices@example.org' },
  });
  await call('PUT', '/organisation/notices', {
    ...{ name: 'Example Org', contact: 'privacy@example.org', reason },
    informationPage: 'https://example.org/incident',
  });
  await call('PUT', '/organisation/profile', {
    profile: { country: 'DE', countries: ['DE'], answers: { controller: 'yes' } },
    ...{ revision: 0, reason },
  });
  await call('PUT', '/organisation/reminders', {
    reminders: {
      channels: [
        { id: 'duty', name: 'Duty', kind: 'email', to: 'leads' },
        { id: 'drills', name: 'Drills', kind: 'email', to: drillsChannel, drills: true },
      ],
      leads: { start: true, half: true, hoursBefore: [24], late: true },
      leadsOf: {},
      escalation: { afterMinutes: 5, deputy: 'person-9' },
    },
    ...{ secrets: {}, revision: 0, reason },
  });
});
afterAll(async () => {
  await house.fleet.stop();
  await smtp.close();
  await house.house.close();
});

/** What the responder looks up of people; how that is counted is a test of the blast radius. */
const BLAST = { people: { people: 4200 }, accounts: [{ people: null, accounts: 31 }] };
async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  if (path.startsWith('/blast-radius/')) return BLAST;
  const answer = await house.house.ask(method, path, z.looseObject({}).optional().parse(body));
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
async function read<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>> {
  return schema.parse(await call('GET', path));
}

const Id = z.object({ id: z.string() });
const Claim = z.object({
  about: z.string(),
  text: z.string(),
  source: z.string().nullable(),
  confidence: z.string().nullable(),
  by: z.string(),
});
const Incident = z.object({
  drill: z.boolean(),
  party: z.object({ id: z.string() }).nullable(),
  occurredFrom: z.string(),
  occurredTo: z.string(),
  claims: z.array(Claim),
  contradicted: z.array(z.string()),
});
const Run = z.object({
  id: z.string(),
  incident: Id,
  messages: z.array(z.object({ id: z.string(), readIn: z.string().nullable() })),
  messagesToCome: z.number(),
  score: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      afterMinutes: z.number().nullable(),
      line: z.number().nullable(),
    }),
  ),
  met: z.number(),
  debrief: z.array(z.object({ text: z.string(), readIn: z.string() })),
});

/** A notice of the exercise, from the sheet to the mail; its recipients are collected as they are for a real one. */
async function notice(incident: string): Promise<void> {
  const Sheet = z.looseObject({
    version: z.number(),
    sheet: z.looseObject({
      facts: z.looseObject({}),
      notAffected: z.array(z.looseObject({ label: z.object({ en: z.string(), de: z.string() }) })),
      unknowns: z.array(z.object({ en: z.string(), de: z.string() })),
    }),
  });
  await call('PUT', `/incidents/${incident}/drill-recipients`, { recipients: [{ address: trainee }] });
  const { sheet, version } = await read(Sheet, `/incidents/${incident}/fact-sheet`);
  const text = { en: 'Somebody took a data set.', de: 'Jemand hat einen Datenbestand entwendet.' };
  Object.assign(sheet.facts, { what_happened: { text, grade: 'declared', source: 'the vendor’s notice' } });
  await call('PUT', `/incidents/${incident}/fact-sheet`, { sheet, basedOn: version });
  const { id } = Id.parse(
    await call('POST', `/incidents/${incident}/notices`, { template: 'persons', language: 'en' }),
  );
  const path = `/incidents/${incident}/notices/${id}`;
  await call('POST', `${path}/recipients/collected`, {});
  await call('POST', `${path}/review`, {});
  house.as('person-2');
  const { version: written } = await read(z.object({ version: z.number() }), path);
  await call('POST', `${path}/approval`, { version: written, decision: 'approve', reason });
  house.as('person-1');
  await call('POST', `${path}/sending`, {});
  await house.sending.turn();
}

test('what is shipped is what is played here', () => {
  expect(exercises.map(({ id }) => id).sort()).toEqual(Object.keys(shipped).sort());
});

test.each(exercises.map((one) => [one.id, one] as const))(
  '%s is played to its score sheet, and reaches nobody but the recipients of its drill',
  async (id, exercise) => {
    smtp.received.length = 0;
    const { platform } = house;
    const facts = shipped[id];
    if (facts === undefined) throw new Error(`nothing is said here of ${id}`);
    const days = Math.floor(platform.clock.now() / DAY) - Date.parse(exercise.day_zero) / DAY;
    const moved = (text: string) =>
      text.replaceAll(/\{(\d{4}-\d{2}-\d{2})\}/g, (_, day: string) =>
        new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10),
      );
    const begunAt = platform.clock.now();
    const run = Run.parse(await call('POST', `/exercises/${id}/runs`, { pace: 1, reason }));
    const incident = run.incident.id;
    const before = await read(Incident, `/incidents/${incident}`);
    expect([before.drill, before.party?.id]).toEqual([true, exercise.party]);
    const window = Date.parse(before.occurredTo) - Date.parse(before.occurredFrom);
    expect(Math.floor(window / DAY)).toBe(facts.window);

    // Each goal is met a minute before its time, the last of them too late.
    const late = exercise.goals.at(-1);
    const minuteOf = (goal: (typeof exercise.goals)[number]) =>
      goal === late && goal.within_minutes < exercise.lasts_minutes
        ? goal.within_minutes + 1
        : goal.within_minutes - 1;
    const minutes = new Set([
      ...exercise.messages.map(({ at_minute }) => at_minute),
      ...exercise.goals.map(minuteOf),
      exercise.lasts_minutes,
    ]);
    let said = 0;
    for (const minute of [...minutes].sort((a, b) => a - b)) {
      platform.advance(begunAt + minute * MINUTE - platform.clock.now());
      await house.deliver();
      for (const goal of exercise.goals.filter((one) => minuteOf(one) === minute)) {
        await meet(goal, {
          ...{ call, now: platform.clock.now, exercise, incident },
          ...{ from: before.occurredFrom, to: before.occurredTo },
        });
        said += 1;
      }
      const due = exercise.messages.filter(({ at_minute }) => at_minute <= minute);
      const { messages } = await read(Run, `/exercise-runs/${run.id}`);
      expect(messages).toEqual(due.map((message) => ({ id: message.id, readIn: null })));
      await house.obligations.round();
    }
    expect(said).toBe(exercise.goals.length);
    await notice(incident);

    // Claims stand as the pack says them, beside each other; none was overwritten.
    const room = await read(Incident, `/incidents/${incident}`);
    const told = room.claims.filter(({ by }) => by === 'The exercise');
    const claims = exercise.messages.map(({ about, text, note, from, confidence }) => ({
      about,
      text: moved(text),
      source: note === undefined ? from : `${from}. ${moved(note)}`,
      confidence,
      by: 'The exercise',
    }));
    // Two that come in one minute come in either order.
    expect(told).toHaveLength(claims.length);
    expect(told).toEqual(expect.arrayContaining(claims));
    expect(
      exercise.messages.filter(({ confidence }) => confidence === 'disputed').map((message) => message.id),
    ).toEqual(facts.disputed);
    expect(room.contradicted.filter((about) => about !== 'people')).toEqual(facts.contradicted);

    const ended = Run.parse(await call('POST', `/exercise-runs/${run.id}/end`, { reason }));
    expect(ended.messagesToCome).toBe(0);
    expect(ended.score.map(({ id: goal, state, afterMinutes }) => [goal, state, afterMinutes])).toEqual(
      exercise.goals.map((goal) => [
        goal.id,
        minuteOf(goal) > goal.within_minutes ? 'late' : 'met',
        minuteOf(goal),
      ]),
    );
    expect(ended.met).toBe(ended.score.filter(({ state }) => state === 'met').length);
    const clocks = exercise.goals.flatMap(({ met_by }) => ('clock' in met_by ? [met_by.clock] : []));
    expect(clocks).toEqual(facts.clocks);
    expect(ended.messages.every(({ readIn }) => readIn !== null)).toBe(true);
    expect(ended.debrief.length).toBe(exercise.debrief.length);

    // Nothing is cut, and nothing reaches anybody whom the drill does not name.
    const { rowCount } = await platform.pool.query('SELECT FROM severance_cut');
    expect(rowCount).toBe(0);
    const to = new Set(smtp.received.flatMap((mail) => mail.to));
    expect([...to].sort()).toEqual(clocks.length > 0 ? [drillsChannel, trainee] : [trainee]);
    for (const { raw } of smtp.received)
      expect(raw).toMatch(/^Subject: (EXERCISE|.*\[Drill\]|.*=5BDrill=5D)/m);
  },
);
