import { FieldMapError } from './error.ts';
import { parsePath } from './path.ts';
import type { Action } from './treatment.ts';
import type { SubjectRule } from './types.ts';

/**
 * A field map as a deterministic automaton over member names: one look-up per member, however many rules there are.
 * Rules are laid out as a tree of steps first; a state is then the ordered list of tree places that a value's path
 * has reached, the most literal one first.
 */
export class State {
  readonly members = new Map<string, State>();
  /** Where members lead that no rule names. */
  other: State = this;
  element: State = this;
  /** What happens to values here; null: no rule maps them. */
  readonly action: Action | null;
  readonly subject: SubjectRule | null;
  /** The path of a place where a key stands. */
  readonly keyPath: string | null;
  /** Whether rules reach further down; else a container is treated as one. */
  readonly deeper: boolean;

  constructor(action: Action | null, mark: Target | null, deeper: boolean) {
    this.action = action;
    this.subject = mark?.subject ?? null;
    this.keyPath = mark?.key === true ? mark.path : null;
    this.deeper = deeper;
  }
}

/** What a path leads to. */
export interface Target {
  path: string;
  action: Action | null;
  subject: SubjectRule | null;
  key: boolean;
}

interface Place {
  id: number;
  names: Map<string, Place>;
  any: Place | null;
  each: Place | null;
  /** Of a rule that ends in `**` here. */
  rest: Target | null;
  end: Target | null;
}

/** A tree place, or a rule that holds for all that lies below. */
type Reached = { place: Place } | { below: Target };

const MOST_STATES = 20_000;

export function compileAutomaton(targets: readonly Target[]): State {
  let places = 0;
  const newPlace = (): Place => ({
    id: places++,
    names: new Map(),
    any: null,
    each: null,
    rest: null,
    end: null,
  });
  const mapped = newPlace();
  // Subjects and keys have a tree of their own: a more literal rule must not hide them.
  const marked = newPlace();
  for (const target of targets) {
    layOut(target.action === null ? marked : mapped, target, newPlace);
  }
  const ids = new Map<Target, number>(targets.map((target, index) => [target, index]));
  const states = new Map<string, State>();

  const stateOf = (rules: readonly Reached[], marks: readonly Reached[]): State => {
    const key = `${keyOf(rules, ids)}|${keyOf(marks, ids)}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= MOST_STATES) {
      throw new FieldMapError('too_complex', '*', `the map's wildcards make more than ${MOST_STATES} states`);
    }
    const state = new State(
      endOf(rules)?.action ?? null,
      endOf(marks),
      reachesFurther(rules) || reachesFurther(marks),
    );
    states.set(key, state);
    for (const name of new Set([...namesIn(rules), ...namesIn(marks)])) {
      state.members.set(name, stateOf(memberOf(rules, name), memberOf(marks, name)));
    }
    state.other = stateOf(memberOf(rules, null), memberOf(marks, null));
    state.element = stateOf(elementOf(rules), elementOf(marks));
    return state;
  };
  return stateOf([{ place: mapped }], [{ place: marked }]);
}

function layOut(root: Place, target: Target, newPlace: () => Place): void {
  let place = root;
  for (const step of parsePath(target.path)) {
    if (step.take === 'rest') {
      place.rest ??= target;
      return;
    }
    if (step.take === 'name') {
      const next = place.names.get(step.name) ?? newPlace();
      place.names.set(step.name, next);
      place = next;
    } else {
      const next: Place = place[step.take] ?? newPlace();
      place[step.take] = next;
      place = next;
    }
  }
  if (place.end !== null) throw new FieldMapError('bad_path', target.path, 'two rules have this path');
  place.end = target;
}

function memberOf(reached: readonly Reached[], name: string | null): Reached[] {
  return step(reached, (place) => [name === null ? undefined : place.names.get(name), place.any]);
}

function elementOf(reached: readonly Reached[]): Reached[] {
  return step(reached, (place) => [place.each]);
}

/** Where one step leads, most literal first: named, then any, then what holds for all below. */
function step(
  reached: readonly Reached[],
  next: (place: Place) => readonly (Place | null | undefined)[],
): Reached[] {
  const out: Reached[] = [];
  for (const one of reached) {
    if ('below' in one) {
      out.push(one);
      break;
    }
    for (const place of next(one.place)) if (place) out.push({ place });
    const below = one.place.rest ?? inherited(one.place);
    if (below !== null) {
      // Holds for everything from here down: nothing less literal can matter.
      out.push({ below });
      break;
    }
  }
  return out;
}

/** A rule for a container holds for what is in it; a mark (subject, key) is only where it stands. */
function inherited(place: Place): Target | null {
  return place.end !== null && place.end.action !== null ? place.end : null;
}

function endOf(reached: readonly Reached[]): Target | null {
  for (const one of reached) {
    const target = 'below' in one ? one.below : one.place.end;
    if (target !== null) return target;
  }
  return null;
}

function reachesFurther(reached: readonly Reached[]): boolean {
  return reached.some(
    (one) =>
      'place' in one &&
      (one.place.names.size > 0 ||
        one.place.any !== null ||
        one.place.each !== null ||
        one.place.rest !== null),
  );
}

function* namesIn(reached: readonly Reached[]): Generator<string> {
  for (const one of reached) if ('place' in one) yield* one.place.names.keys();
}

function keyOf(reached: readonly Reached[], ids: ReadonlyMap<Target, number>): string {
  return reached.map((one) => ('place' in one ? `${one.place.id}` : `b${ids.get(one.below)}`)).join(',');
}
