import { useSyncExternalStore } from 'react';
import type { Kept, KnownLog, LogCheck, Progress } from './checking.ts';

/** What verifying a log in this tab came to. It goes on, and its result stays, while other pages are looked at. */
export interface Checking {
  running: (Progress & { startedAt: number }) | null;
  result: (LogCheck & { at: number }) | null;
  /** Why it could not be done: nothing about the log. */
  error: unknown;
}

const idle: Checking = { running: null, result: null, error: null };
const all = new Map<string, Checking>();
const cancels = new Map<string, AbortController>();
const listeners = new Set<() => void>();
let wrong: readonly string[] = [];

function become(origin: string, next: Checking): void {
  all.set(origin, next);
  wrong = [...all].filter(([, { result }]) => result?.verdict === 'wrong').map(([name]) => name);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useChecking(origin: string): Checking {
  return useSyncExternalStore(subscribe, () => all.get(origin) ?? idle);
}

/** The origins of logs that did not verify in this tab. */
export function useWrongLogs(): readonly string[] {
  return useSyncExternalStore(subscribe, () => wrong);
}

const keyOf = (origin: string): string => `drawbridge.verified.${origin}`;

/** The tree of this log that this browser verified last. Null where there is none, or where it is not let keep any. */
function keptOf(origin: string): Kept | null {
  try {
    const text = localStorage.getItem(keyOf(origin));
    return text === null ? null : (JSON.parse(text) as Kept);
  } catch {
    // A browser that keeps nothing, or something else under the name: as on the first visit.
    return null;
  }
}

function keep(origin: string, kept: Kept): void {
  try {
    localStorage.setItem(keyOf(origin), JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing: the next time is the first again.
  }
}

export function cancelCheck(origin: string): void {
  cancels.get(origin)?.abort();
}

/** Verifies a log from its first entry on. Resolves when `useChecking` has what it came to. */
export async function startCheck(log: KnownLog): Promise<void> {
  const { origin, verifierKey } = log;
  const controller = new AbortController();
  cancels.set(origin, controller);
  const startedAt = Date.now();
  become(origin, { ...idle, running: { entries: 0, of: null, bytes: 0, startedAt } });
  try {
    const { checkLog } = await import('./checking.ts');
    const result = await checkLog(log, keptOf(origin), controller.signal, (progress) =>
      become(origin, { ...idle, running: { ...progress, startedAt } }),
    );
    const at = Date.now();
    if (result.verdict === 'verified' && result.checkpoint !== null)
      keep(origin, { verifierKey, ...result.checkpoint, at });
    become(origin, { ...idle, result: { ...result, at } });
  } catch (error) {
    become(origin, { ...idle, error: controller.signal.aborted ? null : error });
  }
}
