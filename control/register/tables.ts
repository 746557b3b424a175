import type { ColumnType } from 'kysely';
import type { AgreementKind } from './agreements.ts';
import type { StatementKind } from './statements.ts';
import type { Criticality, Status } from './status.ts';

export type VendorRow = {
  id: string;
  name: string;
  status: Status;
  owner: string | null;
  purpose: string | null;
  category: string | null;
  domain: string | null;
  criticality: Criticality;
  tier: string | null;
  reviewed_on: string | null;
  revision: number;
  entered_at: Date;
  entered_by: string;
  changed_at: Date;
};

export type StatementRow = {
  vendor: string;
  kind: StatementKind;
  key: string;
  /** jsonb: read as a value, written as text. */
  value: ColumnType<unknown, string | null, string | null>;
  sealed: Buffer | null;
  source: string;
  as_of: string;
  stated_at: Date;
  stated_by: string;
};

export type AgreementRow = {
  id: string;
  vendor: string;
  kind: AgreementKind;
  parties: string | null;
  signed_on: string | null;
  valid_from: string | null;
  valid_until: string | null;
  open_ended: boolean;
  notice_days: number | null;
  objection_days: number | null;
  ended_on: string | null;
  reviewed_by: string | null;
  reviewed_on: string | null;
  note: string | null;
  source: string;
  as_of: string;
  entered_at: Date;
  entered_by: string;
};

export const outcomes = ['passed', 'passed_with_conditions', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

export type ReviewRow = {
  id: string;
  vendor: string;
  reviewed_on: string;
  outcome: Outcome;
  note: string;
  reviewer: string;
  recorded_at: Date;
};

export type RegisterTables = {
  register_vendor: VendorRow;
  register_statement: StatementRow;
  register_agreement: AgreementRow;
  register_review: ReviewRow;
  register_request: {
    connection: string;
    purpose: string;
    data: string[];
    owner: string;
    tier: string;
    asked_at: Date;
    asked_by: string;
  };
  register_exception: {
    id: string;
    connection: string;
    owner: string;
    reason: string;
    until: Date;
    granted_at: Date;
    granted_by: string;
    ended_at: Date | null;
  };
};
