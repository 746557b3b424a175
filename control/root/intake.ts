import { type Log, logVerifier, NOTE_LIMIT, sameHash, TlogError, type Verifier } from '@drawbridge/tlog';
import type pg from 'pg';
import type { OwnLog } from '../audit/index.ts';
import { readNewestCheckpoints } from '../checkpoints/index.ts';
import type { Platform } from '../platform/index.ts';
import { readSigned, type SignedCheckpoint, type Taken } from './entry.ts';
import { expectGrown, StoredTrees } from './sources.ts';
import { addSources, type KeptTrouble, readSources, writeEdge, writeEntries, writeSource } from './store.ts';
import { SourceRefused } from './trouble.ts';

export interface Sources {
  /** The logs that are written here. Gateways' logs are found in the database. */
  ownLogs(): Promise<readonly OwnLog[]>;
}

/** A log's newest checkpoint, and what shows that it extends the one that was taken in. */
interface Candidate {
  origin: string;
  hasEnded: boolean;
  /** `note`: null where it has none. */
  read(): Promise<{ note: string | null; log: Verifier }>;
  /** The edge of the grown tree, empty where its hashes are kept elsewhere; null: not all was read yet, look again. */
  grow(old: Taken | null, next: SignedCheckpoint): Promise<Buffer | null>;
}

const NO_EDGE = Buffer.alloc(0);
/** What may have become of a log whose files are lost or were set back. */
const isLoss: ReadonlySet<string> = new Set(['went_back', 'unreadable']);

/** Takes in what has grown, and only that; what contradicts is told, and the others go on. */
export class Intake {
  readonly #platform: Platform;
  readonly #sources: Sources;
  readonly #taken: Map<string, Taken>;
  readonly #trees = new StoredTrees();
  /** What was told of each log last. */
  #told = new Map<string, Omit<KeptTrouble, 'since'>>();

  /** `taken`: what the root log holds of each log last. */
  constructor(platform: Platform, sources: Sources, taken: Map<string, Taken>) {
    this.#platform = platform;
    this.#sources = sources;
    this.#taken = taken;
  }

