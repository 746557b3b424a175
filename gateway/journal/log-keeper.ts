import { mkdir, open, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Journal, JournalCorrupt } from '@drawbridge/journal';
import type { LogProblem } from '@drawbridge/protocol';
import {
  DirectoryFiles,
  JournalTree,
  NOTE_LIMIT,
  type Pruned,
  type Pruning,
  type SignedTree,
  signedIn,
  TlogError,
} from '@drawbridge/tlog';
import { logKeyOf } from './log-key.ts';
import type { DiskStorage } from './storage.ts';

/** Below the journal's directory: checkpoint and tiles, for whoever reads the log. */
const LOG_DIRECTORY = 'log';
const DIRECTORY_MODE = 0o700;
/** When a log that could not be opened is tried again. */
const RETRY_MS = 10_000;
/** What is hashed without a pause: about as many entries take two milliseconds from those that serve crossings. */
const HELD_BYTES = 256 * 1024;
/** So many entries are still signed when the journal is closed; more are signed when it is opened next. */
const LAST_ENTRIES = 10_000;

/** A checkpoint as it goes up. */
export interface PublishedCheckpoint {
  size: number;
  note: string;
  /** Milliseconds since 1970; null: before this process. */
  signedAt: number | null;
}

export type KeeperEvent =
  | { kind: 'log_problem'; problem: LogProblem; cause: unknown }
  /** It is signed again. */
  | { kind: 'log_recovered' };

export interface LogKeeperOptions {
  journal: Journal;
  storage: DiskStorage;
  /** The journal's. */
  directory: string;
  /** The gateway's own, 32 bytes: the log's key is made from it. */
  diskKey: Uint8Array;
  clock: Clock;
  /** How long a durable entry waits at most for a checkpoint, in milliseconds, when all goes well. */
  checkpointEveryMs?: number | undefined;
  onPublished(): void;
  report(event: KeeperEvent): void;
}

/**
 * Keeps a journal's transparency log beside it. Whatever fails here, the journal is written on: what is not signed now
 * is durable, and is signed when someone has seen to it.
 */
export class LogKeeper {
  readonly verifierKey: string;
  readonly #options: LogKeeperOptions;
  #tree: JournalTree | null = null;
  #latest: PublishedCheckpoint | null = null;
  #problem: LogProblem | null = null;
  #cancelRetry: (() => void) | null = null;
  #opening: Promise<void> = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: LogKeeperOptions) {
    this.#options = options;
    this.verifierKey = logKeyOf(options.diskKey, options.journal.origin).verifierKey;
  }

  /** Goes on from what was signed last. Never rejects: what keeps it from signing is reported. */
  static async start(options: LogKeeperOptions): Promise<LogKeeper> {
    const keeper = new LogKeeper(options);
    await keeper.#open();
    return keeper;
  }

  /** The newest checkpoint that is published; null while there is none. */
  get latest(): PublishedCheckpoint | null {
    return this.#latest;
  }

  get problem(): LogProblem | null {
    return this.#problem;
  }

  /** Removes some bundles of entries: see `JournalTree.prune`. Null while nothing is signed, so that nothing is certain. */
  async prune(pruning: Pruning): Promise<Pruned | null> {
    return this.#tree?.prune(pruning) ?? null;
  }

  /** Signs what is durable, if it is not much, and ends. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#opening;
    const { journal } = this.#options;
    const tree = this.#tree;
    if (tree === null) return this.#ending;
    const unsigned = journal.status().next - (tree.published?.size ?? 0);
    if (unsigned > 0 && unsigned <= LAST_ENTRIES) {
      try {
        await tree.checkpoint();
      } catch (cause) {
        this.#failed(cause);
      }
    }
    await tree.stop();
  }

  #open(): Promise<void> {
    this.#opening = this.#tryOpen().catch((cause: unknown) => this.#failed(cause));
    return this.#opening;
  }

  async #tryOpen(): Promise<void> {
    const { journal, storage, directory, diskKey, clock, checkpointEveryMs } = this.#options;
    const path = join(directory, LOG_DIRECTORY);
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    await storage.syncDir();
    const files = new DirectoryFiles({ mkdir, open, opendir, rename, rm }, path);
    const signed = signedIn(storage);
    const first = journal.segments()[0]?.first ?? 0;
    if (
      first > 0 &&
      (await signed.load()) === null &&
      (await files.read('checkpoint', NOTE_LIMIT)) === null
    ) {
      throw new TlogError(
        'missing',
        `The journal of ${journal.origin} begins with entry ${first}, and no tree of those before was ever signed.`,
      );
    }
    this.#tree = await JournalTree.open({
      journal,
      files,
      signed,
      signer: logKeyOf(diskKey, journal.origin),
      clock,
      checkpointEveryMs,
      heldBytes: HELD_BYTES,
      // A checkpoint must not speak of entries that the disk could still forget.
      settle: () => storage.settle(),
      onPublished: async (tree) => this.#published(tree, clock.now()),
      onFailure: (cause) => this.#failed(cause),
    });
    const { published } = this.#tree;
    if (published !== null) this.#published(published, null);
  }

  #published({ size, note }: SignedTree, signedAt: number | null): void {
    this.#latest = { size, note, signedAt };
    if (this.#problem !== null) this.#options.report({ kind: 'log_recovered' });
    this.#problem = null;
    this.#options.onPublished();
  }

  #failed(cause: unknown): void {
    if (cause instanceof TlogError && cause.code === 'gave_up') return;
    const problem = problemOf(cause);
    if (problem !== this.#problem) this.#options.report({ kind: 'log_problem', problem, cause });
    this.#problem = problem;
    if (problem !== 'unwritable') {
      // Trying again would read the same; a person has to look first.
      this.#ending = this.#tree?.stop() ?? this.#ending;
      this.#tree = null;
    } else if (this.#tree === null && !this.#isClosed) {
      this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => void this.#open());
    }
  }
}

function problemOf(cause: unknown): LogProblem {
  if (cause instanceof JournalCorrupt) return 'unreadable';
  if (!(cause instanceof TlogError)) return 'unwritable';
  return cause.code === 'missing' ? 'incomplete' : 'contradiction';
}
