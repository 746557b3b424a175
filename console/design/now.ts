import { useSyncExternalStore } from 'react';

/** One clock for all relative times on a page: they move together, once every five seconds. */
const everyMillis = 5000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, everyMillis);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** Milliseconds since 1970, moving in steps of five seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
