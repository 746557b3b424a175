import type { Clock } from '@drawbridge/clocks';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Platform } from '../../platform/index.ts';
import { type TestPlatform, testPlatform } from '../../platform/testing.ts';
import type { Reckoned } from '../reckoning.ts';
import type { ReminderRow } from '../tables.ts';
import { type Recipient, type RoundDeps, remind } from './run.ts';
import { SendError } from './send.ts';
import type { Reminders } from './settings.ts';
import { LEASE_MS } from './store.ts';

/**
 * Each reminder once, whatever happens in between: planes that run at the same time with clocks of their own, die before or after
 * sending, receivers that refuse or say nothing, clocks that are corrected or end.
 */
let platform: TestPlatform;
const incident = '0199c0de-0000-7000-8000-000000000001';
const BEGIN = Date.UTC(2025, 10, 9, 8);
const HOUR = 3_600_000;

beforeAll(async () => {
  platform = await testPlatform();
  await platform.pool.query(
    `INSERT INTO incident (id, number, title, playbook, state, severity, drill, restricted, opened_at, opened_by, entries)
     VALUES ($1, 1, '', 'x', 'open', 'unknown', false, false, now(), 'x', 0)`,
    [incident],
  );
});
afterAll(() => platform.close());

const common = { name: 'x', drills: false, paused: false, private: true };
const settings: Reminders = {
  channels: [
    { ...common, id: 'mail', kind: 'email', to: 'duty@example.com' },
    { ...common, id: 'hook', kind: 'webhook', url: 'https://hooks.example' },
  ],
  leads: { start: true, half: true, hoursBefore: [4, 1], late: true },
  leadsOf: {},
  escalation: { afterMinutes: 90, deputy: 'deputy', drillDeputy: null },
};

type Fate = 'taken' | 'refused' | 'taken, then silence' | 'lost, then silence' | 'dies before' | 'dies after';
const fates: readonly Fate[] = [
  'taken',
  'refused',
  'taken, then silence',
  'lost, then silence',
  'dies before',
  'dies after',
];
type Step =
  | { does: 'run'; planes: readonly { skewMs: number }[] }
  | { does: 'wait'; ms: number }
  | { does: 'correct'; hours: number }
  | { does: 'end'; ended: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('run' as const),
      planes: fc.array(fc.record({ skewMs: fc.integer({ min: -30_000, max: 30_000 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.constantFrom(1000, 20_000, LEASE_MS + 60_001, 20 * 60_000, HOUR, 3 * HOUR),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('correct' as const), hours: fc.integer({ min: 6, max: 10 }) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('end' as const), ended: fc.boolean() }) },
);

test('is what every recipient gets, and whatever may not have arrived is shown', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 16 }),
      fc.array(fc.constantFrom(...fates), { maxLength: 20 }),
      async (steps, given) => {
        await platform.pool.query('TRUNCATE obligation_reminder');
        const world = new World([...given]);
        for (const one of steps) await world.take(one);
        await world.settle();
        world.check(await rows());
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

const rows = async (): Promise<ReminderRow[]> =>
  (await platform.pool.query<ReminderRow>('SELECT * FROM obligation_reminder')).rows;

class World {
  #now = BEGIN;
  #hours = 8;
  #ended = false;
  readonly #fates: Fate[];
  /** What arrived, by who it arrived at and what it says. */
  readonly #arrived: { to: string; id: string; moment: string; due: string }[] = [];
  constructor(given: Fate[]) {
    this.#fates = given;
  }

  async take(one: Step): Promise<void> {
    if (one.does === 'wait') this.#now += one.ms;
    else if (one.does === 'correct') this.#hours = one.hours;
    else if (one.does === 'end') this.#ended = one.ended;
    else await Promise.all(one.planes.map(({ skewMs }) => this.#run(skewMs)));
  }

  /** Nothing dies or is refused any more: what can still be sent is. */
  async settle(): Promise<void> {
    this.#fates.length = 0;
    for (let n = 0; n < 12; n += 1) {
      this.#now += LEASE_MS + HOUR;
      await this.#run(0);
    }
  }

  check(kept: readonly ReminderRow[]): void {
    const keys = this.#arrived.map(({ to, moment, due }) => `${to} ${moment} ${due}`);
    // Whoever can't tell a repetition gets none; whoever can tells it by its id.
    const byMail = keys.filter((key) => !key.startsWith('hook'));
    expect(new Set(byMail).size).toBe(byMail.length);
    const ids = new Map<string, Set<string>>();
    for (const [index, { id }] of this.#arrived.entries())
      ids.set(keys[index] ?? '', (ids.get(keys[index] ?? '') ?? new Set()).add(id));
    for (const seen of ids.values()) expect(seen.size).toBe(1);
    const arrived = new Set(this.#arrived.map(({ id }) => id));
    for (const { id, state, repeatable } of kept) {
      expect(['sent', 'in_doubt', 'superseded', 'dropped']).toContain(state);
      if (state === 'sent') expect(arrived).toContain(id);
      // Nothing that a signed webhook may not have got is left so.
      if (state === 'in_doubt') expect(repeatable).toBe(false);
    }
    // What is said last of a clock that did not end has reached everybody, or is shown as in doubt.
    if (!this.#ended) {
      const due = BEGIN + this.#hours * HOUR;
      const last = kept.filter((row) => row.due_at.getTime() === due && row.moment === 'late');
      expect(last.map(({ recipient }) => recipient).sort()).toEqual(['hook', 'mail']);
      for (const { state, repeatable } of last)
        expect(repeatable ? ['sent'] : ['sent', 'in_doubt']).toContain(state);
    }
  }

  async #run(skewMs: number): Promise<void> {
    const plane: Platform = { ...platform, clock: { now: () => this.#now + skewMs } };
    const deps: RoundDeps = {
      platform: plane,
      settings: async () => settings,
      reckoned: async () => (this.#ended ? [] : [this.#reckoned()]),
      leads: async () => [],
      linkOf: () => null,
      send: (to, message) => this.#send(to, message),
    };
    await remind(deps, new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
  }

  #reckoned(): Reckoned {
    const at = (ms: number) => ({ at: new Date(ms).toISOString(), text: '' });
    const clock = {
      rule: 'gdpr-33',
      regime: 'GDPR',
      article: 'Art. 33(1)',
      title: 'Notification',
      recipient: 'authority',
      state: 'running',
      start: at(BEGIN),
      due: at(BEGIN + this.#hours * HOUR),
      end: null,
      review: null,
    } as unknown as Clock;
    const head = { id: incident, number: 1, drill: false, restricted: false };
    return { head, result: { clocks: [clock] } } as unknown as Reckoned;
  }

  async #send(
    to: Recipient,
    message: { id: string; moment: string; due: { at: string } | null },
  ): Promise<void> {
    const fate = this.#fates.shift() ?? 'taken';
    // Others have their turn while it is on its way.
    await platform.pool.query('SELECT 1');
    const who = 'deputy' in to ? to.deputy : to.channel.id;
    if (fate === 'refused') throw new SendError('refused', 'Not now.', { isCertain: true });
    if (fate === 'dies before') throw new Died();
    if (fate !== 'lost, then silence') {
      this.#arrived.push({ to: who, id: message.id, moment: message.moment, due: message.due?.at ?? '' });
    }
    if (fate === 'dies after') throw new Died();
    if (fate !== 'taken') throw new SendError('timeout', 'No answer.', { isCertain: false });
  }
}

/** A process that is gone in the middle of it. */
class Died extends Error {}
