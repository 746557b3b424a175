import type { Sealed } from '@drawbridge/protocol';
import type { AccountState, Level } from './levels.ts';
import type { Source } from './sources/index.ts';

export type AccountRow = {
  id: string;
  vendor: string;
  source: Source;
  external: string;
  subject: string | null;
  sealed: Buffer;
  role: string | null;
  admin: boolean | null;
  kind: 'person' | 'service';
  state: AccountState;
  level: Level;
  basis: string;
  as_of: Date;
  added_at: Date | null;
  last_active_at: Date | null;
};

export type RuleRow = {
  vendor: string;
  provider: string;
  source: string;
  stated_at: Date;
  stated_by: string;
};

export type AttestationRow = {
  id: string;
  vendor: string;
  level: Level;
  statement: string;
  evidence: string;
  seen_at: Date;
  expires_at: Date;
  stated_at: Date;
  stated_by: string;
  withdrawn_at: Date | null;
};

export type ImportRow = {
  id: string;
  at: Date;
  actor: string;
  vendor: string;
  source: Source;
  as_of: Date;
  complete: boolean;
  accounts: number;
  added: number;
  gone: number;
};

export type AccountTables = {
  account_directory_key: { only_one: boolean; sealed: Sealed };
  account: AccountRow;
  account_import: ImportRow;
  account_sign_in_rule: RuleRow;
  account_attestation: AttestationRow;
};
