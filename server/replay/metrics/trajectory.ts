import type { StoredPerson } from '@drawbridge/standins';
import { unicity } from './unicity.ts';

/** What order and timing of events still tell, whatever names the events have. */
export interface Trajectories {
  /** Share of people whose sequence of event names is nobody else's. */
  sequence: number;
  /** The same with the minute of each event. */
  timed: number;
}

/** The vendor's own bookkeeping (`$identify`, `$create_alias`) is not part of a trajectory. */
function steps(person: StoredPerson): StoredPerson['events'] {
  return person.events.filter((event) => !event.event.startsWith('$'));
}

/** Trajectory unicity of all that a vendor holds. */
export function trajectories(people: readonly StoredPerson[]): Trajectories {
  return {
    sequence: unicity(people.map((person) => JSON.stringify(steps(person).map(({ event }) => event)))),
    timed: unicity(
      people.map((person) =>
        JSON.stringify(steps(person).map(({ event, time }) => [event, Math.floor(time / 60)])),
      ),
    ),
  };
}
