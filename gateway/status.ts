import type { LogProblem } from '@drawbridge/protocol';
import type { JournalState } from './journal/index.ts';
import type { RefusedSnapshot } from './snapshot/index.ts';
import type { TlsState } from './tls.ts';

/** How a connection that routes go over is, as one worker or all of a gateway see it. */
export interface ConnectionState {
  id: string;
  /** Routes keep requests off it now. */
  resting: boolean;
  /** What is kept for it. */
  held: { requests: number; bytes: number };
  /** What became of what was kept, since the worker started. */
  ended: Record<string, number>;
}

/** What one worker says of itself. */
export interface WorkerStatus {
  /** The version in force; 0 for none. */
  snapshotVersion: number;
  /** The version that it would not take; null when there is none. */
  refused: RefusedSnapshot | null;
  journal: JournalState;
  tls: TlsState | null;
  connections: readonly ConnectionState[];
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
  /** Those of which there is something to say; at most fifty. */
  connections: ConnectionState[];
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
    connections: together(workers.flatMap(({ connections }) => connections)),
  };
}

/** A heartbeat is short. */
const MOST_CONNECTIONS = 50;

/** Of each connection all workers together: it rests where any of them lets it rest. */
function together(all: readonly ConnectionState[]): ConnectionState[] {
  const found = new Map<string, ConnectionState>();
  for (const { id, resting, held, ended } of all) {
    const known = found.get(id);
    const sum = known ?? { id, resting: false, held: { requests: 0, bytes: 0 }, ended: {} };
    found.set(id, {
      id,
      resting: sum.resting || resting,
      held: { requests: sum.held.requests + held.requests, bytes: sum.held.bytes + held.bytes },
      ended: added(sum.ended, ended),
    });
  }
  // Where most waits is what somebody wants to know.
  return [...found.values()].toSorted((a, b) => b.held.bytes - a.held.bytes).slice(0, MOST_CONNECTIONS);
}

function added(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const sum = new Map(Object.entries(a));
  for (const [how, count] of Object.entries(b)) sum.set(how, (sum.get(how) ?? 0) + count);
  return Object.fromEntries(sum);
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
