import { TlogError } from './errors.ts';
import type { TileFiles } from './files.ts';
import { HASH_BYTES, leafHash, sameHash } from './hash.ts';
import {
  BUNDLE_LIMIT,
  bundlePath,
  decodeBundle,
  partialWidth,
  subtreeHash,
  TILE_WIDTH,
  type Tile,
  tileOfNode,
  tilePath,
} from './tile.ts';
import type { HashReader } from './tree.ts';

/** The writer's own reading of its files: what is not there, or not as long as it has to be, contradicts its checkpoint. */

const TILE_LIMIT = TILE_WIDTH * HASH_BYTES;

/**
 * The first `width` hashes of a tile. A partial tile may be gone when the full one is there. Throws TlogError
 * `contradiction`.
 */
export async function readTile(files: TileFiles, tile: Tile): Promise<Buffer> {
  const path = tilePath(tile);
  const own = await readOwn(files, path, TILE_LIMIT);
  const bytes = own ?? (await readOwn(files, tilePath({ ...tile, width: TILE_WIDTH }), TILE_LIMIT));
  const length = tile.width * HASH_BYTES;
  if (bytes === null) throw contradiction(files, `${path} is missing`);
  if (bytes.length < length || (own !== null && own.length !== length))
    throw contradiction(files, `${path} has ${bytes.length} bytes, not ${length}`);
  return bytes.subarray(0, length);
}

/** Reads hashes of a tree of `size` entries from its tiles. What it read once it keeps: use it for one proof. */
export function hashesIn(files: TileFiles, size: number): HashReader {
  const tiles = new Map<string, Buffer>();
  return async (wanted) => {
    const hashes: Buffer[] = [];
    for (const node of wanted) {
      const { tile, level, index } = tileOfNode(node, size);
      const path = tilePath(tile);
      const bytes = tiles.get(path) ?? (await readTile(files, tile));
      tiles.set(path, bytes);
      hashes.push(subtreeHash(bytes, level, index));
    }
    return hashes;
  };
}

/** What a tree of `size` entries goes on from. */
export interface Edge {
  /** The hashes of each level's partial tile, the lowest first; empty where there is none. */
  partials: Buffer[];
  /** The entries after the last full bundle. */
  entries: Buffer[];
  /** The leaf hashes of the last entries, up to 256, and the index of the first of them. */
  tail: { first: number; hashes: Buffer };
}

/** Reads the right edge of a tree. Throws TlogError `contradiction` when it is not whole or the entries do not fit it. */
export async function readEdge(files: TileFiles, size: number): Promise<Edge> {
  const partials: Buffer[] = [];
  for (let level = 0; size >= TILE_WIDTH ** level; level++) {
    const width = partialWidth(level, size);
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    partials.push(width === 0 ? Buffer.alloc(0) : await readTile(files, { level, index, width }));
  }
  const lowest = partials[0] ?? Buffer.alloc(0);
  const entries = await readEdgeEntries(files, size, lowest);
  if (size === 0 || lowest.length > 0)
    return { partials, entries, tail: { first: size - entries.length, hashes: lowest } };
  const index = size / TILE_WIDTH - 1;
  const hashes = await readTile(files, { level: 0, index, width: TILE_WIDTH });
  return { partials, entries, tail: { first: index * TILE_WIDTH, hashes } };
}

async function readEdgeEntries(files: TileFiles, size: number, hashes: Buffer): Promise<Buffer[]> {
  const width = partialWidth(0, size);
  if (width === 0) return [];
  const index = Math.floor(size / TILE_WIDTH);
  const path = bundlePath({ index, width });
  const own = await readOwn(files, path, BUNDLE_LIMIT);
  const bytes = own ?? (await readOwn(files, bundlePath({ index, width: TILE_WIDTH }), BUNDLE_LIMIT));
  if (bytes === null) throw contradiction(files, `${path} is missing`);
  let entries: Buffer[];
  try {
    entries = decodeBundle(bytes, own === null ? TILE_WIDTH : width).slice(0, width);
  } catch (cause) {
    throw contradiction(files, `${path} is no bundle of ${width} entries`, cause);
  }
  for (const [at, entry] of entries.entries()) {
    if (!sameHash(leafHash(entry), hashAt(hashes, at)))
      throw contradiction(
        files,
        `entry ${index * TILE_WIDTH + at} in ${path} is not the one that the tile above it holds`,
      );
  }
  return entries;
}

async function readOwn(files: TileFiles, path: string, limit: number): Promise<Buffer | null> {
  try {
    return await files.read(path, limit);
  } catch (cause) {
    if (cause instanceof TlogError) throw contradiction(files, cause.message, cause);
    throw cause;
  }
}

/** The hash at a place in a row of hashes. */
export function hashAt(hashes: Buffer, at: number): Buffer {
  return hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

/** What is said when a log's own files contradict what it signed. */
export function contradiction(files: { where: string }, what: string, cause?: unknown): TlogError {
  return new TlogError(
    'contradiction',
    `The log in ${files.where} contradicts what it has signed: ${what}. Nothing was signed. Bring back the files as they last were; if they are lost, begin a new log under another origin.`,
    cause,
  );
}
