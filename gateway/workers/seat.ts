import type { Grant, Limit } from '@drawbridge/leases';
import type { LeaseDesk } from '../budget/index.ts';
import type { MetricValues } from '../metrics.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** A worker's place beside others: what it has of its supervisor. */
export interface Seat {
  slot: number;
  desk: LeaseDesk;
  /** Prometheus text of all workers. */
  allMetrics(): Promise<string>;
  say(message: FromWorker): void;
  /** Answers what the supervisor asks. */
  serve(worker: { metrics(): Promise<MetricValues>; reload(): void; drain(): void }): void;
  /** Settles when the supervisor has heard all that was said, and hands no connection over any more. */
  leave(): Promise<void>;
}

/** How long a supervisor may take to answer. */
const ANSWER_MS = 5_000;

class SupervisorSilent extends Error {
  readonly code = 'supervisor_silent';
  constructor() {
    super('The supervisor did not answer.');
    this.name = 'SupervisorSilent';
  }
}

/** The seat of this process, which a supervisor forked. */
export function takeSeat(slot: number): Seat {
  const waiting = new Map<
    number,
    { resolve: (value: Grant | string) => void; reject: (cause: Error) => void }
  >();
  const left = Promise.withResolvers<void>();
  let served: Parameters<Seat['serve']>[0] | null = null;
  let questions = 0;

  function say(message: FromWorker): void {
    if (process.connected) process.send?.(message);
  }

  function ask<T extends Grant | string>(question: (id: number) => FromWorker): Promise<T> {
    const id = ++questions;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new SupervisorSilent())), ANSWER_MS).unref();
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        waiting.delete(id);
        how();
      };
      waiting.set(id, {
        resolve: (value) => settle(() => resolve(value as T)),
        reject: (cause) => settle(() => reject(cause)),
      });
      say(question(id));
    });
  }

  function hear(message: ToWorker): void {
    switch (message.say) {
      case 'granted': {
        const question = waiting.get(message.id);
        if (message.grant === null) question?.reject(new SupervisorSilent());
        else question?.resolve(message.grant);
        return;
      }
      case 'all-metrics':
        waiting.get(message.id)?.resolve(message.text);
        return;
      case 'metrics':
        void served?.metrics().then((values) => say({ say: 'metrics', id: message.id, values }));
        return;
      case 'reload':
        served?.reload();
        return;
      case 'drain':
        served?.drain();
        return;
      case 'leave':
        left.resolve();
    }
  }
  process.on('message', hear);

  return {
    slot,
    say,
    desk: {
      lease: (name: string, limit: Limit, unused: number, leftEnds: number) =>
        ask<Grant>((id) => ({ say: 'lease', id, name, limit, left: unused, leftEnds })),
      giveBack: (unused) => say({ say: 'unused', unused: [...unused] }),
      close: async () => undefined,
    },
    allMetrics: () => ask<string>((id) => ({ say: 'all-metrics', id })),
    serve(worker) {
      served = worker;
    },
    async leave() {
      say({ say: 'done' });
      if (!process.connected) return;
      process.once('disconnect', () => left.resolve());
      await left.promise;
    },
  };
}
