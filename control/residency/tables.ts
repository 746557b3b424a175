import type { FieldClass } from '@drawbridge/protocol';
import type { ColumnType } from 'kysely';
import type { Basis } from './flows.ts';
import type { RangeSource } from './range-table.ts';
import type { PlaceKind } from './verdict.ts';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

/** Under which a statement holds; empty: always. */
export interface Conditions {
  plan?: string | undefined;
  region?: string | undefined;
  option?: string | undefined;
}

export type StatementRow = {
  id: string;
  version: number;
  vendor: string;
  service: string;
  class: FieldClass | '';
  kind: PlaceKind;
  place: string;
  jurisdiction: string | null;
  bases: Json<Basis[]>;
  conditions: Json<Conditions>;
  source: string;
  as_of: string;
  withdrawn: boolean;
  is_latest: boolean;
  stated_at: Date;
  stated_by: string;
  reason: string;
};

export type ResidencyTables = {
  residency_statement: StatementRow;
  residency_demand: {
    connection: string;
    place: string;
    demanded_at: Date;
    demanded_by: string;
    reason: string;
  };
  residency_ranges: {
    version: number;
    sha256: string;
    body: string;
    sources: Json<RangeSource[]>;
    ranges: number;
    brought_at: Date;
    brought_by: string;
    reason: string;
  };
  residency_version: { of: 'statements' | 'seen' | 'hosts'; version: number };
  residency_seen_change: { vendor: string; version: number };
  residency_seen: {
    connection: string;
    address: string;
    vendor: string;
    service: string;
    snapshot: number;
    crossings: number;
    first_at: Date;
    last_at: Date;
    last_crossing: string;
  };
};
