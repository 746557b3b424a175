import type { ReceivedRequest } from './received.ts';

/** What a stand-in does with a request instead of answering it at once and well. */
export type Behaviour =
  /** Answers with this, whatever was asked. */
  | { do: 'answer'; status: number; body?: string; headers?: Readonly<Record<string, string>> }
  /** Answers as usual, after so many milliseconds. */
  | { do: 'delay'; ms: number }
  /** Answers as usual, once `release()` of the scripted step is called. */
  | { do: 'hold' }
  /** Destroys the connection without an answer. */
  | { do: 'drop' }
  /** Begins a streamed answer, then destroys the connection after so many events (default 2). Plain answers: as `drop`. */
  | { do: 'drop_mid_stream'; afterEvents?: number }
  /** Begins a streamed answer, pauses after so many events (default 1) until `release()`. Plain answers: as `hold`. */
  | { do: 'hold_mid_stream'; afterEvents?: number };

/** One scripted step: who met it, and the way to let held ones go on. */
export interface ScriptedStep {
  /** Requests that met this step, in order. */
  readonly arrivals: readonly ReceivedRequest[];
  /** Resolves once `count` requests (default 1) have met this step. */
  arrived(count?: number): Promise<void>;
  /** Lets requests held by this step go on, those to come included. */
  release(): void;
}

interface Step {
  behaviour: Behaviour;
  match: (request: ReceivedRequest) => boolean;
  left: number;
  arrivals: ReceivedRequest[];
  waiting: { count: number; resolve: () => void }[];
  released: Promise<void>;
}

/** What a request that met a step has to do. */
export interface Met {
  behaviour: Behaviour;
  released: Promise<void>;
}

/** The scripted behaviours of one stand-in. Steps are tried in the order they were added; one request meets one step. */
export class Script {
  readonly #steps: Step[] = [];
  readonly #releases = new Set<() => void>();

  /** Adds a step for the next `times` requests (default 1) that `match` (default: all). */
  add(
    behaviour: Behaviour,
    when: { match?: (request: ReceivedRequest) => boolean; times?: number } = {},
  ): ScriptedStep {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    this.#releases.add(release);
    const step: Step = {
      behaviour,
      match: when.match ?? (() => true),
      left: when.times ?? 1,
      arrivals: [],
      waiting: [],
      released,
    };
    this.#steps.push(step);
    return {
      arrivals: step.arrivals,
      arrived: (count = 1) =>
        step.arrivals.length >= count
          ? Promise.resolve()
          : new Promise((resolve) => step.waiting.push({ count, resolve })),
      release,
    };
  }

  /** The step that this request meets, if any; counts it. */
  meet(request: ReceivedRequest): Met | null {
    const step = this.#steps.find((one) => one.left > 0 && one.match(request));
    if (step === undefined) return null;
    step.left -= 1;
    step.arrivals.push(request);
    for (const waiter of step.waiting) if (step.arrivals.length >= waiter.count) waiter.resolve();
    return { behaviour: step.behaviour, released: step.released };
  }

  /** Forgets every step and lets everything held go on. */
  clear(): void {
    this.#steps.length = 0;
    for (const release of this.#releases) release();
    this.#releases.clear();
  }
}
