import { TlogError } from './errors.ts';
import { HASH_BYTES, nodeHash } from './hash.ts';
import { isSize, type Node } from './tree.ts';

/**
 * Tiles and entry bundles, and their names (https://c2sp.org/tlog-tiles). A tile of level L is a row of hashes of
 * complete subtrees over 256^L entries each; full ones have 256, the last of a level may be *partial*.
 */

/** Hashes in a full tile; entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Levels of the tree that one tile spans: 2^8 = 256. */
export const TILE_HEIGHT = 8;
/** The longest entry, in bytes: its length is written in two. */
export const ENTRY_LIMIT = 65_535;
/** The longest bundle, in bytes. */
export const BUNDLE_LIMIT = TILE_WIDTH * (2 + ENTRY_LIMIT);

const LEVEL_LIMIT = 63;
const LENGTH_BYTES = 2;

/** A row of hashes. `index` counts tiles within the level; `width` is 1 to 255 for a partial tile, 256 for a full one. */
export interface Tile {
  level: number;
  index: number;
  width: number;
}

/** The entries of the level 0 tile of the same index and width. */
export interface Bundle {
  index: number;
  width: number;
}

/** Where a complete subtree's hash comes from: `subtreeHash(bytes of tile, level, index)`. */
export interface TilePlace {
  tile: Tile;
  /** Within the tile: 0 for the hashes that it holds, up to 7. */
  level: number;
  /** Among the tile's subtrees of that level. */
  index: number;
}

export type ParsedPath =
  | { kind: 'tile'; tile: Tile }
  | { kind: 'entries'; bundle: Bundle }
  | { kind: 'checkpoint' };

/** `tile/0/x001/x234/067`, `tile/0/000.p/12`. Throws TlogError when there is no such tile. */
export function tilePath({ level, index, width }: Tile): string {
  if (!Number.isInteger(level) || level < 0 || level > LEVEL_LIMIT)
    throw new TlogError('bad_tile', `A tile's level is 0 to ${LEVEL_LIMIT}, not ${level}.`);
  return `tile/${level}/${place(index, width)}`;
}

