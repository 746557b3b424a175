import type { Logger } from 'pino';

/** Ctrl-C reaches this process several ways at once (terminal, npm, launcher): what follows this soon is the same one. */
const SAME_INTERRUPT_MS = 1_500;

/** Resolves at the first signal; a later one, not the same key press, ends the process at once. */
export function interrupted(log: Logger): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let first: number | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (first === null) {
        first = now;
        resolve(signal);
      } else if (now - first > SAME_INTERRUPT_MS) {
        log.warn('stopped at once, as asked a second time');
        process.exit(130);
      }
    });
  }
  return promise;
}
