import type { Names } from '../crossings/index.ts';
import { type Platform, readSetting } from '../platform/index.ts';
import { formatPosition, parsePosition } from './cursor.ts';
import { DeliveryError, type DeliveryNetwork, deliver } from './delivery.ts';
import { endsOf, type Fed, readFeed } from './feed.ts';
import { lineOf } from './lines.ts';
import { moveOn, type PushState, readState, writeTrouble } from './push-store.ts';
import { pushTarget, type Target } from './target.ts';

/** A batch has at most so many events and bytes; one event alone may have more. */
const MOST_EVENTS = 500;
const MOST_BYTES = 1024 * 1024;
const LOOK_EVERY_MS = 1_000;
const RETRY_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** Key of the advisory lock that lets one process push at a time; a session's, so it goes with its connection. */
const PUSH_LOCK = 4_400_441_9;

export interface Push {
  /** There may be something new, or it was set anew: look at once. */
  poke(): void;
  /** What keeps events from being delivered, for those who run this; null when nothing does. */
  problem(): string | null;
  /** Ends, whatever is under way. */
  stop(): Promise<void>;
}

export interface PushDeps {
  names: Names;
  network: DeliveryNetwork;
}

/** Milliseconds until the next try after `failures` of them in a row: doubled each time, and never in step with others. */
export function backOff(failures: number, random: number): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20), LONGEST_WAIT_MS);
  return Math.round(whole / 2 + (whole / 2) * random);
}

/**
 * Keeps the receiver up with what happens. Every control process runs one; the database lets one at a time push. What
 * was sent counts as delivered once the receiver answered 2xx and that is stored; killed in between, it is sent again.
 */
export function startPush(platform: Platform, deps: PushDeps): Push {
  const ended = new AbortController();
  let problem: string | null = null;
  let wake: () => void = () => undefined;
  let poked = false;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async () => {
    while (!ended.signal.aborted) {
      poked = false;
      let waitMs = LOOK_EVERY_MS;
      try {
        problem = await pushAlone(platform, deps, ended.signal);
      } catch (error) {
        platform.log.error({ err: error }, 'pushing events failed; it is tried again');
        waitMs = RETRY_MS;
      }
      if (!poked && !ended.signal.aborted) await pause(waitMs);
    }
  };
  const running = loop();
  return {
    poke() {
      poked = true;
      wake();
    },
    problem: () => problem,
    async stop() {
      ended.abort();
      wake();
      await running;
    },
  };
}

/** Delivers what there is, unless another process is at it. Returns what is wrong, or null. */
async function pushAlone(platform: Platform, deps: PushDeps, signal: AbortSignal): Promise<string | null> {
  const target = await readSetting(platform.db, pushTarget);
  if (target === null) return null;
  const lock = await platform.pool.connect();
  let broken: Error | undefined;
  try {
    const locked = await lock.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      PUSH_LOCK,
    ]);
    if (locked.rows[0]?.mine === true) {
      await deliverAll(platform, deps, target, signal).finally(() =>
        lock.query('SELECT pg_advisory_unlock($1)', [PUSH_LOCK]).catch((error: Error) => {
          broken = error;
        }),
      );
    }
  } finally {
    // A connection that may still hold the lock is closed, which ends it.
    lock.release(broken);
  }
  return (await readState(platform.db))?.trouble ?? null;
}

async function deliverAll(
  platform: Platform,
  deps: PushDeps,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  let state = await readState(platform.db);
  if (state === undefined) return;
  if (state.next_try_at !== null && state.next_try_at.getTime() > platform.clock.now()) return;
  const writing = { ...target, deployment: platform.deployment.id };
  const ends = await endsOf(platform);
  const start = parsePosition(state.cursor, platform.deployment.id);
  let most = MOST_EVENTS;
  let batch: { fed: Fed; line: string }[] = [];
  let size = 0;
  /** False: stop here, for now. */
  const flush = async (): Promise<boolean> => {
    while (batch.length > 0) {
      if (state === undefined || signal.aborted) return false;
      const part = batch.slice(0, most);
      const last = part.at(-1)?.fed.position ?? start;
      try {
        await deliver(target, part.map(({ line }) => line).join(''), deps.network, signal);
      } catch (error) {
        if (!(error instanceof DeliveryError)) throw error;
        if (signal.aborted) return false;
        if (error.code === 'too_large' && part.length > 1) {
          most = Math.ceil(part.length / 2);
          continue;
        }
        await noteTrouble(platform, state, error);
        return false;
      }
      if (!(await moveOn(platform, state.cursor, formatPosition(last), part.length))) return false;
      batch = batch.slice(part.length);
      state = await readState(platform.db);
      // Set anew, or off: what was read for the old target is of no use.
      if (JSON.stringify(await readSetting(platform.db, pushTarget)) !== JSON.stringify(target)) return false;
    }
    size = 0;
    return true;
  };
  for await (const read of readFeed(platform, deps.names, start, ends)) {
    for (const fed of read) {
      const line = lineOf(fed, writing);
      if (batch.length >= most || size + line.length > MOST_BYTES) {
        if (!(await flush())) return;
      }
      batch.push({ fed, line });
      size += line.length;
    }
  }
  await flush();
}

async function noteTrouble(platform: Platform, state: PushState, error: DeliveryError): Promise<void> {
  const random = platform.random.bytes(4).readUInt32LE() / 2 ** 32;
  const waitMs = backOff(state.attempts + 1, random);
  if (state.attempts === 0) {
    platform.log.warn({ err: error }, 'events could not be pushed; they are kept and tried again');
  }
  await writeTrouble(platform, state, `${error.code}: ${error.message}`, waitMs);
}
