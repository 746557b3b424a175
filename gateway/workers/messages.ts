import type { Grant, Limit, Unused } from '@drawbridge/leases';
import type { MetricValues } from '../metrics.ts';
import type { WorkerStatus } from '../status.ts';

/** What a worker says to its supervisor. */
export type FromWorker =
  | { say: 'ready'; status: WorkerStatus }
  | { say: 'status'; status: WorkerStatus }
  | { say: 'lease'; id: number; name: string; limit: Limit; left: number; leftEnds: number }
  | { say: 'unused'; unused: Unused[] }
  | { say: 'metrics'; id: number; values: MetricValues }
  | { say: 'all-metrics'; id: number }
  /** It has given up its port and its journal, and leaves when it is told to. */
  | { say: 'done' };

/** What a supervisor says to a worker. */
export type ToWorker =
  | { say: 'granted'; id: number; grant: Grant | null }
  | { say: 'metrics'; id: number }
  | { say: 'all-metrics'; id: number; text: string }
  | { say: 'reload' }
  /** Another one has taken its place. */
  | { say: 'drain' }
  | { say: 'leave' };
