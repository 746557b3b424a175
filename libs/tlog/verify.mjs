// Verifies a transparency log (https://c2sp.org/tlog-tiles) from a copy of its directory, and entries from their proofs.
// Needs only Node 18.11 or newer, changes no file, uses no network, shares no code with what writes logs. Read it first.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { closeSync, constants, fstatSync, opendirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `usage: node verify.mjs [<directory>] --vkey <log's key> [--witness <key>]… [--quorum <n>]
                       [--earlier <checkpoint file>]… [--minimum-index <n>] [--proof <file.tlog-proof> --entry <file>]
  --vkey, --witness  verifier keys, "name+hash+base64", that reached you by another way than the log did
  --quorum           how many of the witnesses must have signed (all of them, unless given)
  --earlier          a checkpoint kept from before: the log must still begin with what it signed
  --minimum-index    full bundles of entries below it may be gone, as the log's stated policy says
  --proof, --entry   a proof, and the exact bytes of the entry it is for
exit: 0 every byte was accounted for · 1 does not verify · 2 wrong usage, or something could not be read`;
/** What was given does not verify: exit 1. Any other error means that it could not be checked: exit 2. */
class Wrong extends Error {}
function must(holds, otherwise) {
  if (!holds) throw new Wrong(otherwise);
}
let wrongs = 0;
/** Runs a step. What is wrong in it is counted and (of many, the first) said, and the check goes on. */
function saying(step) {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    if (++wrongs <= 20) console.log(`BAD ${error.message}`);
  }
}
/** Text from strangers, made fit for a terminal. */
const shown = (text) => JSON.stringify(text).replace(/[^\x20-\x7e]/g, '?');
const plain = (text, of) => of.equals(Buffer.from(text)) && [...text].every((c) => c >= ' ' || c === '\n');

// ── Hashes: RFC 6962, section 2.1 ────────────────────────────────────────────────────────────────────────────────────
const [LEAF, NODE] = [Buffer.from([0]), Buffer.from([1])];
const sha256 = (...parts) => parts.reduce((state, part) => state.update(part), createHash('sha256')).digest();
/** Where a tree is split: the largest power of two below its number of leaves. */
function splitOf(count) {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
/** The Merkle tree hash over hashes. */
function treeHash(hashes) {
  if (hashes.length < 2) return hashes[0] ?? sha256();
  const split = splitOf(hashes.length);
  return sha256(NODE, treeHash(hashes.slice(0, split)), treeHash(hashes.slice(split)));
}
/** The root that an inclusion proof leads to, from the leaf at `index` of `size`. */
function rootOfProof(leaf, index, size, proof) {
  must((size === 1) === (proof.length === 0), 'the proof has too many or too few hashes for its place');
  if (size === 1) return leaf;
  const [split, inner, sibling] = [splitOf(size), proof.slice(0, -1), proof.at(-1)];
  if (index < split) return sha256(NODE, rootOfProof(leaf, index, split, inner), sibling);
  return sha256(NODE, sibling, rootOfProof(leaf, index - split, size - split, inner));
}

// ── Keys and checkpoints: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature ──────────────────
const [LOG, WITNESS] = [1, 4]; // the types of an Ed25519 key; after type and key id, a signature has 64 bytes
/** Decodes only what is spelled as an encoder would; null for anything else. */
function base64(text, length) {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text && bytes.length === (length ?? bytes.length) ? bytes : null;
}
/** name+id+base64(type, 32 bytes of key); the id is the first 4 bytes of SHA-256(name, newline, type, key). */
function parseKey(text, type) {
  const [, name, id, encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const key = base64(encoded, 33);
  if (key?.[0] !== type || sha256(Buffer.from(`${name}\n`), key).toString('hex', 0, 4) !== id)
    throw new Error(`${shown(text)} is no key of a ${type === LOG ? 'log' : 'witness'}, or was mistyped`);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url', 1) };
  return { name, id, type, signer: createPublicKey({ key: jwk, format: 'jwk' }) };
}
/** A checkpoint that the log's key signed for its own origin; `seen`: which witnesses signed it, and when. */
function openCheckpoint(bytes, where, { logKey, witnesses, quorum }) {
  const note = bytes.toString();
  const end = note.lastIndexOf('\n\n');
  const [text, lines] = [note.slice(0, end + 1), note.slice(end + 2).split('\n')];
  const whole = plain(note, bytes) && end > 0 && lines.pop() === '' && lines.length > 0 && lines.length < 101;
  must(whole, `${where} is no signed note (text, an empty line, 1 to 100 signature lines)`);
  const seen = new Map();
  let known = 0;
  for (const line of lines) {
    const [, name, encoded = ''] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? [];
    const signature = base64(encoded);
    must(signature?.length > 4, `${where}: ${shown(line)} is no signature line`);
    const isBy = (key) => key.name === name && key.id === signature.toString('hex', 0, 4);
    const key = [logKey, ...witnesses].find(isBy);
    if (key === undefined) continue; // The specification: signatures by keys that are not known are passed over.
    known++;
    const from = key.type === LOG ? 4 : 12;
    must(signature.length === from + 64, `${where}: the signature of ${name} has a wrong length`);
    const time = key.type === LOG ? null : signature.readBigUInt64BE(4);
    const message = Buffer.from(time === null ? text : `cosignature/v1\ntime ${time}\n${text}`);
    must(verify(null, message, key.signer, signature.subarray(from)), `${where}: ${name} did not sign this`);
    seen.set(key, new Date(Number(time) * 1000));
  }
  must(seen.delete(logKey), `${where} is not signed by ${logKey.name} (key ${logKey.id})`);
  must(seen.size >= quorum, `${where} is signed by ${seen.size} of the witnesses; ${quorum} needed`);
  const [origin, digits, encoded, ...more] = text.split('\n');
  must(origin === logKey.name, `${where} is of the log ${shown(origin)}, not of ${logKey.name}`);
  const [size, root] = [Number(digits), base64(encoded ?? '', 32)];
  const proper = /^(0|[1-9]\d*)$/.test(digits) && Number.isSafeInteger(size) && root !== null;
  must(proper && more.join() === '', `${where} is no checkpoint of origin, size and root alone`);
  return { where, size, root, seen, signatures: `${known} of ${lines.length} signatures are of known keys` };
}

// ── Files: a read is bounded by what may rightly stand there; links, pipes and devices are not read ──────────────────
const [NOTE_LIMIT, ENTRY_LIMIT] = [1_000_000, 65_535];
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
function read(path, limit, mayLack = false) {
  let file;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    if (mayLack && error.code === 'ENOENT') return null;
    must(error.code !== 'ENOENT' && error.code !== 'ENOTDIR', `${path} is missing`);
    must(error.code !== 'ELOOP' && error.code !== 'ENXIO', `${path} is no regular file`);
    throw error;
  }
  const status = fstatSync(file);
  const fitting = status.isFile() && status.size <= limit;
  const bytes = fitting && status.size > 0 ? readFileSync(file) : Buffer.alloc(0);
  closeSync(file);
  must(status.isFile(), `${path} is no regular file`);
  must(fitting, `${path} has ${status.size} bytes; at most ${limit} can belong there`);
  return bytes;
}
/** tile/<level, or "entries">/<index in groups of three digits>[.p/<width>] */
function tilePath(kind, index, width) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  return `tile/${kind}/${digits.replace(/\d{3}(?=\d)/g, 'x$&/')}${width < 256 ? `.p/${width}` : ''}`;
}
function readTile(directory, kind, index, width, mayLack) {
  const limit = width * (kind === 'entries' ? 2 + ENTRY_LIMIT : 32);
  return read(join(directory, tilePath(kind, index, width)), limit, mayLack);
}
/** The leaf hashes of a bundle's entries, each of which is led by its length in 2 bytes. */
function leavesIn(bytes, index, width) {
  const leaves = [];
  let at = 0;
  for (let end = 0; leaves.length < width && at + 2 <= bytes.length; at = end) {
    end = at + 2 + bytes.readUInt16BE(at);
    leaves.push(sha256(LEAF, bytes.subarray(at + 2, end)));
  }
  const exact = leaves.length === width && at === bytes.length;
  must(exact, `${tilePath('entries', index, width)} is not made of exactly ${width} entries`);
  return leaves;
}
const hashesOf = (tile) => Array.from({ length: 256 }, (_, at) => tile.subarray(at * 32, at * 32 + 32));

// ── The log: the root is recomputed from the entries; hash tiles are compared with it, and never believed ────────────
/** Checks entries and hash tiles against `checkpoints`, none larger than `size`; returns how many entries are pruned. */
function recompute(directory, size, checkpoints, minimum) {
  const rows = [[]]; // rows[level]: the hashes of the one tile of that level that is not full yet
  const compare = (level, index, width) => {
    const same = readTile(directory, level, index, width).equals(Buffer.concat(rows[level]));
    must(same, `${tilePath(level, index, width)} does not hold the hashes of the entries`);
  };
  const add = (level, added, count) => {
    rows[level] ??= [];
    if (rows[level].push(added) < 256) return;
    saying(() => compare(level, count / 256 ** (level + 1) - 1, 256));
    add(level + 1, treeHash(rows[level].splice(0)), count);
  };
  const settle = (count) => {
    for (const { where, root } of checkpoints.filter((checkpoint) => checkpoint.size === count)) {
      let right = []; // the one hash over all that the rows below leave over
      for (const row of rows) if (row.length + right.length > 0) right = [treeHash(row.concat(right))];
      const same = treeHash(right).equals(root);
      saying(() => must(same, `${where}: the first ${count} entries have another root`));
    }
  };
  settle(0);
  let pruned = 0;
  for (let count = 0; count < size; ) {
    const [index, width] = [count / 256, Math.min(256, size - count)];
    const bundle = readTile(directory, 'entries', index, width, width === 256 && count + 256 <= minimum);
    if (!bundle) pruned += 256; // Their hashes in the lowest tile are right if they lead to the signed root.
    const leaves = bundle ? leavesIn(bundle, index, width) : hashesOf(readTile(directory, 0, index, 256));
    for (const leaf of leaves) {
      add(0, leaf, ++count);
      settle(count);
    }
  }
  for (const [level, { length }] of rows.entries())
    if (length > 0) saying(() => compare(level, Math.floor(size / 256 ** (level + 1)), length));
  return pruned;
}
const STATED = /^minimum index (0|[1-9]\d{0,15})\n.+\n$/;
const FILE = /^tile\/(entries|\d)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
/** The size of one file: the checkpoint, what is said of pruning, a tile of a log of `size` entries, or its beginning. */
function account(directory, path, size) {
  if (path === 'checkpoint') return read(join(directory, path), NOTE_LIMIT).length;
  if (path === 'pruned') {
    const bytes = read(join(directory, path), 4096);
    must(STATED.test(bytes) && plain(`${bytes}`, bytes), 'pruned is no minimum index with a policy');
    console.log(`--  pruned: the log's holder says, and nobody signs: ${shown(`${bytes}`)}`);
    return bytes.length;
  }
  const [, kind, digits = '', partial = 256] = FILE.exec(path) ?? [];
  const [index, width] = [Number(digits.replace(/[x/]/g, '')), Number(partial)];
  must(kind !== undefined && tilePath(kind, index, width) === path, `${shown(path)} is no file of a log`);
  const covered = Math.min(256, Math.floor(size / 256 ** (Number(kind) || 0)) - index * 256);
  must(width <= covered, `${path} goes beyond the ${size} entries of the checkpoint: no signature covers it`);
  const bytes = readTile(directory, kind, index, width);
  if (width === covered) return bytes.length;
  // A partial tile of an earlier checkpoint: it may stay, and must be the beginning of what became of it.
  const now = readTile(directory, Number(kind) || 0, index, covered);
  const hashes = kind === 'entries' ? Buffer.concat(leavesIn(bytes, index, width)) : bytes;
  const begins = hashes.length === width * 32 && now.subarray(0, hashes.length).equals(hashes);
  must(begins, `${path} is not how the tile begins that it grew into`);
  return bytes.length;
}
/** Looks at every file below the directory, and returns the number of their bytes. */
function walk(directory, size) {
  const [folders, most] = [[''], 10_000 + 4 * size];
  let [seen, bytes] = [0, 0];
  for (const folder of folders) {
    const items = opendirSync(join(directory, folder));
    for (let item = items.readSync(); item !== null; item = items.readSync()) {
      must(++seen < most, `more than ${most} files and folders: no log of ${size} entries has so many`);
      const path = `${folder}${item.name}`;
      if (item.isDirectory()) folders.push(`${path}/`);
      else bytes += saying(() => account(directory, path, size)) ?? 0;
    }
    items.closeSync();
  }
  return bytes;
}

