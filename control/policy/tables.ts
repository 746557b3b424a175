import type { ColumnType } from 'kysely';
import type { Example } from './examples.ts';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

export type PolicyTables = {
  policy: {
    name: string;
    version: number;
    active: number | null;
    created_at: Date;
    created_by: string;
    removed_at: Date | null;
  };
  policy_version: {
    policy: string;
    version: number;
    title: string;
    text: string;
    examples: Json<Example[]>;
    author: string;
    reason: string;
    created_at: Date;
  };
  app_facts: {
    app: string;
    tags: string[];
    team: string;
    holder: 'workload' | 'person';
    changed_at: Date;
    changed_by: string;
  };
  vendor_facts: {
    vendor: string;
    approved: boolean;
    approved_on: string | null;
    approval_source: string | null;
    agreement: 'none' | 'signed';
    agreement_on: string | null;
    agreement_source: string | null;
    changed_at: Date;
    changed_by: string;
  };
  access_request: {
    id: string;
    crossing: string;
    app: string;
    connection: string;
    policies: string[];
    asked_by: string;
    asked_by_name: string;
    asked_at: Date;
    reason: string;
    state: 'open' | 'granted' | 'refused';
    decided_by_name: string | null;
    decided_at: Date | null;
    decision_reason: string | null;
  };
  policy_grant: {
    id: string;
    policy: string;
    app: string;
    connection: string;
    until: Date;
    request: string | null;
    granted_at: Date;
    granted_by: string;
    reason: string;
    ended_at: Date | null;
    ended_by: string | null;
  };
};
