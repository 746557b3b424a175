import { Gauge, type Registry } from 'prom-client';
import type { Platform } from '../platform/index.ts';

/** What people are warned of wherever they are, and what Prometheus is told. */
export interface KeyAlarmWatch {
  /** Null: there is no alarm, or somebody has looked at all there were. */
  warning(): string | null;
  start(): Promise<void>;
  stop(): void;
}

const LOOK_MS = 10_000;

/** Looks when an alarm is raised here, and every ten seconds: another control process may have raised one. */
export function watchKeyAlarms(platform: Platform, registry: Registry): KeyAlarmWatch {
  let open: { newest: string | null; count: number } = { newest: null, count: 0 };
  let timer: NodeJS.Timeout | null = null;
  let unsubscribe: (() => void) | null = null;
  new Gauge({
    name: 'drawbridge_control_key_alarms',
    help: 'Uses of keys of ours by somebody who is not us that nobody has acknowledged.',
    registers: [registry],
    collect() {
      this.set(open.count);
    },
  });
  async function look(): Promise<void> {
    const found = await platform.pool.query<{ count: number; newest: string | null }>(
      `SELECT count(*)::int AS count, (array_agg(said ORDER BY id DESC))[1] AS newest
        FROM key_alarm WHERE acknowledged_at IS NULL`,
    );
    open = found.rows[0] ?? open;
  }
  function lookAgain(): void {
    look().catch((error: unknown) =>
      platform.log.warn({ err: error }, 'could not look for key alarms; it is tried again'),
    );
  }
  return {
    warning() {
      if (open.newest === null) return null;
      const others = open.count === 1 ? '' : ` (and ${open.count - 1} more)`;
      return `${open.newest}${others}`;
    },
    async start() {
      await look();
      timer = setInterval(lookAgain, LOOK_MS);
      unsubscribe = platform.events.subscribe((topic) => {
        if (topic === 'alarms') lookAgain();
      });
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      unsubscribe?.();
    },
  };
}
