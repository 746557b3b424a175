import type { Platform, Topic } from '../platform/index.ts';
import { type Projection, projectOnce } from './projection.ts';
import { RebuildBusyError, rebuildChanged } from './rebuild.ts';

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
  const { pause, wake } = pauses();
  const { pause: rest, wake: wakeFromRest } = pauses();
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
  /** Rows that an earlier version made are made anew, beside what goes on. */
  const renew = async () => {
    while (!stopped) {
      try {
        const renewed = await rebuildChanged(platform, projections, () => {
          if (stopped) throw new StoppedError();
        });
        for (const { name, topic } of projections) if (renewed.includes(name)) said.publish(topic);
        return;
      } catch (error) {
        if (error instanceof StoppedError) return;
        if (!(error instanceof RebuildBusyError))
          platform.log.error(
            { err: error },
            'rows of a projection could not be made anew; it is tried again',
          );
        await rest(RETRY_MS);
      }
    }
  };
  const running = Promise.all([loop(), renew()]);
  return {
    poke() {
      poked = true;
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      wakeFromRest();
      await running;
      said.stop();
    },
  };
}

/** The process stops: what a rebuild did so far is thrown away. */
class StoppedError extends Error {}

/** A pause that can be ended early. */
function pauses() {
  let end: () => void = () => undefined;
  return {
    pause: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        end = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => end(),
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
