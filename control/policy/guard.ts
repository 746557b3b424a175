import { Problem } from '../platform/index.ts';
import { actSet, crossingSet, type Named } from './engine.ts';
import { actFactsOf, crossingFactsOf } from './example-facts.ts';
import { type Example, weekdays } from './examples.ts';
import type { ExampleResult } from './schemas.ts';

/** Somebody who may change policies. */
export interface Keeper {
  id: string;
  roles: readonly string[];
}

type WithExamples = Named & { examples: readonly Example[] };

/** What becomes of the examples of all these policies while all of them are in force. */
export function runExamples(policies: readonly WithExamples[]): ExampleResult[] {
  const crossings = crossingSet(policies);
  const acts = actSet(policies);
  return policies.flatMap(({ name, examples }) =>
    examples.map((example, index): ExampleResult => {
      const by =
        'crossing' in example
          ? crossings.deniedBy(crossingFactsOf(example.crossing))
          : acts.deniedBy(actFactsOf(example.act));
      const { must, says } = example;
      const holds = must === 'allowed' ? by.length === 0 : by.includes(name);
      return { policy: name, example: index, says, must, holds, by };
    }),
  );
}

const MOST_NAMED = 3;

/**
 * Throws Problem 409 `example_fails` where an example would not hold with these policies in force, and `locks_out` where
 * none of the keepers could ever change a policy again.
 */
export function expectHeld(policies: readonly WithExamples[], keepers: readonly Keeper[]): void {
  const failing = runExamples(policies).filter(({ holds }) => !holds);
  if (failing.length > 0) {
    const named = failing.slice(0, MOST_NAMED).map(sentence).join(' ');
    const more = failing.length - MOST_NAMED;
    throw new Problem(
      409,
      'example_fails',
      `It was not put in force, as ${failing.length === 1 ? 'an example' : `${failing.length} examples`} would not hold. ${named}${more > 0 ? ` And ${more} more.` : ''} Change the policy or the example.`,
      undefined,
      { results: failing },
    );
  }
  if (locksOut(policies, keepers)) {
    throw new Problem(
      409,
      'locks_out',
      'It was not put in force, as nobody who may change policies could ever change one again, at no hour of the week. Leave "policy.change" to somebody.',
    );
  }
}

function sentence({ policy, says, must, by }: ExampleResult): string {
  const come =
    by.length === 0 ? 'nothing denies it' : `${by.join(' and ')} ${by.length === 1 ? 'denies' : 'deny'} it`;
  return `“${says}” of ${policy} must be ${must}, and ${come}.`;
}

/** Who is asked where nobody has come yet: an owner, as the first person is one. */
const FIRST: readonly Keeper[] = [{ id: 'person:first', roles: ['owner'] }];
const MOST_KEEPERS = 25;

function locksOut(policies: readonly Named[], keepers: readonly Keeper[]): boolean {
  const acts = actSet(policies);
  if (acts.isEmpty) return false;
  const asked = (keepers.length === 0 ? FIRST : keepers).slice(0, MOST_KEEPERS);
  const may = (keeper: Keeper, hour: number, weekday: (typeof weekdays)[number]): boolean =>
    acts.deniedBy({
      principal: { kind: 'person', ...keeper },
      action: 'policy.change',
      resource: { kind: 'deployment' },
      hour,
      weekday,
      level: 2,
      steppedUp: true,
    }).length === 0;
  // Working hours first: there it is allowed nearly always, and one answer is enough.
  const hours = Array.from({ length: 24 }, (_, hour) => (hour + 10) % 24);
  return !hours.some((hour) =>
    weekdays.some((_, day) => {
      const weekday = weekdays[(day + 2) % 7];
      return weekday !== undefined && asked.some((keeper) => may(keeper, hour, weekday));
    }),
  );
}
