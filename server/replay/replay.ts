import { fileURLToPath } from 'node:url';
import { findChromium, startChromium } from './drive/browser.ts';
import { startNodeWindows } from './drive/node-window.ts';
import type { SdkRunner } from './drive/runner.ts';
import { type KnownValues, knownValuesOf } from './metrics/known.ts';
import { type PassResult, passResult, vendorFunnel } from './metrics/result.ts';
import { stringsOf } from './metrics/strings.ts';
import { pseudonymTest } from './metrics/unicity.ts';
import { problemsOf } from './metrics/verdict.ts';
import { type Pass, preparePass } from './passes.ts';
import { type Distribution, distributionsOf } from './population/distributions.ts';
import type { Population } from './population/person.ts';
import { makePopulation } from './population/population.ts';
import { recordsOf } from './records.ts';
import { type Example, exampleOf } from './report/example.ts';
import { readScenario, type Scenario } from './scenario.ts';
import { Stops } from './stops.ts';
import { startThrowaway, type Throwaway } from './throwaway.ts';

const scenarioFile = fileURLToPath(new URL('../../packs/scenarios/mixpanel-2025.yaml', import.meta.url));

/** What a replay found: keys in this order in JSON. Shares are from 0 to 1. */
export interface ReplayResult {
  asIs: PassResult;
  minimised: PassResult;
  /** People who came as far as each of `funnelSteps`, as the vendor counts them. */
  funnel: { asIs: number[]; minimised: number[] };
  /** Requests that reached the vendors, both passes. */
  crossings: number;
  /** Forwarded crossings that the journals hold. */
  journalRecords: number;
  funnelSteps: string[];
  people: number;
  /** Sentences about what should have been shown and was not. */
  problems: string[];
  scenario: Pick<Scenario, 'id' | 'title' | 'summary' | 'source' | 'as_of' | 'seed' | 'facts'>;
  population: Distribution[];
  /** What ran the browser SDK. */
  browserSdk: SdkRunner['kind'];
  /** One person whom the thief has in both, values of the first masked. */
  example: Example;
  playedAt: string;
  seconds: number;
}

export interface PlayOptions {
  /** Instead of the scenario's number. */
  people?: number | undefined;
  /** What runs the browser SDK; Chromium where it is found if left out. */
  browserSdk?: SdkRunner['kind'];
  /** Told what is being done, in one line. */
  log: (line: string) => void;
  /** Told all that the throw-away deployment logs. */
  keepLog?: (text: string) => void;
  /** Looks at the throw-away deployment when all was played, before it is stopped and removed. */
  inspect?: (throwaway: Throwaway) => Promise<void>;
  /** Ends the replay early: everything is stopped and removed, and the reason is thrown. */
  signal?: AbortSignal | undefined;
}

async function startRunner({ browserSdk, log }: PlayOptions): Promise<SdkRunner> {
  if (browserSdk === 'node') return startNodeWindows();
  const chromium = await findChromium();
  if (chromium !== null) return startChromium(chromium);
  log('No Chromium found: the browser SDK runs under Node. (CHROMIUM_PATH says where one is.)');
  return startNodeWindows();
}

function figuresOf(
  passes: { asIs: Pass; minimised: Pass },
  population: Population,
): Pick<ReplayResult, 'asIs' | 'minimised' | 'funnel'> & { example: Example } {
  const known: KnownValues = knownValuesOf(population);
  const stolen = (pass: Pass) => ({ mixpanel: pass.mixpanel.store, openai: pass.openai.calls });
  const [asIs, minimised] = [stolen(passes.asIs), stolen(passes.minimised)];
  const sent = stringsOf(asIs.mixpanel.people().map(({ ids, profile, events }) => [ids, profile, events]));
  const [first] = population.people;
  if (first === undefined) throw new RangeError('a replay needs at least one person');
  return {
    asIs: passResult(asIs, population, known, () => false),
    minimised: passResult(minimised, population, known, pseudonymTest(sent)),
    funnel: {
      asIs: vendorFunnel(asIs.mixpanel, first, population.funnel),
      minimised: vendorFunnel(minimised.mixpanel, first, population.funnel),
    },
    example: exampleOf(asIs.mixpanel, minimised.mixpanel),
  };
}

/**
 * Plays the incident twice, once with contracts as is and once with the recommended ones, in a throw-away deployment,
 * and says what a theft of the vendors' whole stores gives away. Throws what kept it from being played.
 */
export async function playReplay(options: PlayOptions): Promise<ReplayResult> {
  const { people, log, signal } = options;
  const started = performance.now();
  const scenario = await readScenario(scenarioFile);
  const population = makePopulation(scenario, people);
  const stops = new Stops();
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const unlessAborted = <T>(work: Promise<T>): Promise<T> =>
    signal === undefined ? work : Promise.race([work, aborted]);

  const play = async (): Promise<ReplayResult> => {
    log('Starting a throw-away deployment, with a database and keys of its own');
    const throwaway = await startThrowaway(options.keepLog);
    stops.add(() => throwaway.stop());
    signal?.throwIfAborted();
    const runner = await startRunner(options);
    stops.add(() => runner.stop());
    const begin = Math.floor(Date.now() / 1000) - 4 * 24 * 3600;
    const prepare = async (contract: 'as_is' | 'recommended'): Promise<Pass> => {
      const pass = await preparePass(throwaway, contract, scenario, population, runner.origin, begin);
      stops.add(() => pass.stop());
      return pass;
    };
    const passes = { asIs: await prepare('as_is'), minimised: await prepare('recommended') };
    await throwaway.settled();
    for (const [pass, words] of [
      [passes.asIs, 'as is'],
      [passes.minimised, 'minimised'],
    ] as const) {
      signal?.throwIfAborted();
      await pass.play(runner, (done, of) => log(`Playing ${words}: ${done} of ${of} people`));
    }
    const crossings = passes.asIs.received() + passes.minimised.received();
    log(`Counting the journal's records of ${crossings} crossings`);
    const journalRecords = await recordsOf(throwaway, crossings);
    await options.inspect?.(throwaway);
    log('Taking all that the vendors hold');
    const { example, ...figures } = figuresOf(passes, population);
    const judged = { ...figures, crossings, journalRecords, people: population.people.length };
    const { id, title, summary, source, as_of, seed, facts } = scenario;
    return {
      ...figures,
      crossings,
      journalRecords,
      funnelSteps: population.funnel,
      people: population.people.length,
      problems: problemsOf(judged),
      scenario: { id, title, summary, source, as_of, seed, facts },
      population: distributionsOf(scenario, population),
      browserSdk: runner.kind,
      example,
      playedAt: new Date().toISOString(),
      seconds: Math.round((performance.now() - started) / 1000),
    };
  };

  const playing = play();
  try {
    return await unlessAborted(playing);
  } finally {
    await stops.all();
    // Interrupted in the middle: what it fails of now is that everything under it was stopped.
    await playing.catch(() => undefined);
    await stops.all();
  }
}
