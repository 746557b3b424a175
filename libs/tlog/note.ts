import { TlogError } from './errors.ts';
import type { Signer, Verifier } from './keys.ts';
import { hasControl, isKeyName, parseBase64, readText } from './text.ts';

/** Signed notes (https://c2sp.org/signed-note): a text and signatures below it. Keys are in keys.ts. */

/** The longest note that is read, in bytes. */
export const NOTE_LIMIT = 1_000_000;
/** The most signatures that a note may have. */
export const SIGNATURE_LIMIT = 100;

export interface Note {
  /** What is signed. Ends with a newline. Not to be believed before a signature is verified. */
  text: string;
  /** In the order in which they stand, verified or not. */
  signatures: NoteSignature[];
}

export interface NoteSignature {
  name: string;
  /** 32 bits: with the name, it says whose key it is. */
  keyId: number;
  /** Without the key ID. */
  signature: Buffer;
}

const DASH = '— ';
const KEY_ID_BYTES = 4;

/** Reads a note; verifies nothing. Throws TlogError: `bad_note`, `too_large`. */
export function parseNote(input: Uint8Array | string): Note {
  const note = readText(input, NOTE_LIMIT, 'bad_note', 'note');
  if (hasControl(note)) throw new TlogError('bad_note', 'The note has a control character in it.');
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) throw new TlogError('bad_note', 'The note has no empty line with signatures below it.');
  return { text: note.slice(0, blank + 1), signatures: parseSignatures(note.slice(blank + 2)) };
}

/** Reads signature lines, one or more, each with its newline. Throws TlogError: `bad_note`, `too_large`. */
export function parseSignatures(lines: string): NoteSignature[] {
  const rows = lines.split('\n', SIGNATURE_LIMIT + 2);
  if (rows.length > SIGNATURE_LIMIT + 1)
    throw new TlogError('too_large', `There are more than ${SIGNATURE_LIMIT} signatures.`);
  if (rows.length < 2 || rows.at(-1) !== '')
    throw new TlogError('bad_note', 'There are no signature lines, or the last one does not end.');
  return rows.slice(0, -1).map(parseSignature);
}

function parseSignature(line: string, at: number): NoteSignature {
  const space = line.indexOf(' ', DASH.length);
  const name = line.slice(DASH.length, space);
  const bytes = parseBase64(line.slice(space + 1));
  if (
    !line.startsWith(DASH) ||
    space < 0 ||
    !isKeyName(name) ||
    bytes === null ||
    bytes.length <= KEY_ID_BYTES
  )
    throw new TlogError('bad_note', `Signature line ${at + 1} is none: a dash, a key’s name, base64.`);
  return { name, keyId: bytes.readUInt32BE(), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** Writes a note. What `parseNote` reads is written as it was. Throws TlogError when it would be none. */
export function formatNote({ text, signatures }: Note): string {
  const note = `${text}\n${formatSignatures(signatures)}`;
  if (!text.endsWith('\n')) throw new TlogError('bad_note', 'The text of a note ends with a newline.');
  // Only what can be read again is written.
  parseNote(note);
  return note;
}

/** Writes signature lines, each with its newline. */
export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, signature }) => {
      const bytes = Buffer.alloc(KEY_ID_BYTES + signature.length);
      bytes.writeUInt32BE(keyId);
      bytes.set(signature, KEY_ID_BYTES);
      return `${DASH}${name} ${bytes.toString('base64')}\n`;
    })
    .join('');
}

/** A note of this text with a signature of each signer. Throws TlogError, or what a signer throws. */
export async function signNote(text: string, signers: readonly Signer[]): Promise<string> {
  const signatures: NoteSignature[] = [];
  for (const signer of signers)
    signatures.push({ name: signer.name, keyId: signer.keyId, signature: await signer.sign(text) });
  return formatNote({ text, signatures });
}

/**
 * The note with these signatures too. One of a key that has signed already takes the place of the old one: of a
 * witness, the newer counts. Throws TlogError.
 */
export function addSignatures(note: string, added: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(note);
  const keys = new Set(added.map(keyOf));
  const kept = signatures.filter((old) => !keys.has(keyOf(old)));
  return formatNote({ text, signatures: [...kept, ...added] });
}

/**
 * The signatures of known keys, each verified. Those of unknown keys are left out, and a line that stands there again.
 * Throws TlogError when a known key's signature is wrong (`bad_signature`), however many others are right, and when one
 * key is known twice (`bad_key`).
 */
export function verifySignatures(
  { text, signatures }: Note,
  known: readonly Verifier[],
): (NoteSignature & { verifier: Verifier })[] {
  const verifiers = new Map<string, Verifier>();
  for (const verifier of known) {
    const key = keyOf(verifier);
    if (verifiers.has(key))
      throw new TlogError('bad_key', `The key ${verifier.name} is given twice. Give each key once.`);
    verifiers.set(key, verifier);
  }
  const seen = new Set<string>();
  return signatures.flatMap((one) => {
    const verifier = verifiers.get(keyOf(one));
    const line = `${keyOf(one)} ${one.signature.toString('base64')}`;
    if (verifier === undefined || seen.has(line)) return [];
    seen.add(line);
    if (!verifier.verify(text, one.signature))
      throw new TlogError(
        'bad_signature',
        `The signature of ${one.name} is wrong: the text was changed, or another key signed it.`,
      );
    return [{ ...one, verifier }];
  });
}

/** Reads a note that at least one of these keys has signed; what is returned has only their signatures. Throws TlogError. */
export function openNote(input: Uint8Array | string, known: readonly Verifier[]): Note {
  const note = parseNote(input);
  const signatures = verifySignatures(note, known).map(({ verifier: _, ...signature }) => signature);
  if (signatures.length === 0) throw new TlogError('unsigned', 'None of the known keys has signed the note.');
  return { text: note.text, signatures };
}

function keyOf({ name, keyId }: { name: string; keyId: number }): string {
  return `${name}+${keyId}`;
}
