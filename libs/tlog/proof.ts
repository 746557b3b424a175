import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint, type Trust } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { leafHash } from './hash.ts';
import { NOTE_LIMIT, parseNote } from './note.ts';
import { hasControl, parseBase64, parseDecimal, parseHash, readText } from './text.ts';
import { verifyInclusion } from './tree.ts';

/** Proofs of one entry that can be verified offline (https://c2sp.org/tlog-proof), in files named `….tlog-proof`. */

/**
 * `tlog-proof`: the standard. `spicy`: what torchwood's `spicy` command reads, in a file named `<entry's file>.spicy`:
 * the same without the first line and without extra data.
 */
export type ProofFormat = 'tlog-proof' | 'spicy';

export interface Proof {
  /** Of the entry, in the log. */
  index: number;
  /** From the leaf's sibling up to the root's child: `inclusionProof`. */
  hashes: Buffer[];
  /** A signed checkpoint, whole. */
  checkpoint: string;
  /** What the application wants to be told. Nothing vouches for it. Null for none. */
  extra: Buffer | null;
}

/** The longest proof that is read, in bytes. */
export const PROOF_LIMIT = 2 * NOTE_LIMIT;
/** More levels than a tree can have. */
const HASH_LIMIT = 63;
const FIRST_LINE = 'c2sp.org/tlog-proof@v1\n';
const EXTRA = 'extra ';
const INDEX = 'index ';

/** Writes a proof. Throws TlogError when it would be none. */
export function formatProof(proof: Proof, format: ProofFormat = 'tlog-proof'): string {
  const { index, hashes, checkpoint, extra } = proof;
  if (extra !== null && format === 'spicy')
    throw new TlogError('bad_proof', 'A spicy proof has no extra data. Leave it out, or write a tlog-proof.');
  const lines = [
    ...(extra === null ? [] : [`${EXTRA}${extra.toString('base64')}`]),
    `${INDEX}${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ];
  const text = `${format === 'spicy' ? '' : FIRST_LINE}${lines.join('\n')}\n\n${checkpoint}`;
  // Only what can be read again is written.
  parseProof(text, format);
  return text;
}

/** Reads a proof; verifies nothing. Throws TlogError: `bad_proof`, `bad_note`, `bad_checkpoint`, `too_large`. */
export function parseProof(input: Uint8Array | string, format: ProofFormat = 'tlog-proof'): Proof {
  const text = readText(input, PROOF_LIMIT, 'bad_proof', 'proof');
  const first = format === 'spicy' ? '' : FIRST_LINE;
  if (!text.startsWith(first) || hasControl(text))
    throw new TlogError('bad_proof', 'The text is no proof: it does not begin with c2sp.org/tlog-proof@v1.');
  const blank = text.indexOf('\n\n');
  const lines = text.slice(first.length, Math.max(blank, first.length)).split('\n', HASH_LIMIT + 3);
  const extra = format === 'spicy' ? null : readExtra(lines);
  const [indexLine = '', ...rows] = lines;
  const index = indexLine.startsWith(INDEX) ? parseDecimal(indexLine.slice(INDEX.length)) : null;
  const hashes = rows.map(parseHash).filter((hash) => hash !== null);
  if (blank < 0 || index === null || hashes.length < rows.length || hashes.length > HASH_LIMIT)
    throw new TlogError(
      'bad_proof',
      'The text is no proof: an index, up to 63 hashes in base64, an empty line and a checkpoint.',
    );
  const checkpoint = text.slice(blank + 2);
  parseCheckpoint(parseNote(checkpoint).text);
  return { index, hashes, checkpoint, extra };
}

/** Takes the line with extra data off `lines`, where there is one. */
function readExtra(lines: string[]): Buffer | null {
  if (lines[0]?.startsWith(EXTRA) !== true) return null;
  const extra = parseBase64(lines.shift()?.slice(EXTRA.length) ?? '');
  if (extra === null || extra.length === 0)
    throw new TlogError('bad_proof', 'The extra data of the proof is not in base64.');
  return extra;
}

export interface ProofTrust extends Trust {
  /** The bytes that are said to be in the log. */
  entry: Uint8Array;
  format?: ProofFormat | undefined;
}

export interface VerifiedProof extends OpenedCheckpoint {
  index: number;
  /** Nothing vouches for it. */
  extra: Buffer | null;
}

/**
 * Verifies that the entry is in the log, by a checkpoint that the log has signed and enough witnesses have cosigned.
 * Throws TlogError: `bad_proof` when the text is none or the entry is not what it proves, and what `openCheckpoint`
 * throws.
 */
export function verifyProof(input: Uint8Array | string, trust: ProofTrust): VerifiedProof {
  const { index, hashes, checkpoint, extra } = parseProof(input, trust.format);
  const opened = openCheckpoint(checkpoint, trust);
  const { size, root } = opened.checkpoint;
  if (!verifyInclusion({ leafHash: leafHash(trust.entry), index, size, proof: hashes, root }))
    throw new TlogError(
      'bad_proof',
      `The entry is not what the log has at index ${index}, as far as this proof shows.`,
    );
  return { ...opened, index, extra };
}
