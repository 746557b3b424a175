import {
  type Checkpoint,
  formatNote,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseNote,
  TlogError,
  type Verifier,
} from '@drawbridge/tlog';

/** A tree of a log that the root log holds, by the index of its entry there. */
export interface Taken {
  index: number;
  origin: string;
  size: number;
  root: Buffer;
  /** Of the key that signed it. */
  keyId: number;
}

export interface SignedCheckpoint extends Checkpoint {
  keyId: number;
  /** What the root log's entry is: the checkpoint as a signed note, with the one signature of the log itself. */
  entry: string;
}

/**
 * Reads a log's signed checkpoint. Its entry in the root log is the note itself, without what others have added to it,
 * so that whoever is shown the entry needs nothing else to verify it with. Throws TlogError, also for one with lines
 * beyond the three that are known: no one could say what the root log vouches for.
 */
export function readSigned(note: string, origin: string, log: Verifier): SignedCheckpoint {
  const { checkpoint } = openCheckpoint(note, { origin, log });
  if (checkpoint.extensions.length > 0)
    throw new TlogError('bad_checkpoint', 'The checkpoint has more lines than origin, size and root.');
  const { text, signatures } = openNote(note, [log]);
  const entry = formatNote({ text, signatures: signatures.slice(0, 1) });
  return { ...checkpoint, keyId: log.keyId, entry };
}

/** What an entry of the root log says; null for one that is no checkpoint. Its signature is not verified. */
export function readEntry(entry: Uint8Array): Omit<Taken, 'index'> | null {
  try {
    const { text, signatures } = parseNote(entry);
    const { origin, size, root } = parseCheckpoint(text);
    return { origin, size, root, keyId: signatures[0]?.keyId ?? 0 };
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
}
