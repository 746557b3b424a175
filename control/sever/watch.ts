import type { Platform } from '../platform/index.ts';
import { noteAcknowledged } from './acknowledged.ts';
import { destroyAsked, endDue, type SeverDeps } from './severances.ts';

const TICK_MS = 1_000;

export interface SeverWatch {
  stop(): Promise<void>;
}

/**
 * Opens what is to open by time, finishes what a crash left, and notes what gateways say. What it does not get to stays cut
 * off: it never has to run for something to stay shut.
 */
export function watchSeverances(deps: SeverDeps, tickMs = TICK_MS): SeverWatch {
  const { platform } = deps;
  let stopped = false;
  let poked = false;
  let wake: () => void = () => undefined;
  const unsubscribe = platform.events.subscribe((topic) => {
    if (topic !== 'gateways' && topic !== 'severances') return;
    poked = true;
    wake();
  });
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, tickMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async () => {
    while (!stopped) {
      poked = false;
      await turn(platform, deps);
      if (!poked && !stopped) await pause();
    }
  };
  const running = loop();
  return {
    async stop() {
      stopped = true;
      unsubscribe();
      wake();
      await running;
    },
  };
}

/** Each step by itself: a vault that is away must not keep a severance from being opened, nor from being seen in force. */
async function turn(platform: Platform, deps: SeverDeps): Promise<void> {
  const steps = [() => noteAcknowledged(platform), () => endDue(deps), () => destroyAsked(deps)];
  for (const step of steps) {
    await step().catch((error: unknown) => {
      platform.log.error({ err: error }, 'a step of the severances failed; it is tried again');
    });
  }
}
