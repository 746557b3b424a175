import { Gauge, type Registry } from 'prom-client';
import type { Platform } from '../platform/index.ts';

/** What people are warned of wherever they are, and what Prometheus is told. */
export interface ContradictionWatch {
  /** Null: no log contradicts what is stored, or somebody has looked at all that did. */
  warning(): string | null;
  start(): Promise<void>;
  stop(): void;
}

/** Looks whenever a gateway was heard of: another control process may have taken the checkpoint. */
export function watchContradictions(platform: Platform, registry: Registry): ContradictionWatch {
  let logs: string[] = [];
  let unsubscribe: (() => void) | null = null;
  new Gauge({
    name: 'drawbridge_control_contradicting_logs',
    help: 'Logs of which a signed checkpoint does not fit what is stored, and nobody has acknowledged it.',
    registers: [registry],
    collect() {
      this.set(logs.length);
    },
  });
  async function look(): Promise<void> {
    const found = await platform.pool.query<{ origin: string }>(
      `SELECT origin FROM journal_log
        WHERE id IN (SELECT log FROM log_contradiction WHERE acknowledged_at IS NULL) ORDER BY id`,
    );
    logs = found.rows.map(({ origin }) => origin);
  }
  return {
    warning() {
      const [first] = logs;
      if (first === undefined) return null;
      const others = logs.length === 1 ? '' : ` and ${logs.length - 1} more`;
      return `What the log ${first}${others} has signed does not fit what is stored of it: one of the two was changed. Look at the evidence on the page Audit, or in /api/v1/gateways/<gateway>/contradictions, and acknowledge it.`;
    },
    async start() {
      await look();
      unsubscribe = platform.events.subscribe((topic) => {
        if (topic !== 'gateways') return;
        look().catch((error: unknown) =>
          platform.log.warn({ err: error }, 'could not look for contradictions; it is tried again'),
        );
      });
    },
    stop: () => unsubscribe?.(),
  };
}
