import type { AuthPlacement, ConnectionMode, ContractDocument } from '@drawbridge/protocol';
import type { ColumnType, Generated } from 'kysely';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

/** `next` and `previous` are there while a credential is replaced: the one to come, and the one that was in force. */
export type CredentialRole = 'in_force' | 'next' | 'previous';

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
    mode: ConnectionMode;
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
    role: Generated<CredentialRole>;
    /** Of `next`: the ten thousandths of crossings that go with it. */
    share: Generated<number>;
    wrapped: Buffer | null;
    entered_at: Date;
    entered_by: string;
    dropped_at: Date | null;
  };
  break_glass: {
    id: string;
    connection: string;
    reason: string;
    asked_at: Date;
    asked_by: string;
    asked_by_name: string;
    until: Date;
    in_force_at: Date | null;
    approved_by: string | null;
    approved_by_name: string | null;
    ended_at: Date | null;
    ended_by: string | null;
    ended_by_name: string | null;
    end_reason: string | null;
    expiry_logged: Generated<boolean>;
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
