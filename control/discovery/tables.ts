import type { TraceKind, Unread } from '@drawbridge/evidence';
import type { ColumnType } from 'kysely';
import type { Ground } from './identify.ts';

/** Decided: `confirm`: it is this vendor (a new or a known one). `reject`: it is none. `split`: each host stands by itself. */
export const decisionActs = ['confirm', 'reject', 'split'] as const;
export type DecisionAct = (typeof decisionActs)[number];
export const candidateStates = ['open', 'confirmed', 'rejected'] as const;
export type CandidateState = (typeof candidateStates)[number];

/** bigint columns come as text. */
type Big = ColumnType<string, number | string, number | string>;

export type DiscoveryTables = {
  evidence_source: { id: string; name: string; runs: number };
  evidence_run: {
    id: string;
    source: string;
    number: number;
    by_id: string;
    by_name: string;
    started_at: Date;
    ended_at: Date | null;
    whole: boolean | null;
    fresh: ColumnType<number, number | undefined, number>;
    gone: ColumnType<number, number | undefined, number>;
    changed: ColumnType<number, number | undefined, number>;
  };
  evidence_file: {
    run: string;
    name: string;
    format: string | null;
    bytes: Big;
    lines: Big;
    sha256: Buffer;
    sightings: number;
    unread: ColumnType<Unread[], string, string>;
    unread_count: number;
    refused: string | null;
    refused_why: string | null;
    at: Date;
  };
  evidence_day: { source: string; file: string; day: string; via: string };
  sighting: {
    id: Big;
    source: string;
    print: Buffer;
    file: string;
    kind: TraceKind;
    value: string;
    grade: number;
    detail: Record<string, string>;
    lines: number[];
    count: Big;
    first_at: Date | null;
    last_at: Date | null;
    bytes_out: Big;
    bytes_in: Big;
    addresses: string[];
    fields: string[];
    days: Record<string, number>;
    first_run: string;
    last_run: string;
    gone_run: string | null;
    changed_run: string | null;
    vendor: string | null;
    vendor_name: string | null;
    ground: Ground | null;
    sure: boolean;
    service: string | null;
    region: string | null;
    candidate: string | null;
  };
  candidate: {
    key: string;
    vendor: string | null;
    name: string;
    sure: boolean;
    grade: number;
    confidence: number;
    kinds: TraceKind[];
    sources: number;
    sightings: number;
    live: number;
    first_at: Date | null;
    last_at: Date | null;
    since: Date;
    state: CandidateState;
  };
  discovery_facts: { one: boolean; hash: string };
  discovery_decision: {
    id: string;
    candidate: string;
    act: DecisionAct;
    vendor: string | null;
    vendor_name: string | null;
    reason: string;
    by_id: string;
    by_name: string;
    at: Date;
    ended_at: Date | null;
  };
};
