import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Topic } from './queries.ts';

/** Whether changes arrive by themselves, and since when they do not. */
export interface Liveness {
  state: 'connecting' | 'live' | 'lost';
  since: number;
}

/** A busy gateway reports many crossings a second: what is shown is read again at most this often. */
const refreshEvery = 1000;

let liveness: Liveness = { state: 'connecting', since: Date.now() };
const changedAt = new Map<Topic, number>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function become(state: Liveness['state']): void {
  if (liveness.state === state) return;
  liveness = { state, since: Date.now() };
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLiveness(): Liveness {
  return useSyncExternalStore(subscribe, () => liveness);
}

/** When a change of this topic was last reported, in milliseconds since 1970; 0 if never. */
export function useChangedAt(topic: Topic): number {
  return useSyncExternalStore(subscribe, () => changedAt.get(topic) ?? 0);
}

function isStale(meta: Record<string, unknown> | undefined, changed: ReadonlySet<Topic>): boolean {
  const topics = meta?.topics;
  return Array.isArray(topics) && topics.some((topic: Topic) => changed.has(topic));
}

/** Listens for changes and makes the answers they touch stale. Returns how to stop. */
export function listen(client: QueryClient): () => void {
  const changed = new Set<Topic>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function refresh(): void {
    timer = undefined;
    const topics = new Set(changed);
    changed.clear();
    for (const topic of topics) changedAt.set(topic, Date.now());
    tell();
    void client.invalidateQueries({ predicate: (query) => isStale(query.meta, topics) });
  }

  const source = new EventSource('/api/v1/events');
  source.addEventListener('open', () => {
    // What changed while nothing was heard is unknown: read everything that is shown again.
    if (liveness.state === 'lost') void client.invalidateQueries();
    become('live');
  });
  source.addEventListener('error', () => become('lost'));
  source.addEventListener('change', (event) => {
    const { topic } = JSON.parse(String(event.data)) as { topic: Topic };
    changed.add(topic);
    timer ??= setTimeout(refresh, refreshEvery);
  });

  return () => {
    source.close();
    clearTimeout(timer);
    become('connecting');
  };
}