  /** `log`: the root log's origin. */
  async open(client: pg.PoolClient, log: string): Promise<void> {
    await addSources(client, [...this.#taken.keys()]);
    const known = await readSources(client, log);
    this.#told = new Map(
      known.flatMap(({ origin, trouble }) => (trouble === null ? [] : [[origin, trouble]])),
    );
  }

  /** Looks at each log once. True: there is more to read of one of them. */
  async look(client: pg.PoolClient, log: Log): Promise<boolean> {
    const grown: { next: SignedCheckpoint; edge: Buffer }[] = [];
    let isMore = false;
    for (const candidate of await this.#candidates(client)) {
      const { origin } = candidate;
      try {
        const next = this.#next(origin, await candidate.read());
        const edge = next === null ? NO_EDGE : await candidate.grow(this.#taken.get(origin) ?? null, next);
        if (edge === null) isMore = true;
        else if (next !== null) grown.push({ next, edge });
        await this.#tell(client, origin, null);
      } catch (error) {
        const refused = refusalOf(origin, error);
        if (refused === null) throw error;
        // That its files are lost is why a log was begun anew, and stands in its next epoch.
        const isKnown = candidate.hasEnded && isLoss.has(refused.code);
        await this.#tell(client, origin, isKnown ? null : { code: refused.code, text: refused.message });
      }
    }
    if (grown.length > 0) await this.#append(client, log, grown);
    return isMore;
  }

  async #append(
    client: pg.PoolClient,
    log: Log,
    grown: readonly { next: SignedCheckpoint; edge: Buffer }[],
  ): Promise<void> {
    // Handed in at once, in their order: they share an fsync.
    const appended = await Promise.allSettled(grown.map(({ next }) => log.append(Buffer.from(next.entry))));
    const entries: Taken[] = [];
    for (const [at, { next }] of grown.entries()) {
      const result = appended[at];
      if (result?.status !== 'fulfilled') throw result?.reason;
      const { origin, size, root, keyId } = next;
      entries.push({ index: result.value.index, origin, size, root, keyId });
    }
    await writeEntries(client, log.origin, entries, new Date(this.#platform.clock.now()));
    for (const entry of entries) this.#taken.set(entry.origin, entry);
    for (const { next, edge } of grown) await writeEdge(client, next.origin, next.size, edge);
  }

  /** The newest checkpoint, null where it is the one that was taken in. Throws SourceRefused and TlogError. */
  #next(origin: string, { note, log }: { note: string | null; log: Verifier }): SignedCheckpoint | null {
    const old = this.#taken.get(origin);
    if (note === null) {
      if (old === undefined) return null;
      throw new SourceRefused(
        'went_back',
        `The log ${origin} has no checkpoint, and the root log holds one of ${old.size} entries (entry ${old.index}).`,
      );
    }
    const next = readSigned(note, origin, log);
    if (old === undefined) return next.size === 0 ? null : next;
    if (next.keyId !== old.keyId)
      throw new SourceRefused(
        'other_key',
        `The checkpoint of ${origin} is signed with another key than the one that the root log holds (entry ${old.index}). A log that changes its key begins anew, under another name.`,
      );
    if (next.size < old.size)
      throw new SourceRefused(
        'went_back',
        `The newest checkpoint of ${origin} is over ${next.size} entries, and the root log holds one of ${old.size} (entry ${old.index}): it was set back.`,
      );
    if (next.size > old.size) return next;
    if (sameHash(next.root, old.root)) return null;
    throw new SourceRefused(
      'rewritten',
      `Two trees of ${origin} of ${old.size} entries are signed: the root log holds the other one (entry ${old.index}). Its history was rewritten. Keep both checkpoints: they prove it.`,
    );
  }

  async #candidates(client: pg.PoolClient): Promise<Candidate[]> {
    const own = (await this.#sources.ownLogs()).map(ownCandidate);
    const stored = (await readNewestCheckpoints(client)).map(
      (source): Candidate => ({
        origin: source.origin,
        hasEnded: false,
        read: async () => ({ note: source.note, log: logVerifier(source.verifierKey) }),
        grow: (old, next) => this.#trees.grow(client, source, old, next),
      }),
    );
    return [...own, ...stored];
  }

  /** Written when it is news: a log that stays as it is costs nothing. */
  async #tell(
    client: pg.PoolClient,
    origin: string,
    trouble: Omit<KeptTrouble, 'since'> | null,
  ): Promise<void> {
    const told = this.#told.get(origin);
    if (told?.code === trouble?.code && told?.text === trouble?.text) return;
    const { log, clock } = this.#platform;
    if (trouble !== null && trouble.code !== told?.code)
      log.error(
        { alarm: 'log_not_taken_in', origin, code: trouble.code },
        'the newest checkpoint of a log is not taken into the root log',
      );
    await writeSource(client, origin, trouble, new Date(clock.now()));
    if (trouble === null) this.#told.delete(origin);
    else this.#told.set(origin, trouble);
  }
}

function ownCandidate(own: OwnLog): Candidate {
  const { origin, log, files, hasEnded } = own;
  return {
    origin,
    hasEnded,
    read: () =>
      readable(own, async () => ({
        log,
        note: (await files.read('checkpoint', NOTE_LIMIT))?.toString() ?? null,
      })),
    async grow(old, next) {
      if (old !== null) await readable(own, () => expectGrown(own, old, next));
      return NO_EDGE;
    },
  };
}

/** A disk that can't be read keeps this log from being taken in, and no other. */
async function readable<T>({ origin, files }: OwnLog, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SourceRefused || error instanceof TlogError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new SourceRefused(
      'unreadable',
      `The files of ${origin} in ${files.where} can't be read: ${why}`,
      error,
    );
  }
}

/** Null: not the log's fault, but that of what it is read with. */
function refusalOf(origin: string, error: unknown): SourceRefused | null {
  if (error instanceof SourceRefused) return error;
  if (!(error instanceof TlogError)) return null;
  const isUnsigned = ['unsigned', 'bad_signature', 'wrong_origin', 'bad_note', 'bad_checkpoint'].includes(
    error.code,
  );
  return new SourceRefused(
    isUnsigned ? 'not_signed' : 'unreadable',
    `The newest checkpoint of ${origin} can't be used: ${error.message}`,
    error,
  );
}
