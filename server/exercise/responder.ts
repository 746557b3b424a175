import type { Exercise } from '@drawbridge/control';
import { z } from 'zod';

/**
 * A responder that does what each goal asks, through the API alone, as fast as it is answered: what is timed is the system, not the
 * person. What it says about people it takes from the blast radius.
 */

const Blast = z.object({
  people: z.object({ people: z.number() }),
  accounts: z.array(z.object({ people: z.number().nullable(), accounts: z.number() })),
});

const REASON = 'Played by a script in a throw-away deployment';

export interface Room {
  /** Calls the API and returns the answer's body. Throws on any refusal. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Milliseconds since 1970, by the clock of the system that is played on. */
  now(): number;
  exercise: Exercise;
  incident: string;
  from: string;
  to: string;
}

type Goal = Exercise['goals'][number];

/** Meets one goal. Resolves with what it said about people, else null. Throws what `call` throws. */
export async function meet(goal: Goal, room: Room): Promise<string | null> {
  const { call, incident } = room;
  const post = (path: string, body: object) =>
    call('POST', `/incidents/${incident}${path}`, { ...body, reason: REASON });
  const now = new Date(room.now()).toISOString();
  const { met_by } = goal;
  if ('clock' in met_by) {
    await call('PATCH', `/incidents/${incident}/clocks`, {
      times: { aware_personal_data: now },
      reason: REASON,
    });
    await (met_by.clock === 'gdpr-33'
      ? post(`/clocks/${met_by.clock}/submissions`, {
          at: now,
          what: 'Initial notification, of the exercise',
        })
      : post(`/clocks/${met_by.clock}/not-required`, { because: 'Decided in the exercise by its script' }));
    return null;
  }
  if (met_by.line === 'claim') {
    const about = met_by.about ?? 'other';
    const text = about === 'people' ? await peopleTouched(room) : `${goal.text}: looked up.`;
    await post('/claims', { about, text, source: 'Our own records', learnedAt: now, confidence: 'likely' });
    return about === 'people' ? text : null;
  }
  if (met_by.line === 'question') {
    const dueAt = new Date(room.now() + 86_400_000).toISOString();
    await post('/questions', { text: goal.text, dueAt });
    return null;
  }
  if (met_by.line === 'decision') {
    await post('/decisions', { text: goal.text, why: 'The playbook asks for it' });
    return null;
  }
  if (met_by.line === 'task_ended') {
    const { tasks } = z
      .object({ tasks: z.array(z.object({ n: z.number(), state: z.string() })) })
      .parse(await call('GET', `/incidents/${incident}`));
    const [first] = tasks.filter(({ state }) => state === 'open');
    if (first !== undefined)
      await call('PATCH', `/incidents/${incident}/tasks/${first.n}`, {
        state: 'done',
        reason: REASON,
      });
    return null;
  }
  if (met_by.line === 'severance') {
    await call('POST', '/severances', { target: await targetOf(room), incident, reason: REASON });
    return null;
  }
  throw new RangeError(`no script for a goal that a line "${met_by.line}" meets`);
}

const Plan = z.object({ dependents: z.array(z.object({ vendor: z.object({ id: z.string() }) })) });

/** Of a vendor's vendor, all of ours that it stands behind, as the plan lists them; a vendor of ours itself, where there is none. */
async function targetOf({ call, exercise }: Room): Promise<object> {
  if (exercise.seat === 'company') return { kind: 'vendor', id: exercise.party };
  const plan = Plan.parse(await call('GET', `/severance-plan?party=${exercise.party}`));
  const vendors = plan.dependents.map(({ vendor }) => vendor.id);
  if (vendors.length === 0) return { kind: 'vendor', id: exercise.party };
  return { kind: 'party', id: exercise.party, vendors };
}

async function peopleTouched({ call, exercise, from, to }: Room): Promise<string> {
  if (exercise.party === undefined) return 'Nobody is known to be touched.';
  const found = Blast.parse(
    await call(
      'GET',
      `/blast-radius/${exercise.party}?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
    ),
  );
  const accounts = found.accounts.reduce((sum, one) => sum + (one.people ?? one.accounts), 0);
  return `${found.people.people} people in its data, ${accounts} holders of accounts.`;
}
