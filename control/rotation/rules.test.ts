import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Act, begin, canRollBack, type Event, isOver, next, type Plan, type State } from './rules.ts';

const plan: Plan = { share: 100, canaryMs: 60_000, canaryAnswers: 5, overlapMs: 3_600_000, lagMs: 600_000 };
const quiet = { type: 'watched', answered: 9, refused: 0, foreign: false, certain: true } as const;

/** Goes through events, each so many milliseconds after the one before. */
function walk(start: State, events: readonly (readonly [Event, number])[]): { state: State; acts: Act[] } {
  let [state, at] = [start, start.since];
  const acts: Act[] = [];
  for (const [event, after] of events) {
    at += after;
    const turn = next(state, event, at);
    if (turn === null) continue;
    acts.push(...turn.acts);
    ({ state } = turn);
  }
  return { state, acts };
}
const minute = 60_000;
const toOverlap: [Event, number][] = [
  [{ type: 'made' }, 0],
  [{ type: 'probed', status: 200 }, 0],
  [quiet, minute],
  [{ type: 'gateways', current: true }, 0],
];

describe('a rotation', () => {
  test('goes by probe, canary, switch, overlap and deletion, and is done when the old key is refused', () => {
    const { state, acts } = walk(begin('api', plan, 0), [
      ...toOverlap,
      [quiet, 60 * minute],
      [{ type: 'deactivated', byHand: false }, 0],
      [{ type: 'deleted' }, 0],
      [{ type: 'old_probed', status: 200 }, 0],
      [{ type: 'old_probed', status: 401 }, minute],
    ]);
    expect(state).toMatchObject({ step: 'done', needs: null });
    expect(acts).toEqual(['share', 'switch', 'drop_previous']);
  });

  test('is guided by tasks where the vendor has no API, and the old key must be refused before it is done', () => {
    const start = begin('guided', plan, 0);
    expect(start.needs).toBe('enter_new_key');
    const waiting = walk(start, [
      ...toOverlap,
      [quiet, 60 * minute],
      [{ type: 'deactivated', byHand: true }, 0],
    ]).state;
    expect(waiting).toMatchObject({ step: 'delete', needs: 'delete_old_key' });
    const still = walk(waiting, [
      [{ type: 'person', says: 'deleted' }, 0],
      [{ type: 'old_probed', status: 200 }, 2 * minute],
    ]).state;
    expect(still).toMatchObject({ step: 'prove', needs: 'old_key_still_works' });
    expect(walk(still, [[{ type: 'old_probed', status: 401 }, minute]]).state.step).toBe('done');
  });

  test('goes back by itself when the vendor refuses the new key: at once in the canary, after a look at the old one later', () => {
    const canary = walk(begin('api', plan, 0), toOverlap.slice(0, 2)).state;
    const aborted = walk(canary, [[{ ...quiet, refused: 1 }, 1]]);
    expect(aborted).toMatchObject({ state: { step: 'clean_up' }, acts: ['stop_share'] });

    const overlap = walk(begin('api', plan, 0), toOverlap).state;
    const undo = walk(overlap, [[{ ...quiet, refused: 1 }, 1]]);
    expect(undo).toMatchObject({ state: { step: 'undo' }, acts: [] });
    const dead = walk(undo.state, [[{ type: 'old_probed', status: 401 }, 1]]);
    expect(dead).toMatchObject({ state: { step: 'undo', needs: 'old_key_dead' }, acts: [] });
    // A vendor that is down says nothing of the old key: it is asked again, and then a person is.
    for (const status of [500, 503, 429, 404]) {
      const down = walk(undo.state, [[{ type: 'old_probed', status }, 1]]);
      expect(down).toMatchObject({ state: { step: 'undo', needs: null, failed: 1 }, acts: [] });
      const long = walk(down.state, [[{ type: 'old_probed', status }, 61 * minute]]);
      expect(long).toMatchObject({ state: { step: 'undo', needs: 'vendor_unreachable' }, acts: [] });
      const trusted = walk(long.state, [[{ type: 'person', says: 'go_on' }, 1]]);
      expect(trusted).toMatchObject({ state: { step: 'clean_up' }, acts: ['switch_back'] });
    }
    const back = walk(undo.state, [
      [{ type: 'old_probed', status: 200 }, 1],
      [{ type: 'cleaned_up' }, 1],
    ]);
    expect(back).toMatchObject({ state: { step: 'undone' }, acts: ['switch_back', 'drop_next'] });
  });

  test('does not delete a key that somebody else uses, nor one of which that is not known', () => {
    const overlap = walk(begin('api', plan, 0), toOverlap).state;
    const used = walk(overlap, [
      [{ ...quiet, foreign: true }, 60 * minute],
      [quiet, 600 * minute],
    ]);
    expect(used.state).toMatchObject({ step: 'overlap', needs: 'old_key_in_use' });
    expect(walk(overlap, [[{ ...quiet, certain: false }, 60 * minute]]).state.step).toBe('overlap');
    expect(walk(used.state, [[{ type: 'person', says: 'go_on' }, 1]]).state.step).toBe('deactivate');
  });

  test('asks a person when a step fails for too long, at once where trying again does not help', () => {
    const start = begin('api', plan, 0);
    expect(walk(start, [[{ type: 'failed', refused: false }, minute]]).state).toMatchObject({
      needs: null,
      failed: 1,
    });
    expect(walk(start, [[{ type: 'failed', refused: false }, 61 * minute]]).state.needs).toBe(
      'vendor_unreachable',
    );
    const refused = walk(start, [[{ type: 'failed', refused: true }, 1]]).state;
    expect(refused.needs).toBe('vendor_refused');
    expect(walk(refused, [[{ type: 'person', says: 'retry' }, 1]]).state.needs).toBeNull();
  });
});

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event>(
    { type: 'made' },
    { type: 'deactivated', byHand: true },
    { type: 'deactivated', byHand: false },
    { type: 'deleted' },
    { type: 'cleaned_up' },
    { type: 'gone' },
    { type: 'gateways', current: true },
    { type: 'gateways', current: false },
    { type: 'failed', refused: true },
    { type: 'failed', refused: false },
  ),
  fc.constantFrom(200, 401, 403, 429, 500).map((status): Event => ({ type: 'probed', status })),
  fc.constantFrom(200, 401, 403, 429, 500).map((status): Event => ({ type: 'old_probed', status })),
  fc
    .constantFrom('retry' as const, 'roll_back' as const, 'go_on' as const, 'deleted' as const)
    .map((says): Event => ({ type: 'person', says })),
  fc
    .record({ answered: fc.nat(20), refused: fc.nat(1), foreign: fc.boolean(), certain: fc.boolean() })
    .map((seen): Event => ({ type: 'watched', ...seen })),
);
const story = fc.array(fc.tuple(event, fc.constantFrom(0, 1, minute, 61 * minute)), { maxLength: 40 });
const how = fc.constantFrom<State['how']>('api', 'guided');

