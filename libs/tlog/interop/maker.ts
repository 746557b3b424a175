import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes logs, proofs and notes for tests, by the specifications' definitions word for word and with no eye on cost. It
 * shares nothing with the library, so that verifiers are tried against something that the library had no part in.
 */
const sha256 = (...parts: Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
export const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.from([0]), entry);

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

/** Entries, and the hashes over any range of them by RFC 6962's definitions. Of one tree, logs of every size are made. */
export class TestTree {
  readonly entries: readonly Buffer[];
  readonly #known = new Map<string, Buffer>();
  constructor(entries: readonly Buffer[]) {
    this.entries = entries;
  }

  /** MTH(D[from:to]), section 2.1. */
  hash(from: number, to: number): Buffer {
    const place = `${from}-${to}`;
    const found = this.#known.get(place) ?? this.#compute(from, to);
    this.#known.set(place, found);
    return found;
  }
  #compute(from: number, to: number): Buffer {
    const entry = this.entries[from];
    if (from === to || entry === undefined) return sha256();
    if (from + 1 === to) return leafHash(entry);
    const middle = from + split(to - from);
    return sha256(Buffer.from([1]), this.hash(from, middle), this.hash(middle, to));
  }

  /** PATH(index - from, D[from:to]), section 2.1.1. */
  inclusionPath(index: number, to: number, from = 0): Buffer[] {
    if (from + 1 === to) return [];
    const middle = from + split(to - from);
    return index < middle
      ? [...this.inclusionPath(index, middle, from), this.hash(middle, to)]
      : [...this.inclusionPath(index, to, middle), this.hash(from, middle)];
  }

  /** PROOF(old, D[0:size]), section 2.1.2; empty from size 0, as the witness protocol wants it. */
  consistencyPath(old: number, size: number): Buffer[] {
    const subproof = (from: number, to: number, known: boolean): Buffer[] => {
      if (old === to) return known ? [] : [this.hash(from, to)];
      const middle = from + split(to - from);
      return old <= middle
        ? [...subproof(from, middle, known), this.hash(middle, to)]
        : [...subproof(middle, to, false), this.hash(from, middle)];
    };
    return old === 0 ? [] : subproof(0, size, true);
  }
}

export interface TestKey {
  name: string;
  vkey: string;
  /** The signature line of a note's text. */
  line(text: string): string;
}

function privateKey(seed: number): KeyObject {
  const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.alloc(32, seed)]),
    format: 'der',
    type: 'pkcs8',
  });
}

function testKey(name: string, seed: number, type: number, signer: (key: KeyObject, text: string) => Buffer) {
  const secret = privateKey(seed);
  const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
  const key = Buffer.concat([Buffer.from([type]), raw]);
  const id = sha256(Buffer.from(`${name}\n`), key).subarray(0, 4);
  return {
    name,
    vkey: `${name}+${id.toString('hex')}+${key.toString('base64')}`,
    line: (text: string) => `— ${name} ${Buffer.concat([id, signer(secret, text)]).toString('base64')}\n`,
  };
}

/** A log's key, the same for the same seed (0–255). */
export const logKey = (name: string, seed: number): TestKey =>
  testKey(name, seed, 1, (key, text) => sign(null, Buffer.from(text), key));

/** A witness's key, which always signs at `time` (seconds). */
export const witnessKey = (name: string, seed: number, time: bigint): TestKey =>
  testKey(name, seed, 4, (key, text) => {
    const stamp = Buffer.alloc(8);
    stamp.writeBigUInt64BE(time);
    return Buffer.concat([stamp, sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), key)]);
  });

export type TestKeys = readonly [log: TestKey, ...witnesses: TestKey[]];

export function checkpoint(tree: TestTree, size: number, keys: TestKeys): string {
  const text = `${keys[0].name}\n${size}\n${tree.hash(0, size).toString('base64')}\n`;
  return `${text}\n${keys.map((key) => key.line(text)).join('')}`;
}

export function tilePath(kind: number | 'entries', index: number, width: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return `tile/${kind}/${path}${width < 256 ? `.p/${width}` : ''}`;
}

export const bundle = (entries: readonly Buffer[]): Buffer =>
  Buffer.concat(entries.flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), entry]));

/** The hashes of a tile. */
export const hashTile = (tree: TestTree, level: number, first: number, to: number): Buffer =>
  Buffer.concat(
    Array.from({ length: to - first }, (_, at) =>
      tree.hash((first + at) * 256 ** level, (first + at + 1) * 256 ** level),
    ),
  );

/** Every file that a log of that size has, checkpoint aside. */
export function* tilesOf(tree: TestTree, size: number): Generator<[string, Buffer]> {
  for (let first = 0; first < size; first += 256) {
    const part = tree.entries.slice(first, Math.min(first + 256, size));
    yield [tilePath('entries', first / 256, part.length), bundle(part)];
  }
  for (let level = 0; 256 ** level <= size; level++) {
    const hashes = Math.floor(size / 256 ** level);
    for (let first = 0; first < hashes; first += 256) {
      const to = Math.min(first + 256, hashes);
      yield [tilePath(level, first / 256, to - first), hashTile(tree, level, first, to)];
    }
  }
}

export function put(directory: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

/** Writes a whole log, or what is new of it where a smaller one of the same tree stands. */
export function makeLog(directory: string, tree: TestTree, size: number, keys: TestKeys): void {
  for (const [path, bytes] of tilesOf(tree, size)) {
    if (!existsSync(join(directory, path))) put(directory, path, bytes);
  }
  put(directory, 'checkpoint', checkpoint(tree, size, keys));
}

/** Made-up entries of many lengths; number 1 is empty, number 2 is as long as an entry may be. */
export const someEntries = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => {
    const times = index === 2 ? 4096 : 1 + (index % 3);
    return index === 1
      ? Buffer.alloc(0)
      : Buffer.from(`made-up entry ${index} `.repeat(times)).subarray(0, 65_535);
  });

const lines = (hashes: readonly Buffer[]): string =>
  hashes.map((hash) => `${hash.toString('base64')}\n`).join('');

/** c2sp.org/tlog-proof, or with an empty first line what spicy reads. */
export const proofFile = (
  tree: TestTree,
  index: number,
  size: number,
  note: string,
  first = 'c2sp.org/tlog-proof@v1\n',
): string => `${first}index ${index}\n${lines(tree.inclusionPath(index, size))}\n${note}`;

/** The body of a witness's add-checkpoint request. */
export const addCheckpoint = (tree: TestTree, old: number, size: number, note: string): string =>
  `old ${old}\n${lines(tree.consistencyPath(old, size))}\n${note}`;
