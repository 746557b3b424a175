import { randomBytes } from 'node:crypto';
import { sealTo } from '@drawbridge/envelope';
import {
  type Clock,
  type Journal,
  type JournalEvent,
  type JournalLimits,
  openJournal,
} from '@drawbridge/journal';
import type { LogProblem } from '@drawbridge/protocol';
import type { GatewayLog } from '../log.ts';
import { type CheckpointEvent, CheckpointPoster } from './checkpoint-poster.ts';
import { defaultKeepDays, type KeepDays } from './keep-days.ts';
import { type KeeperEvent, LogKeeper } from './log-keeper.ts';
import { Retention } from './retention.ts';
import { shippedSoFar } from './shipped.ts';
import {
  defaultShipperLimits,
  type Post,
  type ShipEvent,
  Shipper,
  type ShipperLimits,
  type ShipStatus,
} from './shipper.ts';
import { type Durability, openDirectory } from './storage.ts';

export interface GatewayJournalOptions {
  directory: string;
  /** The log's name: a URL without scheme, one per worker, never used for another directory. */
  origin: string;
  /** X25519 public key of the control plane, 32 bytes; null while it is not known: then nothing crosses. */
  payloadKey: () => Uint8Array | null;
  /** The gateway's own, 32 bytes: the key that signs the log's checkpoints is made from it. */
  diskKey: Uint8Array;
  post: Post;
  log: GatewayLog;
  durability?: Durability;
  keep?: KeepDays;
  clock?: Clock;
  limits?: Partial<JournalLimits>;
  shipping?: Partial<ShipperLimits>;
  checkpointEveryMs?: number;
}

/** How the journal's transparency log is. Numbers of entries. */
export interface LogStatus {
  /** Under the newest published checkpoint. */
  signed: number;
  /** Durable, and under no checkpoint yet. */
  unsigned: number;
  problem: LogProblem | null;
}

export type JournalState = ShipStatus & { log: LogStatus };

/** A worker's journal and what carries it to the control plane. */
export interface GatewayJournal {
  append: Journal['append'];
  appendLater: Journal['appendLater'];
  /** Whether the last batch could be written. */
  readonly healthy: boolean;
  status(): JournalState;
  /** Stops shipping, writes what waits, signs it, closes. */
  close(): Promise<void>;
}

/** Opens the journal of a worker and begins to ship it. Throws JournalLocked or JournalCorrupt. */
export async function openGatewayJournal(options: GatewayJournalOptions): Promise<GatewayJournal> {
  const { directory, origin, log } = options;
  const clock = options.clock ?? systemClock;
  const storage = await openDirectory(directory, options.durability);
  const journal = await openJournal({
    storage,
    origin,
    clock,
    random: randomBytes,
    verifyFrom: await shippedSoFar(storage),
    report: (event) => logJournal(log, event),
    sealDataKey: async (dataKey, context) => {
      const payloadKey = options.payloadKey();
      if (payloadKey === null) throw new Error('The public key of the control plane is not known yet.');
      return sealTo(payloadKey, dataKey, context);
    },
    ...(options.limits ? { limits: options.limits } : {}),
  });
  // The control plane never holds what this disk could still forget: the log would seem to go back.
  const post: Post = async (request) => {
    await storage.settle();
    return options.post(request);
  };
  let shipper: Shipper | null = null;
  const keeper = await LogKeeper.start({
    journal,
    storage,
    directory,
    diskKey: options.diskKey,
    clock,
    checkpointEveryMs: options.checkpointEveryMs,
    onPublished: () => shipper?.poke(),
    report: (event) => logKeeping(log, event),
  });
  const checkpoints = new CheckpointPoster({
    origin,
    verifierKey: keeper.verifierKey,
    latest: () => keeper.latest,
    post,
    clock,
    backoffMs: options.shipping?.backoffMs ?? defaultShipperLimits.backoffMs,
    report: (event) => logPosting(log, event),
  });
  const shipping = await Shipper.start({
    journal,
    storage,
    clock,
    post,
    checkpoints,
    retention: new Retention({
      journal,
      storage,
      clock,
      keep: options.keep ?? defaultKeepDays,
      verified: () => checkpoints.taken,
      prune: (pruning) => keeper.prune(pruning),
    }),
    jitter: Math.random,
    report: (event) => logShipping(log, event),
    ...(options.shipping ? { limits: options.shipping } : {}),
  });
  shipper = shipping;
  return {
    append: (entry, payload) => journal.append(entry, payload),
    appendLater: (entry) => journal.appendLater(entry),
    get healthy() {
      return journal.status().unavailable === null;
    },
    status() {
      const status = shipping.status();
      const signed = keeper.latest?.size ?? 0;
      const problem = keeper.problem ?? (checkpoints.isRefused ? 'refused' : null);
      return { ...status, log: { signed, unsigned: Math.max(0, status.durable - signed), problem } };
    },
    async close() {
      await shipping.stop();
      // What can't be written the journal has told of, and tells again when it closes.
      await journal.flush().catch(() => undefined);
      await keeper.close();
      await journal.close();
    },
  };
}