// ── One entry: c2sp.org/tlog-proof ───────────────────────────────────────────────────────────────────────────────────
/** The checkpoint that a proof ends with, if the proof leads from the entry's bytes to its root. */
function openProof(bytes, entry, where, policy) {
  const end = Math.max(0, bytes.indexOf('\n\n'));
  const lines = bytes.toString('latin1', 0, end).split('\n');
  must(lines.shift() === 'c2sp.org/tlog-proof@v1', `${where} is no tlog-proof@v1`);
  if (lines[0]?.startsWith('extra ')) lines.shift(); // Nothing vouches for it: it is not looked at.
  const index = Number(/^index (0|[1-9]\d*)$/.exec(lines.shift())?.[1]);
  const proof = lines.map((line) => base64(line, 32));
  must(Number.isSafeInteger(index) && proof.length < 64 && !proof.includes(null), `${where} is malformed`);
  const checkpoint = openCheckpoint(bytes.subarray(end + 2), `the checkpoint in ${where}`, policy);
  must(index < checkpoint.size, `${where}: index ${index}, but only ${checkpoint.size} entries`);
  const root = rootOfProof(sha256(LEAF, entry), index, checkpoint.size, proof);
  must(root.equals(checkpoint.root), `${where} does not lead from this entry to the signed root`);
  console.log(`ok  ${where}: the entry is number ${index} (from 0) of ${checkpoint.size}`);
  return checkpoint;
}

