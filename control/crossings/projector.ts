import type { Platform, Topic } from '../platform/index.ts';
import { type Projection, projectOnce } from './projection.ts';

const BATCH = 10_000;
const POLL_MS = 1_000;
const RETRY_MS = 2_000;
/** A live page that redraws more often than this helps nobody. */
const EVENTS_APART_MS = 500;

export interface Projector {
  /** There may be something new: look at once. */
  poke(): void;
  /** Ends after the batch in hand. */
  stop(): Promise<void>;
}

/**
 * Keeps the projections up with the journals. Every control process runs one; the database lets one at a time work,
 * and another takes over with the next batch when it is gone. Says so on the projections' topics.
 */
export function startProjector(
  platform: Platform,
  projections: readonly Projection[],
  pollMs = POLL_MS,
): Projector {
  const said = throttled(platform, EVENTS_APART_MS);
  let stopped = false;
  let poked = false;
  let wake: () => void = () => undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async () => {
    while (!stopped) {
      poked = false;
      try {
        const applied = await projectOnce(platform, projections, BATCH, said.publish);
        if (applied === 0 && !poked && !stopped) await pause(pollMs);
      } catch (error) {
        platform.log.error(
          { err: error },
          'projecting failed; nothing of the batch was kept, it is tried again',
        );
        if (!stopped) await pause(RETRY_MS);
      }
    }
  };
  const running = loop();
  return {
    poke() {
      poked = true;
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      await running;
      said.stop();
    },
  };
}

/** The first at once, then at most one in `apartMs`, the last one never lost. */
function throttled(platform: Platform, apartMs: number): { publish(topic: Topic): void; stop(): void } {
  const waiting = new Map<Topic, { timer: NodeJS.Timeout; again: boolean }>();
  const publish = (topic: Topic): void => {
    const pending = waiting.get(topic);
    if (pending !== undefined) {
      pending.again = true;
      return;
    }
    platform.events.publish(topic);
    const timer = setTimeout(() => {
      const again = waiting.get(topic)?.again === true;
      waiting.delete(topic);
      if (again) publish(topic);
    }, apartMs);
    waiting.set(topic, { timer, again: false });
  };
  return {
    publish,
    stop() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
