import type { Clock } from '@drawbridge/journal';
import { type Log, type LogEvent, openReader } from '@drawbridge/tlog';
import type pg from 'pg';
import { type Platform, type Turn, Turns } from '../platform/index.ts';
import { CONTROL_LOG, type Epoch, type Epochs, firstEntry, heldBy } from './epochs.ts';
import { leafOf, readLeaf } from './leaf.ts';
import { fetchFrom, openControlLog, trustIn } from './open.ts';
import {
  keepCheckpoint,
  logAgain,
  readEpoch,
  readLogged,
  readProgress,
  readState,
  readWaiting,
  writeIndexes,
  writeTrouble,
} from './store.ts';
import { LogRefused, type Trouble } from './trouble.ts';

/** Key of the advisory lock that lets one process write the log; a session's, so it goes with its connection. */
const SEQUENCER_LOCK = 4_400_441_3;
const BATCH = 256;

export interface SequencerTimes {
  /** How often the others try to take the writer's place, and how often the writer looks without being told. */
  lookMs: number;
  /** After what kept it from writing: until it tries again. */
  retryMs: number;
  /** How long an answer waits at most until the log has the change. */
  waitMs: number;
  /** How long an entry waits at most until a checkpoint holds it, when all goes well. */
  checkpointMs: number;
}

export const usualTimes: SequencerTimes = {
  lookMs: 1_000,
  retryMs: 5_000,
  waitMs: 3_000,
  checkpointMs: 1_000,
};
/** How often who waits asks the database: here it is told as well, of what another process wrote it is not. */
const ASK_MS = 250;
const ASK_OTHERS_MS = 25;

export interface SequencerOptions {
  platform: Platform;
  epochs: Pick<Epochs, 'current'>;
  times: SequencerTimes;
}

/** A change that is committed is in the log, or is not yet; one that was rolled back is not there at all. */
export type Progress = 'logged' | 'waiting' | 'none';

