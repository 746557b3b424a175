import type { Socket } from 'node:net';
import type { EgressEnd, EgressName } from '@drawbridge/protocol';
import type { Refusal, RefusalCode } from '../refusal/index.ts';

/** An exchange over an open connection, and how it ended. */

export interface Ended {
  ended: EgressEnd;
  /** Of plain HTTP: the origin's status; null: none came. */
  status: number | null;
  /** Bytes on the wire. */
  sent: number;
  received: number;
  sni: EgressName | null;
  /** Why the gateway ended it; null: it did not. */
  reason: RefusalCode | null;
}

export interface Running {
  done: Promise<Ended>;
  /** Ends it at once. */
  cut(refusal: Refusal): void;
  /** As `cut`, for what is nobody's fault. */
  stop(why: 'idle' | 'stopped'): void;
  /** To be called about once a second: ends what has been idle for too long. `now`: monotonic milliseconds. */
  tick(now: number): void;
}

/**
 * Watches two sockets by their counters: a relay that costs nothing per chunk is told from one that lies still. What waits
 * in memory counts as not yet passed, so that a reader that is slow is not taken for one that is gone.
 */
export class Stillness {
  readonly #sockets: readonly Socket[];
  readonly #idleMs: number;
  #passed = -1;
  #since = 0;
  constructor(sockets: readonly Socket[], idleMs: number) {
    this.#sockets = sockets;
    this.#idleMs = idleMs;
  }

  isOver(now: number): boolean {
    let passed = 0;
    for (const { bytesRead, writableLength } of this.#sockets) passed += bytesRead - writableLength;
    if (passed !== this.#passed) {
      this.#passed = passed;
      this.#since = now;
    }
    return now - this.#since >= this.#idleMs;
  }
}
