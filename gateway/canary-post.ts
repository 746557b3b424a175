import { setTimeout as wait } from 'node:timers/promises';
import type { CanaryUse } from './canary.ts';
import type { Post } from './journal/index.ts';
import type { GatewayLog } from './log.ts';

/** Uses that wait while the control plane is away; of more the oldest go. The journal has them all, without addresses. */
const MOST_WAITING = 200;
const AGAIN_MS = [250, 1_000, 5_000, 15_000];

export interface CanaryPost {
  tell(use: CanaryUse): void;
  close(): Promise<void>;
}

/** Tells the control plane of each use of a planted key, at once and until it has heard. */
export function createCanaryPost(post: Post, log: GatewayLog): CanaryPost {
  const stop = new AbortController();
  const waiting: CanaryUse[] = [];
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    for (let failures = 0; waiting[0] !== undefined && !stop.signal.aborted; ) {
      if (await send(waiting[0])) {
        waiting.shift();
        failures = 0;
        continue;
      }
      const pause = AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? 0;
      failures += 1;
      await wait(pause, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
  }

  /** Whether it need not be told again: it was heard, or is not understood. */
  async function send(use: CanaryUse): Promise<boolean> {
    try {
      const answer = await post({
        path: '/fleet/v1/canary-uses',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(use)),
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
      });
      if (answer.status < 300) return true;
      log.warn(
        { event: 'canary_not_told', status: answer.status },
        'the control plane did not take a use of a planted key',
      );
      return answer.status === 400 || answer.status === 404;
    } catch {
      log.info(
        { event: 'canary_not_told_yet' },
        'a use of a planted key is told once the control plane is reached',
      );
      return false;
    }
  }

  return {
    tell(use) {
      if (waiting.length >= MOST_WAITING) waiting.shift();
      waiting.push(use);
      running ??= run().finally(() => {
        running = null;
      });
    },
    async close() {
      stop.abort();
      await running;
    },
  };
}