/**
 * Puts changes into the log in their order. Of all control processes on one database one does it: the one that holds
 * the lock. Whatever fails ends its turn: the next turn, here or elsewhere, begins by finding in the log what the
 * database does not know of, so that no crash loses an entry or makes it twice.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #turns: Turns;
  #isWriter = false;
  #trouble: Trouble | null = null;
  /** That of the last turn. */
  #epoch: Epoch | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(options: SequencerOptions) {
    this.#options = options;
    const { platform, times } = options;
    this.#turns = new Turns({
      pool: platform.pool,
      lock: SEQUENCER_LOCK,
      lookMs: times.lookMs,
      retryMs: times.retryMs,
      work: (turn) => this.#write(turn),
      // What kept this one from writing is not what keeps changes from the log.
      onElsewhere: () => {
        this.#trouble = null;
      },
      onFailure: async (error) => {
        platform.log.error({ err: error }, 'changes can not be put into the log; it is tried again');
        await this.#tell(troubleOf(error));
      },
    });
  }

  start(): void {
    this.#turns.start();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  /** Whether this process writes the log. */
  get isWriter(): boolean {
    return this.#isWriter;
  }

  /** What this process found wrong; others may know of more. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Resolves when the log has these changes, or has not for too long. Never rejects: the changes were made. */
  async logged(ids: readonly string[]): Promise<Progress> {
    const { platform, times } = this.#options;
    const end = performance.now() + times.waitMs;
    let isHeard = false;
    let wake: () => void = () => undefined;
    const listener = (): void => {
      isHeard = true;
      wake();
    };
    this.#listeners.add(listener);
    try {
      for (;;) {
        isHeard = false;
        const { there, waiting } = await readProgress(platform.pool, ids);
        if (there === 0) return 'none';
        if (waiting === 0) return 'logged';
        const left = end - performance.now();
        if (left <= 0 || this.#refuses || this.#turns.stopping.aborted) return 'waiting';
        if (isHeard) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, this.#isWriter ? ASK_MS : ASK_OTHERS_MS));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } catch (error) {
      platform.log.warn({ err: error }, 'whether a change is in the log could not be asked');
      return 'waiting';
    } finally {
      this.#listeners.delete(listener);
    }
  }

  get #refuses(): boolean {
    return !this.#isWriter && this.#trouble !== null;
  }

  async #write(turn: Turn): Promise<void> {
    const { epochs, times } = this.#options;
    const { client } = turn;
    await client.query('LISTEN change_made');
    const epoch = await epochs.current(client);
    this.#epoch = epoch;
    let unsigned: { cause: unknown } | null = null;
    const log = await this.#open(client, epoch, (event) => {
      this.#report(event);
      if (event.kind !== 'checkpoint_failed') return;
      unsigned ??= { cause: event.cause };
      this.#turns.poke();
    });
    try {
      if (log.size === 0) await this.#begin(client, epoch, log);
      await this.#reconcile(client, epoch, log);
      this.#isWriter = true;
      while (!turn.isOver) {
        // What can't be signed is found out about by the next turn, which looks at all files, and told until it can.
        const failure = turn.broken() ?? causeOf(unsigned);
        if (failure !== null) throw failure;
        if (await this.#append(client, epoch, log)) continue;
        if ((await readEpoch(client, CONTROL_LOG)) !== epoch.number) {
          // That a new one was asked for belongs to this one, and may have been committed since it was looked for.
          await this.#append(client, epoch, log);
          return this.#turns.poke();
        }
        await turn.sleep(times.lookMs);
      }
    } finally {
      this.#isWriter = false;
      await log.close();
    }
  }

  async #open(client: pg.PoolClient, epoch: Epoch, report: (event: LogEvent) => void): Promise<Log> {
    const { platform, times } = this.#options;
    const { clock } = platform;
    const { place, signer, mark } = epoch;
    const origin = signer.name;
    const { checkpoint } = await readState(client, origin);
    const { last } = await readLogged(client, epoch.number);
    return openControlLog({
      place,
      signer,
      clock: withTimers(clock),
      checkpointMs: times.checkpointMs,
      known: checkpoint,
      leastSize: last === null ? 0 : last.index + 1,
      ifLost: 'begin a new epoch: drawbridge log new-epoch control --reason …',
      mark: await mark(),
      keep: (signed) => keepCheckpoint(client, clock, { ...signed, origin }),
      report,
    });
  }

  /** A new epoch's first entry, once the one before is closed as well as can be. */
  async #begin(client: pg.PoolClient, epoch: Epoch, log: Log): Promise<void> {
    if (epoch.begins === null) return;
    const { after } = epoch.begins;
    try {
      // Puts under a checkpoint what a crash left without one.
      const old = await this.#open(client, after, (event) => this.#report(event));
      await this.#reconcile(client, after, old).finally(() => old.close());
    } catch (error) {
      if (!(error instanceof LogRefused) || error.code === 'in_use' || error.code === 'unavailable')
        throw error;
      const { log: lines } = this.#options.platform;
      lines.warn({ err: error }, 'a log ends as it is, and the next epoch begins');
      const held = error.code === 'files_older' ? await heldBy(after) : null;
      const again = held === null ? 0 : await logAgain(client, after.number, held);
      if (again > 0) lines.warn({ count: again }, 'changes whose entries are lost go into the new epoch');
    }
    await log.append(await firstEntry(client, epoch));
    await log.checkpoint();
  }

  /** Gives changes the index of entries that the log has and the database does not know of. */
  async #reconcile(client: pg.PoolClient, epoch: Epoch, log: Log): Promise<void> {
    const { number, place, signer } = epoch;
    const { last } = await readLogged(client, number);
    if (log.size > 0) {
      const reader = await openReader({ ...trustIn(signer), fetch: fetchFrom(place.files) });
      let index = last?.index ?? 0;
      let batch: { id: string; index: number }[] = [];
      for await (const entry of reader.entries(index)) {
        const id = readLeaf(entry)?.id ?? '';
        if (index === last?.index && id !== last.id)
          throw new LogRefused(
            'other_history',
            `Entry ${index} of the log in ${place.files.where} is not of the change that the database has there. Keep a copy of both, and bring back files and database that belong together.`,
          );
        batch.push({ id, index: index++ });
        if (batch.length < BATCH) continue;
        await writeIndexes(client, number, batch);
        batch = [];
      }
      await writeIndexes(client, number, batch);
    }
    this.#hear();
    const { count } = await readLogged(client, number);
    const changes = Math.max(0, log.size - (epoch.begins === null ? 0 : 1));
    await this.#tell(count === changes ? null : missing(changes - count, changes), epoch);
  }

  /** Puts those that wait into the log. False: none waits. */
  async #append(client: pg.PoolClient, epoch: Epoch, log: Log): Promise<boolean> {
    const waiting = await readWaiting(client, BATCH);
    if (waiting.length === 0) return false;
    // Handed in at once, in their order: they share an fsync.
    const appended = await Promise.allSettled(waiting.map((change) => log.append(leafOf(change))));
    const logged: { id: string; index: number }[] = [];
    for (const [at, { id }] of waiting.entries()) {
      const result = appended[at];
      if (result?.status !== 'fulfilled') throw result?.reason;
      logged.push({ id, index: result.value.index });
    }
    await writeIndexes(client, epoch.number, logged);
    this.#hear();
    return true;
  }

  /** Tells who waits for changes to be logged, and who looks at them. */
  #hear(): void {
    for (const heard of [...this.#listeners]) heard();
    this.#options.platform.events.publish('changes');
  }

  #report(event: LogEvent): void {
    const { log } = this.#options.platform;
    if (event.kind === 'checkpoint_failed')
      log.error({ err: event.cause }, 'the log of changes could not be signed; it is tried again');
    else log.info({ event }, 'from the log of changes');
  }

  async #tell(trouble: Omit<Trouble, 'since'> | null, epoch = this.#epoch): Promise<void> {
    const { platform } = this.#options;
    const now = new Date(platform.clock.now());
    const isSame = trouble !== null && this.#trouble?.code === trouble.code;
    const since = isSame ? (this.#trouble?.since ?? now) : now;
    this.#trouble = trouble === null ? null : { ...trouble, since };
    if (epoch === null) return;
    try {
      await writeTrouble(platform.pool, epoch.signer.name, trouble, now);
    } catch (error) {
      platform.log.error({ err: error }, 'what is wrong with the log could not be kept for other processes');
    }
  }

  /** Tries at once what it would try again later: something was mended, or a new epoch asked for. */
  retry(): void {
    this.#trouble = null;
    this.#turns.poke();
  }
}

/** Read through a function: the compiler does not see what a callback writes. */
const causeOf = (failed: { cause: unknown } | null): unknown => failed?.cause ?? null;

function troubleOf(error: unknown): Omit<Trouble, 'since'> {
  if (error instanceof LogRefused) return { code: error.code, text: error.message };
  return {
    code: 'unavailable',
    text: `Changes can not be put into the log just now (${error instanceof Error ? error.message : String(error)}). They wait in the database and are put into it as soon as it can be written again.`,
  };
}

function missing(count: number, size: number): Omit<Trouble, 'since'> {
  return {
    code: 'changes_missing',
    text: `${count} of the ${size} entries of the log are of changes that the database does not have: rows were removed, or an older database was brought back. The log goes on; who, why and what in detail is lost for these.`,
  };
}

/** The platform's time, with timers. */
export function withTimers(clock: Platform['clock']): Clock {
  return {
    now: () => clock.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}
