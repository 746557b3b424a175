import { type Log, type LogEvent, openReader, type Signer } from '@drawbridge/tlog';
import type pg from 'pg';
import {
  fetchUnder,
  keepCheckpoint,
  type LogPlace,
  LogRefused,
  lastNote,
  NotCosigned,
  openControlLog,
  readState,
  trustIn,
  withTimers,
  writeTrouble,
} from '../audit/index.ts';
import { type OutboundNetwork, type Platform, type Turn, Turns } from '../platform/index.ts';
import type { LogKey } from '../vault/index.ts';
import { cosignRoot } from './cosign.ts';
import { readEntry, type Taken } from './entry.ts';
import { Intake, type Sources } from './intake.ts';
import { countEntries, writeEntries } from './store.ts';
import type { RootTrouble } from './trouble.ts';

/** Key of the advisory lock that lets one process write the root log. */
const ROOT_LOCK = 4_400_441_4;
const BATCH = 1_000;

export interface RootTimes {
  /** How often it looks whether a log has grown, and asks witnesses again that are wanting. */
  lookMs: number;
  /** After what kept it from writing: until it tries again. */
  retryMs: number;
  /** How long each witness has to answer. */
  witnessMs: number;
}

export const usualTimes: RootTimes = { lookMs: 10_000, retryMs: 10_000, witnessMs: 10_000 };

export interface RootSequencerOptions {
  platform: Platform;
  place: LogPlace;
  signer: Signer;
  /** The largest tree that was ever signed with its key. */
  mark: LogKey['mark'];
  sources: Sources;
  network: OutboundNetwork;
  times: RootTimes;
  /** Something about the log is known anew, here or in another process. Never rejects. */
  onLook(): Promise<void>;
}

/**
 * Puts the newest checkpoints of the other logs into the root log, has witnesses cosign it, and publishes it. Of all
 * control processes on one database one does it. Whatever fails ends its turn, and the next begins by finding in the
 * log what it holds: a checkpoint whose entry is there is not put into it again.
 */
export class RootSequencer {
  readonly #options: RootSequencerOptions;
  readonly #turns: Turns;
  #isWriter = false;

