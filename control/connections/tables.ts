import type { AuthPlacement, ContractDocument } from '@drawbridge/protocol';
import type { ColumnType } from 'kysely';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

export type ConnectionTables = {
  connection: {
    id: string;
    name: string;
    slug: string;
    vendor: string;
    service: string;
    region: string;
    scheme: 'https' | 'http';
    host: string;
    port: number;
    private: boolean;
    state: 'open' | 'severed';
    origins: string[];
    owner: string;
    contract_id: string;
    contract_version: number;
    revision: number;
    created_at: Date;
    created_by: string;
  };
  credential: {
    id: string;
    connection: string;
    version: number;
    hosts: string[];
    placements: Json<AuthPlacement[]>;
    wrapped: Buffer | null;
    entered_at: Date;
    entered_by: string;
    dropped_at: Date | null;
  };
  contract_version: {
    connection: string;
    version: number;
    rules: Json<ContractDocument>;
    author: string;
    reason: string;
    created_at: Date;
  };
};
