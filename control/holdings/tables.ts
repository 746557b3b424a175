import type { ColumnType } from 'kysely';

type Day = ColumnType<string, string, string>;

export type HoldingTables = {
  console_visit: {
    id: string;
    vendor: string;
    day: Day;
    name: string;
    sha256: Buffer;
    bytes: number;
    entries: number;
    unread: number;
    overflow: number;
    at: Date;
    by_id: string;
    by_name: string;
    withdrawn_at: Date | null;
  };
  console_visit_host: {
    visit: string;
    host: string;
    calls: number;
    fields: string[];
    addresses: string[];
  };
  console_field: {
    id: string;
    vendor: string;
    field: string;
    source: string;
    as_of: Day;
    reason: string;
    at: Date;
    by_id: string;
    by_name: string;
    withdrawn_at: Date | null;
  };
};
