import type { Platform } from './platform.ts';

/** Work that is done again and again beside answering. */
export interface Loop {
  /** There may be something to do: look at once. */
  poke(): void;
  /** Waits for the turn in hand. */
  stop(): Promise<void>;
}

/** Takes a turn, waits `tickMs` or until it is poked, and takes the next. A turn that throws is logged as `says`, and tried again. */
export function startLoop(
  { log }: Pick<Platform, 'log'>,
  says: string,
  turn: () => Promise<unknown>,
  tickMs: number,
): Loop {
  let isStopped = false;
  let wake: () => void = () => undefined;
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      // Made before the turn: a poke meanwhile is not lost.
      const { promise: woken, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await turn().catch((error: unknown) => log.error({ err: error }, says));
      if (isStopped) return;
      const timer = setTimeout(resolve, tickMs);
      await woken;
      clearTimeout(timer);
    }
  };
  const running = loop();
  return {
    poke: () => wake(),
    async stop() {
      isStopped = true;
      wake();
      await running;
    },
  };
}
