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

/** Visitors per page: enough that a page's start is paid, few enough that progress is seen. */
const PAGE_LOAD = 60;
/** Pages at a time: the SDK waits more than it works. */
const PAGES = 4;

/** People who use one browser, in lots of a page each. */
function pagesOf(scenario: Scenario, people: readonly Person[]): { browser: number; people: Person[] }[] {
  const pages: { browser: number; people: Person[] }[] = [];
  for (const browser of scenario.browsers.keys()) {
    const users = people.filter((person) => person.browser === browser);
    for (let at = 0; at < users.length; at += PAGE_LOAD) {
      pages.push({ browser, people: users.slice(at, at + PAGE_LOAD) });
    }
  }
  return pages.sort((a, b) => b.people.length - a.people.length);
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
  const playPage = async (browser: number, people: readonly Person[]): Promise<void> => {
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
  await playPage(first.browser, [first]);
  await playServerSide(targets.server, [first], [], begin);
  await inParallel(pagesOf(scenario, others), PAGES, (page) => playPage(page.browser, page.people));
  await playServerSide(targets.server, others, population.organisations, begin);
  await playAi(targets.ai, population.people);
}
