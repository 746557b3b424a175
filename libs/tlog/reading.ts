/**
 * What reads and verifies logs, without what writes them: nothing of it stands on Node but `Buffer`, and the cryptography
 * of sha256.ts and ed25519.ts, so that it runs in a browser where these three are put in.
 */
export { openCheckpoint } from './checkpoint.ts';
export { TlogError } from './errors.ts';
export type { Fetch } from './fetch.ts';
export { type FsckReport, fsck } from './fsck.ts';
export { leafHash, nodeHash } from './hash.ts';
export { cosignatureVerifier, logVerifier } from './keys.ts';
export { parseNote } from './note.ts';
export { parseProof } from './proof.ts';
export { openReader, type Reader } from './reader.ts';
export { sha256 } from './sha256.ts';
export { parsePath } from './tile.ts';
export { verifyConsistency } from './tree.ts';
