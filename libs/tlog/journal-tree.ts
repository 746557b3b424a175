import type { Clock, Journal } from '@drawbridge/journal';
import { type Edge, hashAt } from './edge.ts';
import { TlogError } from './errors.ts';
import { leafHash, sameHash } from './hash.ts';
import { Integrator, type IntegratorOptions, type SignedTree } from './integrate.ts';
import { logVerifier } from './keys.ts';
import { type Pruned, prune } from './prune.ts';
import type { Pruning } from './pruned.ts';

export interface JournalTreeOptions extends Omit<IntegratorOptions, 'origin'> {
  /** Its entries are the log's, by index; its origin is the log's. */
  journal: Journal;
  clock: Clock;
  /** How long an entry waits at most until a checkpoint holds it, when all goes well: milliseconds. */
  checkpointEveryMs?: number | undefined;
  /**
   * Durable entries that wait in memory to be hashed, in bytes, about, 8 MiB unless told: what comes beyond is read from
   * the journal again. So many are hashed without a pause, which whoever serves requests beside this wants short.
   */
  heldBytes?: number | undefined;
  /**
   * Asked before a checkpoint is published: the note with the cosignatures of witnesses, in bounded time. When it
   * rejects, nothing is published, and a later checkpoint is tried. Without it the note is published as it was signed.
   */
  cosign?: ((signed: SignedTree) => Promise<string>) | undefined;
  /**
   * For a journal whose storage says sooner that bytes are durable than they are: resolves when all that was written is.
   * Nothing is signed before.
   */
  settle?: (() => Promise<void>) | undefined;
  /** Called when a checkpoint is published. */
  onPublished?: ((tree: SignedTree) => Promise<void>) | undefined;
  /** A checkpoint that was due could not be made or published. It is tried again. */
  onFailure(cause: unknown): void;
}

const CHECKPOINT_MS = 1000;
/** Durable entries are hashed in small portions, beside the fsync of those that come after them. */
const INTEGRATE_MS = 2;
const HELD_LIMIT = 8 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/** Follows a journal: what is durable there goes into the tree, and on an interval the tree is signed and published. */
export class JournalTree {
  readonly #options: JournalTreeOptions;
  readonly #integrator: Integrator;
  readonly #stopListening: () => void;
  /** Durable entries without gap, of which the first has index `#heldFrom`. */
  #held: Buffer[] = [];
  #heldFrom = 0;
  #heldBytes = 0;
  #work: Promise<unknown> = Promise.resolve();
  #checkpoints: Promise<unknown> = Promise.resolve();
  #cancelIntegration: (() => void) | null = null;
  #cancelCheckpoint: (() => void) | null = null;
  #isStopped = false;