/** Which key stands where, as the acts move them. Throws where an act can't be done. */
class Keys {
  inForce: 'old' | 'new' = 'old';
  next: 'new' | null = null;
  previous: 'old' | null = null;
  share = false;

  do(act: Act): void {
    if (act === 'share' || act === 'switch') expect(this.next).toBe('new');
    if (act === 'switch_back') expect(this.previous).toBe('old');
    if (act === 'share') this.share = true;
    if (act === 'stop_share') this.share = false;
    if (act === 'switch') [this.inForce, this.next, this.previous, this.share] = ['new', null, 'old', false];
    if (act === 'switch_back') [this.inForce, this.next, this.previous] = ['old', 'new', null];
    if (act === 'drop_next') [this.next, this.share] = [null, false];
    if (act === 'drop_previous') this.previous = null;
  }
}

describe('whatever happens, in whatever order', () => {
  test('there is a key in force, nothing is dropped that is needed, and what is over stays so', () => {
    fc.assert(
      fc.property(how, story, (kind, events) => {
        let state = begin(kind, plan, 0);
        let at = 0;
        const keys = new Keys();
        let lastOld = 0;
        let unproven = false;
        for (const [one, after] of events) {
          at += after;
          if (one.type === 'old_probed') lastOld = one.status;
          const turn = next(state, one, at);
          if (turn === null) continue;
          expect(isOver(state)).toBe(false);
          unproven = state.step === 'prove' && one.type === 'person';
          if (one.type === 'made') keys.next = 'new';
          for (const act of turn.acts) keys.do(act);
          // Once it is tried to delete the old key, nothing goes back to it: but by a key that is gone for us.
          if (state.step === 'prove' && state.needs !== 'credential_gone')
            expect(['prove', 'done']).toContain(turn.state.step);
          state = turn.state;
          expect(keys.inForce).toBe(state.switched ? 'new' : 'old');
        }
        if (state.step === 'done') {
          expect(keys).toMatchObject({ inForce: 'new', next: null, previous: null });
          if (!unproven) expect([401, 403]).toContain(lastOld);
        }
        if (state.step === 'undone') expect(keys).toMatchObject({ next: null, share: false });
      }),
      { numRuns: 2000 },
    );
  });

  test('a person can take it back until the old key is to be deleted, and the way back ends', () => {
    fc.assert(
      fc.property(how, story, (kind, events) => {
        const { state } = walk(begin(kind, plan, 0), events);
        const over = isOver(state);
        const turn = next(state, { type: 'person', says: 'roll_back' }, state.since);
        expect(turn !== null).toBe(!over && canRollBack(state));
        if (turn === null) return;
        const end = walk(turn.state, [
          [{ type: 'old_probed', status: 200 }, 1],
          [{ type: 'cleaned_up' }, 1],
        ]).state;
        expect(end.step).toBe('undone');
      }),
      { numRuns: 1000 },
    );
  });
});
