/** What changed, for those who watch (live pages, the snapshot compiler). Never what it changed to. */
export type Topic =
  | 'connections'
  | 'keys'
  | 'policies'
  | 'crossings'
  | 'exposure'
  | 'review'
  | 'gateways'
  | 'changes'
  | 'alarms'
  | 'canaries'
  | 'rotations'
  | 'leaks'
  | 'discovery'
  | 'residency'
  | 'register'
  | 'egress'
  | 'chain'
  | 'coverage'
  | 'incidents'
  | 'messages'
  | 'severances';

export interface Events {
  /** Tells all listeners; a listener that throws does not keep others from hearing. */
  publish(topic: Topic): void;
  /** Returns what ends the listening. */
  subscribe(listener: (topic: Topic) => void): () => void;
}

export function createEvents(onError: (error: unknown) => void): Events {
  const listeners = new Set<(topic: Topic) => void>();
  return {
    publish(topic) {
      for (const listener of listeners) {
        try {
          listener(topic);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
