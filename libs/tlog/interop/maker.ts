import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes logs, proofs and notes for tests, by the specifications' definitions word for word and with no eye on cost. It
 * shares nothing with the library, so that verifiers are tried against something that the library had no part in.
 */
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
export const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.from([0]), entry);
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([1]), left, right);

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

/** MTH of RFC 6962, 2.1, over leaf hashes. */
export function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** PATH of RFC 6962, 2.1.1. */
export function inclusionPath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...inclusionPath(index, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...inclusionPath(index - k, leaves.slice(k)), treeHash(leaves.slice(0, k))];
}

/** PROOF of RFC 6962, 2.1.2; empty from size 0, as the witness protocol wants it. */
export function consistencyPath(old: number, leaves: readonly Buffer[]): Buffer[] {
  if (old === 0) return [];
  const subproof = (m: number, part: readonly Buffer[], known: boolean): Buffer[] => {
    if (m === part.length) return known ? [] : [treeHash(part)];
    const k = split(part.length);
    return m <= k
      ? [...subproof(m, part.slice(0, k), known), treeHash(part.slice(k))]
      : [...subproof(m - k, part.slice(k), false), treeHash(part.slice(0, k))];
  };
  return subproof(old, leaves, true);
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

export function checkpoint(leaves: readonly Buffer[], keys: readonly [TestKey, ...TestKey[]]): string {
  const text = `${keys[0].name}\n${leaves.length}\n${treeHash(leaves).toString('base64')}\n`;
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

/** Every file that a log of these entries has, checkpoint aside. */
export function* tilesOf(entries: readonly Buffer[], leaves: readonly Buffer[]): Generator<[string, Buffer]> {
  for (let first = 0; first < entries.length; first += 256) {
    const part = entries.slice(first, first + 256);
    yield [tilePath('entries', first / 256, part.length), bundle(part)];
  }
  for (let level = 0, span = 1; span <= entries.length; level++, span *= 256) {
    const hashes: Buffer[] = [];
    for (let at = 0; at + span <= leaves.length; at += span)
      hashes.push(treeHash(leaves.slice(at, at + span)));
    for (let first = 0; first < hashes.length; first += 256) {
      const part = hashes.slice(first, first + 256);
      yield [tilePath(level, first / 256, part.length), Buffer.concat(part)];
    }
  }
}

export function put(directory: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

/** Writes a whole log. Returns its checkpoint. */
export function makeLog(
  directory: string,
  { entries, leaves }: TestEntries,
  keys: readonly [TestKey, ...TestKey[]],
): string {
  for (const [path, bytes] of tilesOf(entries, leaves)) put(directory, path, bytes);
  const note = checkpoint(leaves, keys);
  put(directory, 'checkpoint', note);
  return note;
}

export interface TestEntries {
  entries: Buffer[];
  leaves: Buffer[];
}

/** Made-up entries of many lengths; number 1 is empty, number 2 is as long as an entry may be. */
export function someEntries(count: number): TestEntries {
  const entries = Array.from({ length: count }, (_, index) =>
    index === 1
      ? Buffer.alloc(0)
      : Buffer.from(`made-up entry ${index} `.repeat(index === 2 ? 4096 : 1 + (index % 3))).subarray(
          0,
          65_535,
        ),
  );
  return { entries, leaves: entries.map(leafHash) };
}

export function proofFile(
  index: number,
  leaves: readonly Buffer[],
  note: string,
  first = 'c2sp.org/tlog-proof@v1\n',
): string {
  const path = inclusionPath(index, leaves).map((hash) => `${hash.toString('base64')}\n`);
  return `${first}index ${index}\n${path.join('')}\n${note}`;
}

/** The body of a witness's add-checkpoint request. */
export function addCheckpoint(old: number, leaves: readonly Buffer[], note: string): string {
  const path = consistencyPath(old, leaves).map((hash) => `${hash.toString('base64')}\n`);
  return `old ${old}\n${path.join('')}\n${note}`;
}
