import type { ColumnType } from 'kysely';

export const leakKinds = [
  'virtual_key',
  'credential',
  'api_token',
  'canary',
  'registered_secret',
  'unknown',
] as const;
export type LeakKind = (typeof leakKinds)[number];

/** `rotated` and `revoked`: nothing can be done with it any more. */
export const leakStates = ['open', 'rotated', 'revoked', 'false_alarm', 'accepted'] as const;
export type LeakState = (typeof leakStates)[number];

/** What makes two credentials known as one: base64url of HMAC-SHA256 under a key of the run, and whose it is. */
export interface Proof {
  hash: string;
  credential: string;
}

export type LeakTables = {
  scan_source: { id: string; name: string; runs: number };
  scan_run: {
    id: string;
    source: string;
    number: number;
    commit_id: string | null;
    by_id: string;
    by_name: string;
    started_at: Date;
    heard_at: Date;
    ended_at: Date | null;
    whole: boolean | null;
    files: ColumnType<string, number, number>;
    blobs: ColumnType<string, number, number>;
    bytes: ColumnType<string, number, number>;
    findings: number;
    batches: number;
    fresh: number;
    gone: number;
    revoked: number;
    proofs: ColumnType<Proof[] | null, string | null, string | null>;
  };
  leak: {
    id: string;
    same: Buffer;
    kind: LeakKind;
    about: string | null;
    class: string;
    detector: string;
    confidence: string;
    rank: number;
    first_at: Date;
    last_at: Date;
    since: Date | null;
    since_commit: string | null;
    state: LeakState;
    state_at: Date | null;
    state_by: string | null;
    state_by_name: string | null;
    state_reason: string | null;
    until: Date | null;
  };
  leak_place: {
    leak: string;
    place: Buffer;
    source: string;
    path: string;
    history: boolean;
    line: number;
    col: number;
    commit_id: string | null;
    since: Date | null;
    since_commit: string | null;
    first_run: string;
    last_run: string;
    seen_at: Date;
    gone_run: string | null;
  };
};