/** Its timers keep no process alive. */
const systemClock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

function logJournal(log: GatewayLog, event: JournalEvent): void {
  switch (event.kind) {
    case 'tail_cut':
      log.warn(
        { event: 'journal_tail_cut', bytes: event.bytes },
        'an unfinished batch was cut off the journal',
      );
      return;
    case 'unavailable': {
      const { code } = event.error;
      log.error(
        { event: 'journal_unavailable', code, refused: event.refused },
        'the journal can not be written',
      );
      return;
    }
    case 'available':
      log.info({ event: 'journal_available' }, 'the journal is written again');
      return;
    case 'later_lost':
      log.error({ event: 'settlements_lost', count: event.count }, 'settlements could not be kept');
      return;
    case 'untidy':
      log.warn({ event: 'journal_untidy', code: codeOf(event.cause) }, 'a segment could not be tidied up');
  }
}

function logShipping(log: GatewayLog, event: ShipEvent): void {
  switch (event.kind) {
    case 'problem': {
      const { problem, status } = event;
      const fields = { event: 'journal_not_shipped', problem, status, code: codeOf(event.cause) };
      if (problem === 'away') log.warn(fields, 'the control plane does not take the journal; it is kept');
      else log.error(fields, 'the journal can not be shipped; it is kept');
      return;
    }
    case 'recovered':
      log.info({ event: 'journal_shipped_again' }, 'the control plane takes the journal again');
      return;
    case 'again': {
      const { from, acknowledged } = event;
      log.warn(
        { event: 'journal_asked_again', from, acknowledged },
        'the control plane asks for entries again',
      );
      return;
    }
    case 'payloads_deleted':
      log.info({ event: 'payloads_deleted', segment: event.segment }, 'acknowledged payloads were deleted');
      return;
    case 'tidy_failed':
      log.error(
        { event: 'journal_tidy_failed', code: codeOf(event.cause) },
        'what is past its time could not be removed',
      );
  }
}

function logKeeping(log: GatewayLog, event: KeeperEvent): void {
  switch (event.kind) {
    case 'log_problem': {
      const { problem, cause } = event;
      const reason = cause instanceof Error ? cause.message : null;
      log.error(
        { event: 'log_not_signed', problem, code: codeOf(cause), reason },
        'the journal is not signed any more; crossings are recorded as before',
      );
      return;
    }
    case 'log_recovered':
      log.info({ event: 'log_signed_again' }, 'the journal is signed again');
  }
}

function logPosting(log: GatewayLog, event: CheckpointEvent): void {
  switch (event.kind) {
    case 'checkpoint_refused': {
      const { status, code } = event;
      log.error(
        { event: 'checkpoint_refused', status, code },
        'the control plane does not take the checkpoint of this log',
      );
      return;
    }
    case 'checkpoint_taken_again':
      log.info({ event: 'checkpoint_taken_again' }, 'the control plane takes checkpoints again');
  }
}

function codeOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.name;
  return 'none';
}