  private constructor(options: JournalTreeOptions, integrator: Integrator) {
    this.#options = options;
    this.#integrator = integrator;
    this.#stopListening = options.journal.onDurable((next, entries) => this.#hold(next, entries));
    if (!this.#isPublished(options.journal.status().next)) this.#wake();
  }

  /** Throws TlogError `contradiction` when files, signed checkpoint and journal do not fit; nothing was changed then. */
  static async open(options: JournalTreeOptions): Promise<JournalTree> {
    const { journal, files, signed, signer } = options;
    const { integrator, tail } = await Integrator.open({ files, signed, signer, origin: journal.origin });
    await expectJournalFits(journal, integrator.size, tail);
    return new JournalTree(options, integrator);
  }

  /** The last tree that was signed, and the last that was published. */
  get signed(): SignedTree | null {
    return this.#integrator.signed;
  }
  get published(): SignedTree | null {
    return this.#integrator.published;
  }

  /** Puts all that is durable by now under a checkpoint, and publishes it. Rejects with what keeps it from that. */
  checkpoint(): Promise<SignedTree> {
    this.#cancelCheckpoint?.();
    this.#cancelCheckpoint = null;
    // One after the other, so that what witnesses cosign is still the last that was signed.
    const done = this.#checkpoints.then(() => this.#checkpoint());
    this.#checkpoints = done.catch(() => undefined);
    return done;
  }

  async #checkpoint(): Promise<SignedTree> {
    const { journal, cosign, settle, onPublished } = this.#options;
    const signed = await this.#inTurn(async () => {
      await this.#integrate(journal.status().next);
      await settle?.();
      return this.#integrator.sign();
    });
    const { published } = this.#integrator;
    if (published?.size === signed.size) return published;
    // Witnesses may take their time: meanwhile entries go on into the tree.
    const note = cosign ? await cosign(signed) : signed.note;
    return this.#inTurn(async () => {
      const tree = await this.#integrator.publish(note);
      await onPublished?.(tree);
      return tree;
    });
  }

  /** Removes a portion of the entry bundles before an index: see `prune`. The journal's own entries are not touched. */
  prune(pruning: Pruning): Promise<Pruned> {
    const { files, signer, journal } = this.#options;
    const log = logVerifier(signer.verifierKey);
    return this.#inTurn(() => prune({ ...pruning, files, origin: journal.origin, log }));
  }

  /** Ends what is under way; nothing is signed or published any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopListening();
    this.#cancelIntegration?.();
    this.#cancelCheckpoint?.();
    await this.#work;
  }

  #isPublished(size: number): boolean {
    return (this.#integrator.published?.size ?? 0) === size;
  }

  #hold(next: number, entries: readonly { readonly entry: Uint8Array }[]): void {
    const first = next - entries.length;
    if (this.#held.length === 0) this.#heldFrom = first;
    const isNext = this.#heldFrom + this.#held.length === first;
    if (isNext && this.#heldBytes < (this.#options.heldBytes ?? HELD_LIMIT)) {
      for (const { entry } of entries) {
        this.#held.push(Buffer.from(entry));
        this.#heldBytes += entry.length;
      }
    }
    this.#wake();
  }

  #wake(): void {
    if (this.#isStopped) return;
    const { clock, checkpointEveryMs = CHECKPOINT_MS } = this.#options;
    this.#cancelIntegration ??= clock.after(INTEGRATE_MS, () => {
      this.#cancelIntegration = null;
      const { next } = this.#options.journal.status();
      // A failure here is met again by the checkpoint, which tells of it.
      this.#inTurn(() => this.#integrate(next)).catch(() => undefined);
    });
    this.#cancelCheckpoint ??= clock.after(checkpointEveryMs, () => {
      this.#cancelCheckpoint = null;
      this.checkpoint().then(
        () => {
          if (!this.#isPublished(this.#options.journal.status().next)) this.#wake();
        },
        (cause: unknown) => {
          // Given up because it is closed: nobody waits for it, and the next who opens it makes it.
          if (this.#isStopped) return;
          this.#options.onFailure(cause);
          this.#wake();
        },
      );
    });
  }

  async #integrate(until: number): Promise<void> {
    while (this.#integrator.size < until) {
      for (const entry of await this.#next()) this.#integrator.add(entry);
      await this.#integrator.flush();
    }
  }

  /** The entries that come next: those that are held, or some from the journal. At least one. */
  async #next(): Promise<Buffer[]> {
    const { size } = this.#integrator;
    const isHeld = this.#held.length > 0;
    if (isHeld && this.#heldFrom <= size) {
      const held = this.#held.slice(size - this.#heldFrom);
      this.#held = [];
      this.#heldBytes = 0;
      if (held.length > 0) return held;
    }
    const read = await this.#options.journal.readEntries(size, READ_BYTES);
    if (read === null)
      throw new TlogError('missing', `Entry ${size} is not in the journal ${this.#options.journal.origin}.`);
    return read.entries;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(() => {
      if (this.#isStopped) throw new TlogError('gave_up', 'The log was closed.');
      return work();
    });
    this.#work = done.catch(() => undefined);
    return done;
  }
}

/** That the journal goes on where the tree ends, and holds the entries that the tree has. */
async function expectJournalFits(journal: Journal, size: number, tail: Edge['tail']): Promise<void> {
  const { next } = journal.status();
  const refuse = (what: string) =>
    new TlogError(
      'contradiction',
      `The journal of ${journal.origin} contradicts what the log has signed: ${what}. Nothing was signed. Bring back journal and files as they last were; if they are lost, begin a new log under another origin.`,
    );
  if (next < size)
    throw refuse(
      `it ends before entry ${next}, and a tree of ${size} entries is signed. Is it an older copy?`,
    );
  const first = journal.segments()[0]?.first ?? next;
  if (first > size)
    throw refuse(`its first entry is ${first}, and the signed tree ends before entry ${size}`);
  for (let at = Math.max(tail.first, first); at < size; ) {
    const read = await journal.readEntries(at, READ_BYTES);
    if (read === null) throw refuse(`entry ${at} can't be read`);
    for (const entry of read.entries.slice(0, size - at)) {
      const place = at - tail.first;
      if (!sameHash(leafHash(entry), hashAt(tail.hashes, place)))
        throw refuse(`its entry ${at} is not the one that the tree has`);
      at++;
    }
  }
}
