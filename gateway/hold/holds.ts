import type { Journal } from '@drawbridge/journal';
import { Forwarder, type ForwarderHouse } from './forwarder.ts';
import { type Done, HoldQueue, type OpenDataKey } from './queue.ts';

export interface HoldsOptions {
  /** Opens the journal of a connection's queue, or begins one. */
  open: (connection: string) => Promise<Journal>;
  /** Connections for which something was ever kept here. */
  list: () => Promise<readonly string[]>;
  openKey: OpenDataKey;
}

/** What waits for one connection. */
export interface Held {
  connection: string;
  requests: number;
  bytes: number;
  /** What became of requests since the worker started. */
  ended: ReadonlyMap<Done, number>;
}

/** What a worker keeps for connections that take nothing now, and what sends it later. */
export class Holds {
  readonly #options: HoldsOptions;
  readonly #queues = new Map<string, Promise<HoldQueue>>();
  readonly #ready = new Map<string, HoldQueue>();
  readonly #forwarders = new Map<string, Forwarder>();
  #house: ForwarderHouse | null = null;
  #isClosed = false;

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  /** Opens what lies there and begins to send it. Throws what journals throw. */
  async start(house: ForwarderHouse): Promise<void> {
    this.#house = house;
    for (const connection of await this.#options.list()) await this.queueOf(connection);
  }

  /** Whether something waits for it, so that what comes now has to wait behind. */
  isPending(connection: string): boolean {
    return (this.#ready.get(connection)?.pending ?? 0) > 0;
  }

  /** Throws what journals throw. */
  queueOf(connection: string): Promise<HoldQueue> {
    const known = this.#queues.get(connection);
    if (known !== undefined) return known;
    const opening = this.#open(connection);
    this.#queues.set(connection, opening);
    opening.catch(() => this.#queues.delete(connection));
    return opening;
  }

  /** Something was kept, or what is in force changed. */
  poke(connection?: string): void {
    if (connection !== undefined) this.#forwarders.get(connection)?.poke();
    else for (const forwarder of this.#forwarders.values()) forwarder.poke();
  }

  held(): Held[] {
    return [...this.#ready].map(([connection, queue]) => ({
      connection,
      requests: queue.pending,
      bytes: queue.bytes,
      ended: queue.counts,
    }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#forwarders.values()].map((each) => each.stop()));
    for (const queue of this.#ready.values()) await queue.close();
  }

  async #open(connection: string): Promise<HoldQueue> {
    const queue = await HoldQueue.open(await this.#options.open(connection), this.#options.openKey);
    this.#ready.set(connection, queue);
    if (this.#house !== null && !this.#isClosed)
      this.#forwarders.set(connection, new Forwarder(this.#house, connection, queue));
    return queue;
  }
}
