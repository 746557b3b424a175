import { setTimeout as wait } from 'node:timers/promises';

/** Generous, as machines are slow at times: what is right is there long before. */
const DEADLINE_MS = 60_000;
const LONGEST_PAUSE_MS = 250;

/**
 * Asks again and again until `enough` says so, and gives the last answer. Past the deadline it gives what there is, so
 * that the assertion that follows shows it.
 */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  enough: (value: T) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const value = await ask();
    if (enough(value) || performance.now() > deadline) return value;
    await wait(pause);
  }
}
