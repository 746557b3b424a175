import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { contradiction, type Edge, hashesIn, readEdge } from './edge.ts';
import { TlogError } from './errors.ts';
import type { TileFiles } from './files.ts';
import { leafHash, sameHash } from './hash.ts';
import { logVerifier, type Signer, type Verifier } from './keys.ts';
import { NOTE_LIMIT, parseNote } from './note.ts';
import { TileRows } from './rows.ts';
import { bundlePath, ENTRY_LIMIT, TILE_WIDTH, type Tile, tilePath } from './tile.ts';
import { consistencyProof, rootOf, verifyConsistency } from './tree.ts';

/** A tree that the log has signed. */
export interface SignedTree {
  size: number;
  root: Buffer;
  /** The signed note, as it was made or as it was published. */
  note: string;
}

/** Where the log keeps its last signed checkpoint before anyone sees it. */
export interface SignedStore {
  load(): Promise<Buffer | null>;
  /** Resolves when it is durable, in place of the one before. */
  save(note: Buffer): Promise<void>;
}

export interface IntegratorOptions {
  files: TileFiles;
  signed: SignedStore;
  /** The log's name: its checkpoints' first line. */
  origin: string;
  signer: Signer;
}

/** Handed-in files are held in memory up to so many bytes. */
const STAGED_LIMIT = 8 * 1024 * 1024;
const LENGTH_BYTES = 2;
const FIRST_CAPACITY = 64 * 1024;

/**
 * Puts entries, in their order, into bundles and hash tiles, and signs: tiles durable → the tree read back and shown to
 * extend the last signed one → checkpoint durable → published. Its asynchronous calls are made one after the other.
 */
export class Integrator {
  readonly #options: IntegratorOptions;
  readonly #log: Verifier;
  readonly #rows: TileRows;
  /** The entries after the last full bundle, as a bundle has them, in a buffer that grows. */
  #bundle: Buffer = Buffer.alloc(FIRST_CAPACITY);
  #bundleBytes = 0;
  #stagedBytes = 0;
  #signed: SignedTree | null;
  #published: SignedTree | null;
  /** Full files that may have partial ones beside them, and those of them that are handed in by now. */
  #partial: Set<string>;
  #filled: string[] = [];
  /** Until the first signing: a run that was killed may have left partial files anywhere behind the edge. */
  #isFresh = true;

