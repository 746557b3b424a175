import { TlogError } from './errors.ts';
import { tooLarge } from './files.ts';
import { HASH_BYTES } from './hash.ts';
import {
  BUNDLE_LIMIT,
  type Bundle,
  bundlePath,
  decodeBundle,
  TILE_WIDTH,
  type Tile,
  tilePath,
} from './tile.ts';

/**
 * Gets a file of a log that nobody vouches for, by its path; null when there is none. It should not read on behind
 * `limit` bytes; what comes longer is refused. It ends by itself in bounded time.
 */
export type Fetch = (path: string, limit: number) => Promise<Uint8Array | null>;

/** A file's bytes. Throws TlogError `too_large`. */
export async function fetchFile(fetch: Fetch, path: string, limit: number): Promise<Buffer | null> {
  const bytes = await fetch(path, limit);
  if (bytes === null) return null;
  if (bytes.length > limit) throw tooLarge(path, limit);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The first `width` hashes of a tile; from the full one where the partial one is gone. Throws TlogError: `missing`,
 * `bad_tile`, `too_large`.
 */
export async function fetchTile(fetch: Fetch, tile: Tile): Promise<Buffer> {
  const limit = TILE_WIDTH * HASH_BYTES;
  const path = tilePath(tile);
  const own = await fetchFile(fetch, path, limit);
  if (own === null && tile.width < TILE_WIDTH) {
    const full = await fetchTile(fetch, { ...tile, width: TILE_WIDTH });
    return full.subarray(0, tile.width * HASH_BYTES);
  }
  if (own === null) throw missing(path);
  if (own.length !== tile.width * HASH_BYTES)
    throw new TlogError('bad_tile', `${path} has ${own.length} bytes, not ${tile.width * HASH_BYTES}.`);
  return own;
}

/** The first entries of a bundle, as `fetchTile`. Throws TlogError: `missing`, `bad_bundle`, `too_large`. */
export async function fetchBundle(fetch: Fetch, bundle: Bundle): Promise<Buffer[]> {
  const path = bundlePath(bundle);
  const own = await fetchFile(fetch, path, BUNDLE_LIMIT);
  if (own !== null) return decoded(path, own, bundle.width);
  if (bundle.width === TILE_WIDTH) throw missing(path);
  const full = await fetchBundle(fetch, { ...bundle, width: TILE_WIDTH });
  return full.slice(0, bundle.width);
}

/** A full bundle's entries; null where there is none, which is for the caller to allow. Throws TlogError. */
export async function fetchPrunable(fetch: Fetch, bundle: Bundle): Promise<Buffer[] | null> {
  const path = bundlePath(bundle);
  const bytes = await fetchFile(fetch, path, BUNDLE_LIMIT);
  return bytes === null ? null : decoded(path, bytes, bundle.width);
}

function decoded(path: string, bytes: Buffer, width: number): Buffer[] {
  try {
    return decodeBundle(bytes, width);
  } catch (cause) {
    if (cause instanceof TlogError) throw new TlogError(cause.code, `${path}: ${cause.message}`, cause);
    throw cause;
  }
}

function missing(path: string): TlogError {
  return new TlogError('missing', `${path} is not there; the signed tree has it.`);
}
