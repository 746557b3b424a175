export {
  type Checkpoint,
  type Cosignature,
  formatCheckpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type Trust,
} from './checkpoint.ts';
export { DirectoryFiles, type FileSystem, fetchIn, type ReadingFileSystem } from './directory.ts';
export { TlogError, type TlogErrorCode } from './errors.ts';
export type { Fetch } from './fetch.ts';
export { type ListedFile, MemoryFiles, type TileFiles } from './files.ts';
export {
  type FsckLimits,
  type FsckOptions,
  type FsckReport,
  fsck,
  type Problem,
  type ProblemCode,
} from './fsck.ts';
export { emptyRoot, HASH_BYTES, leafHash, nodeHash, sameHash } from './hash.ts';
export { fetchOver, type HttpOptions } from './http.ts';
export type { SignedStore, SignedTree } from './integrate.ts';
export { JournalTree, type JournalTreeOptions } from './journal-tree.ts';
export {
  type CosignatureVerifier,
  type Cosigner,
  cosignatureVerifier,
  cosigner,
  formatSignerKey,
  formatVerifierKey,
  generateKey,
  type KeyType,
  keyTypes,
  logSigner,
  logVerifier,
  parseSignerKey,
  parseVerifierKey,
  type Signer,
  type SignerKey,
  type Verifier,
  type VerifierKey,
  verifierKeyOf,
} from './keys.ts';
export { Log, type LogEvent, type LogOptions, openLog, signedIn } from './log.ts';
export {
  addSignatures,
  formatNote,
  formatSignatures,
  NOTE_LIMIT,
  type Note,
  type NoteSignature,
  openNote,
  parseNote,
  parseSignatures,
  SIGNATURE_LIMIT,
  signNote,
  verifySignatures,
} from './note.ts';
export {
  formatProof,
  PROOF_LIMIT,
  type Proof,
  type ProofFormat,
  type ProofTrust,
  parseProof,
  type VerifiedProof,
  verifyProof,
} from './proof.ts';
export type { Pruned } from './prune.ts';
export { formatPruned, PRUNED_FILE, type Pruning, parsePruned } from './pruned.ts';
export { openReader, type Reader, type ReaderOptions } from './reader.ts';
export {
  BUNDLE_LIMIT,
  type Bundle,
  bundlePath,
  bundlesOf,
  decodeBundle,
  ENTRY_LIMIT,
  encodeBundle,
  type ParsedPath,
  parsePath,
  partialWidth,
  subtreeHash,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
  type TilePlace,
  tileOfNode,
  tilePath,
  tilesOf,
} from './tile.ts';
export {
  type ConsistencyClaim,
  consistencyNodes,
  consistencyProof,
  Frontier,
  type HashReader,
  type InclusionClaim,
  inclusionNodes,
  inclusionProof,
  isSize,
  type Node,
  rootNodes,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './tree.ts';
export {
  ADD_CHECKPOINT_LIMIT,
  type AddCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
  readWitnessReply,
  WITNESS_REPLY_LIMIT,
  Witness,
  type WitnessAnswer,
  type WitnessedTree,
  type WitnessOptions,
  type WitnessReply,
  type WitnessStore,
} from './witness.ts';
export {
  type AskedWitness,
  askWitnesses,
  type Post,
  type PostAnswer,
  postWith,
  type WitnessAt,
  type Witnessed,
  type WitnessingOptions,
  type WitnessOutcome,
  type WitnessSizes,
} from './witnessing.ts';
