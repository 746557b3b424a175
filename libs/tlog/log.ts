import {
  type Clock,
  type Journal,
  type JournalEvent,
  type JournalLimits,
  openJournal,
  replaceFile,
  type Storage,
} from '@drawbridge/journal';
import { parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import type { TileFiles } from './files.ts';
import type { SignedStore, SignedTree } from './integrate.ts';
import { JournalTree } from './journal-tree.ts';
import type { Signer } from './keys.ts';
import { NOTE_LIMIT, parseNote } from './note.ts';

/** What there is to tell beside answers. */
export type LogEvent =
  | JournalEvent
  /** A checkpoint that was due could not be made or published. It is tried again. */
  | { kind: 'checkpoint_failed'; cause: unknown };

export interface LogOptions {
  /** For the write-ahead and the last signed checkpoint: a directory of its own, not to be served. */
  storage: Storage;
  /** For what others read. */
  files: TileFiles;
  /** The log's name: a URL without scheme, no spaces, no `+`. */
  origin: string;
  signer: Signer;
  clock: Clock;
  report(event: LogEvent): void;
  /** How long an entry waits at most until a checkpoint holds it, when all goes well: milliseconds, 1000 unless told. */
  checkpointEveryMs?: number;
  /** The note with the cosignatures of witnesses, before it is published. When it rejects, nothing is published. */
  cosign?(signed: SignedTree): Promise<string>;
  limits?: Partial<JournalLimits>;
}

const SIGNED_FILE = 'signed';

/** The last signed checkpoint as a file beside a journal's. */
export function signedIn(storage: Storage): SignedStore {
  return {
    async load() {
      if (!(await storage.list()).includes(SIGNED_FILE)) return null;
      return storage.read(SIGNED_FILE, 0, NOTE_LIMIT + 1);
    },
    save: (note) => replaceFile(storage, SIGNED_FILE, note),
  };
}

/**
 * Opens a log, or begins one. Throws TlogError `contradiction` when its files do not fit what it has signed,
 * JournalLocked when another writes it, JournalCorrupt, or what storage and files reject with.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const { storage, files, origin, signer, clock, report, checkpointEveryMs, cosign } = options;
  const signed = signedIn(storage);
  const journal = await openJournal({
    storage,
    origin,
    clock,
    report,
    // What is signed is in the tree: reading that is the tree's to do.
    verifyFrom: sizeOf(await signed.load()),
    ...(options.limits ? { limits: options.limits } : {}),
  });
  try {
    const tree = await JournalTree.open({
      journal,
      files,
      signed,
      signer,
      clock,
      checkpointEveryMs,
      cosign,
      onPublished: ({ size }) => journal.removeBefore(size),
      onFailure: (cause) => report({ kind: 'checkpoint_failed', cause }),
    });
    return new Log(journal, tree, report);
  } catch (cause) {
    await journal.close();
    throw cause;
  }
}

/** Only to say what need not be read twice: whether it is the log's own is found out later. */
function sizeOf(note: Buffer | null): number {
  if (note === null) return 0;
  try {
    return parseCheckpoint(parseNote(note).text).size;
  } catch (cause) {
    if (cause instanceof TlogError) return 0;
    throw cause;
  }
}

/** A transparency log with one writer. */
export class Log {
  readonly origin: string;
  readonly #journal: Journal;
  readonly #tree: JournalTree;
  readonly #report: (event: LogEvent) => void;

  constructor(journal: Journal, tree: JournalTree, report: (event: LogEvent) => void) {
    this.origin = journal.origin;
    this.#journal = journal;
    this.#tree = tree;
    this.#report = report;
  }

  /**
   * Adds an entry, at most 65,535 bytes. Resolves with its index when it is durable; the next checkpoint holds it.
   * Rejects with JournalUnavailable (it will not become durable) or EntryTooLarge. Its bytes must not change until then.
   */
  append(entry: Uint8Array): Promise<{ index: number }> {
    return this.#journal.append(entry, null);
  }

  /** Puts all that is durable by now under a checkpoint, and publishes it. Rejects with what keeps it from that. */
  checkpoint(): Promise<SignedTree> {
    return this.#tree.checkpoint();
  }

  /** Durable entries. */
  get size(): number {
    return this.#journal.status().next;
  }

  /** The last tree that was published. */
  get published(): SignedTree | null {
    return this.#tree.published;
  }

  /** Writes what waits, publishes a last checkpoint (a failure is reported) and gives the directory back. */
  async close(): Promise<void> {
    try {
      await this.#journal.flush();
      if (this.size > (this.published?.size ?? 0)) await this.#tree.checkpoint();
    } catch (cause) {
      this.#report({ kind: 'checkpoint_failed', cause });
    }
    await this.#tree.stop();
    await this.#journal.close();
  }
}
