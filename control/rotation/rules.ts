/**
 * How a credential is replaced without a pause, as rules: a state, what happened, and what comes of it. No clock, no
 * database, no vendor. Each act is done in the transaction that keeps the new state.
 */

export const rotationSteps = [
  'create',
  'probe',
  'canary',
  'switch',
  'overlap',
  'deactivate',
  'delete',
  'prove',
  'undo',
  'clean_up',
  'done',
  'undone',
] as const;
export type RotationStep = (typeof rotationSteps)[number];

/** Why a person is needed. The first two are tasks of a guided rotation, the others tell what failed. */
export const rotationNeeds = [
  'enter_new_key',
  'delete_old_key',
  'new_key_refused',
  'vendor_refused',
  'vendor_unreachable',
  'gateways_behind',
  'old_key_in_use',
  'old_key_still_works',
  'old_key_dead',
  'credential_gone',
] as const;
export type RotationNeed = (typeof rotationNeeds)[number];

/** How careful it is. Times in milliseconds. */
export interface Plan {
  /** Ten thousandths of crossings that try the new key first. */
  share: number;
  /** How long they do at least. */
  canaryMs: number;
  /** Answers that the new key must have got, if as many crossings come in ten times that time. */
  canaryAnswers: number;
  /** How long the old key is kept after the switch. */
  overlapMs: number;
  /** How late the vendor says that a key was used; 0 where it does not say. */
  lagMs: number;
}

export interface State {
  /** `api`: by the vendor's API for keys. `guided`: a person makes and deletes keys. */
  how: 'api' | 'guided';
  step: RotationStep;
  /** When this step began, or was begun anew: milliseconds since 1970. */
  since: number;
  /** Attempts of this step that failed, one after another. */
  failed: number;
  needs: RotationNeed | null;
  /** The new credential is in force: going back means to switch back. */
  switched: boolean;
  plan: Plan;
}

/** What is done to the connection's credentials. */
export type Act = 'share' | 'stop_share' | 'switch' | 'switch_back' | 'drop_next' | 'drop_previous';

export type Event =
  /** The new credential is there, as `next`. */
  | { type: 'made' }
  /** What a call with the new key, or the old one, was answered. */
  | { type: 'probed'; status: number }
  | { type: 'old_probed'; status: number }
  /**
   * What crossings with the new key were answered since the step began (`refused`: 401 and 403), whether somebody else
   * uses the old one (`foreign`), and whether that is known by now (`certain`).
   */
  | { type: 'watched'; answered: number; refused: number; foreign: boolean; certain: boolean }
  /** Whether all gateways run on the configuration with the switch, or with the way back. */
  | { type: 'gateways'; current: boolean }
  /** `byHand`: a person has to delete the old key at the vendor. */
  | { type: 'deactivated'; byHand: boolean }
  | { type: 'deleted' }
  | { type: 'cleaned_up' }
  /** The vendor's API answered with an error, or did not. `refused`: trying again does not help. */
  | { type: 'failed'; refused: boolean }
  /** The credential that is to be used is not there any more. */
  | { type: 'gone' }
  /** What people say. `go_on`: in spite of what was found. */
  | { type: 'person'; says: 'retry' | 'roll_back' | 'go_on' | 'deleted' };

