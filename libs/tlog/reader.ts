import { type OpenedCheckpoint, openCheckpoint, type Trust } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { type Fetch, fetchBundle, fetchFile, fetchPrunable, fetchTile } from './fetch.ts';
import { emptyRoot, HASH_BYTES, hashPairs, leafHash, nodeHash, sameHash } from './hash.ts';
import { NOTE_LIMIT } from './note.ts';
import type { Proof } from './proof.ts';
import { mayBePruned } from './pruned.ts';
import {
  type Bundle,
  bundlesOf,
  partialWidth,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileOfNode,
  tilePath,
} from './tile.ts';
import { consistencyProof, type HashReader, inclusionProof, isSize, verifyConsistency } from './tree.ts';

export interface ReaderOptions extends Trust {
  fetch: Fetch;
  /** What the log's policy says, and not what is missing: full bundles before it may be gone. 0 unless told. */
  minimumIndex?: number | undefined;
  /** Full tiles that are kept, about 16 KiB each. 256 unless told. */
  tiles?: number;
}

const TILES_KEPT = 256;

/** A tree that the log has signed, with its right edge. */
interface Tree extends OpenedCheckpoint {
  note: string;
  /** By level. */
  edge: Map<number, TileTree>;
  /** Full tiles that were found in it, the longest unused first. */
  tiles: Map<string, Promise<TileTree>>;
}

/**
 * Opens a log that nobody vouches for but its signature. Throws TlogError: what `openCheckpoint` throws; `missing`,
 * `bad_tile`, `too_large` when its right edge is not that of the signed tree.
 */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  return new Reader(options, await readTree(options));
}

/**
 * Reads a log and believes nothing but the signed root: every tile's hash has to stand in the tile above it, up to the
 * right edge, which has to have the root. Memory is bounded.
 */
export class Reader {
  readonly #options: ReaderOptions;
  #tree: Tree;

  constructor(options: ReaderOptions, tree: Tree) {
    this.#options = options;
    this.#tree = tree;
  }

  /** The signed checkpoint that all is read under. */
  get checkpoint(): OpenedCheckpoint & { note: string } {
    const { checkpoint, cosignatures, note } = this.#tree;
    return { checkpoint, cosignatures, note };
  }

  /** An entry. Throws TlogError: `out_of_range`, `missing`, `pruned`, `bad_bundle`, `bad_tile`, `too_large`. */
  async entry(index: number): Promise<Buffer> {
    const { size } = this.#tree.checkpoint;
    if (!isSize(index) || index >= size)
      throw new TlogError('out_of_range', `There is no entry ${index} in the signed tree of ${size}.`);
    for await (const entry of this.entries(index, index + 1)) return entry;
    throw new TlogError('missing', `Entry ${index} could not be read.`);
  }

