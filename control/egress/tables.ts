import type { ColumnType } from 'kysely';

export type EgressTables = {
  egress_rules: {
    version: number;
    rules: ColumnType<unknown, string, string>;
    made_at: Date;
    made_by: string;
    reason: string;
  };
  egress_host: {
    host: string;
    port: number;
    app: string;
    vendor: string | null;
    first_at: Date;
    last_at: Date;
    crossings: number;
    refused: number;
    sent: number;
    received: number;
  };
};