export interface Turn {
  state: State;
  acts: Act[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** How long each step may go on failing before a person is asked. */
const LIMIT_MS: Partial<Record<RotationStep, number>> = {
  create: 60 * MINUTE,
  probe: 15 * MINUTE,
  switch: 15 * MINUTE,
  deactivate: 60 * MINUTE,
  delete: 60 * MINUTE,
  prove: 60 * MINUTE,
  undo: 60 * MINUTE,
  clean_up: 60 * MINUTE,
};
/** With too few crossings, the canary is over after this many times its time. */
const CANARY_PATIENCE = 10;

const isSuccess = (status: number): boolean => status >= 200 && status <= 299;
export const isRefusal = (status: number): boolean => status === 401 || status === 403;
export const isOver = (state: Pick<State, 'step'>): boolean =>
  state.step === 'done' || state.step === 'undone';

/** Whether it can still be undone: until the old key is deleted at the vendor, or that was tried. */
export function canRollBack({ step, needs }: Pick<State, 'step' | 'needs'>): boolean {
  if (needs === 'credential_gone') return step !== 'clean_up';
  if (step === 'delete') return needs === 'delete_old_key';
  return ['create', 'probe', 'canary', 'switch', 'overlap', 'deactivate'].includes(step);
}

/** How a rotation begins. */
export function begin(how: State['how'], plan: Plan, at: number): State {
  const state: State = { how, step: 'create', since: at, failed: 0, needs: null, switched: false, plan };
  return how === 'guided' ? { ...state, needs: 'enter_new_key' } : state;
}

/** What an event makes of a state; null: it means nothing there. */
export function next(state: State, event: Event, at: number): Turn | null {
  if (isOver(state)) return null;
  if (event.type === 'person') return toldBy(event.says, state, at);
  if (event.type === 'failed') return failed(state, event.refused, at);
  if (event.type === 'gone') return needing(state, 'credential_gone');
  return ofStep(state, event, at);
}

function ofStep(
  state: State,
  event: Exclude<Event, { type: 'person' | 'failed' | 'gone' }>,
  at: number,
): Turn | null {
  const { step } = state;
  if (step === 'create' && event.type === 'made') return to(state, 'probe', at);
  // Another key in place of one that did not work.
  if (step === 'probe' && event.type === 'made' && state.needs === 'new_key_refused')
    return to(state, 'probe', at);
  if (step === 'probe' && event.type === 'probed') return probed(state, event.status, at);
  if (step === 'canary' && event.type === 'watched') return watchedCanary(state, event, at);
  if ((step === 'switch' || step === 'clean_up') && event.type === 'gateways') {
    if (event.current) return step === 'switch' ? to(state, 'overlap', at) : null;
    return at - state.since < limitOf(state) ? null : needing(state, 'gateways_behind');
  }
  if (step === 'overlap' && event.type === 'watched') return watchedOverlap(state, event, at);
  if (step === 'deactivate' && event.type === 'deactivated') return deactivated(state, event.byHand, at);
  if (step === 'delete' && event.type === 'deleted') return to(state, 'prove', at);
  if (step === 'prove' && event.type === 'old_probed') return proved(state, event.status, at);
  if (step === 'undo' && event.type === 'old_probed') return undone(state, event.status, at);
  if (step === 'clean_up' && event.type === 'cleaned_up') return to(state, 'undone', at, ['drop_next']);
  return null;
}

function to(state: State, step: RotationStep, at: number, acts: Act[] = []): Turn {
  return { state: { ...state, step, since: at, failed: 0, needs: null }, acts };
}

/** A person who has just made a key waits for the answer. */
const GUIDED_PROBE_MS = MINUTE;

function limitOf({ step, how, plan }: State): number {
  if (step === 'probe' && how === 'guided') return GUIDED_PROBE_MS;
  if (step === 'overlap') return plan.overlapMs + plan.lagMs + 60 * MINUTE;
  return LIMIT_MS[step] ?? Number.POSITIVE_INFINITY;
}

/** Back to the old key: which must work, if all went over already. */
function back(state: State, at: number, acts: Act[] = []): Turn {
  return state.switched ? to(state, 'undo', at, acts) : to(state, 'clean_up', at, acts);
}

/** The same step again, which a person must look at. What was said already is not said anew. */
function needing(state: State, need: RotationNeed): Turn | null {
  return state.needs === need ? null : { state: { ...state, needs: need }, acts: [] };
}

function probed(state: State, status: number, at: number): Turn | null {
  if (isSuccess(status)) return to(state, 'canary', at, ['share']);
  // A key that was just made may take a while until all of the vendor knows it.
  if (at - state.since < limitOf(state)) return again(state);
  return needing(state, isRefusal(status) ? 'new_key_refused' : 'vendor_unreachable');
}

const again = (state: State): Turn => ({ state: { ...state, failed: state.failed + 1 }, acts: [] });

interface Watched {
  answered: number;
  refused: number;
  foreign: boolean;
  certain: boolean;
}

/** Real results decide: one refusal of the new key ends it, and all crossings go with the old one again. */
function watchedCanary(state: State, { answered, refused }: Watched, at: number): Turn | null {
  if (refused > 0) return back(state, at, ['stop_share']);
  const { canaryMs, canaryAnswers } = state.plan;
  const passed = at - state.since;
  const isEnough = passed >= canaryMs && answered >= canaryAnswers;
  if (!isEnough && passed < canaryMs * CANARY_PATIENCE) return null;
  return to({ ...state, switched: true }, 'switch', at, ['switch']);
}

function watchedOverlap(state: State, { refused, foreign, certain }: Watched, at: number): Turn | null {
  if (refused > 0) return back(state, at);
  if (foreign) return needing(state, 'old_key_in_use');
  if (state.needs !== null) return null;
  const isQuiet = certain && at - state.since >= Math.max(state.plan.overlapMs, state.plan.lagMs);
  return isQuiet ? to(state, 'deactivate', at) : null;
}

function deactivated(state: State, byHand: boolean, at: number): Turn {
  const turn = to(state, 'delete', at);
  return byHand ? { ...turn, state: { ...turn.state, needs: 'delete_old_key' } } : turn;
}

/** Only a key that the vendor refuses is gone. */
function proved(state: State, status: number, at: number): Turn | null {
  if (isRefusal(status)) return to(state, 'done', at, ['drop_previous']);
  // A vendor may take a while to forget a key; a person who says so waits for the answer.
  if (at - state.since < (state.how === 'api' ? limitOf(state) : MINUTE)) return again(state);
  return needing(state, 'old_key_still_works');
}

/** Nobody is sent back to a key that does not work: a vendor that is down has not said that it does. */
function undone(state: State, status: number, at: number): Turn | null {
  if (isRefusal(status)) return needing(state, 'old_key_dead');
  if (!isSuccess(status)) return failed(state, false, at);
  return to({ ...state, switched: false }, 'clean_up', at, ['switch_back']);
}

function failed(state: State, refused: boolean, at: number): Turn | null {
  const need = refused ? 'vendor_refused' : 'vendor_unreachable';
  if (refused || at - state.since >= limitOf(state)) return needing(state, need);
  return again(state);
}

function toldBy(says: Extract<Event, { type: 'person' }>['says'], state: State, at: number): Turn | null {
  switch (says) {
    case 'roll_back':
      if (!canRollBack(state)) return null;
      if (state.needs === 'credential_gone') return to(state, 'clean_up', at);
      return back(state, at, state.step === 'canary' ? ['stop_share'] : []);
    case 'retry':
      if (state.needs === null || isTask(state.needs)) return null;
      return to(state, state.step, at);
    case 'deleted':
      return state.step === 'delete' && state.needs === 'delete_old_key' ? to(state, 'prove', at) : null;
    case 'go_on':
      return goOn(state, at);
  }
}

const isTask = (need: RotationNeed): boolean => need === 'enter_new_key' || need === 'delete_old_key';

function goOn(state: State, at: number): Turn | null {
  // Requests that are signed can't be tried with one call: crossings tell, and a person.
  if (state.step === 'probe' && state.needs === 'vendor_refused') return to(state, 'canary', at, ['share']);
  if (state.step === 'prove' && state.needs === 'vendor_refused')
    return to(state, 'done', at, ['drop_previous']);
  // Where nobody can say whether the old key works, a person takes it upon themself.
  if (state.step === 'undo' && (state.needs === 'vendor_refused' || state.needs === 'vendor_unreachable'))
    return to({ ...state, switched: false }, 'clean_up', at, ['switch_back']);
  if (state.needs === 'old_key_in_use') return to(state, 'deactivate', at);
  if (state.needs === 'gateways_behind')
    return to(state, state.step === 'switch' ? 'overlap' : state.step, at);
  // Nobody can be asked when the old key was last used: a person takes that upon themself.
  if (state.step === 'overlap' && state.needs !== null) return to(state, 'deactivate', at);
  return null;
}