  /** The entries from `from` up to, not including, `to`, or the tree's end. Throws TlogError. */
  async *entries(from: number, to = this.#tree.checkpoint.size): AsyncGenerator<Buffer, void, undefined> {
    const tree = this.#tree;
    const end = Math.min(to, tree.checkpoint.size);
    if (!isSize(from)) throw new TlogError('out_of_range', `There is no entry ${from}.`);
    for (const bundle of bundlesOf(tree.checkpoint.size, from - (from % TILE_WIDTH))) {
      const first = bundle.index * TILE_WIDTH;
      if (first >= end) return;
      const [entries, hashes] = await Promise.all([this.#bundle(bundle), this.#tile(tree, 0, bundle.index)]);
      for (let index = Math.max(from, first); index < Math.min(end, first + bundle.width); index++) {
        const entry = entries[index - first];
        if (entry === undefined || !sameHash(leafHash(entry), hashes.at(0, index - first)))
          throw new TlogError('bad_bundle', `Entry ${index} is not the one that the log has signed.`);
        yield entry;
      }
    }
  }

  /** That an entry is in the signed tree, for `formatProof`. Throws TlogError. */
  async prove(index: number): Promise<Proof> {
    const tree = this.#tree;
    const hashes = await inclusionProof(this.#hashes(tree), index, tree.checkpoint.size);
    return { index, hashes, checkpoint: tree.note, extra: null };
  }

  /** That the signed tree begins with the tree of `old` entries: see `verifyConsistency`. Throws TlogError. */
  consistency(old: number): Promise<Buffer[]> {
    const tree = this.#tree;
    return consistencyProof(this.#hashes(tree), old, tree.checkpoint.size);
  }

  /**
   * Goes on to the log's newest checkpoint. Throws TlogError `contradiction` when its tree does not begin with the
   * known one; then, and after any other failure, all stays as it was.
   */
  async refresh(): Promise<void> {
    const known = this.#tree.checkpoint;
    const next = await readTree(this.#options);
    const { size, root } = next.checkpoint;
    if (size < known.size)
      throw new TlogError(
        'contradiction',
        `The log shows a tree of ${size} entries; one of ${known.size} is signed. It was set back, or this is an old copy.`,
      );
    const proof = await consistencyProof(this.#hashes(next), known.size, size);
    if (!verifyConsistency({ old: known.size, oldRoot: known.root, size, root, proof }))
      throw new TlogError(
        'contradiction',
        `The log has signed two histories: its tree of ${size} entries does not begin with the one of ${known.size}. Keep both checkpoints: they prove it.`,
      );
    // What is in the old tree is in this one.
    for (const [key, tile] of this.#tree.tiles) next.tiles.set(key, tile);
    this.#tree = next;
  }

  async #bundle(bundle: Bundle): Promise<Buffer[]> {
    const { fetch, minimumIndex = 0 } = this.#options;
    if (!mayBePruned(bundle, minimumIndex)) return fetchBundle(fetch, bundle);
    const entries = await fetchPrunable(fetch, bundle);
    if (entries !== null) return entries;
    const first = bundle.index * TILE_WIDTH;
    throw new TlogError(
      'pruned',
      `Entries ${first} to ${first + TILE_WIDTH - 1} were pruned: the log keeps their hashes only. Whoever kept one can prove it.`,
    );
  }

  #hashes(tree: Tree): HashReader {
    return async (wanted) => {
      const hashes: Buffer[] = [];
      for (const node of wanted) {
        const { tile, level, index } = tileOfNode(node, tree.checkpoint.size);
        hashes.push((await this.#tile(tree, tile.level, tile.index)).at(level, index));
      }
      return hashes;
    };
  }

  #tile(tree: Tree, level: number, index: number): Promise<TileTree> {
    const isEdge = index === Math.floor(tree.checkpoint.size / TILE_WIDTH ** (level + 1));
    const edge = isEdge ? tree.edge.get(level) : undefined;
    if (edge !== undefined) return Promise.resolve(edge);
    const key = `${level}/${index}`;
    const { tiles } = tree;
    const known = tiles.get(key);
    tiles.delete(key);
    const found = known ?? this.#fullTile(tree, level, index);
    tiles.set(key, found);
    const [oldest] = tiles.keys();
    if (tiles.size > (this.#options.tiles ?? TILES_KEPT) && oldest !== undefined) tiles.delete(oldest);
    // What failed is fetched again by the next who asks; whoever asked now is told.
    found.catch(() => tiles.get(key) === found && tiles.delete(key));
    return found;
  }

  /** A full tile, once its hash was found in the tile above, which was found in the one above that. */
  async #fullTile(tree: Tree, level: number, index: number): Promise<TileTree> {
    const above = await this.#tile(tree, level + 1, Math.floor(index / TILE_WIDTH));
    const tile = { level, index, width: TILE_WIDTH };
    const hashes = new TileTree(await fetchTile(this.#options.fetch, tile));
    if (!sameHash(hashes.at(TILE_HEIGHT, 0), above.at(0, index % TILE_WIDTH)))
      throw new TlogError('bad_tile', `${tilePath(tile)} is not the tile that the log has signed.`);
    return hashes;
  }
}

/** The newest checkpoint with the right edge of its tree, which has to have the signed root. */
async function readTree({ fetch, ...trust }: ReaderOptions): Promise<Tree> {
  const note = await fetchFile(fetch, 'checkpoint', NOTE_LIMIT);
  if (note === null) throw new TlogError('missing', 'The log has no checkpoint.');
  const opened = openCheckpoint(note, trust);
  const { size, root } = opened.checkpoint;
  const edge = new Map<number, TileTree>();
  let hash: Buffer | null = null;
  for (let level = 0; size >= TILE_WIDTH ** level; level++) {
    const width = partialWidth(level, size);
    if (width === 0) continue;
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    const tile = new TileTree(await fetchTile(fetch, { level, index, width }));
    edge.set(level, tile);
    for (const subtree of tile.fromRight()) hash = hash === null ? subtree : nodeHash(subtree, hash);
  }
  if (!sameHash(hash ?? emptyRoot, root))
    throw new TlogError(
      'bad_tile',
      `The tiles at the right edge do not have the signed root of the tree of ${size} entries.`,
    );
  return { ...opened, note: note.toString(), edge, tiles: new Map() };
}

/** A tile's hashes with those of all complete subtrees within it, so that each is computed once. */
class TileTree {
  readonly #rows: Buffer[];

  constructor(bytes: Buffer) {
    // Copied: a small tile may be a view of something large.
    this.#rows = [Buffer.from(bytes)];
    for (let row = this.#rows[0]; row && row.length >= 2 * HASH_BYTES; row = this.#rows.at(-1))
      this.#rows.push(hashPairs(row));
  }

  at(level: number, index: number): Buffer {
    const hash = this.#rows[level]?.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    if (hash?.length === HASH_BYTES) return hash;
    throw new TlogError('out_of_range', `The tile has no subtree ${index} of level ${level}.`);
  }

  /** The complete subtrees that the tile consists of, the smallest and rightmost first. */
  fromRight(): Buffer[] {
    const width = (this.#rows[0]?.length ?? 0) / HASH_BYTES;
    const found: Buffer[] = [];
    for (let level = 0; 2 ** level <= width; level++) {
      const count = Math.floor(width / 2 ** level);
      if (count % 2 === 1) found.push(this.at(level, count - 1));
    }
    return found;
  }
}
