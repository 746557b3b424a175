import type { AuthPlacement, ConnectionMode, ContractDocument, FieldClass } from '@drawbridge/protocol';
import type { ColumnType, Generated } from 'kysely';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

/** `next` and `previous` are there while a credential is replaced: the one to come, and the one that was in force. */
export type CredentialRole = 'in_force' | 'next' | 'previous';

/** What becomes of a field class that is cut off: the whole request is refused, or the value left out. */
export type CutTreatment = 'refuse' | 'drop';

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
  /** What severances hold cut off: a vendor, or one connection; of a vendor perhaps one field class alone. */
  severance_cut: {
    severance: string;
    vendor: string | null;
    connection: string | null;
    field_class: FieldClass | null;
    treatment: CutTreatment | null;
    /** Null: it holds. */
    lifted_at: Date | null;
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
