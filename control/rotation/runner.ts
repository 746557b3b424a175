import type { Platform } from '../platform/index.ts';
import { type HappenDeps, happen } from './happen.ts';
import { readDueRotations } from './store.ts';
import { type TurnDeps, take } from './turn.ts';

/** Key of the advisory lock that lets one process at a time move rotations; it goes with its connection. */
const ROTATION_LOCK = 4_400_441_29;
const TICK_MS = 2_000;
export type RunDeps = HappenDeps & TurnDeps;

/** Moves every rotation on that is due, one step each. Returns how many; null: another process is at it. */
export async function runDueRotations(deps: RunDeps): Promise<number | null> {
  const { platform } = deps;
  const client = await platform.pool.connect();
  try {
    const locked = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      ROTATION_LOCK,
    ]);
    if (locked.rows[0]?.mine !== true) return null;
    try {
      return await moveAll(deps);
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [ROTATION_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function moveAll(deps: RunDeps): Promise<number> {
  let moved = 0;
  for (const row of await readDueRotations(deps.platform.db, new Date(deps.platform.clock.now()))) {
    await take(deps, row, await happen(deps, row));
    moved += 1;
  }
  return moved;
}

export interface Runner {
  /** There may be something to do: look at once. */
  poke(): void;
  stop(): Promise<void>;
}

/** Moves rotations on for as long as it runs. */
export function startRunner(
  platform: Platform,
  turn: () => Promise<number | null>,
  tickMs = TICK_MS,
): Runner {
  let stopped = false;
  let poked = false;
  let wake: () => void = () => undefined;
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, tickMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async () => {
    while (!stopped) {
      poked = false;
      const moved = await turn().catch((error: unknown) => {
        platform.log.error({ err: error }, 'a rotation could not be moved on; it is tried again');
        return 0;
      });
      if ((moved ?? 0) === 0 && !poked && !stopped) await pause();
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
    },
  };
}