  constructor(options: RootSequencerOptions) {
    this.#options = options;
    const { platform, times, onLook } = options;
    this.#turns = new Turns({
      pool: platform.pool,
      lock: ROOT_LOCK,
      lookMs: times.lookMs,
      retryMs: times.retryMs,
      work: (turn) => this.#work(turn),
      onElsewhere: onLook,
      onFailure: async (error) => {
        platform.log.error({ err: error }, 'the root log can not be written; it is tried again');
        await this.#tell(troubleOf(error));
        await onLook();
      },
    });
  }

  start(): void {
    this.#turns.start();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  /** Looks at once. */
  poke(): void {
    this.#turns.poke();
  }

  /** Whether this process writes the log. */
  get isWriter(): boolean {
    return this.#isWriter;
  }

  async #work(turn: Turn): Promise<void> {
    const { platform, sources, times, onLook } = this.#options;
    const { client } = turn;
    const ending = new AbortController();
    let failed: { cause: unknown } | null = null;
    const log = await this.#open(client, AbortSignal.any([ending.signal, this.#turns.stopping]), (event) => {
      if (event.kind !== 'checkpoint_failed') {
        platform.log.info({ event }, 'from the root log');
        return;
      }
      if (event.cause instanceof NotCosigned) return;
      failed ??= { cause: event.cause };
      this.#turns.poke();
    });
    try {
      const intake = new Intake(platform, sources, await this.#reconcile(client, log));
      await intake.open(client, log.origin);
      this.#isWriter = true;
      await this.#begin(client, log);
      while (!turn.isOver) {
        const failure = turn.broken() ?? causeOf(failed);
        if (failure !== null) throw failure;
        const isMore = await intake.look(client, log);
        await publish(log);
        await onLook();
        if (!isMore) await turn.sleep(times.lookMs);
      }
    } finally {
      this.#isWriter = false;
      // Whoever closes it does not wait for witnesses.
      ending.abort();
      await log.close();
    }
  }

  async #open(client: pg.PoolClient, stopping: AbortSignal, report: (event: LogEvent) => void): Promise<Log> {
    const { platform, place, signer, mark, times, network } = this.#options;
    const { clock } = platform;
    const origin = signer.name;
    const { checkpoint } = await readState(client, origin);
    return openControlLog({
      place,
      signer,
      clock: withTimers(clock),
      checkpointMs: times.lookMs,
      known: checkpoint,
      leastSize: await countEntries(client, origin),
      ifLost:
        'stop Drawbridge, make a backup and restore it with --new-epoch: the root log begins anew with it (docs/backup.md)',
      mark: await mark(),
      keep: (signed) => keepCheckpoint(client, clock, { ...signed, origin }),
      cosign: (signed) =>
        cosignRoot(
          {
            platform,
            network,
            origin,
            witnessMs: times.witnessMs,
            stopping,
            tell: (trouble) => this.#tell(trouble),
            prove: async (old) => {
              const fetch = fetchUnder(signed.note, place.files);
              return (await openReader({ ...trustIn(signer), fetch })).consistency(old);
            },
          },
          signed,
        ),
      report,
    });
  }

  /** What kept it from being written is over. What witnesses have against it is not. */
  async #begin(client: pg.PoolClient, log: Log): Promise<void> {
    const { trouble } = await readState(client, this.#options.signer.name);
    const isOfWitness = trouble?.code === 'witness_ahead' || trouble?.code === 'witness_differs';
    if (!isOfWitness && isPublished(log)) await this.#tell(null);
  }

  /** What the log holds of each other log last; entries that the database does not know of are written there. */
  async #reconcile(client: pg.PoolClient, log: Log): Promise<Map<string, Taken>> {
    const { place, signer, platform } = this.#options;
    const taken = new Map<string, Taken>();
    const note = log.size === 0 ? null : await lastNote(place);
    if (note === null) return taken;
    const known = await countEntries(client, signer.name);
    const now = new Date(platform.clock.now());
    const reader = await openReader({ ...trustIn(signer), fetch: fetchUnder(note, place.files) });
    let batch: Taken[] = [];
    let index = 0;
    for await (const bytes of reader.entries(0)) {
      const entry = readEntry(bytes);
      if (entry !== null) {
        const found = { ...entry, index };
        taken.set(entry.origin, found);
        if (index >= known) batch.push(found);
      }
      index++;
      if (batch.length < BATCH) continue;
      await writeEntries(client, signer.name, batch, now);
      batch = [];
    }
    await writeEntries(client, signer.name, batch, now);
    return taken;
  }

  async #tell(trouble: RootTrouble | null): Promise<void> {
    const { platform, signer } = this.#options;
    try {
      await writeTrouble(platform.pool, signer.name, trouble, new Date(platform.clock.now()));
    } catch (error) {
      platform.log.error(
        { err: error },
        'what is wrong with the root log could not be kept for other processes',
      );
    }
  }
}

const isPublished = (log: Log): boolean => log.size === (log.published?.size ?? 0);

/** Puts all that is in the log under a published checkpoint, if enough witnesses cosign it. */
async function publish(log: Log): Promise<void> {
  if (isPublished(log)) return;
  try {
    await log.checkpoint();
  } catch (error) {
    // What is wrong with witnesses was told; they are asked again at the next look.
    if (!(error instanceof NotCosigned)) throw error;
  }
}

/** Read through a function: the compiler does not see what a callback writes. */
const causeOf = (failed: { cause: unknown } | null): unknown => failed?.cause ?? null;

function troubleOf(error: unknown): RootTrouble {
  if (error instanceof LogRefused) return { code: error.code, text: error.message };
  return {
    code: 'unavailable',
    text: `Checkpoints can not be put into the root log just now (${error instanceof Error ? error.message : String(error)}). It is tried again.`,
  };
}
