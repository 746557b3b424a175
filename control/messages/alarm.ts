import type { Platform } from '../platform/index.ts';
import { rows } from './desk.ts';

/** Warns people wherever they are, as long as an open message says what somebody looked for in vain. */
export interface NotThereWatch {
  /** Null: there is none. */
  warning(): string | null;
  start(): void;
  stop(): void;
}

const LOOK_MS = 10_000;

/** Looks when messages change here, and every ten seconds: another control process may have been told. */
export function watchNotThere(
  platform: Platform,
  names: () => Promise<ReadonlyMap<string, string>>,
): NotThereWatch {
  let said: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  let unsubscribe: (() => void) | null = null;
  async function look(): Promise<void> {
    const found = await rows(platform.db)
      .selectFrom('message')
      .select(['vendor', (e) => e.fn.countAll<number>().as('count')])
      .where('state', '=', 'open')
      .where('answered_there', '=', false)
      .groupBy('vendor')
      .orderBy('vendor')
      .execute();
    const [first, ...others] = found;
    if (first === undefined) {
      said = null;
      return;
    }
    const known = await names();
    const vendor = first.vendor === null ? 'a vendor' : (known.get(first.vendor) ?? first.vendor);
    const more = others.length === 0 ? '' : ` (and of ${others.length} more)`;
    said = `Somebody looked for what a message of ${vendor}${more} says, and it was not there: see the messages that were handed in.`;
  }
  function lookAgain(): void {
    look().catch((error: unknown) =>
      platform.log.warn({ err: error }, 'could not look for messages that were not there; it is tried again'),
    );
  }
  return {
    warning: () => said,
    start() {
      lookAgain();
      timer = setInterval(lookAgain, LOOK_MS);
      unsubscribe = platform.events.subscribe((topic) => {
        if (topic === 'messages') lookAgain();
      });
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      unsubscribe?.();
    },
  };
}
