import type { LogProblem } from '@drawbridge/protocol';
import type { JournalState } from './journal/index.ts';
import type { RefusedSnapshot } from './snapshot/index.ts';
import type { TlsState } from './tls.ts';

/** What one worker says of itself. */
export interface WorkerStatus {
  /** The version in force; 0 for none. */
  snapshotVersion: number;
  /** The version that it would not take; null when there is none. */
  refused: RefusedSnapshot | null;
  journal: JournalState;
  tls: TlsState | null;
}

/** What the control plane is told of a gateway: all its workers together. */
export interface GatewayStatus {
  /** The oldest version that a worker serves from: a version counts as applied when every worker has it. */
  snapshotVersion: number;
  /** The newest version that a worker would not take, since when the first of them would not. */
  refused: RefusedSnapshot | null;
  /** Numbers of entries over all logs, also of those that nobody writes any more. */
  journal: { durable: number; shipped: number; behind: number; problem: string | null };
  /** Entries that no checkpoint holds yet, and what keeps a log from being signed or taken. */
  log: { unsigned: number; problem: LogProblem | null };
  workers: { wanted: number; serving: number };
  tls: TlsState | null;
  durability: string;
  outboundProxy: boolean;
}

/** Puts the parts together. `others`: logs that are only shipped. */
export function gatewayStatus(
  workers: readonly WorkerStatus[],
  others: readonly JournalState[],
  settings: { workers: number; durability: string; outboundProxy: boolean },
): GatewayStatus {
  const journals = [...workers.map(({ journal }) => journal), ...others];
  const sum = (of: (status: JournalState) => number): number =>
    journals.reduce((total, status) => total + of(status), 0);
  return {
    snapshotVersion: workers.length === 0 ? 0 : Math.min(...workers.map((each) => each.snapshotVersion)),
    refused: newestRefused(workers),
    journal: {
      durable: sum(({ durable }) => durable),
      shipped: sum(({ shipped }) => shipped),
      behind: sum(({ behind }) => behind),
      problem: journals.find(({ problem }) => problem !== null)?.problem ?? null,
    },
    log: {
      unsigned: sum(({ log }) => log.unsigned),
      problem: journals.find(({ log }) => log.problem !== null)?.log.problem ?? null,
    },
    workers: { wanted: settings.workers, serving: workers.length },
    tls: soonest(workers),
    durability: settings.durability,
    outboundProxy: settings.outboundProxy,
  };
}

function newestRefused(workers: readonly WorkerStatus[]): RefusedSnapshot | null {
  const all = workers.map(({ refused }) => refused).filter((each) => each !== null);
  return all.toSorted((a, b) => b.version - a.version || a.since - b.since)[0] ?? null;
}

/** Of the certificates in use, the one that ends first. */
function soonest(workers: readonly WorkerStatus[]): TlsState | null {
  const states = workers.map(({ tls }) => tls).filter((each) => each !== null);
  return states.toSorted((a, b) => (a.expiresAt < b.expiresAt ? -1 : 1))[0] ?? null;
}
