import { randomBytes } from 'node:crypto';
import { sealTo } from '@drawbridge/envelope';
import {
  type Clock,
  type Journal,
  type JournalEvent,
  type JournalLimits,
  openJournal,
} from '@drawbridge/journal';
import type { GatewayLog } from '../log.ts';
import { shippedSoFar } from './shipped.ts';
import { type Post, type ShipEvent, Shipper, type ShipperLimits, type ShipStatus } from './shipper.ts';
import { type Durability, openDirectory } from './storage.ts';

export interface GatewayJournalOptions {
  directory: string;
  /** The log's name: a URL without scheme, one per worker, never used for another directory. */
  origin: string;
  /** X25519 public key of the control plane, 32 bytes; null while it is not known: then nothing crosses. */
  payloadKey: () => Uint8Array | null;
  post: Post;
  log: GatewayLog;
  durability?: Durability;
  clock?: Clock;
  limits?: Partial<JournalLimits>;
  shipping?: Partial<ShipperLimits>;
}

/** A worker's journal and what carries it to the control plane. */
export interface GatewayJournal {
  append: Journal['append'];
  appendLater: Journal['appendLater'];
  /** Whether the last batch could be written. */
  readonly healthy: boolean;
  status(): ShipStatus;
  /** Stops shipping, writes what waits, closes. */
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
  const shipper = await Shipper.start({
    journal,
    storage,
    clock,
    // The control plane never holds what this disk could still forget: the log would seem to go back.
    post: async (request) => {
      await storage.settle();
      return options.post(request);
    },
    jitter: Math.random,
    report: (event) => logShipping(log, event),
    ...(options.shipping ? { limits: options.shipping } : {}),
  });
  return {
    append: (entry, payload) => journal.append(entry, payload),
    appendLater: (entry) => journal.appendLater(entry),
    get healthy() {
      return journal.status().unavailable === null;
    },
    status: () => shipper.status(),
    async close() {
      await shipper.stop();
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
        'old payloads could not be deleted',
      );
  }
}

function codeOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.name;
  return 'none';
}
