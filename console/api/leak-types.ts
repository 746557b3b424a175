/** What the API answers of leaked keys and of scans. Held against its schemas. */

export type LeakKind =
  | 'virtual_key'
  | 'credential'
  | 'api_token'
  | 'canary'
  | 'registered_secret'
  | 'unknown';
export type LeakState = 'open' | 'rotated' | 'revoked' | 'false_alarm' | 'accepted';

interface Since {
  commit: string;
  at: string;
}

export interface Leak {
  id: string;
  kind: LeakKind;
  severity: 'critical' | 'high' | 'medium' | 'low';
  of: { id: string; name: string; app: string | null; connection: string | null } | null;
  owner: string | null;
  class: string;
  detector: string;
  confidence: string;
  places: number;
  gonePlaces: number;
  prompts: number;
  place: string | null;
  since: Since | null;
  firstAt: string;
  lastAt: string;
  state: LeakState;
  decided: { at: string; by: string; reason: string; until: string | null } | null;
}

/** What is answered of one: with the prompts that it was in. */
export interface OneLeak extends Leak {
  seenIn: {
    app: { id: string; name: string };
    connection: { id: string; name: string };
    crossings: number;
    crossing: string;
    firstAt: string;
    lastAt: string;
  }[];
}

export interface LeakPlace {
  source: string;
  path: string;
  history: boolean;
  line: number;
  column: number;
  commit: string | null;
  since: Since | null;
  firstRun: number;
  lastRun: number;
  seenAt: string;
  goneRun: number | null;
}

export interface ScanRun {
  id: string;
  source: string;
  number: number;
  commit: string | null;
  by: string;
  state: 'running' | 'ended' | 'silent';
  startedAt: string;
  heardAt: string;
  endedAt: string | null;
  whole: boolean | null;
  files: number;
  blobs: number;
  bytes: number;
  findings: number;
  fresh: number;
  gone: number;
  revoked: number;
}

export interface LeakCounts {
  open: number;
  critical: number;
  sources: string[];
}

export interface LeakPolicy {
  virtualKeys: 'revoke' | 'tell';
}
