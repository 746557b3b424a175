import type { ColumnType } from 'kysely';
import type { Condition, Layer, Scope, SourceKind } from './graph.ts';
import type { ListFormat, ListRow } from './lists/read.ts';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

/** Whose word a period to object rests on: what was agreed, what the list says, or nobody's: then a usual one is taken. */
export type ObjectionFrom = 'agreement' | 'list' | 'usual';

export type ReviewState = 'open' | 'accepted' | 'objected' | 'withdrawn';

export type ChainTables = {
  chain_vendor: { id: string; name: string; entered_at: Date; entered_by: string };
  chain_edge: {
    id: string;
    from_vendor: string;
    to_vendor: string;
    layer: Layer;
    scopes: Scope[];
    source_kind: SourceKind;
    source: string;
    first_seen_at: Date;
    last_seen_at: Date;
    valid_from: Date | null;
    valid_until: Date | null;
    conditions: Json<Condition[]>;
    conditions_text: string | null;
    note: string | null;
  };
  chain_list: {
    id: string;
    vendor: string;
    version: number;
    taken_at: Date;
    taken_by: string;
    as_of: Date;
    source_kind: 'url' | 'file';
    source: string;
    format: ListFormat;
    hash: Buffer;
    rows: Json<ListRow[]>;
    objection_days: number | null;
  };
  chain_watch: {
    vendor: string;
    url: string | null;
    every_days: number;
    next_at: Date;
    began_at: Date | null;
    tried_at: Date | null;
    read_at: Date | null;
    error_code: string | null;
    error: string | null;
    set_at: Date;
    set_by: string;
  };
  chain_match: {
    vendor: string;
    key: string;
    target: string | null;
    decided_at: Date;
    decided_by: string;
    reason: string;
  };
  chain_review: {
    id: string;
    vendor: string;
    list: string;
    key: string;
    name: string;
    opened_at: Date;
    objection_days: number | null;
    due_at: Date | null;
    objection_from: ObjectionFrom | null;
    state: ReviewState;
    decided_at: Date | null;
    decided_by: string | null;
    reason: string | null;
  };
};
