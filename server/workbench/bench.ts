import { Worker } from 'node:worker_threads';
import type { Bench, LookedFor, Tried } from '@drawbridge/control';
import { type Handed, type Job, type Outcome, READY } from './jobs.ts';

export interface RunningBench extends Bench {
  stop(): Promise<void>;
}

type Failed = Exclude<Tried, { run: unknown }>;

interface Waiting {
  job: Job;
  own: LookedFor['own'];
  done: (outcome: Outcome) => void;
}

const LONGEST_MS = 5_000;
/** For the thread to start, or to take in what the organisation itself knows, on a machine with much else to do. */
const START_MS = 30_000;
/** Beside the one that is being tried. */
const MOST_WAITING = 16;
const MOST_MEGABYTES = 256;

const tooSlow: Failed = {
  problem: 'too_slow',
  message: `The sample takes longer to try than ${LONGEST_MS / 1000} seconds, or more memory than is let. Try a part of it.`,
};
const busy: Failed = {
  problem: 'busy',
  message: 'Other samples are being tried just now. Try again in a moment.',
};

/**
 * Tries samples one after the other in a thread of its own, which begins with the first: a sample that takes too long, or too
 * much memory, ends the thread and nothing else. `longestMs`: of one sample.
 */
export function startBench(longestMs: number = LONGEST_MS): RunningBench {
  const waiting: Waiting[] = [];
  let thread: Worker | null = null;
  let isReady = false;
  /** What of the organisation's own the thread has. */
  let held: string | null = null;
  let current: Waiting | null = null;
  let timer: NodeJS.Timeout | null = null;

  function settle(outcome: Outcome): void {
    const done = current?.done;
    current = null;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    done?.(outcome);
    next();
  }

  function end(): Promise<unknown> {
    const ended = thread;
    thread = null;
    isReady = false;
    held = null;
    ended?.removeAllListeners();
    // What it still says is not heard, and must not end this process.
    ended?.on('error', () => undefined);
    return ended?.terminate() ?? Promise.resolve();
  }

  function started(): Worker {
    const made = new Worker(new URL('./thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
      env: {},
    });
    made.unref();
    made.on('message', (message: Outcome | typeof READY) => {
      if (message !== READY) settle(message);
      else {
        isReady = true;
        if (current !== null) begin(current);
      }
    });
    made.on('error', () => {
      void end();
      settle(tooSlow);
    });
    return made;
  }

  function next(): void {
    if (current !== null) return;
    const one = waiting.shift();
    if (one === undefined) return;
    current = one;
    thread ??= started();
    if (isReady) begin(one);
    else giveUpAfter(START_MS);
  }

  function begin({ job, own }: Waiting): void {
    if (own.name === held) {
      giveUpAfter(longestMs);
      thread?.postMessage(job satisfies Handed);
      return;
    }
    // Megabytes: handed over once. The thread says when it is ready again.
    held = own.name;
    isReady = false;
    giveUpAfter(START_MS);
    thread?.postMessage({ do: 'know', own } satisfies Handed);
  }

  function giveUpAfter(ms: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      void end();
      settle(tooSlow);
    }, ms);
  }

  function give(job: Job, own: LookedFor['own']): Promise<Outcome> {
    if (waiting.length >= MOST_WAITING) return Promise.resolve(busy);
    return new Promise((done) => {
      waiting.push({ job, own, done });
      next();
    });
  }

  return {
    async tryRequest({ own, ...given }) {
      const outcome = await give({ do: 'try', given }, own);
      if ('made' in outcome) throw new Error('the thread gave another answer than was asked for');
      return outcome;
    },
    async makeUp({ own, ...given }) {
      const outcome = await give({ do: 'make_up', given }, own);
      if ('run' in outcome) throw new Error('the thread gave another answer than was asked for');
      return outcome;
    },
    async stop() {
      for (const { done } of waiting.splice(0)) done(busy);
      if (timer !== null) clearTimeout(timer);
      current?.done(busy);
      current = null;
      await end();
    },
  };
}