  private constructor(options: IntegratorOptions, opened: Opened) {
    this.#options = options;
    this.#log = opened.log;
    this.#signed = opened.signed;
    this.#published = opened.published;
    this.#rows = TileRows.of(opened.size, opened.edge.partials, (tile, bytes) => {
      this.#stage(tilePath(tile), bytes);
    });
    for (const entry of opened.edge.entries) this.#addToBundle(entry);
    this.#partial = new Set(this.#partials().map(({ full }) => full));
  }

  /**
   * Goes on from what was signed last. Throws TlogError `contradiction` when the files contradict it, or it is another
   * log's or another key's; then nothing was changed. `tail`: leaf hashes of the last entries, to compare with
   * wherever entries come from.
   */
  static async open(options: IntegratorOptions): Promise<{ integrator: Integrator; tail: Edge['tail'] }> {
    const { files, origin } = options;
    const log = logVerifier(options.signer.verifierKey);
    const read = (note: Buffer | null, what: string): SignedTree | null => {
      if (note === null) return null;
      try {
        const { checkpoint } = openCheckpoint(note, { origin, log });
        return { size: checkpoint.size, root: checkpoint.root, note: note.toString() };
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw contradiction(files, `${what} is not this log's (${why})`, cause);
      }
    };
    const signed = read(await options.signed.load(), 'the checkpoint that was signed last');
    const published = read(await files.read('checkpoint', NOTE_LIMIT), 'the published checkpoint');
    const last = signed === null || (published !== null && published.size > signed.size) ? published : signed;
    const size = last?.size ?? 0;
    const edge = await readEdge(files, size);
    const opened = { log, size, edge, signed: last, published };
    const integrator = new Integrator(options, opened);
    if (last !== null) for (const each of [signed, published]) await integrator.#expectExtends(each, last);
    await files.tidy();
    return { integrator, tail: edge.tail };
  }

  /** Entries in the tree, signed or not. */
  get size(): number {
    return this.#rows.size;
  }

  /** The last tree that was signed. */
  get signed(): SignedTree | null {
    return this.#signed;
  }

  /** The last tree that was published, with all signatures. */
  get published(): SignedTree | null {
    return this.#published;
  }

  /** Adds the next entry, at most 65,535 bytes, which is copied. It must be durable where it comes from. Throws TlogError. */
  add(entry: Uint8Array): void {
    if (entry.length > ENTRY_LIMIT)
      throw new TlogError('too_large', `An entry is ${entry.length} bytes long; a log takes ${ENTRY_LIMIT}.`);
    const index = this.#rows.size;
    this.#addToBundle(entry);
    if ((index + 1) % TILE_WIDTH === 0) {
      this.#stage(bundlePath({ index: (index + 1) / TILE_WIDTH - 1, width: TILE_WIDTH }), this.#bundleCopy());
      this.#bundleBytes = 0;
    }
    this.#rows.append(leafHash(entry));
  }

  /** Writes what is full, if it is much. Rejects with what the files reject with; may be tried again. */
  async flush(): Promise<void> {
    if (this.#stagedBytes < STAGED_LIMIT) return;
    await this.#syncFiles();
  }

  /**
   * Signs the tree as it is, unless that was done. When it rejects nothing was signed, or what was signed is not
   * published, and it may be called again. Throws TlogError `contradiction` when what the files hold is no extension
   * of the last signed tree, or what they, the store or the signer reject with.
   */
  async sign(): Promise<SignedTree> {
    const { files, signer, origin } = this.#options;
    const { size } = this;
    if (this.#signed?.size === size) return this.#signed;
    const partials = this.#partials();
    for (const { path, bytes } of partials) files.write(path, bytes);
    await this.#syncFiles();
    const root = this.#rows.root();
    const next = { size, root };
    await this.#expectExtends(this.#signed, next);
    const note = await signCheckpoint({ ...next, origin, extensions: [] }, [signer]);
    openCheckpoint(note, { origin, log: this.#log });
    await this.#options.signed.save(Buffer.from(note));
    this.#signed = { ...next, note };
    this.#partial = new Set(partials.map(({ full }) => full));
    this.#isFresh = false;
    return this.#signed;
  }

  /** Publishes the last signed checkpoint, with more signatures or as it is. Throws TlogError when it is another. */
  async publish(note: string): Promise<SignedTree> {
    const { files, origin } = this.#options;
    const signed = this.#signed;
    if (signed === null || parseNote(note).text !== parseNote(signed.note).text)
      throw new TlogError(
        'bad_checkpoint',
        'This is not the checkpoint that was signed last. Publish that one.',
      );
    openCheckpoint(note, { origin, log: this.#log });
    files.write('checkpoint', Buffer.from(note));
    await files.sync();
    this.#published = { ...signed, note };
    return this.#published;
  }

  #stage(path: string, bytes: Buffer): void {
    this.#options.files.write(path, bytes);
    this.#stagedBytes += bytes.length;
    if (this.#isFresh || this.#partial.has(path)) this.#filled.push(path);
  }

  /** Partial files go when the full one is durable: whoever has an older checkpoint finds their bytes in it. */
  async #syncFiles(): Promise<void> {
    const { files } = this.#options;
    await files.sync();
    this.#stagedBytes = 0;
    for (let path = this.#filled[0]; path !== undefined; path = this.#filled[0]) {
      await files.removeAll(`${path}.p`);
      this.#filled.shift();
    }
  }

  /** The partial files of the tree as it is now; `full`: the path that each will have when it is full. */
  #partials(): { path: string; full: string; bytes: Buffer }[] {
    const tiles = this.#rows.partials().map(({ tile, bytes }) => ({ ...pathsOf(tilePath, tile), bytes }));
    const [lowest] = this.#rows.partials();
    if (lowest === undefined || lowest.tile.level > 0) return tiles;
    return [...tiles, { ...pathsOf(bundlePath, lowest.tile), bytes: this.#bundleCopy() }];
  }

  /** That the tree of `size`, as the files hold it, has this root and begins with the older tree. */
  async #expectExtends(
    older: { size: number; root: Buffer } | null,
    { size, root }: { size: number; root: Buffer },
  ): Promise<void> {
    const { files } = this.#options;
    const read = hashesIn(files, size);
    if (!sameHash(await rootOf(read, size), root))
      throw contradiction(files, `the tiles do not have the root of the tree of ${size} entries`);
    if (older === null || older.size === 0) return;
    const proof = await consistencyProof(read, older.size, size);
    if (!verifyConsistency({ old: older.size, oldRoot: older.root, size, root, proof }))
      throw contradiction(
        files,
        `the tree of ${size} entries does not begin with the signed one of ${older.size}`,
      );
  }

  #addToBundle(entry: Uint8Array): void {
    const end = this.#bundleBytes + LENGTH_BYTES + entry.length;
    if (end > this.#bundle.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bundle.length));
      this.#bundle.copy(larger, 0, 0, this.#bundleBytes);
      this.#bundle = larger;
    }
    this.#bundle.writeUInt16BE(entry.length, this.#bundleBytes);
    this.#bundle.set(entry, this.#bundleBytes + LENGTH_BYTES);
    this.#bundleBytes = end;
  }

  #bundleCopy(): Buffer {
    return Buffer.from(this.#bundle.subarray(0, this.#bundleBytes));
  }
}

interface Opened {
  log: Verifier;
  size: number;
  edge: Edge;
  signed: SignedTree | null;
  published: SignedTree | null;
}

function pathsOf(path: (tile: Tile) => string, tile: Tile): { path: string; full: string } {
  return { path: path(tile), full: path({ ...tile, width: TILE_WIDTH }) };
}
