/** What the API answers about logs and changes, as the console reads it. Times are ISO 8601, bytes are base64. */

export interface LogRow {
  /** In the API. */
  name: string;
  /** For everyone: the first line of its checkpoints. */
  origin: string;
  verifierKey: string;
  /** Entries that are durable. */
  size: number;
  /** What is committed and not in the log yet. */
  waiting: number;
  /** What is written now goes into it; false: an epoch that has ended. */
  isCurrent: boolean;
  checkpoint: { size: number; root: string; signedAt: string } | null;
  trouble: LogTrouble | null;
  /** Of the root log; null: it is another one. */
  root: RootDetail | null;
}

export interface LogTrouble {
  code: string;
  text: string;
  since: string;
}

export interface RootDetail {
  /** So many witnesses have to cosign a checkpoint before it is published. */
  required: number;
  witnesses: WitnessRow[];
  /** The logs whose checkpoints it holds. */
  logs: {
    origin: string;
    /** The entry of the newest checkpoint; null: none. */
    index: number | null;
    size: number;
    takenAt: string | null;
    trouble: LogTrouble | null;
  }[];
}

export interface WitnessRow {
  name: string;
  /** Its verifier key. */
  key: string;
  url: string;
  private: boolean;
  /** Entries of the tree that it cosigned last; 0: none yet. */
  size: number;
  /** By its own clock. */
  cosignedAt: string | null;
  trouble: LogTrouble | null;
}

export interface Change {
  id: string;
  at: string;
  actor: string;
  reason: string;
  act: string;
  subject: { kind: string; id: string };
  detail: Record<string, unknown>;
  /** In the log; null: it is not in it yet. */
  index: number | null;
}

export interface ChangeDetail extends Change {
  /** The log's origin. */
  log: string;
  /** The text that the entry commits to: SHA-256 of salt and payload is the entry's `commit`. */
  payload: string;
  salt: string;
  /** The entry's bytes; null while they can't be read. */
  entry: string | null;
  /** Whether the entry commits to what the database says now. */
  agrees: 'yes' | 'no' | 'unknown';
  /** Why there is no entry, or what does not agree. */
  note: string | null;
}
