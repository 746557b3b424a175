/** What the API answers about the gateways' logs, as the console reads it. Times are ISO 8601, bytes are base64. */

export type ContradictionKind = 'other_key' | 'not_signed' | 'other_root' | 'went_back' | 'entries_missing';

/** The journal of one gateway worker, as the control plane has it. */
export interface GatewayLog {
  /** In the API. */
  name: string;
  gateway: string;
  /** For everyone: the first line of its checkpoints. */
  origin: string;
  /** Entries that are stored here. */
  entries: number;
  /** Null before its first checkpoint. */
  verifierKey: string | null;
  /** The newest whose root the stored entries give. `signedAt` is the gateway's word. */
  checkpoint: { size: number; root: string; signedAt: string | null; verifiedAt: string } | null;
  /** Entries that can be proven; fewer than the checkpoint's while older ones are being hashed. */
  tiled: number;
  /** Entries before it were pruned; their hashes are there. */
  minimumIndex: number;
  contradictions: { open: number; acknowledged: number };
  /** The last of the checkpoints that did not fit what is stored. */
  contradiction: {
    kind: ContradictionKind;
    text: string;
    foundAt: string;
    lastAt: string;
    times: number;
  } | null;
}

/** A checkpoint that does not fit what is stored, as it was posted. */
export interface Contradiction {
  id: number;
  origin: string;
  kind: ContradictionKind;
  text: string;
  verifierKey: string;
  note: string;
  /** What the stored entries give; null: not computed. */
  ourRoot: string | null;
  foundAt: string;
  lastAt: string;
  times: number;
  acknowledged: { at: string; by: string; reason: string } | null;
}

export interface EvidenceEntry {
  index: number;
  /** The entry's bytes; null: they were pruned. */
  entry: string | null;
  /** A proof can be had. */
  proven: boolean;
  /** Why there is no proof yet, or no entry. */
  note: string | null;
}

/** What a crossing's log holds of it. */
export interface CrossingEvidence {
  log: { name: string; origin: string; verifierKey: string | null };
  leaf: EvidenceEntry;
  settlement: EvidenceEntry | null;
}

/** What a crossing's leaf commits to, in its order; `bytes` null: erased. Empty: deleted before it was shipped. */
export interface CrossingPayload {
  items: { hash: string; bytes: string | null }[];
}
