import type pg from 'pg';

export interface TurnOptions {
  pool: pg.Pool;
  /** Key of the advisory lock that lets one process be at it; a session's, so it goes with its connection. */
  lock: number;
  /** How often those that do not have the turn try to take it. */
  lookMs: number;
  /** After a turn that failed: until it is tried again. */
  retryMs: number;
  /** The work of a turn, to its end: until `turn.isOver`, or it throws. */
  work(turn: Turn): Promise<void>;
  /** Another process has the turn. */
  onElsewhere(): Promise<void> | void;
  /** A turn ended by this. Never rejects. */
  onFailure(error: unknown): Promise<void>;
}

export interface Turn {
  /** The connection that holds the lock. What is notified on it ends a sleep. */
  readonly client: pg.PoolClient;
  /** Whether it is to be left: it was stopped. */
  readonly isOver: boolean;
  /** What ended the connection, and with it the lock; null while it holds. */
  broken(): Error | null;
  /** Until it is poked, or was since the last sleep; so long at most. */
  sleep(ms: number): Promise<void>;
}

/**
 * Work that one process at a time does, of all control processes on one database: the one that holds the lock. Whatever
 * fails ends the turn, and the next one, here or elsewhere, begins anew.
 */
export class Turns {
  readonly #options: TurnOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #isWoken = false;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.poke();
    await this.#running;
  }

  /** Aborted when it is to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Ends a sleep, or the next one. */
  poke(): void {
    this.#isWoken = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    const { lookMs, retryMs, onFailure } = this.#options;
    while (!this.#stopping.signal.aborted) {
      let wait = lookMs;
      try {
        await this.#turn();
      } catch (error) {
        wait = retryMs;
        await onFailure(error);
      }
      if (!this.#stopping.signal.aborted) await this.#sleep(wait);
    }
  }

  /** Until another process has the lock, or something fails, or it is stopped. */
  async #turn(): Promise<void> {
    const { pool, lock, work, onElsewhere } = this.#options;
    const client = await pool.connect();
    let broken: Error | null = null;
    const onBroken = (error?: Error): void => {
      broken ??= error ?? new Error('the connection that holds the lock ended');
      this.poke();
    };
    const onNotice = (): void => this.poke();
    let isMine = false;
    client.on('error', onBroken).on('end', onBroken).on('notification', onNotice);
    try {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
        lock,
      ]);
      isMine = rows[0]?.mine === true;
      if (isMine) await work(this.#turnOn(client, () => broken));
      else await onElsewhere();
    } finally {
      client.off('error', onBroken).off('end', onBroken).off('notification', onNotice);
      // Closed rather than given back: lock and listening go with the connection, whatever happened to it.
      client.release(isMine || broken !== null);
    }
  }

  #turnOn(client: pg.PoolClient, broken: () => Error | null): Turn {
    const { signal } = this.#stopping;
    return {
      client,
      get isOver() {
        return signal.aborted;
      },
      broken,
      sleep: (ms) => this.#sleep(ms),
    };
  }

  async #sleep(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isWoken = false;
    this.#wake = () => undefined;
  }
}
