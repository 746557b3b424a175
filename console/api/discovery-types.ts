/** What the API answers of evidence and candidates. Held against its schemas. */

export type EvidenceGrade = 'observed' | 'configured' | 'capable' | 'transitive';
export type EvidenceKind =
  | 'host'
  | 'package'
  | 'variable'
  | 'dns'
  | 'oauth_app'
  | 'payee'
  | 'sender'
  | 'provider'
  | 'service';

export interface EvidenceRun {
  id: string;
  source: string;
  number: number;
  by: string;
  state: 'running' | 'ended';
  startedAt: string;
  endedAt: string | null;
  whole: boolean | null;
  files: number;
  refused: number;
  bytes: number;
  sightings: number;
  fresh: number;
  gone: number;
  changed: number;
}

export interface EvidenceFile {
  name: string;
  format: string | null;
  formatName: string | null;
  bytes: number;
  lines: number;
  sha256: string;
  sightings: number;
  unread: { line: number; field: string | null; why: string }[];
  unreadCount: number;
  refused: string | null;
  refusedWhy: string | null;
  at: string;
}

/** Whom a source that was taken in names: a suggestion, with whose word it is. */
export interface Perhaps {
  name: string;
  vendor: string | null;
  said: string;
}

export interface Candidate {
  key: string;
  vendor: string | null;
  name: string;
  sure: boolean;
  perhaps: Perhaps | null;
  registered: boolean;
  grade: EvidenceGrade;
  confidence: number;
  kinds: EvidenceKind[];
  sources: number;
  sightings: number;
  gone: boolean;
  first: string | null;
  last: string | null;
  since: string;
  state: 'open' | 'confirmed' | 'rejected';
  decision: {
    act: 'confirm' | 'reject' | 'split';
    vendor: string | null;
    vendorName: string | null;
    reason: string;
    by: string;
    at: string;
  } | null;
}

export interface EvidenceTrace {
  id: string;
  source: string;
  file: string;
  lines: number[];
  kind: EvidenceKind;
  value: string;
  grade: EvidenceGrade;
  detail: Record<string, string>;
  count: number;
  first: string | null;
  last: string | null;
  bytesOut: number;
  bytesIn: number;
  addresses: string[];
  fields: string[];
  vendor: string | null;
  by:
    | 'decision'
    | 'domain'
    | 'host'
    | 'package'
    | 'variable'
    | 'dns'
    | 'client_id'
    | 'mail_domain'
    | 'name'
    | 'usage_report'
    | 'name_begins'
    | 'web_list'
    | 'imported'
    | null;
  sure: boolean;
  perhaps: Perhaps | null;
  service: string | null;
  region: string | null;
  run: number;
  runId: string;
  gone: boolean;
}

export interface DiscoverySummary {
  open: number;
  week: number;
  sources: number;
  lastRun: string | null;
}
