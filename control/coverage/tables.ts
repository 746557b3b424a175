import type { ColumnType } from 'kysely';

/** bigint columns come as numbers where the driver was told so; they are written as either. */
type Day = ColumnType<string, string, string>;

export type CoverageTables = {
  coverage_day: {
    vendor: string;
    day: Day;
    connection: string;
    endpoint: string;
    sent: number;
    answered: number;
    failed: number;
    metered: number;
    tokens: number;
  };
  coverage_proxy_day: { vendor: string; day: Day; app: string; tunnels: number };
  usage_import: {
    id: string;
    vendor: string;
    account: string;
    shape: string;
    of: string;
    name: string;
    sha256: Buffer;
    bytes: number;
    buckets: number;
    rows: number;
    first_day: Day;
    last_day: Day;
    more: boolean;
    as_of: Date;
    at: Date;
    by_id: string;
    by_name: string;
    withdrawn_at: Date | null;
  };
  usage_day: { import: string; day: Day; whole: boolean; line: number };
  usage_key_day: {
    import: string;
    day: Day;
    key: string;
    batch: boolean;
    requests: number | null;
    tokens: number | null;
    cost: number | null;
    line: number;
  };
  usage_fetch: {
    id: string;
    vendor: string;
    account: string;
    version: number;
    scheme: 'https' | 'http';
    host: string;
    port: number;
    private: boolean;
    header: string;
    prefix: string;
    wrapped: Buffer;
    entered_at: Date;
    entered_by: string;
    every_hours: number | null;
    next_at: Date | null;
    not_before: Date | null;
    began_at: Date | null;
    tried_at: Date | null;
    fetched_at: Date | null;
    failed: number;
    error_code: string | null;
    error: string | null;
  };
  usage_fetch_kind: {
    fetching: string;
    of: string;
    tried_at: Date;
    fetched_at: Date | null;
    last_day: Day | null;
    import: string | null;
    error_code: string | null;
    error: string | null;
  };
  usage_key: {
    vendor: string;
    key: string;
    connection: string;
    reason: string;
    by_id: string;
    by_name: string;
    at: Date;
  };
  coverage_source: {
    source: string;
    sees_gateway: boolean;
    reason: string;
    by_id: string;
    by_name: string;
    at: Date;
  };
  coverage_settled: {
    id: string;
    vendor: string;
    finding: string;
    days: ColumnType<Record<string, number>, string, string>;
    reason: string;
    by_id: string;
    by_name: string;
    at: Date;
    ended_at: Date | null;
  };
};
