import type { Admin } from '@drawbridge/protocol';
import type { ColumnType } from 'kysely';
import type { Plan, RotationNeed, RotationStep } from './rules.ts';
import type { Refs } from './vendor-keys.ts';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

export type RotationTables = {
  vendor_admin: {
    connection: string;
    version: number;
    scheme: 'https' | 'http';
    host: string;
    port: number;
    private: boolean;
    place: Json<Admin['place']>;
    parameters: Json<Record<string, string>>;
    api_hash: string | null;
    wrapped: Buffer;
    entered_at: Date;
    entered_by: string;
  };
  rotation: {
    id: string;
    connection: string;
    how: 'api' | 'guided';
    step: RotationStep;
    since: Date;
    failed: number;
    needs: RotationNeed | null;
    switched: boolean;
    plan: Json<Plan>;
    from_version: number;
    to_version: number | null;
    key_name: string;
    old_refs: Json<Refs>;
    new_refs: ColumnType<Refs | null, string | null, string | null>;
    switch_revision: number | null;
    switch_version: number | null;
    old_probed_at: Date | null;
    said: string | null;
    due_at: Date;
    reason: string;
    started_at: Date;
    started_by: string;
    started_by_name: string;
    ended_at: Date | null;
    revision: number;
  };
  rotation_step: {
    rotation: string;
    n: number;
    at: Date;
    step: RotationStep;
    needs: RotationNeed | null;
    by_name: string;
    said: string | null;
  };
  rotation_policy: { connection: string; every_days: number | null; automatic: boolean };
  rotation_event: {
    id: string;
    kind: RotationEventKind;
    vendor: string | null;
    connection: string | null;
    at: Date;
    by_name: string;
    reason: string;
  };
  credential_use: {
    connection: string;
    version: number;
    sent: number;
    answered: number;
    unauthorised: number;
    forbidden: number;
    last_at: Date;
  };
};

/** What makes a credential due beside its age. */
export const rotationEventKinds = ['person_left', 'vendor_breached', 'seen_elsewhere'] as const;
export type RotationEventKind = (typeof rotationEventKinds)[number];
