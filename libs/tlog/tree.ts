import { TlogError } from './errors.ts';
import { emptyRoot, HASH_BYTES, nodeHash, sameHash } from './hash.ts';

/**
 * The Merkle tree of RFC 6962, section 2.1, seen as *complete subtrees*. Sizes and indexes are whole numbers up to
 * 2^53 − 1, and the arithmetic holds that far: no bit operations, which end at 2^32.
 */

/** The complete subtree over the entries [index · 2^level, (index + 1) · 2^level). */
export interface Node {
  level: number;
  index: number;
}

/** Reads the hashes of complete subtrees, in the order in which they are asked for. May reject. */
export type HashReader = (wanted: readonly Node[]) => Promise<Buffer[]>;

/** The entries [from, to): complete subtrees of falling size, hashed together from the right. */
interface Range {
  from: number;
  to: number;
}

/** The complete subtrees that a tree of `size` entries consists of, from left to right: one for each bit that is set. */
export function rootNodes(size: number): Node[] {
  return nodesOf({ from: 0, to: checkedSize(size) });
}

/** The complete subtrees that an inclusion proof of entry `index` in the tree of `size` is made from. */
export function inclusionNodes(index: number, size: number): Node[] {
  return inclusionRanges(index, size).flatMap(nodesOf);
}

/** The complete subtrees that a consistency proof from `old` to `size` entries is made from. */
export function consistencyNodes(old: number, size: number): Node[] {
  return consistencyPath(old, size).proof.flatMap(nodesOf);
}

/** The root hash of the tree of `size` entries. Throws TlogError, or what `read` throws. */
export async function rootOf(read: HashReader, size: number): Promise<Buffer> {
  if (checkedSize(size) === 0) return Buffer.from(emptyRoot);
  const [root] = await readRanges(read, [{ from: 0, to: size }]);
  return root ?? missing();
}

/**
 * That entry `index` is in the tree of `size` entries (RFC 6962, section 2.1.1): hashes from the leaf's sibling up to
 * the root's child. Throws TlogError when the tree has no such entry, or what `read` throws.
 */
export function inclusionProof(read: HashReader, index: number, size: number): Promise<Buffer[]> {
  return readRanges(read, inclusionRanges(index, size));
}

/**
 * That the tree of `size` entries begins with the tree of `old` entries (RFC 6962, section 2.1.2). Empty when `old` is
 * 0 or `size`. Throws TlogError when `old` is larger than `size`, or what `read` throws.
 */
export function consistencyProof(read: HashReader, old: number, size: number): Promise<Buffer[]> {
  return readRanges(read, consistencyPath(old, size).proof);
}

export interface InclusionClaim {
  leafHash: Uint8Array;
  index: number;
  size: number;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}

