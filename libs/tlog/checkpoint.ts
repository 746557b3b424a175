import { TlogError } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import type { CosignatureVerifier, Signer, Verifier } from './keys.ts';
import { NOTE_LIMIT, parseNote, signNote, verifySignatures } from './note.ts';
import { hasControl, parseDecimal, parseHash, readText } from './text.ts';
import { isSize } from './tree.ts';

/** Checkpoints (https://c2sp.org/tlog-checkpoint): a tree's head as the text of a signed note. */

export interface Checkpoint {
  /** Names the log: a URL without scheme. At most 255 bytes. */
  origin: string;
  /** Entries in the tree. */
  size: number;
  root: Buffer;
  /** Further lines, of which no one but the log knows the meaning. Better none. */
  extensions: string[];
}

const ORIGIN_LIMIT = 255;

/** The text of a checkpoint, to be signed. Throws TlogError when it would be none. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  if (!isSize(size) || root.length !== HASH_BYTES)
    throw new TlogError('bad_checkpoint', `There is no tree of ${size} entries, or its root is no hash.`);
  const lines = [origin, String(size), root.toString('base64'), ...extensions];
  const text = `${lines.join('\n')}\n`;
  // Only what can be read again is written; a newline within a line would make two of it.
  if (parseCheckpoint(text).extensions.length !== extensions.length)
    throw new TlogError('bad_checkpoint', 'A line of the checkpoint has a newline in it.');
  return text;
}

/** Reads a checkpoint's text, without signatures. Throws TlogError: `bad_checkpoint`, `too_large`. */
export function parseCheckpoint(input: string): Checkpoint {
  const text = readText(input, NOTE_LIMIT, 'bad_checkpoint', 'checkpoint');
  const [origin = '', size = '', root = '', ...extensions] = text.split('\n');
  if (hasControl(text))
    throw new TlogError('bad_checkpoint', 'The checkpoint has a control character in it.');
  if (extensions.pop() !== '')
    throw new TlogError('bad_checkpoint', 'The checkpoint does not have three lines that end.');
  if (origin === '' || Buffer.byteLength(origin) > ORIGIN_LIMIT)
    throw new TlogError(
      'bad_checkpoint',
      `The origin of the checkpoint is not 1 to ${ORIGIN_LIMIT} bytes long.`,
    );
  const entries = parseDecimal(size);
  if (entries === null)
    throw new TlogError('bad_checkpoint', 'The size of the checkpoint is no decimal number up to 2^53 − 1.');
  const hash = parseHash(root);
  if (hash === null)
    throw new TlogError('bad_checkpoint', 'The root of the checkpoint is no hash in base64.');
  if (extensions.includes(''))
    throw new TlogError('bad_checkpoint', 'The checkpoint has an empty line in its text.');
  return { origin, size: entries, root: hash, extensions };
}

/** A signed checkpoint. Throws TlogError, or what a signer throws. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[]): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), signers);
}

/** Whom a reader believes. */
export interface Trust {
  /** The log's, as its first line says it. */
  origin: string;
  log: Verifier;
  /** Those whose cosignatures count. Others are not looked at. */
  witnesses?: readonly CosignatureVerifier[] | undefined;
  /** How many of the witnesses have to have cosigned. Without it, all of them. */
  quorum?: number | undefined;
}

export interface Cosignature {
  /** The witness. */
  name: string;
  keyId: number;
  /** When the witness had seen no larger tree: seconds since 1970. */
  time: number;
}

export interface OpenedCheckpoint {
  checkpoint: Checkpoint;
  /** Of known witnesses only, each verified. A witness that signed twice stands there twice, and counts once. */
  cosignatures: Cosignature[];
}

/**
 * Reads a checkpoint that is signed by the log and cosigned by enough witnesses. Throws TlogError: `bad_note`,
 * `bad_signature` (of the log or of a known witness), `unsigned`, `bad_checkpoint`, `wrong_origin`, `no_quorum`,
 * `out_of_range` for a quorum that is none.
 */
export function openCheckpoint(input: Uint8Array | string, trust: Trust): OpenedCheckpoint {
  const { origin, log, witnesses = [], quorum = witnesses.length } = trust;
  if (!isSize(quorum) || quorum > witnesses.length)
    throw new TlogError('out_of_range', `${quorum} of ${witnesses.length} witnesses is no quorum.`);
  const note = parseNote(input);
  const verified = verifySignatures(note, [log, ...witnesses]);
  if (!verified.some(({ verifier }) => verifier === log))
    throw new TlogError(
      'unsigned',
      `The checkpoint is not signed by the log’s key ${log.name}. Is it another log’s, or has its key changed?`,
    );
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== origin)
    throw new TlogError('wrong_origin', `The checkpoint is one of another log, not of ${origin}.`);
  const cosignatures = witnesses.flatMap((witness) =>
    verified
      .filter(({ verifier }) => verifier === witness)
      .map(({ name, keyId, signature }) => ({ name, keyId, time: witness.timeOf(signature) })),
  );
  const cosigned = new Set(cosignatures.map(({ name, keyId }) => `${name}+${keyId}`)).size;
  if (cosigned < quorum)
    throw new TlogError(
      'no_quorum',
      `${cosigned} of the ${witnesses.length} known witnesses have cosigned the checkpoint; ${quorum} are needed.`,
    );
  return { checkpoint, cosignatures };
}