/** `tile/entries/000`, `tile/entries/x001/234.p/12`. Throws TlogError when there is no such bundle. */
export function bundlePath({ index, width }: Bundle): string {
  return `tile/entries/${place(index, width)}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
/** The digits of 2^53 − 1 in groups of three, with what stands between them. */
const PLACE_LIMIT = 'x009/x007/x199/x254/x740/991'.length;

/** What a path of a log names, relative to the log's prefix. Null for all but the one spelling that each has. */
export function parsePath(path: string): ParsedPath | null {
  if (path === 'checkpoint') return { kind: 'checkpoint' };
  const [, kind, groups, partial] = PATH.exec(path) ?? [];
  if (kind === undefined || groups === undefined || groups.length > PLACE_LIMIT) return null;
  if (groups.startsWith('x000')) return null;
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!isSize(index) || (partial !== undefined && width >= TILE_WIDTH)) return null;
  if (kind === 'entries') return { kind: 'entries', bundle: { index, width } };
  const level = Number(kind);
  return level > LEVEL_LIMIT ? null : { kind: 'tile', tile: { level, index, width } };
}

/** How many hashes the partial tile of this level has in a tree of `size` entries; 0 when there is none. */
export function partialWidth(level: number, size: number): number {
  return hashesAt(level, size) % TILE_WIDTH;
}

/**
 * The hash tiles of a tree of `size` entries, level by level, from left to right: full ones and the partial ones.
 * With `since`, only those that the tree of `since` entries did not have: what is new when it grew.
 */
export function* tilesOf(size: number, since = 0): Generator<Tile, void, undefined> {
  for (let level = 0; hashesAt(level, size) > 0; level++)
    for (const part of row(hashesAt(level, size), hashesAt(level, since))) yield { level, ...part };
}

/** The entry bundles of a tree of `size` entries, from left to right; with `since`, only the new ones. */
export function bundlesOf(size: number, since = 0): Generator<Bundle, void, undefined> {
  return row(hashesAt(0, size), hashesAt(0, since));
}

/**
 * Which tile holds a complete subtree's hash, or the row of hashes that it is computed from, in a tree of `size`
 * entries. Throws TlogError when the tree does not have that subtree.
 */
export function tileOfNode({ level, index }: Node, size: number): TilePlace {
  if (!isSize(level) || !isSize(index) || !isSize(size) || (index + 1) * 2 ** level > size)
    throw new TlogError(
      'out_of_range',
      `A tree of ${size} entries has no complete subtree ${index} of level ${level}.`,
    );
  const within = level % TILE_HEIGHT;
  const tileLevel = (level - within) / TILE_HEIGHT;
  const perTile = 2 ** (TILE_HEIGHT - within);
  const at = index % perTile;
  const tileIndex = (index - at) / perTile;
  const width = Math.min(TILE_WIDTH, hashesAt(tileLevel, size) - tileIndex * TILE_WIDTH);
  return { tile: { level: tileLevel, index: tileIndex, width }, level: within, index: at };
}

/**
 * The hash of a complete subtree within a tile: the `index`-th of those over 2^level of its hashes. `level` 0 to 8; at
 * 8, that of the whole full tile, which is what the tile above holds. Throws TlogError when the tile is too short.
 */
export function subtreeHash(tile: Uint8Array, level: number, index: number): Buffer {
  const count = 2 ** level;
  const from = index * count * HASH_BYTES;
  const end = from + count * HASH_BYTES;
  if (!isSize(level) || level > TILE_HEIGHT || !isSize(index) || end > tile.length)
    throw new TlogError(
      'bad_tile',
      `A tile of ${tile.length} bytes has no subtree ${index} over ${count} of its hashes. Fetch the tile of a larger tree.`,
    );
  let row: Uint8Array[] = [];
  for (let at = from; at < end; at += HASH_BYTES) row.push(tile.subarray(at, at + HASH_BYTES));
  while (row.length > 1) row = pairs(row);
  return Buffer.from(row[0] ?? []);
}

/** A bundle's bytes: each entry led by its length, two bytes, big endian. Throws TlogError; 1 to 256 entries. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  if (entries.length === 0 || entries.length > TILE_WIDTH)
    throw new TlogError('bad_bundle', `A bundle has 1 to ${TILE_WIDTH} entries, not ${entries.length}.`);
  let length = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_LIMIT)
      throw new TlogError(
        'too_large',
        `An entry is ${entry.length} bytes long; a log takes ${ENTRY_LIMIT}. Make it smaller.`,
      );
    length += LENGTH_BYTES + entry.length;
  }
  const out = Buffer.allocUnsafe(length);
  let at = 0;
  for (const entry of entries) {
    out.writeUInt16BE(entry.length, at);
    out.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return out;
}

/** The entries of a bundle of exactly `width`, as views of its bytes. Throws TlogError when it is anything else. */
export function decodeBundle(bytes: Buffer, width: number): Buffer[] {
  const entries: Buffer[] = [];
  let at = 0;
  while (entries.length < width) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + bytes.readUInt16BE(at) : start;
    if (end > bytes.length)
      throw new TlogError(
        'bad_bundle',
        `The bundle ends at byte ${bytes.length}, within entry ${entries.length} of ${width}. Fetch it again.`,
      );
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (at !== bytes.length)
    throw new TlogError(
      'bad_bundle',
      `The bundle goes on after its ${width} entries, from byte ${at} to ${bytes.length}. Fetch it again.`,
    );
  return entries;
}

/** Complete subtrees over 256^level entries that a tree of `size` has. */
function hashesAt(level: number, size: number): number {
  if (!isSize(size)) throw new TlogError('out_of_range', `A tree has 0 to 2^53 − 1 entries, not ${size}.`);
  return Math.floor(size / TILE_WIDTH ** level);
}

/** A level's tiles when it has `count` hashes, but those that it already had with `since` of them. */
function* row(count: number, since: number): Generator<Bundle, void, undefined> {
  if (since >= count) return;
  for (let index = Math.floor(since / TILE_WIDTH); index * TILE_WIDTH < count; index++)
    yield { index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
}

function pairs(row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at + 1 < row.length; at += 2) above.push(nodeHash(row[at] ?? none, row[at + 1] ?? none));
  return above;
}
const none = new Uint8Array();

function place(index: number, width: number): string {
  if (!isSize(index) || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new TlogError(
      'bad_tile',
      `There is no tile or bundle ${index} of width ${width}. Widths are 1 to ${TILE_WIDTH}.`,
    );
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}
