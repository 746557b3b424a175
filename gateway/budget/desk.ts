import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Grant,
  LeaseLedger,
  type LedgerState,
  type Limit,
  readLedgerState,
  type Unused,
} from '@drawbridge/leases';
import { type GatewayLog, traceOf } from '../log.ts';

const FILE = 'budgets.json';
const DAY = 86_400_000;
const TELL_EVERY_MS = 5_000;

/** Hands the keys' caps out to this gateway's workers. */
export interface LeaseDesk {
  /** Of a day's budget: once the disk has what is granted. Rejects when it can't be kept. */
  lease(name: string, limit: Limit, left: number, leftEnds: number): Grant | Promise<Grant>;
  giveBack(unused: readonly Unused[]): void;
  /** Keeps what was given back. */
  close(): Promise<void>;
}

export interface LeaseDeskOptions {
  directory: string;
  /** How many workers ask. */
  holders: () => number;
  /** Milliseconds since 1970. */
  now: () => number;
  log: GatewayLog;
}

/** Opens the desk with what was used today, as far as it was granted before. */
export async function openLeaseDesk(options: LeaseDeskOptions): Promise<LeaseDesk> {
  const { directory, now, log } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, FILE);
  const kept = await load(path, log);
  // What can't be read was used up: until midnight no budget of a day has anything left.
  const closedUntil = kept === null ? (Math.floor(now() / DAY) + 1) * DAY : 0;
  const ledger = new LeaseLedger(options.holders, kept ?? {});
  let toldAt = Number.NEGATIVE_INFINITY;
  let saving: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  /** One write at a time; who comes during one waits for the next, which has what it was granted. */
  function save(): Promise<void> {
    if (saving === null) {
      const started = write(directory, path, ledger.state(now())).finally(() => {
        saving = null;
      });
      saving = started;
      return started;
    }
    const running = saving;
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return save();
      });
    return next;
  }

  /** Each request asks again while the disk fails: the reason is told once in a while. */
  function tell(cause: unknown): void {
    if (Math.abs(now() - toldAt) < TELL_EVERY_MS) return;
    toldAt = now();
    log.error(
      { event: 'budgets_not_kept', path, ...traceOf(cause) },
      'what is handed out of budgets can not be kept on disk: keys with a budget for the day are refused',
    );
  }

  return {
    lease(name, limit, left, leftEnds) {
      if (limit.aligned && now() < closedUntil) return { amount: 0, ends: closedUntil };
      const grant = ledger.lease(name, limit, left, leftEnds, now());
      if (!limit.aligned) return grant;
      return save().then(
        () => grant,
        (cause: unknown) => {
          ledger.cancel(name, left, leftEnds, grant);
          tell(cause);
          throw cause;
        },
      );
    },
    giveBack(unused) {
      for (const { name, left, ends } of unused) ledger.giveBack(name, left, ends);
    },
    async close() {
      // A file that says nothing of today would open the budgets again with the next start.
      if (now() < closedUntil) return;
      await save().catch((cause: unknown) => {
        log.error(
          { event: 'budgets_not_kept', path, ...traceOf(cause) },
          'what was not used of budgets could not be kept; it counts as used',
        );
      });
    },
  };
}

async function load(path: string, log: GatewayLog): Promise<LedgerState | null> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '{"v":1,"accounts":{}}';
    throw cause;
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('accounts' in value))
      throw new TypeError('no accounts');
    return readLedgerState(value.accounts);
  } catch (cause) {
    log.error(
      { event: 'budgets_unreadable', path, ...traceOf(cause) },
      'the file of used budgets can not be read: keys with a budget for the day are refused until midnight UTC',
    );
    return null;
  }
}

async function write(directory: string, path: string, accounts: LedgerState): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify({ v: 1, accounts }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
