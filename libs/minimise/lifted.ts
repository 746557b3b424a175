import { Observations, type Tally } from './observations.ts';
import type { Action } from './treatment.ts';
import type { Keyed, Shape, TreatmentName } from './types.ts';

/** How far a contract does not hold. */
export interface Lift {
  /** `refusals`: what it refuses is dropped instead. `all`: values stay as they are. */
  what: 'refusals' | 'all';
  /** Classes for which it holds all the same, refusals too. */
  holds: (fieldClass: string) => boolean;
}

/**
 * Observations of a contract that is lifted: items and tally say what was done, and `would` what the contract would
 * have done where that is something else. Both are taken from one walk, so that they speak of the same values.
 */
export class LiftedObservations extends Observations {
  private readonly lift: Lift;
  private readonly wouldBe: [string, TreatmentName, number][] = [];
  private readonly byContract: [string, TreatmentName, number][] = [];

  /** `reveal`: review hashes whose names are to be sent along. */
  constructor(keyed: Keyed, reveal: ReadonlySet<string>, lift: Lift) {
    super(keyed, reveal);
    this.lift = lift;
  }

  override count(action: Action, treatment: TreatmentName, shape: Shape): void {
    this.instead(action, treatment, this.leaves(action) ? 'pass' : treatment, shape);
  }

  /** `done`: what was done instead. Throws FieldRefusedError where the class is one for which the contract holds. */
  override refuse(
    action: Action,
    shape: Shape,
    done: TreatmentName = this.leaves(action) ? 'pass' : 'drop',
  ): void {
    if (this.lift.holds(action.class)) super.refuse(action, shape);
    this.instead(action, 'refuse', done, shape);
  }

  /** Counts a value with which something else was done than the contract would have. */
  instead(action: Action, would: TreatmentName, done: TreatmentName, shape: Shape): void {
    super.count(action, done, shape);
    add(this.byContract, action.class, would);
    if (would !== done) add(this.wouldBe, action.class, would);
  }

  override leaves(action: Action): boolean {
    return this.lift.what === 'all' && !this.lift.holds(action.class);
  }

  override get changesNothing(): boolean {
    return this.lift.what === 'all';
  }

  /** What the contract would have done, where that is not what was done. */
  would(): readonly Tally[] {
    return this.wouldBe;
  }

  /** The tally as it would be if the contract held; what it refuses is counted as `refuse`. */
  contractTally(): readonly Tally[] {
    return this.byContract;
  }
}

function add(rows: [string, TreatmentName, number][], fieldClass: string, treatment: TreatmentName): void {
  const row = rows.find((one) => one[0] === fieldClass && one[1] === treatment);
  if (row === undefined) rows.push([fieldClass, treatment, 1]);
  else row[2]++;
}
