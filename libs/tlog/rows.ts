import { TlogError } from './errors.ts';
import { emptyRoot, HASH_BYTES, hashPairs, nodeHash } from './hash.ts';
import { partialWidth, subtreeHash, TILE_WIDTH, type Tile } from './tile.ts';

/** The tiles that are not full yet, one row of hashes for each level: all that is needed to grow a tree by tiles. */
export class TileRows {
  readonly #rows: Row[] = [];
  readonly #onFull: (tile: Tile, bytes: Buffer) => void;
  #size = 0;

  /** `onFull` is told each tile as its last hash comes; its bytes are not used again here. */
  constructor(onFull: (tile: Tile, bytes: Buffer) => void) {
    this.#onFull = onFull;
  }

  /** The rows of a tree of `size` entries: the hashes of each level's partial tile. Throws TlogError. */
  static of(
    size: number,
    partials: readonly Buffer[],
    onFull: (tile: Tile, bytes: Buffer) => void,
  ): TileRows {
    const rows = new TileRows(onFull);
    for (const [level, bytes] of partials.entries()) {
      const width = partialWidth(level, size);
      if (bytes.length !== width * HASH_BYTES)
        throw new TlogError(
          'bad_tile',
          `The partial tile of level ${level} has ${bytes.length} bytes; a tree of ${size} entries has ${width} hashes there.`,
        );
      const full = Buffer.alloc(TILE_WIDTH * HASH_BYTES);
      bytes.copy(full);
      rows.#rows.push({ bytes: full, width, index: Math.floor(size / TILE_WIDTH ** (level + 1)) });
    }
    rows.#size = size;
    return rows;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends an entry by its leaf hash, which is copied. */
  append(leafHash: Uint8Array): void {
    this.#add(0, leafHash);
    this.#size++;
  }

  #add(level: number, hash: Uint8Array): void {
    const row = this.#rows[level] ?? newRow(0);
    this.#rows[level] = row;
    row.bytes.set(hash, row.width * HASH_BYTES);
    row.width++;
    if (row.width < TILE_WIDTH) return;
    this.#rows[level] = newRow(row.index + 1);
    this.#onFull({ level, index: row.index, width: TILE_WIDTH }, row.bytes);
    this.#add(level + 1, rootOfTile(row.bytes));
  }

  /** The partial tiles, lowest level first, with their bytes (copied). */
  partials(): { tile: Tile; bytes: Buffer }[] {
    return this.#rows.flatMap(({ bytes, width, index }, level) =>
      width === 0
        ? []
        : [{ tile: { level, index, width }, bytes: Buffer.from(bytes.subarray(0, width * HASH_BYTES)) }],
    );
  }

  /** The root hash of the tree as it is now. */
  root(): Buffer {
    const [last, ...rest] = this.#rows.flatMap(subtreesOf);
    if (last === undefined) return Buffer.from(emptyRoot);
    return rest.reduce((right, left) => nodeHash(left, right), last);
  }
}

interface Row {
  bytes: Buffer;
  /** Hashes so far. */
  width: number;
  /** Of the tile that the row will be. */
  index: number;
}

function newRow(index: number): Row {
  return { bytes: Buffer.alloc(TILE_WIDTH * HASH_BYTES), width: 0, index };
}

function rootOfTile(bytes: Buffer): Buffer {
  let row = bytes;
  while (row.length > HASH_BYTES) row = hashPairs(row);
  return row;
}

/** The complete subtrees that a row consists of, the smallest and rightmost first. */
function subtreesOf({ bytes, width }: Row): Buffer[] {
  const found: Buffer[] = [];
  let left = width;
  for (let level = 0; left > 0; level++) {
    const count = 2 ** level;
    if (left % (count * 2) === 0) continue;
    left -= count;
    found.push(subtreeHash(bytes, level, left / count));
  }
  return found;
}
