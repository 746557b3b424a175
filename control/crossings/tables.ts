/** What is read of the tables in `migrations/`. */
export type CrossingTables = {
  journal_log: {
    id: number;
    origin: string;
    gateway: string;
    next_index: number;
    pruned: number;
    pruned_until: Date | null;
    last_stored_at: Date;
  };
  journal_entry: { log: number; idx: number; kind: string; crossing: string; at: Date; bytes: Buffer };
  payload_item: {
    log: number;
    idx: number;
    item: number;
    hash: Buffer;
    bytes: Buffer | null;
    remainder: Buffer | null;
  };
  crossing_kind: {
    id: number;
    signature: string;
    vendor: string;
    service: string;
    connection: string;
    app: string;
    key: string;
    endpoint: string;
    class: string;
    method: string;
    decision: 'forwarded' | 'refused';
    reason: string | null;
    stage: string | null;
    classes: string[];
    treatments: string[];
    drill: string | null;
    drill_part: 'first' | 'later' | 'held' | null;
  };
  crossing: {
    log: number;
    idx: number;
    id: string;
    at: Date;
    kind: number;
    settlement_idx: number | null;
    outcome: string | null;
    status: number | null;
    duration_us: number | null;
  };
};