/** Whether the proof shows that the entry is in the tree. False for whatever is malformed; never throws. */
export function verifyInclusion({ leafHash, index, size, proof, root }: InclusionClaim): boolean {
  if (!isSize(size) || !isSize(index) || index >= size || !areHashes([leafHash, ...proof])) return false;
  const path = inclusionRanges(index, size);
  if (proof.length !== path.length) return false;
  let hash = leafHash;
  for (const [step, { from }] of path.entries()) {
    const sibling = proof[step] ?? missing();
    hash = from > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  return sameHash(hash, root);
}

export interface ConsistencyClaim {
  old: number;
  oldRoot: Uint8Array;
  size: number;
  root: Uint8Array;
  proof: readonly Uint8Array[];
}

/**
 * Whether the proof shows that the tree of `size` begins with the one of `old` entries. Every tree begins with the
 * empty one, and with itself: there the proof has to be empty. False for whatever is malformed; never throws.
 */
export function verifyConsistency({ old, oldRoot, size, root, proof }: ConsistencyClaim): boolean {
  if (!isSize(old) || !isSize(size) || old > size || !areHashes([oldRoot, root, ...proof])) return false;
  if (size === 0 && !sameHash(root, emptyRoot)) return false;
  if (old === 0) return proof.length === 0 && sameHash(oldRoot, emptyRoot);
  if (old === size) return proof.length === 0 && sameHash(oldRoot, root);
  const { proof: path, whole } = consistencyPath(old, size);
  if (proof.length !== path.length) return false;
  // A whole old tree is a subtree of the new one: its root, which is known, takes the place of the first hash.
  const seed = whole ? oldRoot : (proof[0] ?? missing());
  let oldHash = seed;
  let newHash = seed;
  for (let step = whole ? 0 : 1; step < path.length; step++) {
    const sibling = proof[step] ?? missing();
    const { from } = path[step] ?? missing();
    if (from >= old) newHash = nodeHash(newHash, sibling);
    else {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
    }
  }
  return sameHash(oldHash, oldRoot) && sameHash(newHash, root);
}

/** The right edge of a growing tree: all that is needed to append to it, and its root. At most 53 hashes. */
export class Frontier {
  #size: number;
  readonly #hashes: Buffer[];

  private constructor(size: number, hashes: Buffer[]) {
    this.#size = size;
    this.#hashes = hashes;
  }

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** `hashes`: those of `rootNodes(size)`, from left to right; copied. Throws TlogError when they are not as many. */
  static of(size: number, hashes: readonly Uint8Array[]): Frontier {
    const wanted = rootNodes(size).length;
    if (hashes.length !== wanted || !areHashes(hashes))
      throw new TlogError(
        'out_of_range',
        `A tree of ${size} entries has an edge of ${wanted} hashes of ${HASH_BYTES} bytes, not ${hashes.length}. Give the hashes of rootNodes(${size}).`,
      );
    return new Frontier(
      size,
      hashes.map((hash) => Buffer.from(hash)),
    );
  }

  /** Entries so far. */
  get size(): number {
    return this.#size;
  }

  /** The hashes of `rootNodes(size)`, from left to right. */
  hashes(): Buffer[] {
    return [...this.#hashes];
  }

  /** The root hash of the tree as it is now. */
  root(): Buffer {
    const hashes = this.#hashes;
    const last = hashes.at(-1);
    if (last === undefined) return Buffer.from(emptyRoot);
    return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
  }

  /**
   * Appends an entry by its leaf hash (kept, not copied). `onComplete` is told each subtree that is complete now, from
   * the leaf itself up. Throws TlogError when the tree is as large as it can be.
   */
  append(leafHash: Buffer, onComplete?: (level: number, index: number, hash: Buffer) => void): void {
    const size = checkedSize(this.#size + 1);
    if (leafHash.length !== HASH_BYTES)
      throw new TlogError('out_of_range', `A leaf hash is ${HASH_BYTES} bytes long, not ${leafHash.length}.`);
    let level = 0;
    let index = this.#size;
    let hash = leafHash;
    onComplete?.(level, index, hash);
    // An odd index: the left sibling is complete, and is the last of the edge. The edge itself stays as it was until
    // all is done, in case `onComplete` throws.
    let edge = this.#hashes.length;
    let left = index % 2 === 1 ? this.#hashes[edge - 1] : undefined;
    while (left !== undefined) {
      hash = nodeHash(left, hash);
      edge -= 1;
      level += 1;
      index = (index - 1) / 2;
      onComplete?.(level, index, hash);
      left = index % 2 === 1 ? this.#hashes[edge - 1] : undefined;
    }
    this.#hashes.length = edge;
    this.#hashes.push(hash);
    this.#size = size;
  }
}

/** Whether it is a size or an index that a tree can have. */
export function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function checkedSize(size: number): number {
  if (isSize(size)) return size;
  throw new TlogError('out_of_range', `A tree has 0 to 2^53 − 1 entries, not ${size}. Give a whole number.`);
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

/** The largest power of two below `length`, which is at least 2. */
function splitOf(length: number): number {
  let split = 1;
  while (split * 2 < length) split *= 2;
  return split;
}

/** What stands beside the way from the leaf to the root, from the leaf on. */
function inclusionRanges(index: number, size: number): Range[] {
  if (checkedSize(index) >= checkedSize(size))
    throw new TlogError(
      'out_of_range',
      `There is no entry ${index} in a tree of ${size}. Ask for one below ${size}.`,
    );
  const beside: Range[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      beside.push({ from: middle, to });
      to = middle;
    } else {
      beside.push({ from, to: middle });
      from = middle;
    }
  }
  return beside.reverse();
}

/** The proof's hashes as ranges; `whole`: the old tree is a complete subtree, so that its own hash is left out. */
function consistencyPath(old: number, size: number): { proof: Range[]; whole: boolean } {
  if (checkedSize(old) > checkedSize(size))
    throw new TlogError(
      'out_of_range',
      `A tree of ${size} entries does not begin with one of ${old}. Ask for an old size up to ${size}.`,
    );
  if (old === 0) return { proof: [], whole: true };
  const proof: Range[] = [];
  let from = 0;
  let to = size;
  while (to !== old) {
    const middle = from + splitOf(to - from);
    if (old <= middle) {
      proof.push({ from: middle, to });
      to = middle;
    } else {
      proof.push({ from, to: middle });
      from = middle;
    }
  }
  const whole = from === 0;
  if (!whole) proof.push({ from, to });
  return { proof: proof.reverse(), whole };
}

/** The complete subtrees of a range that begins where the largest of them may. */
function nodesOf({ from, to }: Range): Node[] {
  const nodes: Node[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    let length = 1;
    while (at + length * 2 <= to) {
      level += 1;
      length *= 2;
    }
    nodes.push({ level, index: at / length });
    at += length;
  }
  return nodes;
}

/** Reads all that the ranges consist of at once, and hashes each range together. */
async function readRanges(read: HashReader, ranges: readonly Range[]): Promise<Buffer[]> {
  const parts = ranges.map(nodesOf);
  const wanted = parts.flat();
  const hashes = wanted.length === 0 ? [] : await read(wanted);
  if (hashes.length !== wanted.length || !areHashes(hashes))
    throw new TlogError(
      'out_of_range',
      `The reader was asked for ${wanted.length} hashes and gave ${hashes.length}, or not of ${HASH_BYTES} bytes.`,
    );
  let at = 0;
  return parts.map((part) => {
    const own = hashes.slice(at, at + part.length);
    at += part.length;
    return own.reduceRight((right, left) => nodeHash(left, right));
  });
}

function missing(): never {
  throw new TlogError('out_of_range', 'A hash is missing that was counted before.');
}