// ── What was asked ───────────────────────────────────────────────────────────────────────────────────────────────────
function check(directory, { earlier, proof, entry }, policy, minimum) {
  const note = (path) => read(realpathSync(path), NOTE_LIMIT);
  const checkpoints = earlier.map((path) => openCheckpoint(note(path), path, { ...policy, quorum: 0 }));
  if (proof !== undefined)
    checkpoints.push(openProof(note(proof), read(realpathSync(entry), ENTRY_LIMIT), proof, policy));
  if (directory !== undefined) {
    const bytes = read(join(realpathSync(directory), 'checkpoint'), NOTE_LIMIT);
    checkpoints.push(openCheckpoint(bytes, 'checkpoint', policy));
  }
  const count = checkpoints.at(-1).size;
  for (const { where, size, root, seen, signatures } of checkpoints) {
    console.log(`ok  ${where}: ${size} entries with root ${root.toString('base64')}; ${signatures}`);
    for (const [key, time] of seen) console.log(`ok  ${where}: seen by ${key.name} at ${time.toJSON()}`);
    saying(() => must(size <= count, `${where}: signed for ${size} entries, and here are only ${count}`));
  }
  if (directory === undefined) return;
  const pruned = recompute(directory, count, checkpoints, minimum);
  const bytes = walk(directory, count);
  if (pruned > 0) console.log(`--  ${pruned} entries below ${minimum} were not looked at: pruned`);
  if (wrongs > 0) return;
  console.log(`ok  ${count - pruned} entries, every hash tile, all ${bytes} bytes of files accounted for`);
}
function main(args) {
  const [text, texts] = [{ type: 'string' }, { type: 'string', multiple: true, default: [] }];
  const options = { vkey: text, witness: texts, quorum: text, earlier: texts, proof: text, entry: text };
  options['minimum-index'] = text;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { vkey, earlier, proof, entry } = values;
  const alone = positionals.length === 0 && proof !== undefined && earlier.length === 0;
  const complete = vkey !== undefined && (proof === undefined) === (entry === undefined);
  if (!complete || !(alone || positionals.length === 1)) throw new Error(USAGE);
  const [logKey, witnesses] = [parseKey(vkey, LOG), values.witness.map((key) => parseKey(key, WITNESS))];
  const quorum = Number(values.quorum ?? witnesses.length);
  if (!(quorum >= 0 && quorum <= witnesses.length)) throw new Error(`--quorum: 0 to ${witnesses.length}`);
  const minimum = Number(values['minimum-index'] ?? 0);
  if (!(minimum >= 0)) throw new Error('--minimum-index: a number of entries');
  saying(() => check(positionals[0], values, { logKey, witnesses, quorum }, minimum));
  const split = quorum > 0 ? '' : ', or (no witness was needed) another log under this key';
  console.log(`Not known: if all that happened was logged, if it is true, if this is the newest${split}.`);
  console.log(wrongs === 0 ? 'VERIFIED' : `DOES NOT VERIFY: ${wrongs} found wrong`);
}
try {
  main(process.argv.slice(2));
  process.exitCode = wrongs === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = wrongs === 0 ? 2 : 1;
}
