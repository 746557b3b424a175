import type { Person, Population } from '../population/person.ts';
import type { Scenario } from '../scenario.ts';
import { type AiTarget, playAi } from './ai.ts';
import { inParallel } from './parallel.ts';
import type { MixpanelTarget, SdkRunner } from './runner.ts';
import { playServerSide, type ServerTarget } from './server-side.ts';
import { visitorOf } from './visitor.ts';

/** Where one pass sends to. */
export interface Targets {
  browser: MixpanelTarget;
  server: ServerTarget;
  ai: AiTarget;
}

/** Visitors per call into a page: few enough that progress is seen. */
const LOT = 40;
/** Pages that are busy at a time: the SDK waits more than it works. */
const PAGES = 4;

/** People by the browser they use, the most used first, in lots. */
function lotsByBrowser(people: readonly Person[]): { browser: number; lots: Person[][] }[] {
  const users = [...Map.groupBy(people, (person) => person.browser)];
  return users
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([browser, all]) => {
      const lots: Person[][] = [];
      for (let at = 0; at < all.length; at += LOT) lots.push(all.slice(at, at + LOT));
      return { browser, lots };
    });
}

/**
 * Plays the whole population once. The first person goes first and alone, browser then backend, so that their known
 * journey stands at the beginning of what the vendor gets. `progress` is told how many people are through.
 */
export async function playAll(
  scenario: Scenario,
  population: Population,
  targets: Targets,
  runner: SdkRunner,
  begin: number,
  progress: (done: number, of: number) => void,
): Promise<void> {
  const [first, ...others] = population.people;
  if (first === undefined) return;
  let through = 0;
  const playLot = async (browser: number, people: readonly Person[]): Promise<void> => {
    const kind = scenario.browsers[browser];
    if (kind === undefined) throw new RangeError(`the scenario has no browser ${browser}`);
    await runner.play(
      kind,
      targets.browser,
      people.map((person) => visitorOf(person, begin)),
    );
    through += people.length;
    progress(through, population.people.length);
  };
  await playLot(first.browser, [first]);
  await playServerSide(targets.server, [first], [], begin);
  await inParallel(lotsByBrowser(others), PAGES, async ({ browser, lots }) => {
    for (const lot of lots) await playLot(browser, lot);
  });
  await playServerSide(targets.server, others, population.organisations, begin);
  await playAi(targets.ai, population.people);
}
